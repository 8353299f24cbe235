"""A bench in containers: where the organiser's judge runs learners' code.

Commands see a copy of the checkout at the checkout's own path, without its history, and may spoil it as they
like: what is read afterwards is the original. From `scratch`, where our own programs leave their answers,
everything but plain files is removed after each command. No network, no secrets, no held-out data.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from cohort_bot.checks.docker.engine import CONFINED, docker, inspect, label, unavailable
from cohort_bot.checks.inside import FOLDER
from cohort_bot.errors import CohortError
from cohort_bot.process import KEPT_BYTES, Outcome, ProgramMissing

_RECIPE = FOLDER / "Dockerfile.bench"
_BUILD_SECONDS = 900
_MOST_BYTES = 200_000_000
# Docker's own exit codes (https://docs.docker.com/engine/containers/run/#exit-status)
_DOCKER_FAILED, _NOT_RUNNABLE, _NOT_FOUND = 125, 126, 127
_SETUP = (
    "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", "512", "--memory", "4g",
    "--env", "HOME=/tmp", "--env", "PIP_DISABLE_PIP_VERSION_CHECK=1", "--env", "PIP_ROOT_USER_ACTION=ignore",
)  # fmt: skip


class BenchMissing(CohortError):
    """No container can be had here. That is never the learner's fault."""


@dataclass(frozen=True)
class ContainerBench:
    """Containers of `image` that see `copy` as `root`, and `scratch`. What they leave is labelled `owner`."""

    root: Path
    copy: Path
    scratch: Path
    owner: str
    image: str = ""
    memory: str = "2g"
    python: str = "python"
    images: dict[str, str] = field(default_factory=dict)

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
        """Run `argv` in a fresh container. Raises ProgramMissing, or BenchMissing without Docker."""
        image = self.image or judging_image()
        name = f"{self.owner}-{uuid.uuid4().hex[:8]}"
        try:
            outcome = docker(
                "run", "--rm", *(("--interactive",) if stdin is not None else ()), "--name", name,
                *label(self.owner), "--network", "none", "--log-driver", "none", *CONFINED,
                "--memory", self.memory, "--memory-swap", self.memory, "--ulimit", f"fsize={_MOST_BYTES}",
                "--user", f"{os.getuid()}:{os.getgid()}", *self._mounts(), "--workdir", str(cwd),
                *_settings({"MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}),
                image, *argv, timeout=timeout, stdin=stdin, keep=keep,
            )  # fmt: skip
        finally:
            docker("rm", "--force", "--volumes", name)
            tidy(self.scratch)
        return _judged(outcome, argv)

    def set_up(
        self, argv: Sequence[str], *, cwd: Path, timeout: float, key: str
    ) -> tuple[ContainerBench, Outcome]:
        """Run a command of the course's that fills the image, such as `pip install`; the bench after it.

        This one container has a network: packages come over it. It has nothing that could leave by it.
        """
        if known := self.images.get(key):
            return replace(self, image=known), Outcome(0, "", "", False, False, 0.0)
        base = self.image or judging_image()
        name = f"{self.owner}-{uuid.uuid4().hex[:8]}"
        try:
            outcome = docker(
                "run", "--name", name, *label(self.owner), "--log-driver", "none", *_SETUP,
                "--mount", _mount(self.copy, self.root, write=True), "--workdir", str(cwd), base, *argv,
                timeout=timeout,
            )  # fmt: skip
            made = docker("commit", name, f"{self.owner}:{key}") if outcome.ok else outcome
        finally:
            docker("rm", "--force", "--volumes", name)
        if not made.ok and outcome.ok:
            raise BenchMissing(
                "what was installed could not be kept", "See whether the machine's disk is full."
            )
        if not outcome.ok:
            return self, _judged(outcome, argv)
        self.images[key] = f"{self.owner}:{key}"
        return replace(self, image=self.images[key]), outcome

    def close(self) -> None:
        """Remove the images that were filled for this submission."""
        for image in self.images.values():
            docker("image", "rm", "--force", image)

    def _mounts(self) -> list[str]:
        places = ((self.copy, self.root, True), (self.scratch, self.scratch, True), (FOLDER, FOLDER, False))
        return [
            word
            for source, target, write in places
            for word in ("--mount", _mount(source, target, write=write))
        ]


def copied(root: Path, copy: Path) -> Path:
    """A copy of the checkout at `root` without its history."""
    shutil.copytree(
        root, copy, symlinks=True, ignore=lambda folder, _: {".git"} if Path(folder) == root else set()
    )
    return copy


def judging_image() -> str:
    """The name of the image that benches start from, built once. Raises BenchMissing."""
    if trouble := unavailable():
        raise BenchMissing(trouble.found, trouble.next)
    image = f"cohort-bot-bench:{hashlib.sha256(_RECIPE.read_bytes()).hexdigest()[:12]}"
    if inspect(image, "image"):
        return image
    built = docker(
        "build", "--force-rm", "--tag", image, "--file", str(_RECIPE), str(FOLDER), timeout=_BUILD_SECONDS
    )
    if not built.ok:
        lines = [line for line in (built.out + built.err).splitlines() if line.strip()]
        raise BenchMissing(
            f"the image to judge in could not be built: {lines[-1][:200] if lines else 'no word'}",
            "Run the same command again later.",
        )
    return image


def tidy(folder: Path) -> None:
    """Remove from `folder` whatever is no plain file of a bearable size: links, pipes, sockets, devices."""
    for entry in list(os.scandir(folder)):
        about = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(about.st_mode):
            tidy(Path(entry.path))
        elif not stat.S_ISREG(about.st_mode) or about.st_size > _MOST_BYTES or about.st_nlink > 1:
            with suppress(FileNotFoundError):
                os.unlink(entry.path)


def _mount(source: Path, target: Path, *, write: bool) -> str:
    """A mount as Docker's comma-separated fields, whatever characters the paths have."""
    fields = (f"source={source}", f"target={target}")
    quoted = ",".join('"' + each.replace('"', '""') + '"' for each in fields)
    return f"type=bind,{quoted}" + ("" if write else ",readonly")


def _settings(env: Mapping[str, str]) -> list[str]:
    return [word for name, text in env.items() for word in ("--env", f"{name}={text}")]


def _judged(outcome: Outcome, argv: Sequence[str]) -> Outcome:
    if outcome.code in (_NOT_RUNNABLE, _NOT_FOUND) and "docker: Error" in outcome.err:
        raise ProgramMissing(f"cannot run {argv[0]}: it is not in the container")
    if outcome.code == _DOCKER_FAILED and "docker:" in outcome.err:
        lines = [line for line in outcome.err.splitlines() if line.startswith("docker:")]
        raise BenchMissing(f"no container could be started: {lines[0][:200] if lines else 'no word'}")
    return outcome
