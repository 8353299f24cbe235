"""Judge a command's answers to given inputs."""

from __future__ import annotations

import json
import math

from cohort_bot.evidence import Answers
from cohort_bot.model.checks import Blackbox, Case
from cohort_bot.verdict.commands import setup_failed, went_wrong
from cohort_bot.verdict.finding import Finding, Judgement, code


def blackbox(spec: Blackbox, found: Answers) -> Judgement:
    """Every input gets its answer."""
    if finding := setup_failed(found.setup):
        return Judgement((finding,), log=next(ran.log for ran in found.setup if not ran.ok))
    findings, log = [], ""
    for case, answer in zip(spec.inputs, found.answers, strict=True):
        if not answer.ran.ok:
            findings.append(went_wrong(
                answer.ran, "an answer", why="The command must end by itself, with exit code 0.",
                next_step="Run it with this input, and mend what it says.", seconds=spec.timeout,
            ))  # fmt: skip
            log = log or answer.ran.log
        elif not same(spec, case.expect, answer.out):
            findings.append(_wrong(case, answer.ran.command, answer.out))
    right = len(spec.inputs) - len(findings)
    return Judgement(tuple(findings), facts={"right": right, "cases": len(spec.inputs)}, log=log)


def _wrong(case: Case, command: str, out: str) -> Finding:
    given = f" for the input {code(case.stdin)}" if case.stdin else ""
    return Finding(
        f"{code(command)} answers {code(out)}{given}", code(case.expect),
        "The same question has one right answer, whoever asks.",
        "Follow this one input through your code by hand, and find where the answer goes astray.", command,
    )  # fmt: skip


def same(spec: Blackbox, expected: str, out: str) -> bool:
    """Whether an answer is the expected one, in the way that `spec.compare` asks for."""
    if spec.compare == "exact":
        return out == expected
    if spec.compare == "trimmed":
        return [line.rstrip() for line in out.strip().splitlines()] == [
            line.rstrip() for line in expected.strip().splitlines()
        ]
    try:
        return _close(json.loads(out), json.loads(expected), spec.tolerance)
    except (ValueError, RecursionError):
        return False


def _close(one: object, other: object, tolerance: float) -> bool:
    """Whether two JSON values are equal, numbers within `tolerance`."""
    numbers = (int, float)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, numbers) and isinstance(other, numbers):
        return math.isfinite(one) and abs(one - other) <= tolerance
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _close(a, b, tolerance) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_close(one[key], other[key], tolerance) for key in one)
    return one == other
