"""A fresh Python environment for a submission, filled by the commands that the roadmap asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cohort_bot.checks.bench import Bench, HostBench, attempt, told, words
from cohort_bot.checks.docker.bench import ContainerBench
from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import Ran

SETUP_SECONDS = 900


@dataclass(frozen=True)
class Prepared:
    """A bench, and how its preparation went; it is of use only when every command of it was `ok`."""

    bench: Bench
    setup: tuple[Ran, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every command of the preparation ended well."""
        return all(ran.ok for ran in self.setup)


def prepare(submission: Submission, setup: Sequence[str], workdir: str) -> Prepared:
    """The submission's bench; with `setup`, a fresh environment in which those commands were run.

    The same commands in the same folder are run once a submission. It stops at the first that fails.
    """
    if setup and isinstance(submission.bench, ContainerBench):
        return _filled(submission, submission.bench, setup, workdir)
    if not setup or not isinstance(submission.bench, HostBench):
        return _run_all(submission, submission.bench, setup, workdir)
    key = hashlib.sha256("\0".join([workdir, *setup]).encode()).hexdigest()[:12]
    folder = submission.scratch / f"venv-{key}"
    bench = replace(submission.bench, python=str(folder / "bin/python"), paths=(folder / "bin",))
    if (folder / "ready").exists():
        return Prepared(bench)
    made, _ = attempt(
        submission.bench, "python -m venv venv", [submission.bench.python, "-m", "venv", str(folder)],
        cwd=submission.root, timeout=SETUP_SECONDS,
    )  # fmt: skip
    if not made.ok:
        return Prepared(bench, (made,))
    prepared = _run_all(submission, bench, setup, workdir)
    if prepared.ok:
        (folder / "ready").touch()
    return prepared


def _run_all(submission: Submission, bench: Bench, setup: Sequence[str], workdir: str) -> Prepared:
    done = []
    folder = existing(submission, workdir)
    for command in setup:
        ran, _ = attempt(bench, command, words(command, bench.python), cwd=folder, timeout=SETUP_SECONDS)
        done.append(ran)
        if not ran.ok:
            break
    return Prepared(bench, tuple(done))


def _filled(submission: Submission, bench: ContainerBench, setup: Sequence[str], workdir: str) -> Prepared:
    """An image in which the commands were run, one on top of the other."""
    done: list[Ran] = []
    folder = existing(submission, workdir)
    for number, command in enumerate(setup, start=1):
        key = hashlib.sha256("\0".join([workdir, *setup[:number]]).encode()).hexdigest()[:12]
        argv = words(command, bench.python)
        bench, outcome = bench.set_up(argv, cwd=folder, timeout=SETUP_SECONDS, key=key)
        done.append(told(command, outcome, bench.root))
        if not outcome.ok:
            break
    return Prepared(bench, tuple(done))


def existing(submission: Submission, workdir: str) -> Path:
    """The folder to run in: `workdir`, or the checkout itself where that is missing or leads out of it."""
    folder = submission.locate(workdir)
    return folder if folder.is_dir() and submission.inside(folder) else submission.root
