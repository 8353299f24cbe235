"""Small text files of a store: YAML about a thing, a metric's history, an `MLmodel`."""

from __future__ import annotations

import math
from typing import Any

import yaml

from cohort_bot.checks.submission import Submission
from cohort_bot.tracking import Model

_MANY_BYTES = 5_000_000
# libyaml is about ten times as fast, and not built into every PyYAML
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def about(submission: Submission, path: str) -> dict[str, Any] | None:
    """A YAML mapping; None when the file is not there or holds none."""
    text = submission.text(path, _MANY_BYTES)
    if text is None:
        return None
    try:
        told = yaml.load(text, _Loader)  # noqa: S506 - both loaders are safe ones
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def history(text: str) -> tuple[float, int]:
    """A metric's last value and at how many steps it was logged. Lines are `timestamp value step …`.

    Of several values at one step the latest counts. Lines that are none are passed over; no line gives NaN.
    """
    rows = []
    for line in text.splitlines():
        parts = line.split()
        try:
            value = float(parts[1] if len(parts) > 1 else parts[0])
            moment = int(parts[0]) if len(parts) > 1 else 0
            rows.append((int(parts[2]) if len(parts) > 2 else 0, moment, value))
        except (ValueError, IndexError):
            continue
    if not rows:
        return math.nan, 0
    return max(rows, key=lambda row: row[:2])[2], len({step for step, _, _ in rows})


def model(submission: Submission, path: str) -> Model | None:
    """The model whose `MLmodel` file is `path`."""
    told = about(submission, path)
    if told is None:
        return None
    flavors = told.get("flavors")
    return Model(
        path=path.rpartition("/")[0],
        run_id=word(told.get("run_id")),
        model_id=word(told.get("model_id")),
        flavors=tuple(map(str, flavors)) if isinstance(flavors, dict) else (),
    )


def word(value: object) -> str:
    """A value as text, and nothing for none."""
    return "" if value is None else str(value)


def number(value: object) -> int | None:
    """A whole number, or None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
