"""Requests like the known ones, but such as nobody could have prepared an answer for."""

from __future__ import annotations

import random
from collections.abc import Sequence

from cohort_bot.model.checks import Probe

VARIED = 6


def varied(probes: Sequence[Probe], seed: int, count: int = VARIED) -> tuple[Probe, ...]:
    """`count` requests whose fields come from the known ones, numbers anywhere in between.

    Only probes to the first one's path with an object as body take part; without any there are none. Nothing
    is said of the right answer.
    """
    models = [probe for probe in probes if isinstance(probe.body, dict) and probe.status == 200]
    models = [probe for probe in models if (probe.method, probe.path) == (models[0].method, models[0].path)]
    if not models:
        return ()
    chance = random.Random(seed)  # noqa: S311 - to be repeatable, not secret
    bodies = [probe.body for probe in models if isinstance(probe.body, dict)]
    first = models[0]
    return tuple(
        first.model_copy(update={"body": _body(bodies, chance), "answer": None}) for _ in range(count)
    )


def _body(bodies: Sequence[dict[str, object]], chance: random.Random) -> dict[str, object]:
    return {key: _value([body.get(key) for body in bodies], chance) for key in bodies[0]}


def _value(values: Sequence[object], chance: random.Random) -> object:
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        whole = [value for value in values if isinstance(value, int)]
        return chance.randint(min(whole), max(whole))
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        return round(chance.uniform(min(numbers), max(numbers)), 4)
    return chance.choice(values)
