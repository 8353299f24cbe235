"""Who reviews whom and what has become of it: for a terminal, as JSON, as CSV. It names people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cohort_bot.model import Cohort
from cohort_bot.reports.plain import table as as_table
from cohort_bot.reviews import Became, Row

HEADER = (
    "milestone", "learner", "reviewer", "blind", "became", "commit", "asked_at", "answered_at", "days",
    "place",
)  # fmt: skip
_STYLES = {
    Became.OVERDUE: "red", Became.ORGANISER: "red", Became.ASKED: "yellow", Became.APPROVED: "green",
    Became.CHANGES: "green",
}  # fmt: skip


def as_rich(rows: Sequence[Row], cohort: Cohort) -> RenderableType:
    """A table for people, one line a review."""
    if not rows:
        return Text("No milestone of this roadmap is reviewed by peers.")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Milestone", "Learner", "Reviewer", "Became", "Asked", "Commit"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(
            Text(row.milestone + (" (blind)" if row.blind else "")),
            Text(row.learner),
            Text(row.reviewer or "an organiser"),
            Text(words(row), style=_STYLES.get(row.became, "dim")),
            Text(
                row.asked_at.astimezone(ZoneInfo(cohort.timezone)).date().isoformat() if row.asked_at else ""
            ),
            Text(row.sha[:10]),
        )
    return Group(Text(headline(rows), style="bold"), Text(), table)


def headline(rows: Sequence[Row]) -> str:
    """The sums in one line."""
    counts = [(became, sum(row.became is became for row in rows)) for became in Became]
    return ", ".join(f"{count} {became.value}" for became, count in counts if count) + "."


def words(row: Row) -> str:
    """What has become of a review, in a few words."""
    if row.became is Became.OVERDUE:
        return f"overdue, asked {row.days} days ago"
    return "needs an organiser" if row.became is Became.ORGANISER else row.became.value


def as_json(rows: Sequence[Row]) -> str:
    """All rows as one JSON document; instants in UTC. `schema` grows when a field changes its meaning."""
    reviews = [dict(zip(HEADER, _cells(row), strict=True)) for row in rows]
    return json.dumps({"schema": 1, "reviews": reviews}, indent=2, ensure_ascii=False) + "\n"


def as_csv(rows: Sequence[Row]) -> str:
    """One line a review."""
    return as_table([HEADER, *map(_cells, rows)])


def _cells(row: Row) -> tuple[object, ...]:
    return (
        row.milestone, row.learner, row.reviewer or None, row.blind, row.became.value, row.sha or None,
        row.asked_at.isoformat() if row.asked_at else None,
        row.answered_at.isoformat() if row.answered_at else None, row.days, row.place or None,
    )  # fmt: skip
