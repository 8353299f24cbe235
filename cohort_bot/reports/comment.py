"""What the template of a feedback comment sees: every text is inert before a template can touch it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cohort_bot.feedback import Telling
from cohort_bot.render.views import View, md
from cohort_bot.reports.markdown import fence
from cohort_bot.result import Document
from cohort_bot.verdict import Outcome, Result
from cohort_bot.verdict.finding import clean, code

TEMPLATE = "comments/feedback.md.j2"
_CODE = re.compile(r"(`[^`\n]+`)")
_TEXT = 600
_LOG_LINES, _LOG_TEXT = 20, 2_500
_ROOM = 45_000
# How many checks are told in full, and how many of them with the end of their log: the first that fits.
_FITTINGS = ((8, 4), (4, 2), (2, 0), (1, 0), (0, 0))


def values(telling: Telling) -> dict[str, Any]:
    """The variables of the template: what is to do, what is done, and what others decide."""
    told, stage = telling.document, telling.stage
    keys = [each.id for each in telling.roadmap.stages]
    return {
        "stage": stage,
        "number": keys.index(stage.id) + 1,
        "stages": len(keys),
        "status": told.status.value,
        "note": telling.note,
        "commit": told.commit[:7],
        "earned": told.points.earned,
        "possible": told.points.possible,
        **_to_do(told),
        "passed": [inert(one.title) for one in told.checks if one.status is Outcome.PASSED],
        "elsewhere": [inert(one.title) for one in told.checks if one.awaited],
        "advice": [
            View(title=inert(one.title), texts=[inert(text) for text in one.advice])
            for one in told.checks
            if one.advice
        ],
    }


def inert(text: str, most: int = _TEXT) -> str:
    """A message on one line that keeps its code spans and can do nothing else: no mention, HTML or link."""
    line = " ".join(clean(text).split())
    line = line if len(line) <= most else line[: most - 1] + "…"
    return "".join(
        part.replace("<!--", "<! --") if number % 2 else _spaced(part)
        for number, part in enumerate(_CODE.split(line))
    )


def fenced(log: str) -> str:
    """The end of a log as a block that nothing in it can leave."""
    # No hidden marker either: what is ours is also found by those.
    text = clean(log).replace("<!--", "<! --").rstrip()
    return fence("\n".join(text.splitlines()[-_LOG_LINES:])[-_LOG_TEXT:])


def _to_do(told: Document) -> dict[str, Any]:
    """The checks that failed, those that we could not carry out, the names of what there is no room for."""
    failed = [one for one in told.checks if one.status is Outcome.FAILED]
    failed.sort(key=lambda one: not one.required)
    broken = [one for one in told.checks if one.status is Outcome.ERROR]
    for full, logs in _FITTINGS:
        shown = [_seen(told, one, with_log=place < logs) for place, one in enumerate(failed[:full])]
        ours = [_seen(told, one, with_log=False) for one in broken[: max(full, 1)]]
        if sum(map(_size, [*shown, *ours])) <= _ROOM:
            break
    return {"failed": shown, "ours": ours, "more": [inert(one.title, 120) for one in failed[full:]][:20]}


def _seen(told: Document, one: Result, *, with_log: bool) -> View:
    waiting = [other.title for other in told.checks if other.root == one.id]
    found = inert(one.found)
    places = [code(f"{place.path}:{place.line}" if place.line else place.path) for place in one.where[:5]]
    return View(
        title=inert(one.title), required=one.required, found=found, expected=inert(one.expected),
        why=inert(one.why), next=inert(one.next),
        reproduce=code(one.reproduce, 500) if one.reproduce else "",
        where=[place for place in places if place not in found],
        also=[inert(text, 300) for text in one.also[:5]], waiting=[inert(title, 120) for title in waiting],
        log=fenced(one.log_tail) if with_log and one.log_tail.strip() else "",
    )  # fmt: skip


def _size(view: View) -> int:
    return sum(len(text) for value in vars(view).values() for text in _texts(value))


def _texts(value: object) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, list) else []


def _spaced(text: str) -> str:
    """Plain words, with the blanks that part them from the code spans around them."""
    words = md(text)
    return f"{' ' if text[:1].isspace() else ''}{words}{' ' if words and text[-1:].isspace() else ''}"
