"""Gather what a saved model predicts for rows that its author does not hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cohort_bot.checks.bench import told
from cohort_bot.checks.docker.engine import unavailable
from cohort_bot.checks.docker.models import image_for
from cohort_bot.checks.docker.predict import predict
from cohort_bot.checks.stores import find
from cohort_bot.checks.submission import Submission
from cohort_bot.checks.tables import Table, TableError, parse, typed
from cohort_bot.evidence import Awaited, Evaluated, Fault, Unavailable
from cohort_bot.model.checks import ModelEval

_MODELS = (".onnx", ".skops", ".pkl", ".joblib", ".keras", ".pt")
_READ_BYTES = 200_000_000


def gather(spec: ModelEval, submission: Submission) -> Evaluated | Unavailable | Awaited:
    """Have the model predict the held-out rows, or read the learner's own predictions for them."""
    if submission.course is None:
        return Awaited("judged by the organiser, who holds the rows")
    held_out = _held_out(submission.course / spec.data, spec.data)
    if isinstance(held_out, Unavailable):
        return held_out
    place = submission.locate(spec.model)
    if not place.exists() or not submission.inside(place):
        near = [path for path in submission.files if path.endswith(_MODELS)]
        return Evaluated(spec.model, exists=False, candidates=tuple(near[:5]))
    if spec.format == "predictions":
        return _own_predictions(spec, submission, held_out)
    return _predicted(spec, submission, held_out, place)


def _held_out(file: Path, name: str) -> Table | Unavailable:
    try:
        table = parse(file.read_text(encoding="utf-8"))
    except OSError:
        problem = "it is not there"
    except (TableError, UnicodeDecodeError) as wrong:
        problem = str(wrong)
    else:
        if table.rows and len(table.header) > 1:
            return table
        problem = "it has no rows, or one column only"
    return Unavailable(
        Fault.COURSE, f"the held-out data `{name}` cannot be used: {problem}",
        "Tell your organiser: the file in the cohort's `checks/` folder needs mending.",
    )  # fmt: skip


def _logged(spec: ModelEval, submission: Submission) -> tuple[float, ...]:
    name = spec.logged_as or spec.metric
    runs = (run for store in find(submission, spec.stores).stores for run in store.runs)
    return tuple(run.metrics[name] for run in runs if run.finished and run.finite(name))


def _own_predictions(spec: ModelEval, submission: Submission, held_out: Table) -> Evaluated:
    """The learner's file of answers, brought into the order of the held-out rows by `id`."""
    truth = tuple(row[-1] for row in held_out.rows)
    blank = Evaluated(spec.model, exists=True, format="predictions", truth=truth)
    try:
        table = parse(submission.text(spec.model, _READ_BYTES) or "")
        by_id, answer = table.header.index("id"), table.header.index("prediction")
    except TableError as wrong:
        return replace(blank, problem=str(wrong))
    except ValueError:
        return replace(blank, problem=f"its columns are {', '.join(table.header)[:200]}")
    given = {row[by_id]: row[answer] for row in table.rows}
    missing = [row[0] for row in held_out.rows if row[0] not in given]
    if missing:
        problem = f"{len(missing)} of {len(held_out.rows)} ids have no answer, among them {missing[0][:50]}"
        return replace(blank, problem=problem)
    predictions = tuple(given[row[0]] for row in held_out.rows)
    return replace(blank, predictions=predictions, logged=_logged(spec, submission))


def _predicted(
    spec: ModelEval, submission: Submission, held_out: Table, place: Path
) -> Evaluated | Unavailable:
    if trouble := unavailable():
        return trouble
    image = image_for(submission, spec.model)
    if isinstance(image, Unavailable):
        return image
    rows = typed(held_out, range(len(held_out.header) - 1))
    given = predict(
        image,
        submission.name,
        place.resolve(),
        rows,
        kind=spec.format,
        shape=spec.shape,
        timeout=spec.timeout,
    )
    return Evaluated(
        model=spec.model,
        exists=True,
        format=spec.format,
        ran=told(f"load {spec.model} and predict", given.outcome, submission.root),
        predictions=given.predictions,
        scores=given.scores,
        truth=tuple(row[-1] for row in held_out.rows),
        logged=_logged(spec, submission),
        problem=given.error,
    )
