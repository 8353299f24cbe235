"""A result document as Markdown: for a job summary, and for a comment on the milestone's issue.

What a learner's work could have written stands in code spans and fences only, where it is no mention, no link
and no markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cohort_bot.reports.text import SAID, held_up
from cohort_bot.result import Document
from cohort_bot.verdict import Outcome, Result
from cohort_bot.verdict.finding import code

MARKS: Mapping[Outcome, str] = {
    Outcome.PASSED: "✅", Outcome.FAILED: "❌", Outcome.SKIPPED: "⏭️", Outcome.ERROR: "⚠️",
}  # fmt: skip


def render(document: Document) -> str:
    """The document as Markdown: what is to be done first, then a list of all checks."""
    return "\n".join(_lines(document)).rstrip() + "\n"


def fence(text: str) -> str:
    """`text` in a fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}text\n{text}\n{marks}"


def _lines(document: Document) -> Iterator[str]:
    points = document.points
    yield f"### {document.title or document.milestone}: {SAID[document.status]}"
    yield ""
    commit = f" on {code(document.commit[:10])}" if document.commit else ""
    yield f"{points.earned} of {points.possible} points{commit}."
    yield ""
    for one in document.checks:
        if one.status in (Outcome.FAILED, Outcome.ERROR):
            yield from _told(one, held_up(document, one))
    yield "| | Check | Points |"
    yield "|---|---|---|"
    for one in document.checks:
        optional = "" if one.required else " *(advice)*"
        earned = one.points if one.status is Outcome.PASSED else 0
        yield f"| {MARKS[one.status]} | {_cell(one.title)}{optional}{_aside(one)} | {earned}/{one.points} |"
    yield from _advice(document)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _aside(one: Result) -> str:
    return f": {_cell(one.found)}" if one.status is Outcome.SKIPPED and one.awaited else ""


def _told(one: Result, after: list[Result]) -> Iterator[str]:
    yield f"> {MARKS[one.status]} **{one.title}**"
    yield ">"
    for label, text in (
        ("Found", one.found), ("Expected", one.expected), ("Why", one.why), ("**Next**", one.next),
    ):  # fmt: skip
        if text:
            yield f"> {label}: {text}  "
    if one.reproduce:
        yield f"> Try it: {code(one.reproduce, 500)}  "
    if one.where:
        places = (code(f"{place.path}:{place.line}" if place.line else place.path) for place in one.where[:5])
        yield f"> Where: {', '.join(places)}  "
    for other in one.also:
        yield f"> Also: {other}  "
    if after:
        yield f"> Waiting for this: {', '.join(other.title for other in after)}"
    yield ""
    if one.log_tail:
        yield from (
            "<details><summary>Its last words</summary>",
            "",
            fence(one.log_tail),
            "",
            "</details>",
            "",
        )


def _advice(document: Document) -> Iterator[str]:
    rows = [f"- {advice}" for one in document.checks for advice in one.advice]
    if rows:
        yield from ("", "Advice, which changes nothing about passing:", "", *rows)
