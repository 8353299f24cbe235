"""CSV as spreadsheets save it: rows that know on which line and in which column each cell stands."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from cohort_bot.config.source import Place, Source
from cohort_bot.errors import Problem

_DELIMITERS = (",", ";", "\t")
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*("?)')
_CLOSE = "Put a second quote at the end of that cell, or remove the quote."


class Span(NamedTuple):
    """Where a cell stands in the text, its quotes included. `closed`: no quote is left open in it."""

    start: int
    end: int
    closed: bool


@dataclass(frozen=True)
class Row:
    """One row's cells, without surrounding space. `start` is the offset at which it begins."""

    source: Source
    delimiter: str
    start: int
    cells: tuple[str, ...]

    def place(self, index: int) -> Place:
        """Where cell `index` stands; for a cell that is not there, where the row begins."""
        for number, span in enumerate(_cells(self.source.text, self.start, self.delimiter)):
            if number == index:
                return self.source.place(span.start)
        return self.source.place(self.start)

    def spans(self) -> list[Span]:
        """Where each cell stands, blanks around it left out."""
        return list(_cells(self.source.text, self.start, self.delimiter))

    def __bool__(self) -> bool:
        """Whether anything is written in the row."""
        return any(self.cells)


def rows(source: Source) -> Iterator[Row | Problem]:
    """Every row of the table, blank ones too; in the place of an unreadable one, what is wrong with it."""
    delimiter = _delimiter(source.text)
    lines = _lines(source.text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True, skipinitialspace=True)
    while reader.line_num < len(lines):
        start = starts[reader.line_num]
        try:
            cells = next(reader)
        except csv.Error as error:
            yield _unreadable(source, start, delimiter, error)
        else:
            yield Row(source, delimiter, start, tuple(cell.strip() for cell in cells))


def _lines(text: str) -> list[str]:
    """The lines with their ends. `str.splitlines` would also split at characters that may stand in a cell."""
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", text)


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first line that has text into the most cells."""
    first = next((line for line in _lines(text) if line.strip()), "")
    return max(_DELIMITERS, key=lambda delimiter: sum(1 for _ in _cells(first, 0, delimiter)))


def _cells(text: str, start: int, delimiter: str) -> Iterator[Span]:
    """Where each cell of the row at `start` stands."""
    end_of_cell = re.compile(rf"{delimiter}|\r|\n|\Z")
    offset = start
    while True:
        while text[offset : offset + 1] == " ":
            offset += 1
        quoted = _QUOTED.match(text, offset)
        found = end_of_cell.search(text, quoted.end() if quoted else offset)
        end = found.start() if found else len(text)
        yield Span(offset, offset + len(text[offset:end].rstrip()), quoted is None or bool(quoted[1]))
        if found is None or found[0] != delimiter:
            return
        offset = found.end()


def _unreadable(source: Source, start: int, delimiter: str, error: csv.Error) -> Problem:
    for span in _cells(source.text, start, delimiter):
        if not span.closed:
            return source.problem(source.place(span.start), "a quote is opened here and never closed", _CLOSE)
    if "expected after" in str(error):
        message, cure = "text follows a closing quote", 'Write a quote inside quotes twice: `""`.'
    else:
        message, cure = f"this row cannot be read: {error}", "Look for a quote that is never closed."
    return source.problem(source.place(start), message, cure)
