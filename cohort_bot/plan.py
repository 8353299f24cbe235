"""Changes in order = a plan, with what it costs. Pure.

A step is a group of changes that one request carries; the same steps are priced here and carried out in
`apply.py`, so the price is honest.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache, cached_property, lru_cache
from itertools import groupby

from cohort_bot import diff
from cohort_bot.change import Action, Change, Phase, Thing
from cohort_bot.furnishing import handed_over
from cohort_bot.state import CohortState, Files, Repo

# Learners are enrolled in waves, each wave whole before the next begins: a run that is stopped leaves
# finished learners and untouched ones, and at most one wave in between.
WAVE = 20


# Moving every date of a running cohort rewrites two thirds of what exists.
LARGE_SHARE = 0.5
LARGE_AT_LEAST = 20
LONG = 200

# How many aliased mutations one GraphQL request carries: GitHub gives a request ten seconds, and making
# a repo or a board takes it much longer than making a label.
ALIASES = {
    Phase.REPO: 10,
    Phase.BOARD: 30,
    Phase.ISSUE: 20,
    Phase.OURS: 10,
    Phase.SEAL: 30,
    Phase.ASSIGNMENT: 30,
    Phase.CARD: 20,
}
# These are looked at, all of a wave at once or more.
LOOKED_AT = {Phase.FILES, Phase.AWAITED}


# https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
CONTENT_A_MINUTE = 80
CONTENT_AN_HOUR = 500
SECONDS_BETWEEN_WRITES = 1.0


# What GitHub limits by the hour. A learner's files come by themselves; links and assignments make nothing.
CONTENT = {
    Thing.REPO,
    Thing.OURS,
    Thing.BOARD,
    Thing.VIEW,
    Thing.LABEL,
    Thing.MILESTONE,
    Thing.ISSUE,
    Thing.CARD,
    Thing.INVITATION,
}


@dataclass(frozen=True)
class Step:
    """The changes that are carried out together: mostly one request."""

    phase: Phase
    changes: tuple[Change, ...]

    @property
    def requests(self) -> int:
        """How many requests it takes when nothing goes wrong."""
        # An expired invitation is taken back before it is sent again. Into an empty template goes a first
        # file by REST, which alone can, and then the rest; a learner's files are copied by the forge and
        # only looked for.
        change = self.changes[0]
        resent = change.thing is Thing.INVITATION and change.action is Action.UPDATE
        first = change.thing is Thing.FILES and bool(change.new) and change.action is Action.CREATE
        # A workflow is started once it is known which of its runs are old.
        return 2 if resent or first or change.thing is Thing.START else 1

    @property
    def content(self) -> int:
        """How many of them GitHub counts as creating content."""
        made = (c for c in self.changes if c.action is Action.CREATE and not c.there)
        return int(any(c.thing in CONTENT for c in made))


@dataclass(frozen=True)
class Cost:
    """What a plan costs: requests, those that create content, and the least seconds GitHub allows them."""

    requests: int
    content: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """All changes in order, and remarks on what no change can mend."""

    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    template: str = ""
    existing: int = field(default=0, compare=False)

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def counts(self) -> Counter[tuple[Action, Thing]]:
        """How many changes of each action and thing."""
        return Counter((change.action, change.thing) for change in self.changes)

    @property
    def checksum(self) -> str:
        """Twelve hex digits that differ whenever the changes do; `enroll --checksum` demands them."""
        sum_ = hashlib.sha256()
        for change in self.changes:
            fact = (change.action.value, change.thing.value, change.repo, change.key, _plain(change.new))
            sum_.update(repr(fact).encode())
        return sum_.hexdigest()[:12]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The changes grouped into requests, in order."""
        return tuple(step for wave in self.waves for step in wave)

    @cached_property
    def waves(self) -> tuple[tuple[Step, ...], ...]:
        """The steps, first the template's, one change each, then those of so many learners at a time.

        What repos make for themselves is waited for at the end: it goes on beside everything else.
        """
        by_repo = {repo: list(group) for repo, group in groupby(self.changes, key=lambda c: c.repo)}
        template = tuple(Step(change.phase, (change,)) for change in by_repo.pop(self.template, []))
        now, later = [], []
        for changes in by_repo.values():
            last = Phase.AWAITED if any(change.there for change in changes) else max(Phase) + 1
            now.append([change for change in changes if change.phase < last])
            later += [[change for change in changes if change.phase >= last]]
        now, later = list(filter(None, now)), list(filter(None, later))
        return (*((template,) if template else ()), *_waves(now), *_waves(later))

    @property
    def cost(self) -> Cost:
        """What the changes cost at GitHub's documented limits."""
        content = sum(step.content for step in self.steps)
        requests = sum(step.requests for step in self.steps)
        return Cost(requests, content, _seconds(requests, content))

    @property
    def updates(self) -> int:
        """How many existing things it would rewrite or delete."""
        return sum(change.action is not Action.CREATE for change in self.changes)

    @property
    def is_large(self) -> bool:
        """Whether it would rewrite most of what exists: rarely meant, and never to be slipped into."""
        return self.updates > max(LARGE_AT_LEAST, self.existing * LARGE_SHARE)

    @property
    def learners(self) -> tuple[str, ...]:
        """The repos that change, the template's left out."""
        return tuple(dict.fromkeys(c.repo for c in self.changes if c.repo != self.template))


def make_plan(desired: CohortState, actual: CohortState, *, fan_out: bool = False) -> Plan:
    """The changes that turn `actual` into `desired`, the template's first, then learner by learner.

    `fan_out`: what the learners' repos can make for themselves is left to them.
    """
    changes: list[Change] = []
    if desired.template:
        changes += diff.template_changes(desired.template, actual.template)
    notes: list[str] = []
    for name, repo in desired.repos.items():
        found = actual.repos.get(name)
        remark = _remark(repo, found)
        notes += [remark] if remark else []
        if found is None or not found.archived:
            due = diff.learner_changes(repo, found, actual.orphans.get(name))
            changes += handed_over(repo, found, tuple(due)) if fan_out else due
    template = desired.template.name if desired.template else ""
    existing = sum(_size(repo) for repo in actual.repos.values())
    return Plan(tuple(changes), tuple(notes), template, existing)


def _size(repo: Repo) -> int:
    return 1 + len(repo.labels) + len(repo.milestones) + len(repo.issues) + bool(repo.board)


def _remark(desired: Repo, actual: Repo | None) -> str:
    if actual is None:
        return ""
    if actual.archived:
        again = f"`cohort-bot archive --undo --only {desired.learner}` opens it again"
        return f"{actual.path} is archived, so nothing can be changed in it; {again}."
    if actual.path and actual.path.rpartition("/")[2].lower() != desired.name:
        return f"{desired.name} has been renamed to {actual.path}; it is used under its new name."
    if actual.visibility != desired.visibility:
        return f"{actual.path} is {actual.visibility}, the cohort asks for {desired.visibility}: left alone."
    return ""


def _waves(repos: Sequence[Sequence[Change]]) -> Iterator[tuple[Step, ...]]:
    for first in range(0, len(repos), WAVE):
        yield tuple(_wave(repos[first : first + WAVE]))


def _wave(repos: Iterable[Sequence[Change]]) -> Iterator[Step]:
    changes = sorted((c for repo in repos for c in repo), key=lambda change: change.phase)
    for phase, group in groupby(changes, key=lambda change: change.phase):
        together = tuple(group)
        size = ALIASES.get(phase, 1)
        if phase in LOOKED_AT:
            yield Step(phase, together)
            continue
        for first in range(0, len(together), size):
            yield Step(phase, together[first : first + size])


def _seconds(requests: int, content: int) -> float:
    full_hours, rest = divmod(content, CONTENT_AN_HOUR)
    if content and not rest:
        full_hours, rest = full_hours - 1, CONTENT_AN_HOUR
    by_content = full_hours * 3600 + rest * 60 / CONTENT_A_MINUTE
    return max(by_content, requests * SECONDS_BETWEEN_WRITES)


def _plain(value: object) -> object:
    """State in a form that is the same in every process: sets sorted, the forge's ids left out."""
    if isinstance(value, str):
        return _fingerprint(value) if len(value) > LONG else str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Repo):  # what is in it comes as changes of its own
        return (value.name, value.visibility, value.description, value.template)
    if isinstance(value, Files):
        return sorted(value.blobs.items())
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, name)) for name in _compared(type(value))]
    return str(value)


@cache
def _compared(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.compare)


@lru_cache(maxsize=4096)  # issues of the same dates share one text
def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
