"""Gather what a command of the learner's answers."""

from __future__ import annotations

from cohort_bot.checks.bench import attempt, words
from cohort_bot.checks.submission import Submission
from cohort_bot.checks.venv import existing, prepare
from cohort_bot.evidence import Answer, Answers
from cohort_bot.model.checks import Blackbox


def gather(spec: Blackbox, submission: Submission) -> Answers:
    """Run the command once for each input. Comparing happens elsewhere, out of the learner's reach."""
    prepared = prepare(submission, spec.setup, spec.workdir)
    if not prepared.ok:
        return Answers((), prepared.setup)
    folder = existing(submission, spec.workdir)
    answers = []
    for case in spec.inputs:
        argv = [*words(spec.command, prepared.bench.python), *case.args]
        shown = " ".join([spec.command, *case.args])
        ran, outcome = attempt(
            prepared.bench, shown, argv, cwd=folder, timeout=spec.timeout, stdin=case.stdin.encode()
        )
        answers.append(Answer(ran, outcome.out if outcome is not None else ""))
    return Answers(tuple(answers), prepared.setup)
