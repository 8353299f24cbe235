"""A milestone issue as we find it, and what to write there: the types that feedback and forge share."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Comment:
    """A comment of our own."""

    id: str
    body: str


@dataclass(frozen=True)
class Conversation:
    """A milestone issue with the one comment of ours, if there is one.

    `key` is the milestone's; `body` the whole text; `labels` are the keys of our own labels on it.
    """

    key: str
    title: str
    body: str
    closed: bool = False
    labels: frozenset[str] = frozenset()
    comment: Comment | None = None
    id: str = field(default="", compare=False, repr=False)
    number: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Reply:
    """What to write into a conversation; None and empty sets leave things as they are.

    `closed`: True closes the issue as completed, False opens it again. Labels go by their keys.
    """

    comment: str | None = None
    body: str | None = None
    closed: bool | None = None
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self != Reply()
