"""Where a learner's code runs."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cohort_bot.confine import Limits
from cohort_bot.evidence import Ran
from cohort_bot.process import KEPT_BYTES, Outcome, ProgramMissing, run

_LOG_CHARACTERS = 20_000
_PYTHONS = ("python", "python3")


class Bench(Protocol):
    """A place that runs commands on a checkout, without our tokens."""

    @property
    def python(self) -> str:
        """The Python interpreter of this place."""
        ...

    @property
    def root(self) -> Path:
        """The checkout, as commands in this place see it."""
        ...

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        timeout: float,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        keep: int = KEPT_BYTES,
    ) -> Outcome:
        """Run `argv` in `cwd` for at most `timeout` seconds. Raises ProgramMissing."""
        ...


@dataclass(frozen=True)
class HostBench:
    """This machine, with limits: for a learner's own laptop and their own CI.

    `root` is the checkout. `home` stands in for the home folder, so that settings and credentials there stay
    out of reach.
    """

    root: Path
    home: Path
    python: str = sys.executable
    paths: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        timeout: float,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        keep: int = KEPT_BYTES,
    ) -> Outcome:
        """Run `argv` here. Raises ProgramMissing."""
        self.home.mkdir(parents=True, exist_ok=True)
        search = os.pathsep.join([*map(str, self.paths), str(Path(self.python).parent), os.environ["PATH"]])
        ours = {"HOME": str(self.home), "PATH": search, "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1"}
        return run(
            argv, cwd=cwd, timeout=timeout, stdin=stdin, env={**ours, **(env or {})}, keep=keep,
            limits=self.limits,
        )  # fmt: skip


def words(command: str, python: str) -> list[str]:
    """A command that the course's author wrote, as arguments, with Python and pip those of the bench."""
    argv = shlex.split(command)
    if argv and argv[0] in _PYTHONS:
        return [python, *argv[1:]]
    if argv and argv[0] in ("pip", "pip3"):
        return [python, "-m", *argv]
    return argv


def attempt(
    bench: Bench,
    command: str,
    argv: Sequence[str],
    *,
    cwd: Path,
    timeout: float,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
) -> tuple[Ran, Outcome | None]:
    """Run `argv` and tell it as evidence; a program that is missing is a result like any other."""
    try:
        outcome = bench.run(argv, cwd=cwd, timeout=timeout, stdin=stdin, env=env)
    except ProgramMissing as missing:
        return Ran(command, None, False, 0.0, missing.message), None
    return told(command, outcome, bench.root), outcome


def told(command: str, outcome: Outcome, root: Path) -> Ran:
    """`outcome` as evidence, with the end of both streams as its log and paths in it relative to `root`."""
    log = "\n".join(text.rstrip() for text in (outcome.out, outcome.err) if text.strip())
    log = log.replace(f"{root}/", "")
    return Ran(
        command, outcome.code, outcome.timed_out, outcome.duration, log[-_LOG_CHARACTERS:], outcome.truncated
    )
