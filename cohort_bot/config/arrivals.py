"""Learners from elsewhere: another tool's list or a plain list of logins, and how they join a roster."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cohort_bot.config import shapes
from cohort_bot.config.pen import Pen
from cohort_bot.config.roster import ALMOST, login_of, open_table, read_linked, wrong_login
from cohort_bot.config.slips import show
from cohort_bot.config.source import Place, Source
from cohort_bot.config.table import Row, rows
from cohort_bot.errors import ConfigError, Problem
from cohort_bot.model import Learner, Status


@dataclass(frozen=True)
class Arrival:
    """A learner, and where it says so: a file and a place in it, (0, 0) for the whole."""

    learner: Learner
    file: str
    place: Place = (0, 0)

    def problem(self, message: str, cure: str = "") -> Problem:
        """A problem with this arrival."""
        return Problem(self.file, *self.place, message, cure)


def read_list(path: Path) -> tuple[list[Arrival], tuple[Problem, ...]]:
    """Those in the file `path` who have a login, and a problem for each of the others.

    A table is read as a roster is. Anything else is a list of logins; those on one line are a group, as in
    RepoBee's students file. Raises ConfigError.
    """
    source, garbled = open_table(path)
    if _is_table(source):
        found, unlinked = read_linked(path)
        arrivals = [Arrival(one, str(path), found.places[one.github.lower()]) for one in found.learners]
        return arrivals, unlinked
    arrivals, wrong = _plain(source)
    if garbled or wrong:
        raise ConfigError([*garbled, *wrong])
    return arrivals, ()


def _is_table(source: Source) -> bool:
    """Whether the first line is a header: it has several cells, or one that is a name of a column."""
    first = next((row for row in rows(source) if row), None)
    if not isinstance(first, Row):
        return True  # nothing, or nothing readable: the reader of tables says so
    names = [shapes.fold(name) for name in first.cells]
    return len(names) > 1 or shapes.recognise(names) is not None or names[0] in ALMOST


def _plain(source: Source) -> tuple[list[Arrival], list[Problem]]:
    found: dict[str, Arrival] = {}
    wrong: list[Problem] = []
    for line in re.finditer(r"[^\r\n]+", source.text):
        words = list(re.finditer(r"\S+", line[0].partition("#")[0]))
        together = sorted(login_of(word[0]) for word in words if not wrong_login(word[0]))
        group = "-".join(together)[:200] if len(together) > 1 else ""
        for word in words:
            login, place = login_of(word[0]), source.place(line.start() + word.start())
            if slip := wrong_login(word[0]):
                wrong.append(source.problem(place, *slip))
            elif login.lower() in found:
                first = "{}:{}".format(*found[login.lower()].place)
                message = f"`{login}` is in the list twice, first at {first}"
                wrong.append(source.problem(place, message, "Keep one of the two."))
            else:
                found[login.lower()] = Arrival(Learner(github=login, group=group), source.file, place)
    return list(found.values()), wrong


@dataclass(frozen=True)
class Joined:
    """What became of arrivals: who is new, which cells were filled, and what the roster says otherwise."""

    new: Sequence[Learner]
    filled: Sequence[tuple[str, str, str]]
    conflicts: Sequence[Problem]


def join(pen: Pen, arrivals: Iterable[Arrival]) -> Joined:
    """Take down in `pen` whom and what the roster lacks. What it says already stays as it is."""
    new: list[Learner] = []
    filled: list[tuple[str, str, str]] = []
    conflicts: list[Problem] = []
    for arrival in arrivals:
        login = arrival.learner.github
        known = pen.learners.get(login.lower())
        if known is None:
            new.append(arrival.learner)
            pen.add({"github": login, **_cells(arrival.learner)})
            continue
        have = _cells(known)
        for column, text in _cells(arrival.learner).items():
            if column not in have:
                filled.append((known.github, column, text))
                pen.set(login, column, text)
        conflicts += _conflicts(pen, arrival, have)
    return Joined(new, filled, conflicts)


def _conflicts(pen: Pen, arrival: Arrival, have: dict[str, str]) -> Iterator[Problem]:
    login = arrival.learner.github
    line, place = pen.places[login.lower()]
    for column, text in _cells(arrival.learner).items():
        if have.get(column, text) != text:
            yield arrival.problem(
                f"{login}: `{column}` is `{show(text)}` here and `{show(have[column])}` "
                f"in {pen.path}:{line}:{place}, which stays",
                "Change it there if this one is right.",
            )


def _cells(learner: Learner) -> dict[str, str]:
    """Column → text, for all that says something; the login apart."""
    texts = {
        "name": learner.name,
        "email": learner.email,
        "group": learner.group,
        "start": learner.start.isoformat() if learner.start else "",
        "extension_days": str(learner.extension_days or ""),
        "status": "" if learner.status is Status.ACTIVE else learner.status.value,
    }
    return {column: text for column, text in texts.items() if text}
