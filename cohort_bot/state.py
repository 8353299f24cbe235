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
    id: str = field(default="", compare=False)


@dataclass(frozen=True)
class Milestone:
    """A GitHub milestone: one per stage. `due_on` is an aware instant; `closed` as the forge says."""

    key: str
    title: str
    description: str
    due_on: datetime | None
    closed: bool = False
    id: str = field(default="", compare=False)
    number: int = field(default=0, compare=False)


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
    id: str = field(default="", compare=False)
    number: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Board:
    """A Projects v2 board. `linked` to its repo is the last step of an enrolment: the seal on it."""

    title: str
    linked: bool = False
    views: frozenset[str] = frozenset()
    id: str = field(default="", compare=False)
    number: int = field(default=0, compare=False)
    url: str = field(default="", compare=False)


@dataclass(frozen=True)
class Repo:
    """One learner's repo, or the cohort's template. Everything keyed by our own key, in roadmap order."""

    name: str
    private: bool = True
    has_files: bool = False
    is_template: bool = False
    labels: Mapping[str, Label] = field(default_factory=dict)
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    issues: Mapping[str, Issue] = field(default_factory=dict)
    board: Board | None = None
    access: Mapping[str, Access] = field(default_factory=dict)
    created_at: datetime | None = field(default=None, compare=False)
    id: str = field(default="", compare=False)
    url: str = field(default="", compare=False)
