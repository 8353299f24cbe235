"""Keep a command of the learner's from taking the machine with it.

Three means, each used where it works:

- `ulimit`, through a constant launcher script. The process limit counts per user and never binds root
  (`man 2 setrlimit`, RLIMIT_NPROC).
- a pids control group, version 1 or 2, where one may be made. It binds root too, and lists all its members.
- a marker in the environment, by which whatever left the process group is found again in `/proc`.
"""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

MARKER = "COHORT_BOT_RUN"
_PARENTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/pids"))
_ROUNDS = 20

# The command arrives as arguments and is never part of the script's text.
_LAUNCH = """group=$1 processes=$2 blocks=$3; shift 3
[ -n "$group" ] && echo $$ >"$group/cgroup.procs"
ulimit -c 0; ulimit -f "$blocks"
ulimit -u "$processes" 2>/dev/null || ulimit -p "$processes" 2>/dev/null
exec "$@"
"""


@dataclass(frozen=True)
class Limits:
    """`processes`: how many threads may live at once. `file_mb`: the largest file to write (10^6 bytes)."""

    processes: int = 1024
    file_mb: int = 4000


@dataclass
class Cage:
    """What holds one run: its marker and, where one could be made, its control group."""

    limits: Limits | None
    name: str = field(default_factory=lambda: uuid.uuid4().hex)
    group: Path | None = None

    def __enter__(self) -> Cage:
        if self.limits is not None:
            self.group = _make_group(self.name, self.limits.processes)
        return self

    def __exit__(self, *_: object) -> None:
        self.sweep()
        if self.group is not None:
            with suppress(
                OSError
            ):  # a process that cannot be ended keeps its group; nothing else is to be done
                self.group.rmdir()

    def argv(self, argv: Sequence[str]) -> list[str]:
        """`argv` behind the launcher that sets the limits; as it is where there are none."""
        if self.limits is None:
            return list(argv)
        # Each user's limit counts the threads that the user already runs, so the room is made on top of them.
        processes = self.limits.processes + _own_threads()
        blocks = self.limits.file_mb * 1_000_000 // 512
        return [
            "/bin/sh", "-c", _LAUNCH, "launch", str(self.group or ""), str(processes), str(blocks), *argv
        ]  # fmt: skip

    def sweep(self) -> None:
        """Kill what is left of the run, wherever it has gone, until nothing is found."""
        for _ in range(_ROUNDS):
            found = self._members()
            if not found:
                return
            for pid in found:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)

    def _members(self) -> set[int]:
        return _in_group(self.group) | _marked(self.name)


def _make_group(name: str, processes: int) -> Path | None:
    for parent in _PARENTS:
        group = parent / f"cohort-bot-{name}"
        try:
            group.mkdir()
        except OSError:
            continue
        if _limit_group(group, processes):
            return group
        group.rmdir()
    return None


def _limit_group(group: Path, processes: int) -> bool:
    """Set the limit. False where the folder is no control group, or its pids controller is off."""
    limit = group / "pids.max"
    if not limit.exists():
        return False
    try:
        limit.write_text(str(processes))
    except OSError:
        return False
    return True


def _in_group(group: Path | None) -> set[int]:
    if group is None:
        return set()
    try:
        return {int(line) for line in (group / "cgroup.procs").read_text().split()}
    except OSError:
        return set()


def _marked(name: str) -> set[int]:
    """Processes whose environment carries the marker. A zombie's reads as empty, so it is not one of them."""
    wanted = f"{MARKER}={name}".encode()
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if wanted in environment.split(b"\0"):
            found.add(int(entry.name))
    return found


def _own_threads() -> int:
    """How many threads this user runs now, in all processes; 0 where /proc is not there."""
    mine = os.getuid()
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if entry.stat().st_uid == mine:
                count += len(os.listdir(entry / "task"))
    return count
