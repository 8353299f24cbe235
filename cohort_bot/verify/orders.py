"""Comments that are commands: `/approve`, `/changes TEXT`, `/recheck`, `/extend 3d`. Pure.

Each is a line of its own. Who wrote it decides whether it counts; that is asked elsewhere. A comment that was
edited counts for nothing, ours included: whoever may write to a repo may change what others said in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cohort_bot.forge.claims import Said

_ORDER = re.compile(r"^/(approve|changes|recheck|extend)(?:[ \t]+([^\r\n]{1,500}))?[ \t]*$", re.MULTILINE)
_DAYS = re.compile(r"([0-9]{1,3})\s*d(?:ays?)?")
_ANSWERED = re.compile(r"<!-- cohort-bot: answered=([0-9,]+) -->")
MOST_DAYS = 366


class Kind(StrEnum):
    """What is ordered."""

    APPROVE = "approve"
    CHANGES = "changes"
    RECHECK = "recheck"
    EXTEND = "extend"


@dataclass(frozen=True)
class Order:
    """A command in comment number `comment` by `author`."""

    kind: Kind
    comment: int
    author: str
    at: datetime
    text: str = ""

    @property
    def days(self) -> int:
        """How many days an extension asks for; 0 where the text is no such number."""
        found = _DAYS.fullmatch(self.text.strip().lower())
        days = int(found[1]) if found else 0
        return days if days <= MOST_DAYS else 0


def orders(comments: Iterable[Said]) -> tuple[Order, ...]:
    """Every command in `comments`, in order, whoever wrote it, but for text of ours and edited comments."""
    return tuple(order for said in comments if not said.edited for order in of(said))


def unanswered(comments: Iterable[Said]) -> tuple[Order, ...]:
    """The commands that no later comment of ours answers."""
    comments = tuple(comments)
    done = {
        int(number)
        for said in comments
        if said.ours and not said.edited
        for found in _ANSWERED.finditer(said.body)
        for number in found[1].split(",")
        if number
    }
    return tuple(order for order in orders(comments) if order.comment not in done)


def answering(comments: Iterable[int]) -> str:
    """The hidden mark by which a comment of ours answers those commands."""
    numbers = ",".join(str(number) for number in sorted(set(comments)))
    return f"<!-- cohort-bot: answered={numbers} -->" if numbers else ""


def of(said: Said) -> Iterator[Order]:
    """The commands in one comment, edited or not."""
    if said.ours and "<!-- cohort-bot:" in said.body:
        return
    for found in _ORDER.finditer(said.body):
        yield Order(Kind(found[1]), said.number, said.author, said.at, (found[2] or "").strip())
