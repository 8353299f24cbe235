"""Result documents for a step of GitHub Actions: annotations beside the lines they are about, and the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cohort_bot.actions import add_summary, annotation, inert, set_output
from cohort_bot.reports import markdown, text
from cohort_bot.result import Document
from cohort_bot.verdict import Outcome, Result, Standing

# GitHub shows ten annotations of a level for a step.
_MOST = 10


def render(documents: Sequence[Document]) -> str:
    """What goes to standard output: the report as text, without power, and the annotations."""
    lines = [
        annotated for document in documents for one in document.checks for annotated in _annotations(one)
    ]
    return inert(text.render(documents)) + "".join(f"{line}\n" for line in lines[:_MOST])


def publish(documents: Sequence[Document]) -> None:
    """Write the job summary, and the outputs `status`, `passed` and `milestones`."""
    add_summary("\n".join(markdown.render(document) for document in documents))
    standings = {document.status for document in documents}
    worst = next(
        (one for one in (Standing.NEEDS_WORK, Standing.COULD_NOT_CHECK) if one in standings), Standing.PASSED
    )
    set_output("status", worst.value)
    passed = [document.milestone for document in documents if document.status is Standing.PASSED]
    set_output("passed", ",".join(passed))
    set_output("milestones", ",".join(document.milestone for document in documents))


def _annotations(one: Result) -> Iterator[str]:
    if one.status not in (Outcome.FAILED, Outcome.ERROR):
        return
    place = one.where[0] if one.where else None
    message = f"{one.found}\nExpected: {one.expected}\nNext: {one.next}"
    yield annotation(
        "error" if one.status is Outcome.FAILED and one.required else "warning", message,
        file=place.path if place else "", line=place.line if place else 0, title=one.title,
    )  # fmt: skip
