"""Carrying out a plan, step by step, and telling what became of every change.

Nothing is remembered between runs: a run that is stopped anywhere is gone on with by planning again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cohort_bot.change import Action, Change, Phase, Thing
from cohort_bot.errors import ForgeError, PartialError
from cohort_bot.forge.protocol import IssueWrite, Reader, Reply, Seal, Writer
from cohort_bot.plan import ALIASES, Plan, Step
from cohort_bot.state import Access, Board, CohortState, Files, Issue, Label, Milestone, Repo

# A new repo's contents arrive after the answer that it was made, mostly within seconds.
HTTP_UNAUTHORIZED = 401
CONTENT_LOOKS = 8
FIRST_PAUSE = 0.5


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
    """What applying needs to know beside the plan. `contents`: blob id → file, for all of the template."""

    org: str
    permission: str
    contents: Mapping[str, bytes]
    public_boards: bool
    pause: Callable[[float], None]


@dataclass(frozen=True)
class Forge:
    """Both doors of a forge."""

    reader: Reader
    writer: Writer


Watch = Callable[[Step, Sequence[Outcome]], None]


def apply_plan(
    plan: Plan, desired: CohortState, actual: CohortState, forge: Forge, settings: Settings, watch: Watch
) -> list[Outcome]:
    """Carry out `plan` and return an outcome for each change, in order.

    `watch` is called after every step. A refusal that concerns one learner fails that learner and goes on;
    a limit, a budget or an unclear answer ends the run with what is left marked as not tried. Raises
    ForgeError when the template cannot be made or the token is no longer accepted.
    """
    template = _Template(desired, actual, forge, settings)
    learners = _Learners(desired, actual, forge, settings, template.ids)
    outcomes: list[Outcome] = []
    steps = plan.steps
    for number, step in enumerate(steps):
        carry_out = template.carry_out if step.changes[0].repo == plan.template else learners.carry_out
        try:
            results = carry_out(step)
        except PartialError as stop:
            rest = (change for late in steps[number:] for change in late.changes)
            return [*outcomes, *(Outcome(change, Became.NOT_TRIED, stop.message) for change in rest)]
        outcomes += results
        watch(step, results)
    return outcomes


class _Ids:
    """The ids of things, as they become known."""

    def __init__(self, actual: CohortState) -> None:
        self._ids: dict[tuple[str, Thing, str], str] = {}
        self.board_numbers: dict[str, int] = {}
        for repo in (*([actual.template] if actual.template else []), *actual.repos.values()):
            self._know(repo)

    def _know(self, repo: Repo) -> None:
        self.set(repo.name, Thing.REPO, "", repo.id)
        if repo.board:
            self.set(repo.name, Thing.BOARD, "", repo.board.id)
            self.board_numbers[repo.name] = repo.board.number
        for key, label in repo.labels.items():
            self.set(repo.name, Thing.LABEL, key, label.id)
        for key, milestone in repo.milestones.items():
            self.set(repo.name, Thing.MILESTONE, key, milestone.id)
        for key, issue in repo.issues.items():
            self.set(repo.name, Thing.ISSUE, key, issue.id)

    def set(self, repo: str, thing: Thing, key: str, value: str) -> None:
        self._ids[repo, thing, key] = value

    def get(self, repo: str, thing: Thing, key: str = "") -> str:
        return self._ids.get((repo, thing, key), "")


class _Template:
    """Makes the template's repo and board; whatever fails here ends the run."""

    def __init__(self, desired: CohortState, actual: CohortState, forge: Forge, settings: Settings) -> None:
        self._desired, self._actual = desired, actual
        self._writer = forge.writer
        self._settings = settings
        self.ids = _Ids(actual)

    def carry_out(self, step: Step) -> list[Outcome]:
        """One step, which holds one change."""
        (change,) = step.changes
        self._write(change)
        return [Outcome(change, Became.DONE)]

    def _write(self, change: Change) -> None:
        path = f"{self._settings.org}/{change.repo}"
        match change.thing, change.action, change.new:
            case Thing.REPO, Action.CREATE, Repo() as repo:
                made = self._writer.create_template(self._settings.org, repo)
                self.ids.set(change.repo, Thing.REPO, "", made.id)
            case Thing.REPO, Action.UPDATE, _:
                self._writer.mark_template(path)
            case Thing.FILES, _, Files() as files:
                contents = {name: self._settings.contents[blob] for name, blob in files.blobs.items()}
                self._writer.commit(
                    path, self._actual.template.head if self._actual.template else None, contents
                )
            case Thing.BOARD, Action.CREATE, Board() as board:
                repo_id = self.ids.get(change.repo, Thing.REPO)
                made = self._writer.create_board(self._actual.org_id, repo_id, board)
                self.ids.set(change.repo, Thing.BOARD, "", made.id)
                self.ids.board_numbers[change.repo] = made.number
            case Thing.BOARD, Action.UPDATE, _:
                self._writer.mark_board_template(self.ids.get(change.repo, Thing.BOARD))
            case Thing.VIEW, _, _:
                number = self.ids.board_numbers[change.repo]
                self._writer.create_view(self._settings.org, number, change.key)


class _Learners:
    """Makes learners' repos; whatever fails concerns that learner alone."""

    def __init__(
        self, desired: CohortState, actual: CohortState, forge: Forge, settings: Settings, ids: _Ids
    ) -> None:
        self._desired, self._actual = desired, actual
        self._forge = forge
        self._settings = settings
        self._ids = ids
        self._failed: dict[str, str] = {}
        self._joined: set[str] = set()

    def carry_out(self, step: Step) -> list[Outcome]:
        """One step. Changes of a repo that has failed before are not tried."""
        able = [change for change in step.changes if change.repo not in self._failed]
        outcomes = {id(c): Outcome(c, Became.NOT_TRIED, self._failed.get(c.repo, "")) for c in step.changes}
        replies = self._replies(step.phase, able) if able else []
        for change, reply in zip(able, replies, strict=True):
            outcomes[id(change)] = self._outcome(change, reply)
        return list(outcomes.values())

    def _replies(self, phase: Phase, changes: list[Change]) -> list[Reply]:
        carriers = {
            Phase.REPO: self._make_repos,
            Phase.BOARD: self._make_boards_and_labels,
            Phase.MILESTONE: self._write_milestones,
            Phase.ISSUE: self._write_issues,
            Phase.FILES: self._await_files,
            Phase.INVITATION: self._invite,
            Phase.SEAL: self._seal,
            Phase.ASSIGNMENT: self._assign,
        }
        try:
            return carriers[phase](changes)
        except ForgeError as refusal:
            if refusal.status == HTTP_UNAUTHORIZED:
                raise
            return [Reply(error=refusal.message)] * len(changes)

    def _outcome(self, change: Change, reply: Reply) -> Outcome:
        if reply.error:
            self._failed.setdefault(change.repo, reply.error)
            return Outcome(change, Became.FAILED, reply.error)
        if reply.id:
            self._ids.set(change.repo, change.thing, change.key, reply.id)
        return Outcome(change, Became.DONE)

    def _path(self, repo: str) -> str:
        found = self._actual.repos.get(repo)
        return found.path if found else f"{self._settings.org}/{repo}"

    def _template_id(self, thing: Thing) -> str:
        template = self._desired.template
        return self._ids.get(template.name, thing) if template else ""

    def _make_repos(self, changes: list[Change]) -> list[Reply]:
        repos = [change.new for change in changes if isinstance(change.new, Repo)]
        return self._forge.writer.clone_template(self._actual.org_id, self._template_id(Thing.REPO), repos)

    def _make_boards_and_labels(self, changes: list[Change]) -> list[Reply]:
        boards = [c for c in changes if isinstance(c.new, Board)]
        labels = [c for c in changes if isinstance(c.new, Label)]
        replies = self._forge.writer.copy_boards_and_labels(
            self._actual.org_id,
            self._template_id(Thing.BOARD),
            [c.new for c in boards if isinstance(c.new, Board)],
            [(self._ids.get(c.repo, Thing.REPO), c.new) for c in labels if isinstance(c.new, Label)],
        )
        by_change = {id(c): reply for c, reply in zip(boards + labels, replies, strict=True)}
        return [by_change[id(change)] for change in changes]

    def _write_milestones(self, changes: list[Change]) -> list[Reply]:
        return [self._write_milestone(c, c.new) for c in changes if isinstance(c.new, Milestone)]

    def _write_milestone(self, change: Change, milestone: Milestone) -> Reply:
        if change.action is Action.CREATE:
            return self._forge.writer.create_milestone(self._path(change.repo), milestone)
        self._forge.writer.update_milestone(self._path(change.repo), milestone)
        return Reply(milestone.id)

    def _write_issues(self, changes: list[Change]) -> list[Reply]:
        writes = [self._issue_write(c, c.new) for c in changes if isinstance(c.new, Issue)]
        return self._forge.writer.write_issues(writes)

    def _issue_write(self, change: Change, issue: Issue) -> IssueWrite:
        repo = change.repo
        return IssueWrite(
            issue,
            repo_id=self._ids.get(repo, Thing.REPO),
            milestone_id=self._ids.get(repo, Thing.MILESTONE, issue.milestone),
            label_ids=tuple(self._ids.get(repo, Thing.LABEL, key) for key in sorted(issue.labels)),
            board_id=self._ids.get(repo, Thing.BOARD),
            card_only=change.thing is Thing.CARD,
        )

    def _await_files(self, changes: list[Change]) -> list[Reply]:
        """Look until the copies of the template's files have arrived; write those that do not come."""
        waiting = {self._path(change.repo) for change in changes}
        pause = FIRST_PAUSE
        for look in range(CONTENT_LOOKS):
            waiting -= self._forge.reader.filled(sorted(waiting))
            if not waiting or look == CONTENT_LOOKS - 1:
                break
            self._settings.pause(pause)
            pause *= 2
        return [self._fill(self._path(c.repo)) if self._path(c.repo) in waiting else Reply() for c in changes]

    def _fill(self, path: str) -> Reply:
        template = self._desired.template
        blobs = template.files.blobs if template and template.files else {}
        contents = {name: self._settings.contents[blob] for name, blob in blobs.items()}
        try:
            self._forge.writer.commit(path, None, contents)
        except ForgeError as refusal:
            return Reply(error=refusal.message)
        return Reply()

    def _invite(self, changes: list[Change]) -> list[Reply]:
        for change in changes:
            found = self._actual.repos.get(change.repo)
            expired = found.invitation if found and found.access is Access.EXPIRED else 0
            access = self._forge.writer.invite(
                self._path(change.repo), change.key, self._settings.permission, expired
            )
            if access is Access.JOINED:
                self._joined.add(change.repo)
        return [Reply()] * len(changes)

    def _seal(self, changes: list[Change]) -> list[Reply]:
        replies = self._forge.writer.seal([self._seal_for(change) for change in changes])
        self._welcome({change.repo for change in changes} & self._joined)
        return replies

    def _welcome(self, repos: set[str]) -> None:
        """Assign those who were in at once, members of the organisation, whom no later run would notice."""
        logins = {repo: self._desired.repos[repo].learner for repo in sorted(repos)}
        users = self._forge.reader.user_ids(list(logins.values())) if logins else {}
        seals = [
            seal
            for repo, login in logins.items()
            for seal in self._welcome_seals(repo, users.get(login.lower(), ""))
        ]
        for first in range(0, len(seals), ALIASES[Phase.SEAL]):
            self._forge.writer.seal(seals[first : first + ALIASES[Phase.SEAL]])

    def _welcome_seals(self, repo: str, user: str) -> list[Seal]:
        issues = [self._ids.get(repo, Thing.ISSUE, key) for key in self._desired.repos[repo].issues]
        board = self._ids.get(repo, Thing.BOARD)
        opened = [Seal(board_id=board, user_id=user)] if board else []
        return [*opened, *(Seal(issue_id=issue, user_id=user) for issue in issues if issue)] if user else []

    def _assign(self, changes: list[Change]) -> list[Reply]:
        return self._forge.writer.seal([self._seal_for(change) for change in changes])

    def _seal_for(self, change: Change) -> Seal:
        found = self._actual.repos.get(change.repo)
        user = found.learner_id if found else ""
        if change.thing is Thing.ASSIGNMENT and isinstance(change.new, Issue):
            return Seal(issue_id=change.new.id, user_id=user)
        board = self._ids.get(change.repo, Thing.BOARD)
        if change.thing is Thing.GRANT:
            return Seal(board_id=board, user_id=user)
        repo = self._ids.get(change.repo, Thing.REPO)
        return Seal(board_id=board, repo_id=repo, public=self._settings.public_boards)
