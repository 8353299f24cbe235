"""`/extend 3d`: give a learner more study days, in the roster, exactly once a command."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

from cohort_bot.errors import CohortError
from cohort_bot.verify.orders import Order

_MOST = 730


class RosterError(CohortError):
    """The roster cannot be changed by a program: a person has to."""


@dataclass(frozen=True)
class Extender:
    """Writes `roster`; `notes` holds what each command changes, so that a killed run is gone on with."""

    roster: Path
    notes: Path

    def extend(self, login: str, order: Order) -> int:
        """Carry out `order`; the learner's extension after it, in days. Raises RosterError."""
        if not order.days:
            raise RosterError(f"/extend {order.text[:40]!r} names no number of days", "Write /extend 3d.")
        lines = self.roster.read_text(encoding="utf-8").splitlines(keepends=True)
        column, number, cells = _row(lines, login)
        now = int(cells[column] or 0)
        goal = self._goal(f"{login.lower()}:{order.comment}", now + order.days)
        if goal > _MOST:
            raise RosterError(f"{login} would have more than {_MOST} days of extension")
        if now != goal:
            cells[column] = str(goal)
            lines[number] = _line(cells, lines[number])
            _whole(self.roster, "".join(lines))
        return goal

    def _goal(self, key: str, goal: int) -> int:
        """What this command was to lead to when it was first seen, which is written down first of all."""
        notes = json.loads(self.notes.read_text(encoding="utf-8")) if self.notes.exists() else {}
        if key not in notes:
            self.notes.parent.mkdir(parents=True, exist_ok=True)
            _whole(self.notes, json.dumps(notes | {key: goal}, indent=1))
        return int(notes.get(key, goal))


def _row(lines: list[str], login: str) -> tuple[int, int, list[str]]:
    """The column of extensions, the number of the learner's line, and its cells."""
    header = next(csv.reader([lines[0].lstrip("\ufeff")])) if lines else []
    names = [name.strip().lower() for name in header]
    if "github" not in names or "extension_days" not in names:
        raise RosterError("the roster has no columns `github` and `extension_days`", "Give the days by hand.")
    for number, line in enumerate(lines[1:], start=1):
        cells = next(csv.reader([line]), [])
        whose = cells[names.index("github")].strip().removeprefix("@") if len(cells) == len(names) else ""
        if whose.lower() == login.lower():
            return names.index("extension_days"), number, cells
    raise RosterError(f"{login} has no line of their own in the roster", "Give the days by hand.")


def _line(cells: list[str], before: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n" if before.endswith("\r\n") else "\n").writerow(cells)
    return out.getvalue()


def _whole(place: Path, text: str) -> None:
    half = place.with_name(f"{place.name}.half")
    half.write_text(text, encoding="utf-8", newline="")
    half.replace(place)
