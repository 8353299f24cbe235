"""The `docker` command, and what everything of ours in it has in common: a label, and few powers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cohort_bot.evidence import Fault, Unavailable
from cohort_bot.process import Outcome, ProgramMissing, run

LABEL = "cohort-bot.submission"
# What a container of a learner's may do: little. Only /tmp can be written, and its size is bounded.
READ_ONLY = "--read-only"
CONFINED = (
    READ_ONLY, "--tmpfs", "/tmp:rw,size=512m", "--cap-drop", "ALL",  # noqa: S108 - inside
    "--security-opt", "no-new-privileges", "--pids-limit", "256", "--env", "HOME=/tmp",
    "--env", "PYTHONUNBUFFERED=1",
)  # fmt: skip
_SECONDS = 60


def docker(
    *args: str, timeout: float = _SECONDS, stdin: bytes | None = None, keep: int = 1_000_000
) -> Outcome:
    """Run `docker` with `args`. Raises ProgramMissing."""
    return run(["docker", *args], cwd=Path("/"), timeout=timeout, stdin=stdin, keep=keep)


def unavailable() -> Unavailable | None:
    """Why no container can be run here; None when one can."""
    step = "Run the check where Docker works, for example in GitHub Actions on a Linux runner."
    try:
        answer = docker("version", "--format", "{{.Server.Os}}")
    except ProgramMissing:
        return Unavailable(Fault.RUNNER, "Docker is not installed here", step)
    if not answer.ok:
        return Unavailable(Fault.RUNNER, "no Docker engine answers here", step)
    return None


def label(name: str) -> tuple[str, ...]:
    """The options that put our label on something."""
    return ("--label", f"{LABEL}={name}")


def inspect(thing: str, what: str = "container") -> dict[str, Any]:
    """What Docker knows about a container or an image; empty when there is none of that name."""
    answer = docker(what, "inspect", thing)
    if not answer.ok:
        return {}
    told = json.loads(answer.out)
    return told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}


def clean(name: str) -> None:
    """Remove every container, network and image that carries the label of `name`."""
    chosen = ("--filter", f"label={LABEL}={name}", "--quiet")
    _remove(("ps", "--all"), chosen, ("rm", "--force", "--volumes"))
    _remove(("network", "ls"), chosen, ("network", "rm"))
    _remove(("image", "ls"), chosen, ("image", "rm", "--force"))


def _remove(listing: Sequence[str], chosen: Sequence[str], removal: Sequence[str]) -> None:
    found = docker(*listing, *chosen).out.split()
    if found:
        docker(*removal, *dict.fromkeys(found))
