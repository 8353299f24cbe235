"""What a repo is: the desired and the actual state of a cohort on the forge share these types.

Ids that the forge hands out never take part in comparison: they say *which* thing, not *how it is*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Access(StrEnum):
    """How far a learner has come into the repo."""

    NONE = "none"
    INVITED = "invited"
    EXPIRED = "expired"
    JOINED = "joined"


@dataclass(frozen=True)
class Label:
    """A label of ours. `key` is the owned name that survives a learner's renaming of it."""

    key: str
    name: str
    color: str
    description: str
    id: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class Milestone:
    """A GitHub milestone: one per stage. `due_on` is an aware instant; `closed` as the forge says."""

    key: str
    title: str
    description: str
    due_on: datetime | None
    closed: bool = False
    id: str = field(default="", compare=False, repr=False)
    number: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Issue:
    """A milestone issue. `body` is the whole text; the owned region inside it is `owned.py`'s business."""

    key: str
    title: str
    body: str
    milestone: str
    labels: frozenset[str] = frozenset()
    assignees: frozenset[str] = frozenset()
    on_board: bool = False
    closed: bool = field(default=False, compare=False)
    id: str = field(default="", compare=False, repr=False)
    number: int = field(default=0, compare=False, repr=False)
    card: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class Board:
    """A Projects v2 board. `linked` to its repo is the last step of an enrolment: the seal on it.

    `layouts` are those of its views: table, board, roadmap. `template`: others may be copied from it.
    """

    title: str
    linked: bool = True
    layouts: frozenset[str] = frozenset()
    template: bool = False
    id: str = field(default="", compare=False, repr=False)
    number: int = field(default=0, compare=False, repr=False)
    url: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class Files:
    """Files of ours in a repo: path → git blob id."""

    blobs: Mapping[str, str]

    def missing_from(self, other: Files | None) -> Files | None:
        """Those that `other` lacks or has otherwise; None where it has them all."""
        theirs = other.blobs if other else {}
        lacking = {path: blob for path, blob in self.blobs.items() if theirs.get(path) != blob}
        return Files(lacking) if lacking else None


@dataclass(frozen=True)
class Head:
    """The newest commit of a branch."""

    branch: str
    commit: str


@dataclass(frozen=True)
class Repo:
    """One learner's repo, or the cohort's template. Everything is keyed by our own key, in roadmap order.

    `files` are the template's; in a learner's repo only those of ours, the others are the learner's.
    `filled` says whether there is any commit. `learner` and `access`: whose it is, and whether they are in.
    `name` is the cohort's name for it; `path` is `owner/name` as the forge has it now, which differs after
    a renaming. `copies` and `spare_boards` are what two runs at once made a second time.
    """

    name: str
    visibility: str = "private"
    description: str = ""
    filled: bool = True
    template: bool = False
    files: Files | None = None
    labels: Mapping[str, Label] = field(default_factory=dict)
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    issues: Mapping[str, Issue] = field(default_factory=dict)
    board: Board | None = None
    copies: tuple[Issue, ...] = ()
    spare_boards: tuple[Board, ...] = ()
    learner: str = ""
    access: Access = Access.NONE
    archived: bool = False
    invitation: int = field(default=0, compare=False, repr=False)
    learner_id: str = field(default="", compare=False, repr=False)
    path: str = field(default="", compare=False, repr=False)
    head: Head | None = field(default=None, compare=False, repr=False)
    created_at: datetime | None = field(default=None, compare=False, repr=False)
    pushed_at: datetime | None = field(default=None, compare=False, repr=False)
    id: str = field(default="", compare=False, repr=False)
    url: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class CohortState:
    """All repos of a cohort by name, the template's first. Desired and actual ones are of this one type.

    `orphans`: boards by the name of the repo they were made for, where that repo is gone.
    """

    template: Repo | None
    repos: Mapping[str, Repo] = field(default_factory=dict)
    orphans: Mapping[str, Board] = field(default_factory=dict, compare=False)
    org_id: str = field(default="", compare=False, repr=False)
