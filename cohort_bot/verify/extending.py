"""`/extend 3d`: give a learner more study days, in the roster, exactly once a command."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cohort_bot.config.pen import Pen, replace
from cohort_bot.errors import CohortError, ConfigError
from cohort_bot.model.roster import MOST_DAYS
from cohort_bot.verify.orders import Order


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
        try:
            pen = Pen(self.roster)
        except ConfigError as wrong:
            raise RosterError(str(wrong.problems[0]), "Give the days by hand.") from None
        if login.lower() not in pen.learners:
            raise RosterError(f"{login} is not in the roster any more", "Give the days by hand.")
        now = pen.learners[login.lower()].extension_days
        goal = self._goal(f"{login.lower()}:{order.comment}", now + order.days)
        if goal > MOST_DAYS:
            raise RosterError(f"{login} would have more than {MOST_DAYS} days of extension")
        if now != goal:
            pen.set(login, "extension_days", str(goal))
            pen.write()
        return goal

    def _goal(self, key: str, goal: int) -> int:
        """What this command was to lead to when it was first seen, which is written down first of all."""
        notes = json.loads(self.notes.read_text(encoding="utf-8")) if self.notes.exists() else {}
        if key not in notes:
            self.notes.parent.mkdir(parents=True, exist_ok=True)
            replace(self.notes, json.dumps(notes | {key: goal}, indent=1).encode())
        return int(notes.get(key, goal))
