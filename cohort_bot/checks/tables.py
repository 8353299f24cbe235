"""CSV files: the organiser's held-out rows, and the learner's own predictions."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A header and rows of as many texts."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class TableError(ValueError):
    """A CSV file that does not hold a table; the text says where and why."""


def parse(text: str) -> Table:
    """The table in `text`. Raises TableError for an empty file and for rows of another length."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        lines = [(reader.line_num, tuple(cell.strip() for cell in row)) for row in reader if row]
    except csv.Error as problem:
        raise TableError(f"line {reader.line_num}: {problem}") from problem
    if not lines:
        raise TableError("it is empty")
    (_, header), *rows = lines
    for number, row in rows:
        if len(row) != len(header):
            raise TableError(f"line {number} has {len(row)} columns, the header {len(header)}")
    return Table(header, tuple(row for _, row in rows))


def typed(table: Table, columns: Sequence[int]) -> list[dict[str, object]]:
    """The rows as mappings of those columns: numbers where a whole column is numbers, None for nothing."""
    convert = {column: _reader(row[column] for row in table.rows) for column in columns}
    return [
        {table.header[column]: convert[column](row[column]) if row[column] else None for column in columns}
        for row in table.rows
    ]


def _reader(cells: Iterable[str]) -> Callable[[str], object]:
    """What reads every one of `cells`: as whole numbers, else as numbers, else as text."""
    values = [cell for cell in cells if cell]
    kinds: tuple[Callable[[str], object], ...] = (int, float)
    for kind in kinds:
        try:
            for value in values:
                kind(value)
        except ValueError:
            continue
        return kind
    return str
