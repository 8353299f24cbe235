"""Scores: as scikit-learn reckons them."""

from __future__ import annotations

import math
import random

import pytest

from cohort_bot.verdict.metrics import METRICS, label, roc_auc


def rows(seed: int) -> tuple[list[str], list[str], list[float]]:
    chance = random.Random(seed)
    truth = [chance.choice(["a", "b", "c"]) for _ in range(60)]
    return (
        truth,
        [chance.choice([one, "a", "d"]) for one in truth],
        [chance.randint(0, 9) / 10 for _ in truth],
    )


@pytest.mark.needs("sklearn")
@pytest.mark.parametrize("seed", range(5))
def test_scores_agree_with_scikit_learn(seed: int) -> None:
    from sklearn import metrics

    truth, predicted, scores = rows(seed)
    assert METRICS["accuracy"](truth, predicted) == pytest.approx(metrics.accuracy_score(truth, predicted))
    expected = metrics.f1_score(truth, predicted, average="macro", zero_division=0)
    assert METRICS["f1_macro"](truth, predicted) == pytest.approx(expected)
    binary = [str(int(one == "a")) for one in truth]
    assert roc_auc(binary, scores) == pytest.approx(
        metrics.roc_auc_score([int(one) for one in binary], scores)
    )
    numbers = [score * 3 - 1 for score in scores]
    assert METRICS["rmse"](scores, numbers) == pytest.approx(
        metrics.mean_squared_error(scores, numbers) ** 0.5
    )
    assert METRICS["mae"](scores, numbers) == pytest.approx(metrics.mean_absolute_error(scores, numbers))
    assert METRICS["r2"](scores, numbers) == pytest.approx(metrics.r2_score(scores, numbers))


@pytest.mark.parametrize(
    ("one", "other"), [("1", 1), ("1", 1.0), (True, "true"), (" a ", "A"), ("1.50", 1.5)]
)
def test_labels_that_mean_the_same(one: object, other: object) -> None:
    assert label(one) == label(other)


@pytest.mark.parametrize(("one", "other"), [("1", 2), (">50K", "<=50K"), ("1.5", 1), ("nan", "1")])
def test_labels_that_do_not(one: object, other: object) -> None:
    assert label(one) != label(other)


def test_what_cannot_be_reckoned_is_not_a_number() -> None:
    assert math.isnan(roc_auc(["a", "a"], [0.1, 0.2]))
    assert math.isnan(METRICS["r2"](["1", "1"], ["1", "2"]))
