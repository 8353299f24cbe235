"""What the rest of cohort-bot asks of a forge: one Protocol to read with, one to write with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cohort_bot.state import Access, Board, CohortState, Head, Issue, Label, Milestone, Repo

# The message of the commit that brings the first file into an empty repo: while it is the newest, the other
# files are missing.
FIRST_COMMIT = "Start the cohort's files"
# The message of every later commit of ours, which is no sign of a learner's work.
OUR_COMMIT = "Bring the cohort's files up to date"


@dataclass(frozen=True)
class Reply:
    """What became of one write: the ids it brought, or why it failed.

    `unsure`: whether the failure is one is settled by looking: the thing is there already, or GitHub had a
    bad moment.
    """

    id: str = ""
    number: int = 0
    error: str = ""
    unsure: bool = False


@dataclass(frozen=True)
class Run:
    """The newest run of a workflow on a commit: whether it is over, well or badly, and its page."""

    over: bool
    well: bool
    url: str


class Reader(Protocol):
    """Reads a cohort. It cannot write."""

    def read(self, org: str, template: str, learners: Mapping[str, str], now: datetime) -> CohortState:
        """The template's repo and those of `learners` (repo name → login) that exist.

        Raises ForgeError when the organisation cannot be seen or the token may not do what is needed.
        """

    def heads(self, paths: Sequence[str]) -> Mapping[str, Head]:
        """The newest commit of each of the repos `owner/name` that has one."""

    def runs(self, commits: Mapping[str, str], workflow: str) -> Mapping[str, Run]:
        """`owner/name` → the newest run of the workflow of that name on that commit, where there is one."""

    def user_ids(self, logins: Sequence[str]) -> Mapping[str, str]:
        """Login in lower case → the id of the account, for those that exist."""


class Writer(Protocol):
    """Writes to a cohort; each call is one request, or as many as its docstring says.

    Calls on several things return one reply for each, in order; one can fail alone. Calls on one thing
    raise ForgeError when GitHub refuses.
    """

    def create_template(self, org: str, repo: Repo) -> Reply:
        """Make an empty template repo."""

    def mark_template(self, path: str) -> None:
        """Let the repo `owner/name` be cloned from."""

    def commit(self, path: str, head: Head | None, files: Mapping[str, bytes]) -> Head:
        """Write files to the default branch of `owner/name`: one commit on `head`, two without it."""

    def commit_each(self, writes: Sequence[FilesWrite]) -> list[Reply]:
        """Commit files to several repos. The id in a reply is that of the new commit."""

    def start_workflow(self, path: str, file: str, branch: str) -> None:
        """Start the workflow in `.github/workflows/<file>` of `owner/name` by hand."""

    def clone_template(self, org_id: str, template_id: str, repos: Sequence[Repo]) -> list[Reply]:
        """Make repos from the template; their contents arrive later."""

    def create_board(self, org_id: str, repo_id: str, board: Board) -> Reply:
        """Make a board linked to a repo."""

    def create_view(self, org: str, board: int, layout: str) -> None:
        """Give board number `board` a view of this layout: table, board or roadmap."""

    def mark_board_template(self, board_id: str) -> None:
        """Let the board be copied as a template."""

    def copy_boards_and_labels(
        self, org_id: str, template_id: str, boards: Sequence[Board], labels: Sequence[tuple[str, Label]]
    ) -> list[Reply]:
        """Copy the template's board under new titles, and make labels (repo id, label): boards first."""

    def create_milestone(self, path: str, milestone: Milestone) -> Reply:
        """Make a milestone in `owner/name`."""

    def update_milestone(self, path: str, milestone: Milestone) -> None:
        """Bring an existing milestone (by its number) up to date."""

    def write_issues(self, writes: Sequence[IssueWrite]) -> list[Reply]:
        """Make issues, bring existing ones up to date, put them on boards."""

    def invite(self, path: str, login: str, permission: str, expired: int = 0) -> Access:
        """Invite a learner, first taking back the `expired` invitation. JOINED where they are in at once."""

    def seal(self, seals: Sequence[Seal]) -> list[Reply]:
        """Link boards to repos, open boards to learners, assign issues."""


@dataclass(frozen=True)
class FilesWrite:
    """Files to commit to `owner/name`, if `head` is still its newest commit."""

    path: str
    head: Head
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class IssueWrite:
    """An issue to make (in `repo_id`) or, having an id, to bring up to date; or only its card to add.

    `retire`: it is a second copy, to be closed and taken off its milestone and board.
    """

    issue: Issue
    repo_id: str = ""
    milestone_id: str = ""
    label_ids: tuple[str, ...] = ()
    board_id: str = ""
    card_only: bool = False
    retire: bool = False


@dataclass(frozen=True)
class Seal:
    """One of: link `board_id` to `repo_id`; open it to `user_id`; assign `user_id` to `issue_id`.

    `retire`: close the board, a second one, and take it off `repo_id` if that is given.
    """

    board_id: str = ""
    repo_id: str = ""
    user_id: str = ""
    issue_id: str = ""
    public: bool = field(default=False)
    retire: bool = False
