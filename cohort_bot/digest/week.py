"""ISO weeks in the cohort's zone, and the marker by which a posted digest is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cohort_bot.errors import UsageError

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
# At the very start only: a person who quotes a digest, under the same account, has posted none.
_MARK = re.compile(r"\A<!-- cohort-bot: digest=([0-9]{4}-W[0-9]{2}) -->")


@dataclass(frozen=True, order=True)
class Week:
    """An ISO 8601 week: Monday to Sunday, in the year that has its Thursday."""

    year: int
    number: int

    @classmethod
    def at(cls, now: datetime, zone: str) -> Week:
        """The week that `now` (aware) lies in, for people in `zone`."""
        found = now.astimezone(ZoneInfo(zone)).isocalendar()
        return cls(found.year, found.week)

    @classmethod
    def read(cls, text: str) -> Week:
        """The week that somebody wrote as `2026-W47`. Raises UsageError."""
        found = _WEEK.fullmatch(text.strip())
        if found:
            week = cls(int(found[1]), int(found[2]))
            try:
                week.monday  # noqa: B018 - asked for its error
            except ValueError:
                found = None
        if found is None:
            raise UsageError(f"{text} is no week", "Write year and ISO week, such as 2026-W47.")
        return week

    @classmethod
    def marked(cls, text: str) -> Week | None:
        """The week whose digest `text` is, by its marker; None for any other text."""
        found = _MARK.match(text)
        return cls(int(found[1][:4]), int(found[1][6:])) if found else None

    def __str__(self) -> str:
        return f"{self.year:04}-W{self.number:02}"

    @property
    def mark(self) -> str:
        """The hidden first line of this week's digest."""
        return f"<!-- cohort-bot: digest={self} -->"

    @property
    def monday(self) -> date:
        """Its first day. Raises ValueError for a week that the year does not have."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def days(self) -> tuple[date, ...]:
        """Its seven days."""
        return tuple(self.monday + timedelta(days=number) for number in range(7))

    def start(self, zone: str) -> datetime:
        """When it begins for people in `zone`, as a UTC instant."""
        return datetime.combine(self.monday, time(0), ZoneInfo(zone)).astimezone(UTC)

    @property
    def ordinal(self) -> int:
        """Weeks since the first of the calendar: one more each week, over the ends of years too."""
        return self.monday.toordinal() // 7
