"""Writing to a cohort with as few requests as GitHub's API allows.

Milestones and invitations exist in REST only, one at a time; everything else is GraphQL, many to a request.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from cohort_bot.errors import ForgeError
from cohort_bot.forge.answers import NOT_FOUND
from cohort_bot.forge.connection import Connection, Json
from cohort_bot.forge.mutations import Mutation, mutate
from cohort_bot.forge.protocol import FIRST_COMMIT, OUR_COMMIT, FilesWrite, IssueWrite, Reply, Seal
from cohort_bot.state import Access, Board, Head, Label, Milestone, Repo

_FIRST_FILE = "README.md"
ALREADY = "already_exists"


class ForgeWriter:
    """The `Writer` that writes to a forge over HTTP; see the Protocol for what each call does."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create_template(self, org: str, repo: Repo) -> Reply:
        """See `Writer.create_template`. Only REST can ask for an internal repo of an organisation."""
        body = {
            "name": repo.name,
            "description": repo.description,
            "visibility": repo.visibility,
            "is_template": True,
            "has_wiki": False,
        }
        made = self._connection.rest("POST", f"/orgs/{org}/repos", body)
        return Reply(made["node_id"])

    def mark_template(self, path: str) -> None:
        """See `Writer.mark_template`."""
        self._connection.rest("PATCH", f"/repos/{path}", {"is_template": True})

    def commit(self, path: str, head: Head | None, files: Mapping[str, bytes]) -> Head:
        """See `Writer.commit`. An empty repo takes its first file by REST only, the others follow."""
        rest = dict(files)
        onto = head or self._first_commit(path, rest)
        return Head(onto.branch, self._one(_commit(FilesWrite(path, onto, rest))).id) if rest else onto

    def commit_each(self, writes: Sequence[FilesWrite]) -> list[Reply]:
        """See `Writer.commit_each`."""
        return mutate(self._connection, [_commit(write) for write in writes])

    def start_workflow(self, path: str, file: str, branch: str) -> None:
        """See `Writer.start_workflow`."""
        asked = {"ref": branch}
        self._connection.rest("POST", f"/repos/{path}/actions/workflows/{file}/dispatches", asked)

    def clone_template(self, org_id: str, template_id: str, repos: Sequence[Repo]) -> list[Reply]:
        """See `Writer.clone_template`."""
        return mutate(
            self._connection,
            [
                Mutation(
                    "cloneTemplateRepository",
                    {
                        "repositoryId": template_id,
                        "ownerId": org_id,
                        "name": repo.name,
                        "visibility": repo.visibility.upper(),
                        "description": repo.description,
                    },
                    "repository { id }",
                )
                for repo in repos
            ],
        )

    def create_board(self, org_id: str, repo_id: str, board: Board) -> Reply:
        """See `Writer.create_board`."""
        asked = {"ownerId": org_id, "repositoryId": repo_id, "title": board.title}
        return self._one(Mutation("createProjectV2", asked, "projectV2 { id number }"))

    def create_view(self, org: str, board: int, layout: str) -> None:
        """See `Writer.create_view`. GraphQL cannot make views; REST can since 2026."""
        body = {"name": layout.capitalize(), "layout": layout}
        self._connection.rest("POST", f"/orgs/{org}/projectsV2/{board}/views", body)

    def mark_board_template(self, board_id: str) -> None:
        """See `Writer.mark_board_template`."""
        self._one(Mutation("markProjectV2AsTemplate", {"projectId": board_id}, "projectV2 { id }"))

    def copy_boards_and_labels(
        self, org_id: str, template_id: str, boards: Sequence[Board], labels: Sequence[tuple[str, Label]]
    ) -> list[Reply]:
        """See `Writer.copy_boards_and_labels`."""
        copies = [
            Mutation(
                "copyProjectV2",
                {
                    "ownerId": org_id,
                    "projectId": template_id,
                    "title": board.title,
                    "includeDraftIssues": False,
                },
                "projectV2 { id number }",
            )
            for board in boards
        ]
        made = [
            Mutation(
                "createLabel",
                {
                    "repositoryId": repo_id,
                    "name": label.name,
                    "color": label.color,
                    "description": label.description,
                },
                "label { id }",
            )
            for repo_id, label in labels
        ]
        return mutate(self._connection, copies + made)

    def create_milestone(self, path: str, milestone: Milestone) -> Reply:
        """See `Writer.create_milestone`."""
        try:
            made = self._connection.rest("POST", f"/repos/{path}/milestones", _milestone(milestone))
        except ForgeError as refusal:
            if ALREADY in refusal.message:
                return Reply(error=refusal.message, unsure=True)
            raise
        return Reply(made["node_id"], made["number"])

    def update_milestone(self, path: str, milestone: Milestone) -> None:
        """See `Writer.update_milestone`."""
        body = _milestone(milestone) | {"state": "closed" if milestone.closed else "open"}
        self._connection.rest("PATCH", f"/repos/{path}/milestones/{milestone.number}", body)

    def write_issues(self, writes: Sequence[IssueWrite]) -> list[Reply]:
        """See `Writer.write_issues`."""
        return self._grouped([_issue(write) for write in writes])

    def invite(self, path: str, login: str, permission: str, expired: int = 0) -> Access:
        """See `Writer.invite`. GitHub answers 201 with an invitation, 204 for somebody who is in already."""
        if expired:
            self._take_back(path, expired)
        made = self._connection.rest(
            "PUT", f"/repos/{path}/collaborators/{login}", {"permission": permission}
        )
        return Access.INVITED if made else Access.JOINED

    def seal(self, seals: Sequence[Seal]) -> list[Reply]:
        """See `Writer.seal`."""
        return self._grouped([_seal(seal) for seal in seals])

    def _take_back(self, path: str, invitation: int) -> None:
        try:
            self._connection.rest("DELETE", f"/repos/{path}/invitations/{invitation}")
        except ForgeError as refusal:
            if refusal.status != NOT_FOUND:  # it was accepted or withdrawn meanwhile
                raise

    def _grouped(self, groups: Sequence[Sequence[Mutation]]) -> list[Reply]:
        """One reply for each group of mutations, all in one request."""
        replies = iter(mutate(self._connection, [mutation for group in groups for mutation in group]))
        return [_worst([next(replies) for _ in group]) for group in groups]

    def _one(self, mutation: Mutation) -> Reply:
        reply = mutate(self._connection, [mutation])[0]
        if reply.error:
            raise ForgeError(f"{mutation.field}: {reply.error}")
        return reply

    def _first_commit(self, path: str, files: dict[str, bytes]) -> Head:
        """Take one file out of `files`, commit it, and tell the new head."""
        first = _FIRST_FILE if _FIRST_FILE in files else next(iter(files))
        body = {"message": FIRST_COMMIT, "content": _base64(files.pop(first))}
        made = self._connection.rest("PUT", f"/repos/{path}/contents/{first}", body)
        # The answer names the default branch only in the file's address: …/contents/README.md?ref=main
        (branch,) = parse_qs(urlsplit(made["content"]["url"]).query)["ref"]
        return Head(branch, made["commit"]["sha"])


def _commit(write: FilesWrite) -> Mutation:
    additions = [{"path": name, "contents": _base64(content)} for name, content in write.files.items()]
    return Mutation(
        "createCommitOnBranch",
        {
            "branch": {"repositoryNameWithOwner": write.path, "branchName": write.head.branch},
            "expectedHeadOid": write.head.commit,
            "message": {"headline": OUR_COMMIT},
            "fileChanges": {"additions": additions},
        },
        "commit { id: oid }",
    )


def _milestone(milestone: Milestone) -> Json:
    due = {"due_on": _zulu(milestone.due_on)} if milestone.due_on else {}
    return {"title": milestone.title, "description": milestone.description, **due}


def _issue(write: IssueWrite) -> list[Mutation]:
    issue = write.issue
    if write.retire:
        return _retired(write)
    if write.card_only:
        asked: Json = {"projectId": write.board_id, "contentId": issue.id}
        tolerate = "already exists in this project"
        return [Mutation("addProjectV2ItemById", asked, "item { id }", tolerate)]
    body: Json = {"title": issue.title, "body": issue.body, "milestoneId": write.milestone_id}
    if issue.id:
        return [Mutation("updateIssue", {"id": issue.id, **body}, "issue { id number }")]
    board = {"projectV2Ids": [write.board_id]} if write.board_id else {}
    asked = {"repositoryId": write.repo_id, **body, "labelIds": list(write.label_ids), **board}
    return [Mutation("createIssue", asked, "issue { id number }")]


def _retired(write: IssueWrite) -> list[Mutation]:
    """A second copy: off the board, off the milestone, closed, and pointing to the first."""
    issue = write.issue
    asked: Json = {"id": issue.id, "title": issue.title, "body": issue.body}
    closed = Mutation("updateIssue", {**asked, "state": "CLOSED", "milestoneId": None}, "issue { id number }")
    if not issue.card:
        return [closed]
    card: Json = {"projectId": write.board_id, "itemId": issue.card}
    off = Mutation("deleteProjectV2Item", card, "deletedItemId", tolerate="could not resolve")
    return [off, closed]


def _seal(seal: Seal) -> list[Mutation]:
    if seal.retire:
        closed = Mutation("updateProjectV2", {"projectId": seal.board_id, "closed": True}, "projectV2 { id }")
        pair: Json = {"projectId": seal.board_id, "repositoryId": seal.repo_id}
        off = Mutation("unlinkProjectV2FromRepository", pair, "repository { id }")
        return [closed, off] if seal.repo_id else [closed]
    if seal.issue_id:
        asked: Json = {"assignableId": seal.issue_id, "assigneeIds": [seal.user_id]}
        return [Mutation("addAssigneesToAssignable", asked, "assignable { ... on Issue { id } }")]
    if seal.user_id:
        asked = {"projectId": seal.board_id, "collaborators": [{"userId": seal.user_id, "role": "WRITER"}]}
        return [Mutation("updateProjectV2Collaborators", asked, "collaborators(first: 1) { totalCount }")]
    asked = {"projectId": seal.board_id, "repositoryId": seal.repo_id}
    link = Mutation("linkProjectV2ToRepository", asked, "repository { id }")
    public: Json = {"projectId": seal.board_id, "public": True}
    return [Mutation("updateProjectV2", public, "projectV2 { id }"), link] if seal.public else [link]


def _worst(replies: Sequence[Reply]) -> Reply:
    return next((reply for reply in replies if reply.error), replies[-1])


def _zulu(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
