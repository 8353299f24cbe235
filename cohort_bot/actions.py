"""The door to GitHub Actions: annotations, outputs and the job summary.

A step talks to the runner through lines on its standard output and through files that the environment names
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands). Text of a learner's
that begins with `::` would be such a line, so it never goes out bare.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Literal

SUMMARY_BYTES = 1024 * 1024
_CUT = "\n\n*The rest was left out: a job summary holds 1 MiB.*\n"

Level = Literal["error", "warning", "notice"]


def annotation(level: Level, message: str, *, file: str = "", line: int = 0, title: str = "") -> str:
    """The command that puts `message` beside a line of a file, or on the run as a whole."""
    given = {"file": file, "line": str(line) if line else "", "title": title}
    properties = ",".join(f"{key}={_property(value)}" for key, value in given.items() if value)
    return f"::{level}{' ' if properties else ''}{properties}::{_data(message)}"


def inert(text: str) -> str:
    """`text` wrapped so that the runner carries out no command in it."""
    token = uuid.uuid4().hex
    return f"::stop-commands::{token}\n{text.rstrip()}\n::{token}::\n"


def set_output(name: str, value: str) -> None:
    """Give the step an output. Outside Actions nothing happens."""
    if place := os.environ.get("GITHUB_OUTPUT"):
        end = f"end-{uuid.uuid4().hex}"
        _append(Path(place), f"{name}<<{end}\n{value}\n{end}\n")


def add_summary(markdown: str) -> None:
    """Add to the step's summary as much as it can still hold. Outside Actions nothing happens."""
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if not place:
        return
    taken = Path(place).stat().st_size if Path(place).exists() else 0
    _append(Path(place), cut(markdown, SUMMARY_BYTES - taken))


def cut(text: str, size: int) -> str:
    """`text` in at most `size` bytes of UTF-8, saying so where something is left out."""
    raw = text.encode()
    if len(raw) <= size:
        return text
    room = size - len(_CUT.encode())
    return raw[:room].decode(errors="ignore") + _CUT if room > 0 else ""


def _append(place: Path, text: str) -> None:
    with place.open("a", encoding="utf-8") as file:
        file.write(text)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
