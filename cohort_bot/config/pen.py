"""Writing in a roster that people keep: the wanted cells change, and no other byte of the file."""

from __future__ import annotations

import codecs
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from cohort_bot.config import shapes
from cohort_bot.config.roster import LIMIT_BYTES, login_of
from cohort_bot.config.roster import read as read_roster
from cohort_bot.config.source import decode_table, read_bytes
from cohort_bot.config.table import Row, rows
from cohort_bot.errors import ConfigError, Problem, UsageError

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

_HEADER = (",".join(shapes.OURS) + "\n").encode()

Edit = tuple[int, int, str]
"""From this offset to that one, this text is to stand."""


class Pen:
    """Takes down what is to be written into the roster at `path`, then writes all of it at once.

    Where there is no roster yet, or nothing in it, one of our own shape is begun. Raises ConfigError when the
    roster is not valid, or is another tool's: that has no columns of ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        there = read_bytes(path, LIMIT_BYTES) if path.exists() else b""
        raw = there if there.strip() else _HEADER
        found = read_roster(path, raw)
        self.places = found.places
        self.learners = {learner.github.lower(): learner for learner in found.learners}
        self._fresh = raw is not there
        self._mark = next((mark for mark in _MARKS if raw.startswith(mark)), b"")
        self._encoding = _MARKS.get(self._mark, "utf-8")
        self._source = decode_table(path, raw)[0]
        self._rows = [row for row in rows(self._source) if isinstance(row, Row) and row]
        self._columns = self._header()
        self._known = len(self._columns)
        self._cells: dict[str, dict[int, str]] = {}
        self._new: dict[str, dict[int, str]] = {}

    def set(self, login: str, column: str, text: str) -> None:
        """Let that learner have `text` in that column, which is added if it is not there."""
        self._cells.setdefault(login.lower(), {})[self._column(column)] = text

    def add(self, cells: Mapping[str, str]) -> None:
        """Add a row at the end. `cells`: column → text; `github` is among them."""
        self._new[cells["github"].lower()] = {self._column(name): text for name, text in cells.items()}

    @property
    def text(self) -> str:
        """The roster as it is to be."""
        text, pieces, last = self._source.text, [], 0
        for start, end, new in sorted(self._edits()):
            pieces += [text[last:start], new]
            last = end
        return self._with_rows("".join([*pieces, text[last:]]))

    @property
    def changed(self) -> bool:
        """Whether anything is to be written."""
        return self._fresh or self.text != self._source.text

    def write(self) -> None:
        """Write the file anew, whole or not at all. Raises UsageError where that is not allowed."""
        if self.changed:
            replace(self.path, self._mark + self.text.encode(self._encoding))

    def _header(self) -> list[str]:
        header = self._rows[0]
        used = max(index for index, name in enumerate(header.cells, 1) if name)
        names = [shapes.fold(name) for name in header.cells[:used]]
        shape = shapes.recognise(names)
        if shape is not shapes.COHORT_BOT:
            raise ConfigError([self._foreign(header, shape)])
        return names

    def _foreign(self, header: Row, shape: shapes.Shape | None) -> Problem:
        whose = shape.name if shape else "another tool"
        return self._source.problem(
            header.place(0),
            f"this is {whose}'s list, which has no columns for dates and status",
            f"Run `cohort-bot import {self.path.name} --to learners.csv`, "
            "and name that file as `roster` in cohort.yaml.",
        )

    def _column(self, name: str) -> int:
        if name not in self._columns:
            self._columns.append(name)
        return self._columns.index(name)

    def _edits(self) -> Iterator[Edit]:
        added = dict(list(enumerate(self._columns))[self._known :])
        yield from _edits(self._rows[0], added)
        login = self._columns.index("github")
        for row in self._rows[1:]:
            whose = login_of(row.cells[login]).lower() if login < len(row.cells) else ""
            if cells := self._cells.get(whose):
                yield from _edits(row, cells)

    def _with_rows(self, text: str) -> str:
        if not self._new:
            return text
        found = re.search(r"\r\n|\n|\r", text)
        end = found[0] if found else "\n"
        delimiter = self._rows[0].delimiter
        lines = [
            delimiter.join(_quoted(cells.get(index, ""), delimiter) for index in range(len(self._columns)))
            for cells in self._new.values()
        ]
        return text + ("" if text.endswith(("\n", "\r")) else end) + "".join(line + end for line in lines)


def _edits(row: Row, cells: Mapping[int, str]) -> Iterator[Edit]:
    """The edits that put `cells` (index → text) into a row; cells it lacks are added behind its last one."""
    text, spans = row.source.text, row.spans()
    more = {index - len(spans): each for index, each in cells.items() if index >= len(spans)}
    for index, new in cells.items():
        if index < len(spans):
            start, end, _ = spans[index]
            yield start, end, _quoted(new, row.delimiter, always=text[start : start + 1] == '"')
    if more:
        behind = [_quoted(more.get(index, ""), row.delimiter) for index in range(max(more) + 1)]
        stop = _end_of_row(text, spans[-1].end)
        yield stop, stop, "".join(row.delimiter + each for each in behind)


def _end_of_row(text: str, offset: int) -> int:
    """Where the row ends whose last cell's text ends at `offset`."""
    found = re.compile(r"[\r\n]|\Z").search(text, offset)
    return found.start() if found else len(text)


def _quoted(text: str, delimiter: str, *, always: bool = False) -> str:
    plain = text == text.strip() and not any(mark in text for mark in (delimiter, '"', "\r", "\n"))
    return text if plain and not always else '"' + text.replace('"', '""') + '"'


def replace(path: Path, raw: bytes) -> None:
    """Put `raw` in the place of the file at `path`, whole or not at all, with the rights that it had.

    Raises UsageError where that is not allowed.
    """
    place = path.resolve()  # a link stays a link
    half = place.with_name(f".{place.name}.half")
    try:
        half.write_bytes(raw)
        if place.exists():
            shutil.copymode(place, half)
        half.replace(place)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise UsageError(message, "Nothing was changed. Give yourself the right to write there.") from None
