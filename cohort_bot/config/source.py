"""Text as people saved it: read with care, and able to say where in it something stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cohort_bot.errors import ConfigError, Problem

Place = tuple[int, int]
"""Line and column, both counted from 1 and in characters."""

LIMIT_BYTES = 1_000_000
_LINE_END = re.compile(r"\r\n|\n|\r")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Source:
    """A file's text. `file` is its name as messages give it; `text` has no byte-order mark."""

    file: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_END.finditer(self.text))]

    def place(self, offset: int) -> Place:
        """The line and column of the character at `offset`; the end of the last line for the file's end."""
        offset = max(0, min(offset, len(self.text.rstrip("\r\n"))))
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def problem(self, place: Place, message: str, cure: str = "") -> Problem:
        """A problem of this file at `place`."""
        return Problem(self.file, *place, message, cure)

    def refuse(self, offset: int, message: str, cure: str = "") -> ConfigError:
        """An error that says the text cannot be read at all, because of what is at `offset`."""
        return ConfigError([self.problem(self.place(offset), message, cure)])


def read_bytes(path: Path, limit: int = LIMIT_BYTES) -> bytes:
    """The bytes of `path`. Raises ConfigError unless it is a readable file of at most `limit` bytes."""
    try:
        # Opening a pipe would wait for ever for somebody to write into it.
        if path.exists() and not path.is_file() and not path.is_dir():
            raise _refuse(path, "this is no regular file")
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except FileNotFoundError:
        raise _refuse(path, "there is no such file", _cure_for_missing(path)) from None
    except IsADirectoryError:
        inside = path / "cohort.yaml"
        cure = f"Did you mean {inside}?" if inside.is_file() else "Name a file inside it."
        raise _refuse(path, "this is a folder, and a file is needed", cure) from None
    except PermissionError:
        raise _refuse(path, "you may not read this file", "Give yourself read permission for it.") from None
    except OSError as error:
        raise _refuse(path, f"the file cannot be read: {error.strerror}") from None
    if len(raw) > limit:
        cure = "Check that it is the right file; what belongs here is far smaller."
        raise _refuse(path, f"the file is larger than {limit / 1e6:g} MB", cure)
    return raw


def read_text(path: Path) -> Source:
    """The UTF-8 text of `path`. Raises ConfigError when it cannot be read or is not UTF-8."""
    raw = read_bytes(path)
    if raw.startswith(_UTF16_MARKS) or b"\0" in raw[:4]:
        raise _refuse(path, "the file is saved as UTF-16", "Save it again as UTF-8.")
    try:
        return Source(str(path), raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = Source(str(path), raw[: error.start].decode("utf-8-sig") + "?")
        byte = raw[error.start]
        raise before.refuse(
            len(before.text) - 1,
            f"the file is not UTF-8: the byte 0x{byte:02X} here is not",
            "Save it again as UTF-8.",
        ) from None


def decode_table(path: Path, raw: bytes) -> tuple[Source, list[Problem]]:
    """A table's text, in whichever encoding a spreadsheet saved it, and what is wrong with that encoding.

    UTF-8 and, where a byte-order mark says so, UTF-16 are right. Anything else is read as Latin-1 so that
    the rest of the table can still be checked, and reported.
    """
    if raw.startswith(_UTF16_MARKS):
        text = raw.decode("utf-16", errors="replace")
        broken = "�" in text
        source = Source(str(path), text)
        return source, [_garbled(source, text.index("�"), "UTF-16")] if broken else []
    try:
        return Source(str(path), raw.decode("utf-8-sig")), []
    except UnicodeDecodeError as error:
        source = Source(str(path), raw.decode("latin-1"))
        return source, [_garbled(source, error.start, "UTF-8")]


def _garbled(source: Source, offset: int, encoding: str) -> Problem:
    return source.problem(
        source.place(offset),
        f"the file is not {encoding} from here on, so names with accents may be wrong",
        "Save it again as “CSV UTF-8”.",
    )


def _refuse(path: Path, message: str, cure: str = "") -> ConfigError:
    return ConfigError([Problem(str(path), 0, 0, message, cure)])


def _cure_for_missing(path: Path) -> str:
    other = path.with_suffix(".yml" if path.suffix == ".yaml" else ".yaml")
    if path.suffix in {".yaml", ".yml"} and other.exists():
        return f"Did you mean {other}?"
    if path.name == "cohort.yaml":
        return "Run `cohort-bot init` to make a cohort folder, or name the file with --config."
    return "Make the file, or correct its name in cohort.yaml."
