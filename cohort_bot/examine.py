"""Carry out a milestone's checks on a submission."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from cohort_bot.checks import GATHER
from cohort_bot.checks.docker import clean
from cohort_bot.checks.submission import Submission
from cohort_bot.errors import CohortError
from cohort_bot.evidence import Awaited, Fault, Gathered, Unavailable
from cohort_bot.model.checks import CheckSpec
from cohort_bot.process import ProgramMissing
from cohort_bot.verdict import Result, Verdict, judge, roll_up, skipped

_IN_DOCKER = {"docker_build", "docker_service", "model_eval"}


def examine(submission: Submission, specs: Sequence[CheckSpec]) -> Verdict:
    """Run `specs` in an order in which each comes after what it needs, and give the verdict.

    A check that cannot be carried out becomes an `error` result; nothing about a submission is raised.
    """
    results: dict[str, Result] = {}
    used_docker = False
    with ExitStack() as afterwards:
        for spec in _ordered(specs):
            held_up = skipped(spec, results)
            if held_up is None and spec.kind in _IN_DOCKER and not used_docker:
                used_docker = True
                afterwards.callback(_clean, submission)
            results[spec.id] = held_up or _one(spec, submission)
    return roll_up([results[spec.id] for spec in specs])


def _one(spec: CheckSpec, submission: Submission) -> Result:
    started = time.monotonic()
    evidence = _gathered(spec, submission)
    seconds = time.monotonic() - started
    return judge(spec, evidence, seconds=seconds, judging=submission.judging)


def _gathered(spec: CheckSpec, submission: Submission) -> Gathered:
    if spec.hidden and not submission.judging:
        return Awaited("run by the organiser's judge, not here")
    try:
        return GATHER[spec.kind](spec, submission)
    except CohortError as failure:
        return Unavailable(Fault.RUNNER, failure.message, failure.hint or "Run the check again later.")
    except OSError as failure:
        return Unavailable(
            Fault.RUNNER, f"the machine refused: {failure.strerror or failure}", "Run the check again later."
        )


def _clean(submission: Submission) -> None:
    """Leave nothing behind in Docker. Without Docker there is nothing."""
    with suppress(ProgramMissing):
        clean(submission.name)


def _ordered(specs: Sequence[CheckSpec]) -> list[CheckSpec]:
    """`specs` with needs first, otherwise as written. Those in a circle come last and are told so."""
    waiting, done, ordered = list(specs), set[str](), list[CheckSpec]()
    while waiting:
        ready = next((spec for spec in waiting if done.issuperset(spec.needs)), waiting[0])
        waiting.remove(ready)
        done.add(ready.id)
        ordered.append(ready)
    return ordered
