"""Gather evidence: one module a kind of check, in an explicit table. None of them decides anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cohort_bot.checks import (
    blackbox,
    docker,
    files,
    git,
    manual,
    mlflow,
    model_eval,
    notebook,
    pytest,
    sections,
    train_smoke,
    url,
)
from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import Gathered

# A gatherer takes the kind's own spec; the table is what pairs them.
Gather = Callable[[Any, Submission], Gathered]

GATHER: Mapping[str, Gather] = {
    "files": files.gather,
    "sections": sections.gather,
    "notebook": notebook.gather,
    "pytest": pytest.gather,
    "blackbox": blackbox.gather,
    "mlflow": mlflow.gather,
    "model_eval": model_eval.gather,
    "docker_build": docker.build.gather,
    "docker_service": docker.service.gather,
    "train_smoke": train_smoke.gather,
    "git": git.gather,
    "url": url.gather,
    "manual": manual.gather,
}
