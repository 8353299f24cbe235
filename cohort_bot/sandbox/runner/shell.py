"""Running one script of a step: its output into the log, its process group ended with it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LOG_BYTES = 8_000_000
_SHOWN = 200_000
_GRACE_S = 5.0
# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
_COMMAND = re.compile(r"^\s*::(error|warning|notice)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$")
_ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


@dataclass
class Log:
    """The log of a run, and the annotations found in it. What is in `secrets` is never written."""

    path: Path
    secrets: Sequence[str] = ()
    annotations: list[dict[str, object]] = field(default_factory=list)
    written: int = 0
    stopped: str = ""

    def line(self, text: str) -> None:
        """Write one line, unless the log is full."""
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "***")
        if self.written < LOG_BYTES:
            with self.path.open("a", encoding="utf-8") as file:
                self.written += file.write(text + "\n")
        self._obey(text)

    def _obey(self, text: str) -> None:
        """Take note of a workflow command, unless commands have been stopped until a certain word comes."""
        if self.stopped:
            self.stopped = "" if text.strip() == f"::{self.stopped}::" else self.stopped
        elif text.startswith("::stop-commands::"):
            self.stopped = text.removeprefix("::stop-commands::").strip()
        elif found := annotation(text):
            self.annotations.append(found)


@dataclass
class Children:
    """The process groups that are running now, so that all of them can be ended at once."""

    groups: set[int] = field(default_factory=set)
    closed: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def end_all(self) -> None:
        """End every one, and any that would still start."""
        with self.lock:
            self.closed = True
            for group in self.groups:
                _kill(group)


def run(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Log, seconds: float, children: Children
) -> int:
    """Run `argv` for at most `seconds`; its exit code, negative for the signal that ended it."""
    with children.lock:
        if children.closed:
            return -signal.SIGTERM
        child = subprocess.Popen(
            argv, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        children.groups.add(child.pid)
    assert child.stdout is not None  # noqa: S101 - asked for above
    reader = threading.Thread(target=_copy, args=(child.stdout, log), daemon=True)
    reader.start()
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        log.line(f"::error::The step ran longer than it may ({seconds:.0f} s).")
        return -signal.SIGKILL
    finally:
        _kill(child.pid)
        child.wait()
        with children.lock:
            children.groups.discard(child.pid)
        reader.join(_GRACE_S)


def end_orphans(data_dir: Path) -> None:
    """End what a server that was killed had running for this folder. Where there is no /proc, nothing is."""
    mark = f"RUNNER_TEMP={data_dir}/runs/".encode()
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in place.read_bytes():
                os.kill(int(place.parent.name), signal.SIGKILL)


def log_file(data_dir: Path, run_id: int) -> Path:
    """Where the log of a run is kept."""
    return data_dir / "runs" / f"{run_id}.log"


def read_log(data_dir: Path, run_id: int) -> str:
    """The log of a run as far as it has come, its end if it is very long."""
    try:
        return log_file(data_dir, run_id).read_text(encoding="utf-8", errors="replace")[-_SHOWN:]
    except FileNotFoundError:
        return ""


def annotation(line: str) -> dict[str, object] | None:
    """What a workflow command in a log line marks, as check runs have it; None if it is none."""
    found = _COMMAND.match(line)
    if found is None:
        return None
    pairs = (one.partition("=") for one in (found[2] or "").split(","))
    given = {name.strip(): _plain(text) for name, _, text in pairs}
    start = int(given["line"]) if given.get("line", "").isdigit() else 1
    return {
        "path": given.get("file", ".github"), "start_line": start, "end_line": start,
        "annotation_level": {"error": "failure"}.get(found[1], found[1]), "message": _plain(found[3]),
        "title": given.get("title") or None,
    }  # fmt: skip


def _plain(text: str) -> str:
    for code, sign in _ESCAPES:
        text = text.replace(code, sign)
    return text


def _copy(stream: IO[bytes], log: Log) -> None:
    with suppress(ValueError, OSError), stream:
        for raw in iter(lambda: stream.readline(64_000), b""):
            log.line(raw.decode("utf-8", "replace").rstrip("\r\n"))


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
