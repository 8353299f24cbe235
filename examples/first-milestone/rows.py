"""Rows to practise on: a small table in the shape of the census one, drawn from a seeded generator.

The real table is handed out by the organiser and is not in this repo; these rows only look like it.
"""

from __future__ import annotations

import math
import random

WORK = ("Private", "Self-emp", "Government")
HEADER = ("age", "education-num", "hours-per-week", "workclass", "income")
Row = tuple[int, int, int, str, str]


def rows(count: int = 1200, seed: int = 7) -> list[Row]:
    """`count` people: age, years of schooling, hours a week, kind of work, and income (`>50K` or `<=50K`)."""
    chance = random.Random(seed)  # noqa: S311 - to be repeatable, not secret
    return [_person(chance) for _ in range(count)]


def _person(chance: random.Random) -> Row:
    age = chance.randint(18, 70)
    schooling = min(max(round(chance.gauss(10, 2.8)), 1), 16)
    hours = min(max(round(chance.gauss(40, 11)), 5), 80)
    work = chance.choice(WORK)
    pull = 0.06 * (age - 40) - 0.0025 * (age - 47) ** 2 + 0.75 * (schooling - 10) + 0.07 * (hours - 40)
    pull += {"Private": 0.0, "Self-emp": 0.3, "Government": -0.2}[work] - 0.4
    rich = chance.random() < 1 / (1 + math.exp(-2 * pull))
    return age, schooling, hours, work, ">50K" if rich else "<=50K"
