"""Making and mending learners' repos: which call of the writer carries which changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from cohort_bot.apply.awaited import Awaited
from cohort_bot.apply.view import Forge, Ordered, Settings, View
from cohort_bot.change import Action, Change, Phase, Thing
from cohort_bot.errors import ForgeError
from cohort_bot.forge.connection import UnreachableError
from cohort_bot.forge.protocol import FilesWrite, IssueWrite, Reply, Seal
from cohort_bot.furnishing import ORDER, order
from cohort_bot.plan import ALIASES
from cohort_bot.state import Access, Board, Files, Head, Issue, Label, Milestone, Repo

HTTP_UNAUTHORIZED = 401
# A new repo's contents arrive after the answer that it was made, mostly within seconds.
CONTENT_LOOKS = 8
FIRST_PAUSE = 0.5


class Learners:
    """Carries out changes of one phase, for several learners at once."""

    def __init__(self, view: View, forge: Forge, settings: Settings) -> None:
        self._view, self._forge, self._settings = view, forge, settings
        self._joined: set[str] = set()
        self._awaited = Awaited(view, forge, settings)

    def carry_out(self, changes: Sequence[Change]) -> list[Reply]:
        """A reply for each change. A refusal of the whole request is the answer to each of them.

        Raises ForgeError when the token is no longer accepted or the forge cannot be reached.
        """
        carriers: dict[Phase, Callable[[Sequence[Change]], list[Reply]]] = {
            Phase.REPO: self._make_repos,
            Phase.BOARD: self._make_boards_and_labels,
            Phase.MILESTONE: self._write_milestones,
            Phase.ISSUE: self._write_issues,
            Phase.FILES: self._await_files,
            Phase.OURS: self._write_ours,
            Phase.START: self._start,
            Phase.INVITATION: self._invite,
            Phase.SEAL: self._seal,
            Phase.ASSIGNMENT: self._seal,
            Phase.AWAITED: self._awaited.carry_out,
            Phase.CARD: self._write_issues,
        }
        try:
            return carriers[changes[0].phase](changes)
        except UnreachableError:
            raise
        except ForgeError as refusal:
            if refusal.status == HTTP_UNAUTHORIZED:
                raise
            return [Reply(error=refusal.message)] * len(changes)

    def _path(self, repo: str) -> str:
        return self._view.path(repo, self._settings.org)

    def _template_id(self, thing: Thing) -> str:
        template = self._view.desired.template
        return self._view.get(template.name, thing) if template else ""

    def _make_repos(self, changes: Sequence[Change]) -> list[Reply]:
        repos = [change.new for change in changes if isinstance(change.new, Repo)]
        org = self._view.actual.org_id
        return self._forge.writer.clone_template(org, self._template_id(Thing.REPO), repos)

    def _make_boards_and_labels(self, changes: Sequence[Change]) -> list[Reply]:
        boards = [c for c in changes if isinstance(c.new, Board)]
        labels = [c for c in changes if isinstance(c.new, Label)]
        replies = self._forge.writer.copy_boards_and_labels(
            self._view.actual.org_id,
            self._template_id(Thing.BOARD),
            [c.new for c in boards if isinstance(c.new, Board)],
            [(self._view.get(c.repo, Thing.REPO), c.new) for c in labels if isinstance(c.new, Label)],
        )
        by_change = {id(c): reply for c, reply in zip(boards + labels, replies, strict=True)}
        return [by_change[id(change)] for change in changes]

    def _write_milestones(self, changes: Sequence[Change]) -> list[Reply]:
        return [self._write_milestone(c, c.new) for c in changes if isinstance(c.new, Milestone)]

    def _write_milestone(self, change: Change, milestone: Milestone) -> Reply:
        if change.action is Action.CREATE:
            return self._forge.writer.create_milestone(self._path(change.repo), milestone)
        self._forge.writer.update_milestone(self._path(change.repo), milestone)
        return Reply(milestone.id)

    def _write_issues(self, changes: Sequence[Change]) -> list[Reply]:
        writes = [self._issue_write(c, c.new) for c in changes if isinstance(c.new, Issue)]
        return self._forge.writer.write_issues(writes)

    def _issue_write(self, change: Change, issue: Issue) -> IssueWrite:
        repo, view = change.repo, self._view
        return IssueWrite(
            issue if issue.id else replace(issue, id=view.get(repo, Thing.ISSUE, issue.key)),
            repo_id=view.get(repo, Thing.REPO),
            milestone_id=view.get(repo, Thing.MILESTONE, issue.milestone),
            label_ids=tuple(view.get(repo, Thing.LABEL, key) for key in sorted(issue.labels)),
            board_id=view.get(repo, Thing.BOARD),
            card_only=change.thing is Thing.CARD,
            retire=change.thing is Thing.COPY,
        )

    def _await_files(self, changes: Sequence[Change]) -> list[Reply]:
        """Look until the copies of the template's files have arrived; write those that do not come."""
        begun = {c.repo for c in changes if (found := self._view.repo(c.repo)) and found.head}
        waiting = {self._path(c.repo): c.repo for c in changes if c.repo not in begun}
        pause = FIRST_PAUSE
        for look in range(CONTENT_LOOKS if waiting else 0):
            for path, head in self._forge.reader.heads(sorted(waiting)).items():
                self._view.heads[waiting.pop(path)] = head
            if not waiting or look == CONTENT_LOOKS - 1:
                break
            self._settings.pause(pause)
            pause *= 2
        late = begun | set(waiting.values())
        return [self._fill(c.repo) if c.repo in late else Reply() for c in changes]

    def _fill(self, repo: str) -> Reply:
        template, found = self._view.desired.template, self._view.repo(repo)
        contents = self._contents(template.files) if template and template.files else {}
        head = found.head if found else None
        try:
            self._view.heads[repo] = self._forge.writer.commit(self._path(repo), head, contents)
        except UnreachableError:
            raise
        except ForgeError as refusal:
            return Reply(error=refusal.message)
        return Reply()

    def _contents(self, files: Files) -> dict[str, bytes]:
        return {name: self._settings.contents[blob] for name, blob in files.blobs.items() if name != ORDER}

    def _write_ours(self, changes: Sequence[Change]) -> list[Reply]:
        """Commit what is ours, an order among it where there is one; that push starts the repo's workflow."""
        lost = [change for change in changes if change.repo not in self._view.heads]
        known = [change for change in changes if change.repo in self._view.heads]
        replies = self._forge.writer.commit_each([self._files_write(c, c.new) for c in known])
        for change, reply in zip(known, replies, strict=True):
            if not reply.error:
                branch = self._view.heads[change.repo].branch
                self._view.heads[change.repo] = Head(branch, reply.id)
                if isinstance(change.new, Files) and ORDER in change.new.blobs:
                    self._view.ordered[change.repo] = Ordered(reply.id)
        by_change = {id(c): reply for c, reply in zip(known, replies, strict=True)}
        by_change |= {id(c): Reply(error="its files have not arrived", unsure=True) for c in lost}
        return [by_change[id(change)] for change in changes]

    def _files_write(self, change: Change, files: object) -> FilesWrite:
        assert isinstance(files, Files)  # noqa: S101 - what such a change is made with
        contents = self._contents(files)
        if ORDER in files.blobs:
            contents[ORDER] = order(self._view.desired.repos[change.repo])
        return FilesWrite(self._path(change.repo), self._view.heads[change.repo], contents)

    def _start(self, changes: Sequence[Change]) -> list[Reply]:
        """Start workflows whose order lies there already. A run from before is not taken for the new one."""
        for change in changes:
            head, path = self._view.heads[change.repo], self._path(change.repo)
            before = self._forge.reader.runs({path: head.commit}, change.key).get(path)
            self._forge.writer.start_workflow(path, f"{change.key}.yml", head.branch)
            self._view.ordered[change.repo] = Ordered(head.commit, before.url if before else "")
        return [Reply()] * len(changes)

    def _invite(self, changes: Sequence[Change]) -> list[Reply]:
        for change in changes:
            found = self._view.repo(change.repo)
            expired = found.invitation if found and found.access is Access.EXPIRED else 0
            access = self._forge.writer.invite(
                self._path(change.repo), change.key, self._settings.permission, expired
            )
            if access is Access.JOINED:
                self._joined.add(change.repo)
        return [Reply()] * len(changes)

    def _seal(self, changes: Sequence[Change]) -> list[Reply]:
        replies = self._forge.writer.seal([self._seal_for(change) for change in changes])
        arrived = {change.repo for change in changes} & self._joined
        self._joined -= arrived
        self._welcome(arrived)
        return replies

    def _welcome(self, repos: set[str]) -> None:
        """Assign those who were in at once, members of the organisation, whom no later run would notice."""
        logins = {repo: self._view.desired.repos[repo].learner for repo in sorted(repos)}
        users = self._forge.reader.user_ids(list(logins.values())) if logins else {}
        seals = [
            seal
            for repo, login in logins.items()
            for seal in self._welcome_seals(repo, users.get(login.lower(), ""))
        ]
        for first in range(0, len(seals), ALIASES[Phase.SEAL]):
            self._forge.writer.seal(seals[first : first + ALIASES[Phase.SEAL]])

    def _welcome_seals(self, repo: str, user: str) -> list[Seal]:
        issues = [self._view.get(repo, Thing.ISSUE, key) for key in self._view.desired.repos[repo].issues]
        board = self._view.get(repo, Thing.BOARD)
        opened = [Seal(board_id=board, user_id=user)] if board else []
        return [*opened, *(Seal(issue_id=issue, user_id=user) for issue in issues if issue)] if user else []

    def _seal_for(self, change: Change) -> Seal:
        found = self._view.repo(change.repo)
        user = found.learner_id if found else ""
        repo = self._view.get(change.repo, Thing.REPO)
        if change.thing is Thing.SPARE and isinstance(change.existing, Board):
            return Seal(change.existing.id, repo if change.existing.linked else "", retire=True)
        if change.thing is Thing.ASSIGNMENT and isinstance(change.new, Issue):
            return Seal(issue_id=change.new.id, user_id=user)
        board = self._view.get(change.repo, Thing.BOARD)
        if change.thing is Thing.GRANT:
            return Seal(board_id=board, user_id=user)
        return Seal(board_id=board, repo_id=repo, public=self._settings.public_boards)
