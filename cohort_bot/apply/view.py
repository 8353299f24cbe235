"""What applying works with: both doors of the forge, its settings, and what is known of the cohort so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from cohort_bot.change import Change, Thing
from cohort_bot.forge.protocol import Reader, Writer
from cohort_bot.plan import Step
from cohort_bot.state import CohortState, Head, Repo


class Became(StrEnum):
    """What became of a change."""

    DONE = "done"
    FAILED = "failed"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Outcome:
    """A change and what became of it; `reason` for those that were not done."""

    change: Change
    became: Became
    reason: str = ""


@dataclass(frozen=True)
class Settings:
    """What applying needs to know beside the plan. `contents`: blob id → file, for all of the template.

    `pause` waits so many seconds, `now` tells the present instant, `tell` says a sentence to whoever watches.
    `fan_out`: the learners' repos make for themselves what they can.
    """

    org: str
    permission: str
    contents: Mapping[str, bytes]
    public_boards: bool
    pause: Callable[[float], None]
    now: Callable[[], datetime]
    fan_out: bool = False
    tell: Callable[[str], None] = field(default=lambda _: None)


@dataclass(frozen=True)
class Ordered:
    """A repo's workflow was set going on the commit `sha`. `before`: the page of an older run on it."""

    sha: str
    before: str = ""


@dataclass(frozen=True)
class Forge:
    """Both doors of a forge."""

    reader: Reader
    writer: Writer


Watch = Callable[[Step, Sequence[Outcome]], None]


class View:
    """The desired state, the actual one as last read, and the ids of things as they become known."""

    def __init__(self, desired: CohortState, actual: CohortState) -> None:
        self.desired, self.actual = desired, actual
        self.board_numbers: dict[str, int] = {}
        self.heads: dict[str, Head] = {}
        self.ordered: dict[str, Ordered] = {}
        self._ids: dict[tuple[str, Thing, str], str] = {}
        self._know(actual)

    def look_again(
        self, forge: Forge, settings: Settings, repos: Iterable[str]
    ) -> tuple[CohortState, CohortState]:
        """Read `repos` anew. Returns what they should be and what they are, and nothing of the others."""
        wanted = {name: self.desired.repos[name] for name in repos if name in self.desired.repos}
        learners = {name: repo.learner for name, repo in wanted.items()}
        template = self.desired.template
        name = template.name if template else ""
        actual = forge.reader.read(settings.org, name, learners, settings.now())
        self._know(actual)
        kept = {known: repo for known, repo in self.actual.repos.items() if known not in wanted}
        self.actual = replace(actual, repos=kept | dict(actual.repos))
        return CohortState(template, wanted), actual

    def repo(self, name: str) -> Repo | None:
        """That learner's repo as last read."""
        return self.actual.repos.get(name)

    def path(self, repo: str, org: str) -> str:
        """`owner/name` of a repo, which may have been renamed."""
        found = self.repo(repo)
        return found.path if found else f"{org}/{repo}"

    def set(self, repo: str, thing: Thing, key: str, value: str) -> None:
        """Know an id."""
        self._ids[repo, thing, key] = value

    def get(self, repo: str, thing: Thing, key: str = "") -> str:
        """An id; empty where it is not known."""
        return self._ids.get((repo, thing, key), "")

    def _know(self, state: CohortState) -> None:
        for name, board in state.orphans.items():
            self.set(name, Thing.BOARD, "", board.id)
        for repo in (*([state.template] if state.template else []), *state.repos.values()):
            self.set(repo.name, Thing.REPO, "", repo.id)
            if repo.head:
                self.heads[repo.name] = repo.head
            if repo.board:
                self.set(repo.name, Thing.BOARD, "", repo.board.id)
                self.board_numbers[repo.name] = repo.board.number
            for thing, found in (
                (Thing.LABEL, repo.labels),
                (Thing.MILESTONE, repo.milestones),
                (Thing.ISSUE, repo.issues),
            ):
                for key, each in found.items():
                    self.set(repo.name, thing, key, each.id)
