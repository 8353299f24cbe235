"""What lies in the repo, and what its author points to outside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cohort_bot.evidence.services import Reply


@dataclass(frozen=True)
class FilesFound:
    """`missing` patterns that match nothing; `forbidden` and `large` files; links that lead `outside`."""

    missing: tuple[str, ...] = ()
    any_matched: bool = True
    forbidden: tuple[str, ...] = ()
    large: tuple[tuple[str, int], ...] = ()
    outside: tuple[str, ...] = ()
    near: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WriteUp:
    """A Markdown file. `headings` are its headings' texts; `broken` are images whose files are not there."""

    path: str
    exists: bool
    headings: tuple[str, ...] = ()
    words: int = 0
    images: int = 0
    broken: tuple[tuple[str, int], ...] = ()
    empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class History:
    """The commits that touched the check's path. `days` are the authors' own calendar days."""

    is_repo: bool
    branch: str = ""
    shallow: bool = False
    commits: int = 0
    days: tuple[date, ...] = ()
    large: tuple[tuple[str, int], ...] = ()
    branches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answered:
    """The address that the learner wrote down, and what it answered."""

    file: str
    exists: bool
    address: str = ""
    reply: Reply | None = None


@dataclass(frozen=True)
class SignOff:
    """Who has approved the work: their roles."""

    approved_by: tuple[str, ...] = ()
