"""What learners read of a verdict. Pure.

Everything here may have been written by learners' code, or by a machine that ran it: all of it is made inert
before it is shown. Held-out rows must not come back either, so of a model that was asked about them nothing
is told but its score, and no log of the judge's is ever shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from cohort_bot.ledger import Entry
from cohort_bot.model import Stage
from cohort_bot.model.checks import CheckSpec
from cohort_bot.render.views import md
from cohort_bot.reports import markdown
from cohort_bot.reports.comment import inert
from cohort_bot.result import Document
from cohort_bot.verdict import Outcome, Result
from cohort_bot.verify.orders import answering
from cohort_bot.verify.peers import Remark
from cohort_bot.verify.verdicts import Notice

_OPENINGS = {
    "pass": "**Verified.** Your organiser's judge ran the checks of this milestone on `{sha}`, from a clean "
    "checkout, and they pass. {points} It is in the record, and stays there. Well done!",
    "work": "Your organiser's judge ran the checks of this milestone on `{sha}`, and not all of them pass "
    "yet. {points} Nothing is lost: mend what is named below, push, and it is judged again.",
    "waiting": "Everything that a machine can judge passes on `{sha}`. {points} Now a person looks at it; "
    "you need not do anything.",
    "changes": "A person has looked at `{sha}` and asks for changes. {points} Nothing is lost: change what "
    "is asked for, push, and it is judged again.",
    "stands": "Your newer commit `{sha}` does not pass every check. The pass that you have stands all the "
    "same.",
    "reopened": "This issue is open again, because it was closed without a pass in the record: on `{sha}` "
    "not all checks pass. {points} Push what is missing; when it passes, the issue closes and stays closed.",
    "extended": "You have more time. The dates here follow soon.",
    "empty": "This issue is open again: it was closed, but there is no commit in this repo that could be "
    "judged. Push your work, and it closes by itself when the checks pass.",
}
_MOST = 60_000
_REMARK_LINES = 60


def comment(
    notice: Notice,
    stage: Stage,
    told: Document | None,
    due: datetime | None = None,
    asked: Sequence[str] = (),
    remarks: Sequence[Remark] = (),
) -> str:
    """The comment for `notice`.

    `told`: the results in full, where they are at hand. `due`: the learner's own date. `asked`: what people
    want changed, in their own words. `remarks`: what reviewers wrote.
    """
    parts = [notice.mark, answering(notice.answers), _opening(notice, due)]
    parts += [f"> {inert(text)}" for text in asked]
    if notice.why in ("pass", "changes"):
        parts += [quoted(remark) for remark in remarks]
    if told is not None and notice.why not in ("pass", "changes"):
        parts.append(markdown.render(shown(told, stage)))
    elif notice.entry is not None and notice.why not in ("pass", "changes"):
        parts.append("\n".join(_summary(notice.entry, stage)))
    text = "\n\n".join(part for part in parts if part)
    return text if len(text) <= _MOST else text[:_MOST].rsplit("\n", 1)[0] + "\n\n…"


def quoted(remark: Remark) -> str:
    """A reviewer's words, which can do nothing but be read."""
    lines = [inert(line, 1000) for line in remark.text.splitlines()[:_REMARK_LINES]]
    return f"{md(remark.who)} wrote:\n\n" + "\n".join(f"> {line}".rstrip() for line in lines)


def shown(told: Document, stage: Stage) -> Document:
    """`told` as its learner may see it."""
    specs = {spec.id: spec for spec in stage.milestone.checks}
    plain = told.for_learner()
    checks = tuple(_shown(one, specs[one.id]) for one in plain.checks if one.id in specs)
    return plain.model_copy(update={"checks": checks, "title": stage.milestone.title})


def _shown(one: Result, spec: CheckSpec) -> Result:
    if spec.kind == "model_eval" and one.status is Outcome.FAILED and spec.format != "predictions":
        one = _scored(one, spec.metric)
    return replace(
        one, title=spec.title, found=inert(one.found), expected=inert(one.expected), why=inert(one.why),
        next=inert(one.next), also=tuple(inert(text, 300) for text in one.also[:5]),
        advice=tuple(inert(text, 300) for text in one.advice[:10]), where=one.where[:5],
        evidence={}, log_tail="", reproduce=one.reproduce[:300],
    )  # fmt: skip


def _scored(one: Result, metric: str) -> Result:
    """Of a model that has seen held-out rows: its score, or that there is none."""
    score = one.evidence.get(metric)
    if isinstance(score, bool) or not isinstance(score, int | float):
        return replace(
            one,
            found="no answers that can be scored",
            why="It is loaded in a fresh container without network, and given the columns of your data.",
            next="Load your saved model in a fresh environment, and ask it about raw rows of your own.",
            also=(),
        )
    return replace(
        one,
        found=f"`{metric}` {score:.3f} on rows that it has not seen",
        why="On rows that it has never seen it is not as good as it has to be.",
        next="Measure on rows that no step of the training has seen, and change one thing at a time.",
        also=(),
    )


def _opening(notice: Notice, due: datetime | None) -> str:
    entry = notice.entry
    if entry is None:
        return _OPENINGS[notice.why]
    points = f"{entry.points.earned} of {entry.points.possible} points."
    text = _OPENINGS[notice.why].format(sha=entry.sha[:10], points=points)
    if notice.why == "pass" and due is not None:
        late = entry.pushed_at > due
        text += " It was pushed after the date." if late else " It was pushed in time."
    return text


def _summary(entry: Entry, stage: Stage) -> Iterator[str]:
    titles: Mapping[str, str] = {spec.id: spec.title for spec in stage.milestone.checks}
    for one in entry.results:
        if one.status is not Outcome.PASSED:
            yield f"- {markdown.MARKS[one.status]} {inert(titles.get(one.id, one.id))}"
