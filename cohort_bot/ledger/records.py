"""The ledger as it was read, and the questions it answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from cohort_bot.errors import Problem
from cohort_bot.ledger.entry import Entry, Key


@dataclass(frozen=True)
class Record:
    """An entry and where it stands; `line` counts from 1."""

    entry: Entry
    file: str
    line: int


@dataclass(frozen=True)
class Ledger:
    """Every readable line by the learner's login in lower case, in file order; and what could not be read."""

    records: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    damage: tuple[Problem, ...] = ()

    def of(self, learner: str, milestone: str = "") -> tuple[Entry, ...]:
        """The entries of a learner, of one milestone or all, in file order."""
        entries = (record.entry for record in self.records.get(learner.lower(), ()))
        return tuple(entry for entry in entries if milestone in ("", entry.milestone))

    def verdict(self, learner: str, key: Key) -> Entry | None:
        """What was last decided about `key`; where nothing was decided, the last try to."""
        found = None
        for entry in self.of(learner, key[0]):
            if entry.key == key and (entry.decided or found is None or not found.decided):
                found = entry
        return found

    def undecided(self, learner: str, milestone: str) -> tuple[tuple[Entry, ...], ...]:
        """The tries of each commit and spec of which nothing could be decided, oldest first."""
        tries: dict[Key, list[Entry]] = {}
        for entry in self.of(learner, milestone):
            tries.setdefault(entry.key, []).append(entry)
        return tuple(tuple(each) for each in tries.values() if not any(entry.decided for entry in each))

    def passes(self, learner: str, milestone: str = "") -> tuple[Entry, ...]:
        """The passes that stand, in the order in which the work was pushed.

        A pass that was taken back (a later entry for the same commit and spec, with a reason) is left out.
        """
        return tuple(
            entry for entry in self._standing.get(learner.lower(), ()) if milestone in ("", entry.milestone)
        )

    def first_pass(self, learner: str, milestone: str) -> Entry | None:
        """The earliest pass that stands: when the milestone was reached."""
        return next(iter(self.passes(learner, milestone)), None)

    def best_pass(self, learner: str, milestone: str, due: datetime) -> Entry | None:
        """The pass that counts: the last one pushed by `due`, or else the first after it.

        `due` is the learner's own date, extensions included. Late is what the forge received late.
        """
        passes = self.passes(learner, milestone)
        on_time = [entry for entry in passes if entry.pushed_at <= due]
        return on_time[-1] if on_time else next(iter(passes), None)

    @cached_property
    def _standing(self) -> Mapping[str, tuple[Entry, ...]]:
        found = {}
        for learner, records in self.records.items():
            last = {record.entry.key: record.entry for record in records if record.entry.decided}
            passes = (entry for entry in last.values() if entry.passed)
            found[learner] = tuple(sorted(passes, key=lambda entry: (entry.pushed_at, entry.judged_at)))
        return found
