"""Gather the losses of one short training run."""

from __future__ import annotations

import re

from cohort_bot.checks.bench import attempt, words
from cohort_bot.checks.submission import Submission
from cohort_bot.checks.venv import existing, prepare
from cohort_bot.evidence import Trained
from cohort_bot.model.checks import TrainSmoke

_MOST = 100_000


def gather(spec: TrainSmoke, submission: Submission) -> Trained:
    """Run the command, and read the losses off what it prints."""
    prepared = prepare(submission, spec.setup, spec.workdir)
    if not prepared.ok:
        return Trained(None, setup=prepared.setup)
    ran, outcome = attempt(
        prepared.bench, spec.command, words(spec.command, prepared.bench.python),
        cwd=existing(submission, spec.workdir), timeout=spec.max_seconds, env={"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    # Bars of progress overwrite their line; each state of them is a line of its own.
    text = f"{outcome.out}\n{outcome.err}".replace("\r", "\n") if outcome is not None else ""
    return Trained(ran, tuple(losses(spec.loss_pattern, text))[:_MOST], prepared.setup)


def losses(pattern: str, text: str) -> list[float]:
    """The numbers that `pattern`'s first group matches in `text`; what is no number is passed over."""
    regex = re.compile(pattern, re.IGNORECASE)
    found = []
    for line in text.splitlines():
        for match in regex.finditer(line[:2000]):
            try:
                found.append(float(match[1].rstrip(".")))
            except ValueError:
                continue
    return found
