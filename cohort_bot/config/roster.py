"""roster.csv, or another tool's list of learners, read into learners and where each of them stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from cohort_bot.config import explain, shapes, slips
from cohort_bot.config.document import Node
from cohort_bot.config.shapes import Shape
from cohort_bot.config.source import Place, Source, decode_table, read_bytes
from cohort_bot.config.table import Row, rows
from cohort_bot.errors import ConfigError, Problem
from cohort_bot.model import Learner

LIMIT_BYTES = 10_000_000
_ZIP = b"PK\x03\x04"  # .xlsx and .ods files are zip archives
_LOGIN = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?:_[A-Za-z0-9]+)?")
_PROFILE = re.compile(r"(?:(?:https?://)?(?:www\.)?github\.com/)?@?([^/\s]+)/?", re.IGNORECASE)
_ALLOWED = "A login has letters, digits and single hyphens between them, at most 39 characters."
# What a column of logins is called elsewhere.
ALMOST = {"github_username", "github_login", "username", "login", "user", "account", "handle"}
_HEADER = f"Start the file with the line `{','.join(shapes.OURS)}`; only `github` must be there."


@dataclass(frozen=True)
class Roster:
    """The learners in the order of the file, and where each login stands, by the login in lower case."""

    learners: tuple[Learner, ...]
    places: Mapping[str, Place] = field(default_factory=dict)


def read(path: Path, raw: bytes | None = None) -> Roster:
    """The roster in the file `path`, or in `raw`. Raises ConfigError with every problem in it."""
    source, garbled = open_table(path, raw)
    reading = _Reading(source)
    problems = [*garbled, *reading.go()]
    if problems or reading.unlinked:
        raise ConfigError([*problems, *reading.unlinked])
    return Roster(tuple(reading.learners), reading.places)


def read_linked(path: Path) -> tuple[Roster, tuple[Problem, ...]]:
    """Those in the file `path` who have a GitHub login, and a problem for each of the others."""
    source, garbled = open_table(path)
    reading = _Reading(source)
    if problems := [*garbled, *reading.go()]:
        raise ConfigError([*problems, *reading.unlinked])
    return Roster(tuple(reading.learners), reading.places), tuple(reading.unlinked)


def open_table(path: Path, raw: bytes | None = None) -> tuple[Source, list[Problem]]:
    """The text of the table in the file `path`, or in `raw`, and what is wrong with its encoding."""
    raw = read_bytes(path, LIMIT_BYTES) if raw is None else raw
    if raw.startswith(_ZIP):
        cure = "Open it in your spreadsheet program and save it as “CSV UTF-8”."
        raise ConfigError([Problem(str(path), 0, 0, "this is a workbook, not a CSV file", cure)])
    return decode_table(path, raw)


def login_of(text: str) -> str:
    """The login in `text`, which may be written as @login or as the address of a profile."""
    found = _PROFILE.fullmatch(text.strip())
    return found[1] if found else text.strip()


def wrong_login(text: str) -> tuple[str, str] | None:
    """What is wrong with the login in `text`, and the cure; None where a repo can be named after it."""
    login, shown = login_of(text), f"`{slips.show(text)}`"
    if "@" in login:
        return (
            f"{shown} is an e-mail address, not a GitHub login",
            "Ask the learner for their GitHub login.",
        )
    if len(login) > 39 or not _LOGIN.fullmatch(login):
        return f"{shown} is not a GitHub login", _ALLOWED
    if login.lower() == "template":
        return (
            "the login `template` would get the name of the cohort's template repo",
            "Enrol them by hand.",
        )
    return None


class _Reading:
    """One pass over a roster, gathering learners; what is wrong is yielded on the way."""

    def __init__(self, source: Source) -> None:
        self.learners: list[Learner] = []
        self.places: dict[str, Place] = {}
        self.unlinked: list[Problem] = []
        self._source = source
        self._shape = shapes.COHORT_BOT
        self._header: list[str] = []
        self._login = 0

    def go(self) -> Iterator[Problem]:
        table = rows(self._source)
        header = next((row for row in table if row), None)
        if header is None:
            yield Problem(self._source.file, 1, 1, "the roster is empty", _HEADER)
            return
        if isinstance(header, Problem):
            yield header
            return
        wrong = list(self._read_header(header))
        yield from wrong
        if self._login < 0:
            return
        for row in table:
            if isinstance(row, Problem):
                yield row
            elif row:
                yield from self._read_row(row)

    def _read_header(self, header: Row) -> Iterator[Problem]:
        # Spreadsheets leave empty columns behind the last one.
        used = max(index for index, name in enumerate(header.cells, 1) if name)
        self._header = [shapes.fold(name) for name in header.cells[:used]]
        shape = shapes.recognise(self._header)
        column = shape.login_column(self._header) if shape else None
        if shape is None or column is None:
            self._login = -1
            yield self._no_login(header, shape)
            return
        self._shape, self._login = shape, column
        yield from self._odd_columns(header)

    def _no_login(self, header: Row, shape: Shape | None) -> Problem:
        if shape:
            message = f"this is {shape.name}'s export, and it has no column with GitHub logins"
            return self._source.problem(
                header.place(0), message, "Add a column `GitHub username` and fill it in."
            )
        close = next((name for name in self._header if name in ALMOST), None)
        close = close or slips.nearest("github", self._header)
        column = self._header.index(close) if close else 0
        names = ", ".join(f"`{slips.show(name)}`" for name in header.cells[:8])
        message = f"no column is called `github`; found {names}"
        cure = f"Call the column `{slips.show(header.cells[column])}` `github`." if close else _HEADER
        return self._source.problem(header.place(column), message, cure)

    def _odd_columns(self, header: Row) -> Iterator[Problem]:
        """Columns given twice; and, in our own shape, columns that mean nothing, which are usually slips."""
        for index, name in enumerate(self._header):
            shown = slips.show(header.cells[index])
            if name and name in self._header[:index] and (name in shapes.OURS or index == self._login):
                first = header.place(self._header.index(name))
                message = f"the column `{shown}` is there twice, first at {first[0]}:{first[1]}"
                yield self._source.problem(header.place(index), message, "Keep one of the two.")
            elif self._shape is shapes.COHORT_BOT and name and name not in shapes.OURS:
                unused = [ours for ours in shapes.OURS if ours not in self._header]
                yield self._source.problem(
                    header.place(index), f"`{shown}` is not a column known here", slips.one_of(name, unused)
                )

    def _read_row(self, row: Row) -> Iterator[Problem]:
        if any(row.cells[len(self._header) :]):
            found, expected = len(row.cells), len(self._header)
            message = f"this row has {found} cells, and the header has {expected}"
            cure = "Put quotes around a text that contains the delimiter."
            yield self._source.problem(row.place(expected), message, cure)
            return
        cells = dict(zip(self._header, row.cells, strict=False))
        if self._shape.skips(cells):
            return
        text = row.cells[self._login] if self._login < len(row.cells) else ""
        login = login_of(text)
        wrong = wrong_login(text) if text else self._no_account(cells)
        place = row.place(self._login)
        if wrong and not text:
            self.unlinked.append(self._source.problem(place, *wrong))
        elif wrong:
            yield self._source.problem(place, *wrong)
        elif login.lower() in self.places:
            line, column = self.places[login.lower()]
            message = f"`{login}` is on the roster twice, first at {line}:{column}"
            yield self._source.problem(place, message, "Keep one of the two rows.")
        else:
            self.places[login.lower()] = place
        yield from self._add(row, login, wrong is not None, self._shape.fields(cells))

    def _no_account(self, cells: Mapping[str, str]) -> tuple[str, str]:
        if self._shape is shapes.COHORT_BOT:
            return "the GitHub login is missing", "Fill it in, or delete the row."
        who = cells.get("identifier") or self._shape.fields(cells).get("name") or "this learner"
        message = f"`{slips.show(who)}` has not linked a GitHub account"
        return message, "Ask for their GitHub login and fill it in, or delete the row."

    def _add(self, row: Row, login: str, nameless: bool, fields: dict[str, str]) -> Iterator[Problem]:
        written = {key: " ".join(text.split()) for key, text in fields.items() if text}
        if "status" in written:
            written["status"] = written["status"].casefold()
        try:
            learner = Learner.model_validate({"github": "x" if nameless else login, **written})
        except ValidationError as error:
            errors = error.errors(include_url=False)
            yield from explain.problems(errors, Learner, self._node(row, written), self._source)
        else:
            self.learners += [] if nameless else [learner]

    def _node(self, row: Row, written: Mapping[str, str]) -> Node:
        """The row as a node, so that the slips in it are explained as those in YAML are."""
        entries = {}
        for key, text in written.items():
            columns = [self._header.index(n) for n in self._shape.columns[key] if n in self._header]
            entries[key] = Node(row.place(columns[0]), text, text)
        return Node(row.place(0), entries=entries)
