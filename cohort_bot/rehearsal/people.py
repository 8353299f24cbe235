"""The cast: invented people, each with a fate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TypeVar

from cohort_bot.model import Learner

Item = TypeVar("Item")
Chance = Callable[[], float]
"""Gives numbers from 0 up to 1, without 1; seeded by whoever calls, so that a script can be had again."""


class Fate(StrEnum):
    """How a learner's course goes."""

    STEADY = "steady"
    FAST = "fast"
    LATE = "late"
    STUCK = "stuck"
    DROPOUT = "drops out, is withdrawn"
    PAUSED = "pauses, comes back"
    LATE_JOINER = "joins late"
    EXTENDED = "gets an extension"
    NEVER_JOINS = "never accepts the invitation"


# A small cast shows the greatest differences first; a larger one has more of the usual.
FIRST = (
    Fate.STEADY,
    Fate.LATE_JOINER,
    Fate.DROPOUT,
    Fate.EXTENDED,
    Fate.FAST,
    Fate.STUCK,
    Fate.NEVER_JOINS,
    Fate.PAUSED,
    Fate.LATE,
)
THEN = (Fate.STEADY,) * 5 + (Fate.FAST,) * 3 + (Fate.LATE,) * 3 + FIRST

_GIVEN = (
    "Abena", "Bilal", "Camila", "Davit", "Elif", "Farah", "Goran", "Hana", "Ivo", "Jamila", "Kaito", "Leila",
    "Mateo", "Nandini", "Oskar", "Priya", "Quentin", "Rosa", "Sami", "Tomas", "Usha", "Vera", "Wanjiru",
    "Yusuf",
)  # fmt: skip
_FAMILY = (
    "Achebe", "Bergman", "Castillo", "Dlamini", "Eriksen", "Fonseca", "Gupta", "Hoang", "Ito", "Janssen",
    "Kowalski", "Lindholm", "Mwangi", "Novak", "Okafor", "Petrov", "Quispe", "Rahman", "Silva", "Tadesse",
    "Usman", "Varga", "Weber", "Zhang",
)  # fmt: skip
MOST = len(_GIVEN) * len(_FAMILY)


def cast(size: int, chance: Chance) -> Iterator[tuple[Learner, Fate]]:
    """`size` people, at most MOST, no two of the same name."""
    given, family = shuffled(_GIVEN, chance), shuffled(_FAMILY, chance)
    for number in range(size):
        name = (given[number % len(given)], family[(number + number // len(given)) % len(family)])
        login = "-".join(name).lower()
        fate = FIRST[number] if number < len(FIRST) else picked(THEN, chance)
        yield Learner(github=login, name=" ".join(name), email=f"{login}@example.org"), fate


def picked(items: Sequence[Item], chance: Chance) -> Item:
    """One of `items`."""
    return items[int(chance() * len(items))]


def between(low: float, high: float, chance: Chance) -> float:
    """A number from `low` to `high`."""
    return low + (high - low) * chance()


def shuffled(items: Sequence[Item], chance: Chance) -> list[Item]:
    """`items` in some order."""
    left = list(items)
    return [left.pop(int(chance() * len(left))) for _ in items]
