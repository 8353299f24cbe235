"""The one door to other programs.

A command is a list of arguments, never a shell line. It sees a short allow-list of the environment that
carries no token, gets its own session, and when its time is up everything in it is ended. Its output is read
to the end, so that it never blocks, but only the first and last part of it is kept.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cohort_bot.confine import MARKER, Cage, Limits
from cohort_bot.errors import CohortError

# What a program needs to find its files, its language and a trusted connection. Nothing here is a secret.
ALLOWED = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SYSTEMROOT", "DOCKER_HOST",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "PIP_CACHE_DIR",
)  # fmt: skip
KEPT_BYTES = 256 * 1024
_GRACE_SECONDS = 3.0
_CHUNK = 64 * 1024


class ProgramMissing(CohortError):
    """The program to run is not installed, or may not be run."""


@dataclass(frozen=True)
class Outcome:
    """What became of a command.

    `code` is the exit code, negative for the signal that ended it. `out` and `err` are UTF-8 text, bad bytes
    replaced; `truncated` says that the middle of one of them was left out. `duration` is in seconds.
    """

    code: int
    out: str
    err: str
    timed_out: bool
    truncated: bool
    duration: float

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit code 0."""
        return self.code == 0 and not self.timed_out


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    timeout: float,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    keep: int = KEPT_BYTES,
    limits: Limits | None = None,
) -> Outcome:
    """Run `argv` in `cwd` for at most `timeout` seconds and say what became of it.

    `env` is added to the allowed part of ours. `stdin` is what the program reads; without it, nothing.
    `keep` is how many bytes of each stream to keep. `limits` confines code that is not ours.
    Raises ProgramMissing when it cannot be started.
    """
    started = time.monotonic()
    with Cage(limits) as cage:
        child = _start(cage, argv, cwd, env or {}, stdin is not None)
        out, err = _Kept(keep), _Kept(keep)
        threads = [_reader(child.stdout, out), _reader(child.stderr, err)]
        if stdin is not None:
            threads.append(_thread(_feed, child.stdin, stdin))
        try:
            timed_out = _wait(child, timeout)
        finally:
            _end(child)
            cage.sweep()
        for thread in threads:
            thread.join(_GRACE_SECONDS)
    duration = time.monotonic() - started
    truncated = out.left_out > 0 or err.left_out > 0
    return Outcome(child.returncode, out.text(), err.text(), timed_out, truncated, duration)


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The allowed part of our environment, and `extra`."""
    return {name: os.environ[name] for name in ALLOWED if name in os.environ} | dict(extra)


def _start(
    cage: Cage, argv: Sequence[str], cwd: Path, env: Mapping[str, str], feeds: bool
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            cage.argv(argv),
            cwd=cwd,
            env={**environment(env), MARKER: cage.name},
            stdin=subprocess.PIPE if feeds else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as problem:
        reason = problem.strerror or "it could not be started"
        raise ProgramMissing(
            f"cannot run {argv[0]}: {reason}", f"install {argv[0]}, or put it on PATH"
        ) from problem


def _wait(child: subprocess.Popen[bytes], timeout: float) -> bool:
    """Wait for the child; True when its time ran out."""
    try:
        child.wait(timeout)
    except subprocess.TimeoutExpired:
        return True
    return False


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child's whole group: TERM and a moment to tidy up if it still runs, then KILL for all."""
    if child.poll() is None:
        _signal(child, signal.SIGTERM)
        _wait(child, _GRACE_SECONDS)
    _signal(child, signal.SIGKILL)
    child.wait()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(child.pid, number)


class _Kept:
    """The first and the last half of a stream's `size` bytes."""

    def __init__(self, size: int) -> None:
        self.half = size // 2
        self.head = bytearray()
        self.tail = bytearray()
        self.left_out = 0

    def add(self, chunk: bytes) -> None:
        room = self.half - len(self.head)
        self.head += chunk[:room] if room > 0 else b""
        self.tail += chunk[max(room, 0) :]
        if len(self.tail) > 2 * self.half + _CHUNK:
            self._trim()

    def text(self) -> str:
        self._trim()
        middle = f"\n[… {self.left_out} bytes left out …]\n".encode() if self.left_out else b""
        return bytes(self.head + middle + self.tail).decode(errors="replace")

    def _trim(self) -> None:
        extra = max(len(self.tail) - self.half, 0)
        self.left_out += extra
        del self.tail[:extra]


def _reader(stream: IO[bytes] | None, kept: _Kept) -> threading.Thread:
    return _thread(_drain, stream, kept)


def _thread(target: object, stream: IO[bytes] | None, data: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=(stream, data), daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


def _drain(stream: IO[bytes], kept: _Kept) -> None:
    with stream:
        while chunk := os.read(stream.fileno(), _CHUNK):
            kept.add(chunk)


def _feed(stream: IO[bytes], data: bytes) -> None:
    with suppress(BrokenPipeError), stream:  # it need not read all that it is given
        stream.write(data)
