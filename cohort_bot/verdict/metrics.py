"""Scores, reckoned here from predictions and truth, so that no learner's code has a say in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

Scores = Sequence[float]


def label(value: object) -> str:
    """A class as text: `1`, `1.0` and `"1"` are one and the same, and so are `true` and `True`."""
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return text.casefold()
    return str(int(number)) if number.is_integer() else str(number)


def accuracy(truth: Sequence[object], predicted: Sequence[object]) -> float:
    """The share of rows that are right."""
    return sum(label(one) == label(other) for one, other in zip(truth, predicted, strict=True)) / len(truth)


def f1_macro(truth: Sequence[object], predicted: Sequence[object]) -> float:
    """The mean of every class's F1; a class that is never right counts 0."""
    right = [label(one) for one in truth]
    given = [label(one) for one in predicted]
    classes = sorted({*right, *given})
    pairs = list(zip(right, given, strict=True))
    scores = []
    for one in classes:
        hits = sum(a == b == one for a, b in pairs)
        involved = sum(a == one for a in right) + sum(b == one for b in given)
        scores.append(2 * hits / involved)
    return sum(scores) / len(scores)


def roc_auc(truth: Sequence[object], scores: Scores) -> float:
    """The chance that a positive row scores higher than a negative one, ties counting half.

    Of two classes the positive one is the last in order. NaN when there are not exactly two.
    """
    right = [label(one) for one in truth]
    classes = sorted(set(right), key=_order)
    if len(classes) != 2:
        return math.nan
    ranks = _ranks(scores)
    positive = [rank for rank, one in zip(ranks, right, strict=True) if one == classes[1]]
    count = len(positive)
    return (sum(positive) - count * (count + 1) / 2) / (count * (len(right) - count))


def rmse(truth: Sequence[object], predicted: Sequence[object]) -> float:
    """The root of the mean squared error."""
    return math.sqrt(sum(gap * gap for gap in _gaps(truth, predicted)) / len(truth))


def mae(truth: Sequence[object], predicted: Sequence[object]) -> float:
    """The mean absolute error."""
    return sum(abs(gap) for gap in _gaps(truth, predicted)) / len(truth)


def r2(truth: Sequence[object], predicted: Sequence[object]) -> float:
    """The share of the variance that is explained; NaN when there is none."""
    right = [float(str(one)) for one in truth]
    mean = sum(right) / len(right)
    spread = sum((one - mean) ** 2 for one in right)
    return 1 - sum(gap * gap for gap in _gaps(truth, predicted)) / spread if spread else math.nan


METRICS: Mapping[str, Callable[[Sequence[object], Sequence[object]], float]] = {
    "accuracy": accuracy,
    "f1_macro": f1_macro,
    "rmse": rmse,
    "mae": mae,
    "r2": r2,
}
LESS_IS_BETTER = frozenset({"rmse", "mae"})


def _gaps(truth: Sequence[object], predicted: Sequence[object]) -> list[float]:
    return [float(str(one)) - float(str(other)) for one, other in zip(truth, predicted, strict=True)]


def _order(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), ""
    except ValueError:
        return 1, 0.0, text


def _ranks(values: Scores) -> list[float]:
    """Ranks from 1; equal values share the mean of theirs."""
    ordered = sorted(range(len(values)), key=lambda index: values[index])
    ranks = [0.0] * len(values)
    start = 0
    while start < len(ordered):
        end = start
        while end + 1 < len(ordered) and values[ordered[end + 1]] == values[ordered[start]]:
            end += 1
        for index in ordered[start : end + 1]:
            ranks[index] = (start + end) / 2 + 1
        start = end + 1
    return ranks
