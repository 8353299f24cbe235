"""The table of judges, one a kind of check, and what to do with evidence that is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cohort_bot.evidence import Awaited, Gathered, Unavailable
from cohort_bot.model.checks import CheckSpec
from cohort_bot.verdict import answers, images, models, notebooks, outside, repo, services, suite, tracked
from cohort_bot.verdict.finding import Judgement
from cohort_bot.verdict.rollup import Result, awaited, result, unavailable

# A judge takes the kind's own spec and evidence; the table is what pairs them.
Judge = Callable[[Any, Any], Judgement]

JUDGES: Mapping[str, Judge] = {
    "files": repo.files,
    "sections": repo.sections,
    "notebook": notebooks.notebook,
    "pytest": suite.pytest,
    "blackbox": answers.blackbox,
    "mlflow": tracked.mlflow,
    "model_eval": models.model_eval,
    "docker_build": images.docker_build,
    "docker_service": services.docker_service,
    "train_smoke": models.train_smoke,
    "git": repo.git,
    "url": outside.url,
    "manual": outside.manual,
}


def judge(spec: CheckSpec, evidence: Gathered, *, seconds: float = 0.0, judging: bool = False) -> Result:
    """The result of one check.

    `seconds` is how long gathering took; `judging` is true in the organiser's judge.
    """
    if isinstance(evidence, Unavailable):
        return unavailable(spec, evidence, seconds)
    if isinstance(evidence, Awaited):
        return awaited(spec, evidence, judging=judging)
    return result(spec, JUDGES[spec.kind](spec, evidence), seconds)
