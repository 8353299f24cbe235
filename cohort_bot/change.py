"""A change: one thing on the forge that is to become another. A small frozen value without any doing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from cohort_bot.state import Access, Board, Files, Issue, Label, Milestone, Repo


class Action(StrEnum):
    """What a change does to the thing."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Thing(StrEnum):
    """What a change is about."""

    REPO = "repo"
    FILES = "files"
    OURS = "cohort files"
    START = "workflow start"
    BOARD = "board"
    VIEW = "view"
    LABEL = "label"
    MILESTONE = "milestone"
    ISSUE = "issue"
    COPY = "second copy of an issue"
    CARD = "card"
    INVITATION = "invitation"
    LINK = "link"
    SPARE = "second board"
    GRANT = "board access"
    ASSIGNMENT = "assignment"


class Phase(IntEnum):
    """The order within a wave: nothing is made before what it stands on, and the link seals the repo.

    Assignment comes after it, for those who have joined: it also tells that the board is open to them. What
    a repo makes for itself is waited for last of all, and then put on its board.
    """

    REPO = 1
    BOARD = 2
    MILESTONE = 3
    ISSUE = 4
    FILES = 5
    OURS = 6
    START = 7
    INVITATION = 8
    SEAL = 9
    ASSIGNMENT = 10
    AWAITED = 11
    CARD = 12


_PHASES = {
    Thing.REPO: Phase.REPO,
    Thing.FILES: Phase.FILES,
    Thing.OURS: Phase.OURS,
    Thing.START: Phase.START,
    Thing.BOARD: Phase.BOARD,
    Thing.VIEW: Phase.BOARD,
    Thing.LABEL: Phase.BOARD,
    Thing.MILESTONE: Phase.MILESTONE,
    Thing.ISSUE: Phase.ISSUE,
    Thing.COPY: Phase.ISSUE,
    Thing.CARD: Phase.CARD,
    Thing.INVITATION: Phase.INVITATION,
    Thing.LINK: Phase.SEAL,
    Thing.SPARE: Phase.SEAL,
    Thing.GRANT: Phase.SEAL,
    Thing.ASSIGNMENT: Phase.ASSIGNMENT,
}


State = Repo | Files | Label | Milestone | Issue | Board | Access


@dataclass(frozen=True)
class Change:
    """One thing that is to become another. `existing` None: made; `why` says what a person would ask.

    `there`: the repo's own workflow does it (`furnishing.py`), and we wait for it.
    """

    action: Action
    thing: Thing
    repo: str
    key: str = ""
    existing: State | None = None
    new: State | None = None
    why: str = ""
    there: bool = False

    @property
    def phase(self) -> Phase:
        """When within its wave this change comes."""
        return Phase.AWAITED if self.there else _PHASES[self.thing]

    def __str__(self) -> str:
        what = " ".join(part for part in (self.thing.value, self.key) if part)
        return f"{self.action.value} {what} in {self.repo}" + (f" ({self.why})" if self.why else "")
