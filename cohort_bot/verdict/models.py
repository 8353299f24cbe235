"""Judge models by their numbers: a saved model on unseen rows, and a short training run."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cohort_bot.evidence import Evaluated, Place, Trained
from cohort_bot.model.checks import ModelEval, TrainSmoke
from cohort_bot.verdict.commands import setup_failed, went_wrong
from cohort_bot.verdict.finding import Finding, Judgement, code, count, listing
from cohort_bot.verdict.matchers import match
from cohort_bot.verdict.metrics import LESS_IS_BETTER, METRICS, roc_auc


def model_eval(spec: ModelEval, found: Evaluated) -> Judgement:
    """The model predicts, is good enough, and as good as its author said."""
    facts: dict[str, object] = {"rows": len(found.truth), "logged": sorted(found.logged)[-5:]}
    broken = _no_predictions(found)
    if broken is not None:
        return Judgement((broken,), facts=facts, log=found.ran.log if found.ran else "")
    score = score_of(spec, found)
    if score is None:
        return Judgement((_not_comparable(spec, found),), facts=facts)
    facts[spec.metric] = None if math.isnan(score) else round(score, 4)
    return Judgement(tuple(_score_findings(spec, found, score)), facts=facts)


def score_of(spec: ModelEval, found: Evaluated) -> float | None:
    """The metric's value; None when the predictions are not of a kind that it can be reckoned from."""
    if spec.metric == "roc_auc":
        return roc_auc(found.truth, found.scores) if found.scores else None
    try:
        return METRICS[spec.metric](found.truth, found.predictions)
    except (ValueError, OverflowError):
        return None


def _no_predictions(found: Evaluated) -> Finding | None:
    where = (Place(found.model),)
    if not found.exists:
        near = f" There is {listing(found.candidates)}." if found.candidates else ""
        return Finding(
            f"no {code(found.model)} in the repo", "the saved model" if found.ran else "that file",
            f"It is what is evaluated again, on rows that you have not seen.{near}",
            f"Save it as {code(found.model)}, and push it.", "git ls-files", where,
        )  # fmt: skip
    if found.format == "predictions" and found.problem:
        return Finding(
            f"{code(found.model)}: {code(found.problem)}",
            "the columns `id` and `prediction`, one row for each id",
            "Each answer is matched with its question by the id.",
            f"Write {code(found.model)} again, with one row for every id that you were given.", "", where,
        )  # fmt: skip
    if not found.problem:
        return None
    clue = match(f"{found.problem}\n{found.ran.log if found.ran else ''}")
    return Finding(
        f"{code(found.model)} could not be loaded and asked: {code(found.problem)}",
        "a model that takes raw rows and answers",
        clue.why if clue else "It is loaded in a fresh container without network, with the versions in your "
        "`requirements.txt`, and given the columns as they are in the data.",
        clue.next if clue else "Save the whole pipeline, preprocessing included, and load it once afresh.",
        "", where,
    )  # fmt: skip


def _not_comparable(spec: ModelEval, found: Evaluated) -> Finding:
    wanted = "a probability for each of two classes" if spec.metric == "roc_auc" else "numbers"
    return Finding(
        f"the model answers {listing(found.predictions, 3)}",
        f"{wanted}, from which {code(spec.metric)} is reckoned",
        "The answer's form is part of the task.",
        "Let the model have `predict_proba`." if spec.metric == "roc_auc" else "Let the model answer with "
        "numbers.",
        "", (Place(found.model),),
    )  # fmt: skip


def _score_findings(spec: ModelEval, found: Evaluated, score: float) -> Iterator[Finding]:
    where = (Place(found.model),)
    told = f"{code(spec.metric)} {score:.3f} on {count(len(found.truth), 'unseen row')}"
    bound = f"at least {spec.min:g}" if spec.min is not None else f"at most {spec.max:g}"
    low = spec.min is not None and not score >= spec.min
    high = spec.max is not None and not score <= spec.max
    if low or high:
        yield Finding(
            told, bound, _why_bad(spec, found, score),
            "Look at the rows that it gets wrong in your own validation set, and change one thing at a time.",
            "", where,
        )  # fmt: skip
    if spec.close_to_logged is None:
        return
    if not found.logged:
        yield Finding(
            f"no finished run logs {code(spec.logged_as or spec.metric)}",
            f"a run with that metric, near {score:.3f}",
            "What you measured yourself must hold up on new rows.",
            f'Log it: `mlflow.log_metric("{spec.logged_as or spec.metric}", value)`.', "mlflow ui", where,
        )  # fmt: skip
        return
    best = _best(spec, found)
    if not abs(best - score) <= spec.close_to_logged:
        yield Finding(
            f"{told}; your best run logged {best:.3f}", f"a gap of at most {spec.close_to_logged:g}",
            "Such a gap means that the rows it was measured on were not new to it, or that it is another "
            "model.",
            "Measure on rows that no step of the training has seen, preprocessing included, and log that.",
            "mlflow ui", where,
        )  # fmt: skip


def _best(spec: ModelEval, found: Evaluated) -> float:
    return min(found.logged) if spec.metric in LESS_IS_BETTER else max(found.logged)


def _why_bad(spec: ModelEval, found: Evaluated, score: float) -> str:
    if len({str(one) for one in found.predictions}) == 1:
        return f"It gives every row the same answer, {code(found.predictions[0])}: it has learnt nothing."
    if found.logged and abs(_best(spec, found) - score) > 0.1:
        return f"You logged {_best(spec, found):.3f}, so it knew the rows that you measured it on."
    return "On rows that it has never seen it is not as good as it has to be."


def train_smoke(spec: TrainSmoke, found: Trained) -> Judgement:
    """One short run comes to its end, and the loss falls on the way."""
    if finding := setup_failed(found.setup):
        return Judgement((finding,), log=next(ran.log for ran in found.setup if not ran.ok))
    assert found.ran is not None  # noqa: S101 - there is none only when the setup failed
    facts = {"losses": len(found.losses), "first": _ends(found)[0], "last": _ends(found)[1]}
    return Judgement(tuple(_training_findings(spec, found)), facts=facts, log=found.ran.log)


def _ends(found: Trained) -> tuple[float | None, float | None]:
    return (found.losses[0], found.losses[-1]) if found.losses else (None, None)


def _training_findings(spec: TrainSmoke, found: Trained) -> Iterator[Finding]:
    ran = found.ran
    if ran is None:
        return
    if not ran.ok:
        yield went_wrong(
            ran, f"a short training run, done within {spec.max_seconds} s",
            why="A training that cannot be started by one command cannot be repeated.",
            next_step="Run this very command in a fresh clone, and mend what it says.",
            seconds=spec.max_seconds,
        )  # fmt: skip
        return
    losses = found.losses
    if len(losses) < 2:
        yield Finding(
            f"{count(len(losses), 'loss', 'losses')} in what it prints",
            "the loss, again and again: `loss=0.693`",
            "Whether it learns shows in the loss as it goes.",
            'Print it in the loop: `print(f"step={step} loss={loss:.4f}")`.', ran.command,
        )  # fmt: skip
        return
    if not all(math.isfinite(loss) for loss in losses):
        yield _exploded(losses, ran.command)
        return
    first, last = smoothed(losses)
    if last > first - spec.min_drop * abs(first):
        yield Finding(
            f"the loss goes from {first:.4g} to {last:.4g}", f"a fall of at least {spec.min_drop:.0%}",
            "A loop in which the loss does not fall does not learn: the gradients are not zeroed, the step "
            "is "
            "not taken, or the learning rate is far off.",
            "Overfit one batch on purpose; when even that fails, look at the three lines of the update.",
            ran.command,
        )  # fmt: skip


def _exploded(losses: tuple[float, ...], command: str) -> Finding:
    bad = next(index for index, loss in enumerate(losses, 1) if not math.isfinite(loss))
    return Finding(
        f"loss number {bad} is {code(losses[bad - 1])}",
        "finite numbers",
        "The training exploded: a learning rate that is too high, or a logarithm of zero.",
        "Lower the learning rate by ten, and see whether it stays finite.",
        command,
    )


def smoothed(losses: tuple[float, ...]) -> tuple[float, float]:
    """The mean of the first and of the last tenth: single batches jump up and down."""
    size = max(len(losses) // 10, 1)
    return sum(losses[:size]) / size, sum(losses[-size:]) / size
