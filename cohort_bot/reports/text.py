"""A result document for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from cohort_bot.result import Document
from cohort_bot.verdict import Outcome, Result, Standing
from cohort_bot.verdict.finding import clean

MARKS: Mapping[Outcome, str] = {
    Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.SKIPPED: "–", Outcome.ERROR: "!",
}  # fmt: skip
SAID: Mapping[Standing, str] = {
    Standing.PASSED: "passed",
    Standing.NEEDS_WORK: "needs work",
    Standing.COULD_NOT_CHECK: "could not be checked",
}
_WIDTH = 96
_LABELS = ("found", "expected", "why", "next", "reproduce")


def render(documents: Sequence[Document]) -> str:
    """Plain text: one line a check, and for each that did not pass what to do."""
    return "\n".join("\n".join(_lines(document)) + "\n" for document in documents)


def _lines(document: Document) -> Iterator[str]:
    points = document.points
    heading = f"{document.title or document.milestone}: {SAID[document.status]}"
    yield f"{heading} ({points.earned} of {points.possible} points)"
    for one in document.checks:
        if not one.root:
            yield from _check(one, held_up(document, one))


def held_up(document: Document, cause: Result) -> list[Result]:
    """The checks that were skipped because of `cause`."""
    return [one for one in document.checks if one.root == cause.id]


def _check(one: Result, after: list[Result]) -> Iterator[str]:
    optional = "" if one.required else " (advice)"
    yield f"  {MARKS[one.status]} {one.title}{optional}{_aside(one)}"
    if one.status in (Outcome.FAILED, Outcome.ERROR):
        yield from _told(one)
    for advice in one.advice:
        yield from _wrapped("Advice", advice)
    if after:
        yield from _wrapped("Waiting for this", ", ".join(other.title for other in after))


def _aside(one: Result) -> str:
    return f": {one.found}" if one.status is Outcome.SKIPPED else ""


def _told(one: Result) -> Iterator[str]:
    for label in _LABELS:
        if text := getattr(one, label):
            yield from _wrapped("Try it" if label == "reproduce" else label.capitalize(), text)
    if one.where:
        places = (
            clean(f"{place.path}:{place.line}" if place.line else place.path) for place in one.where[:5]
        )
        yield from _wrapped("Where", ", ".join(places))
    for other in one.also:
        yield from _wrapped("Also", other)
    if one.log_tail:
        yield "      Its last words:"
        yield textwrap.indent("\n".join(one.log_tail.splitlines()[-15:]), "        | ")


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        f"{label}: {text}", _WIDTH, initial_indent="      ", subsequent_indent="        ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
