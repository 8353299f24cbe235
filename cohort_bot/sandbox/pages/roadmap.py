"""The geometry of a board's roadmap: bars on a line of weeks or months, as percentages of its width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cohort_bot.sandbox.clock import parse
from cohort_bot.sandbox.store import Row

MONTHLY_FROM = timedelta(days=120)
_MARGIN = timedelta(days=3)
_LEAST = 1.5


@dataclass(frozen=True)
class Bar:
    """A card from when it could be begun to when it is due."""

    card: Row
    left: float
    width: float


@dataclass(frozen=True)
class Tick:
    """A mark on the line above the bars."""

    label: str
    left: float


@dataclass(frozen=True)
class Chart:
    """Everything the roadmap draws. `undated` are the cards without a due date; `today` may lie outside."""

    bars: list[Bar]
    ticks: list[Tick]
    undated: list[Row]
    today: float | None


def draw(cards: list[Row], now: datetime) -> Chart:
    """A chart of `cards`: each begins where the one before it in its repository ends."""
    dated = sorted((card for card in cards if card["due_on"]), key=lambda card: str(card["due_on"]))
    undated = [card for card in cards if not card["due_on"]]
    if not dated:
        return Chart([], [], undated, None)
    spans = list(_spans(dated))
    start = min(begin for _, begin, _ in spans) - _MARGIN
    end = max(due for _, _, due in spans) + _MARGIN
    length = (end - start).total_seconds()

    def at(instant: datetime) -> float:
        return round((instant - start).total_seconds() / length * 100, 2)

    bars = [Bar(card, at(begin), max(_LEAST, round(at(due) - at(begin), 2))) for card, begin, due in spans]
    ticks = [Tick(label, at(instant)) for label, instant in _ticks(start, end)]
    return Chart(bars, ticks, undated, at(now) if start <= now <= end else None)


def _spans(dated: list[Row]) -> Iterator[tuple[Row, datetime, datetime]]:
    last: dict[object, datetime] = {}
    for card in dated:
        due = parse(card["due_on"])
        begin = min(last.get(card["repo_id"], parse(card["added_at"])), due)
        last[card["repo_id"]] = due
        yield card, begin, due


def _ticks(start: datetime, end: datetime) -> Iterator[tuple[str, datetime]]:
    """The first of every month on a long line; else Mondays, about eight of them."""
    day = start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    monthly = end - start >= MONTHLY_FROM
    step = max(1, (end - start).days // 56)
    week = 0
    while day < end:
        if monthly and day.day == 1:
            yield day.strftime("%b %Y" if day.month == 1 else "%b"), day
        if not monthly and day.weekday() == 0:
            if week % step == 0:
                yield day.strftime("%-d %b"), day
            week += 1
        day += timedelta(days=1)
