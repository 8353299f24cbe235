"""Have a saved model predict, in a container without network, and take nothing but its answers out of it."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cohort_bot.checks.docker.engine import CONFINED, docker, label
from cohort_bot.checks.inside import FOLDER
from cohort_bot.process import Outcome

_KEPT = 64_000_000
_ABOUT_BYTES = 1_000_000
_PROGRAM = "/cohort-bot/predict.py"
_SUFFIXES = (".onnx", ".skops")


@dataclass(frozen=True)
class Predicted:
    """One prediction a row, and a score a row if the model gives scores; or why there are none."""

    outcome: Outcome
    predictions: tuple[object, ...] = ()
    scores: tuple[float, ...] = ()
    error: str = ""


def predict(
    image: str,
    owner: str,
    model: Path,
    rows: Sequence[object],
    *,
    kind: str = "auto",
    shape: Sequence[int] = (),
    memory: str = "2g",
    timeout: float = 300,
) -> Predicted:
    """Load `model` in `image` and predict `rows`. The container gets the model read-only, and no network."""
    name, mark = f"{owner}-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    inside = "/cohort-bot/model" + (model.suffix if model.suffix in _SUFFIXES else "")
    request = {
        "model": inside, "format": kind, "pickled": pickled(model), "rows": list(rows), "shape": list(shape),
        "mark": mark,
    }  # fmt: skip
    try:
        outcome = docker(
            "run", "--rm", "--interactive", "--name", name, *label(owner), "--network", "none", *CONFINED,
            "--log-driver", "none",
            # As ourselves: without its powers, root could not read what only we may read.
            "--user", f"{os.getuid()}:{os.getgid()}",
            "--memory", memory, "--memory-swap", memory,
            "--mount", _mount(model, inside), "--mount", _mount(FOLDER / "predict.py", _PROGRAM),
            "--workdir", "/tmp", "--entrypoint", "python", image, _PROGRAM,  # noqa: S108
            timeout=timeout, stdin=json.dumps(request).encode(), keep=_KEPT,
        )  # fmt: skip
    finally:
        docker("rm", "--force", "--volumes", name)
    return _read(outcome, mark, len(rows))


def pickled(model: Path) -> str:
    """The file in an MLflow model's folder that holds its scikit-learn estimator; empty if there is none."""
    try:
        with (model / "MLmodel").open(encoding="utf-8") as file:
            told = yaml.safe_load(file.read(_ABOUT_BYTES))
        return str(told["flavors"]["sklearn"].get("pickled_model", "model.pkl"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return ""


def _mount(source: Path, target: str) -> str:
    """A read-only mount as Docker's comma-separated fields, whatever characters the path has."""
    quoted = str(source).replace('"', '""')
    return f'type=bind,"source={quoted}",target={target},readonly'


def _read(outcome: Outcome, mark: str, rows: int) -> Predicted:
    """The answer in the output. Whatever else the model printed has no mark, which it could not know."""
    line = next((line for line in outcome.out.splitlines() if line.startswith(mark)), None)
    if line is None:
        return Predicted(outcome, error=_why_none(outcome))
    try:
        told: dict[str, Any] = json.loads(line[len(mark) :])
        predictions = tuple(told.get("predictions") or ())
        scores = tuple(float(score) for score in told.get("scores") or ())
    except (ValueError, TypeError, AttributeError):
        return Predicted(outcome, error="its answer cannot be read")
    if len(predictions) != rows:
        return Predicted(outcome, error=f"{len(predictions)} predictions for {rows} rows")
    return Predicted(outcome, predictions, scores if len(scores) == rows else ())


def _why_none(outcome: Outcome) -> str:
    if outcome.timed_out:
        return "no answer in time"
    if outcome.code == 137:
        return "it was killed, most likely because it used too much memory"
    lines = [line for line in outcome.err.splitlines() if line.strip()]
    return lines[-1][:500] if lines else "it ended without an answer"
