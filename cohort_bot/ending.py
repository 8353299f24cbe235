"""Shutting learners' repos and boards at the end, and opening them again: in batches, and safe to repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cohort_bot.errors import PartialError
from cohort_bot.forge.connection import UnclearError
from cohort_bot.forge.estate import HOMES_A_REQUEST, Home
from cohort_bot.forge.protocol import Reply

# How often to look again at what no clear answer came to, before giving up for now.
LOOKS = 4


class Estate(Protocol):
    """What is asked of `forge.estate.Estate`."""

    def look(self, org: str, learners: Mapping[str, str], *, boards: bool = True) -> dict[str, Home]:
        """The homes that exist."""

    def shut(self, homes: Sequence[Home]) -> list[Reply]:
        """Archive repos, close boards."""

    def reopen(self, homes: Sequence[Home]) -> list[Reply]:
        """Open boards, unarchive repos."""


@dataclass
class Ended:
    """What became of it: names of homes that are done, reasons for those that failed, and why it stopped.

    `left`: names of those that it did not come to.
    """

    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    stopped: str = ""

    @property
    def whole(self) -> bool:
        """Whether all is done."""
        return not (self.failed or self.left)


def due(homes: Iterable[Home], *, undo: bool = False) -> list[Home]:
    """Those with something to shut; with `undo`, to open."""
    return [
        home for home in homes if home.archived == undo or any(board.closed == undo for board in home.boards)
    ]


def carry_out(estate: Estate, org: str, homes: Sequence[Home], *, undo: bool = False) -> Ended:
    """Shut (or open) `homes`. One that GitHub refuses fails alone; a limit ends the run, resumably.

    Raises ForgeError where a request as a whole is refused.
    """
    ended = Ended()
    rest = due(homes, undo=undo)
    try:
        for _ in range(LOOKS):
            rest = _round(estate, rest, ended, undo=undo)
            if not rest:
                return ended
            seen = estate.look(org, {home.name: home.learner for home in rest})
            rest = due(seen.values(), undo=undo)
            ended.done += seen.keys() - {home.name for home in rest}
        ended.stopped = "GitHub's answers stay unclear. Run the same command again later." if rest else ""
    except PartialError as stop:
        ended.stopped = f"{stop.message}. {stop.hint}".rstrip()
    ended.left = [home.name for home in rest if home.name not in {*ended.done, *ended.failed}]
    return ended


def _round(estate: Estate, homes: Sequence[Home], ended: Ended, *, undo: bool) -> list[Home]:
    """One pass over `homes`; those to look at again, because no clear answer came."""
    write = estate.reopen if undo else estate.shut
    unclear: list[Home] = []
    for first in range(0, len(homes), HOMES_A_REQUEST):
        chunk = homes[first : first + HOMES_A_REQUEST]
        try:
            replies = write(chunk)
        except UnclearError:
            unclear += chunk
            continue
        for home, reply in zip(chunk, replies, strict=True):
            if reply.error and reply.unsure:
                unclear.append(home)
            elif reply.error:
                ended.failed[home.name] = reply.error
            else:
                ended.done.append(home.name)
    return unclear
