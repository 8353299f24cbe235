"""What reviews by peers ask of the forge: copies for blind ones, and who may read what meanwhile.

Every write here may be repeated: what is there already stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cohort_bot.errors import ForgeError
from cohort_bot.forge.claims import COMMENTS, REPOS_A_QUERY, Said, comments
from cohort_bot.forge.connection import Connection, Json
from cohort_bot.forge.mutations import Mutation, mutate

_FORBIDDEN = 403
_MISSING = 404
_NAME_TAKEN = 422
# A review is one conversation between two people; nobody needs more.
_COPY = (
    """
fragment copy on Repository {
  id nameWithOwner url isArchived
  defaultBranchRef { target { oid } }
  issues(first: 5, orderBy: {field: CREATED_AT, direction: ASC}) {
    nodes { id viewerDidAuthor comments(last: 20) { ...comments } }
  }
}
"""
    + COMMENTS
)


@dataclass(frozen=True)
class Conversation:
    """An issue of a copy. `ours`: the token's own account opened it."""

    id: str
    ours: bool
    comments: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Copy:
    """The repo of a blind review. `filled`: the work is in it."""

    id: str
    path: str
    url: str
    archived: bool = False
    filled: bool = False
    issues: tuple[Conversation, ...] = ()


class Lending:
    """Lends learners' work to their reviewers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def token(self) -> str:
        """The token as it is, for git."""
        return self._connection.token

    def copies(self, paths: Sequence[str]) -> dict[str, Copy]:
        """Those of the copies `owner/name` that exist, by path; a hundred in one request."""
        found: dict[str, Copy] = {}
        for first in range(0, len(paths), REPOS_A_QUERY):
            chunk = paths[first : first + REPOS_A_QUERY]
            data, errors = self._connection.graphql(_copies(chunk), {}, write=False)
            for error in errors:
                if error.get("type") != "NOT_FOUND":
                    raise ForgeError(f"GitHub refuses the query: {error.get('message', 'no reason given')}")
            for number, path in enumerate(chunk):
                if raw := data.get(f"r{number}"):
                    found[path] = _copy(raw)
        return found

    def lend(self, path: str, login: str) -> None:
        """Let `login` read the repo: at once, or when they accept the invitation."""
        self._connection.rest("PUT", f"/repos/{path}/collaborators/{login}", {"permission": "pull"})

    def take_back(self, path: str, login: str) -> None:
        """Let `login` read the repo no more; an invitation that is still open is withdrawn.

        Who may see a repo that was archived meanwhile stays as it is, for GitHub changes nothing about it
        (https://docs.github.com/en/repositories/archiving-a-github-repository/archiving-repositories).
        """
        try:
            self._forgiving("DELETE", f"/repos/{path}/collaborators/{login}")
        except ForgeError as refused:
            there = self.copies([path]).get(path) if refused.status == _FORBIDDEN else None
            if there is None or not there.archived:
                raise
            return
        for invitation in self._forgiving("GET", f"/repos/{path}/invitations", per_page=100) or ():
            if ((invitation["invitee"] or {}).get("login") or "").lower() == login.lower():
                self._forgiving("DELETE", f"/repos/{path}/invitations/{invitation['id']}")

    def make(self, path: str, description: str) -> Copy:
        """A private repo `owner/name` without anything in it, or the one that is there already."""
        org, _, name = path.partition("/")
        asked = {
            "name": name, "description": description, "private": True, "has_wiki": False,
            "has_projects": False, "has_issues": True,
        }  # fmt: skip
        try:
            raw = self._connection.rest("POST", f"/orgs/{org}/repos", asked)
        except ForgeError as refused:
            there = self.copies([path]) if refused.status == _NAME_TAKEN else {}
            if path not in there:
                raise
            return there[path]
        return Copy(raw["node_id"], path, raw["html_url"])

    def open_issue(self, copy: Copy, title: str, body: str) -> str:
        """An issue in the copy; its id. Raises ForgeError where GitHub refuses."""
        asked = {"repositoryId": copy.id, "title": title, "body": body}
        (reply,) = mutate(self._connection, [Mutation("createIssue", asked, "issue { id number }")])
        if reply.error:
            raise ForgeError(f"no issue could be opened in {copy.path}: {reply.error}")
        return reply.id

    def archive(self, path: str) -> None:
        """Close the repo for good, with everything in it left to read for its owners."""
        self._forgiving("PATCH", f"/repos/{path}", {"archived": True})

    def _forgiving(self, verb: str, path: str, body: Json | None = None, **query: object) -> Any:
        """A request about something that may be gone: then there is nothing to do."""
        try:
            return self._connection.rest(verb, path, body, **query)
        except ForgeError as refused:
            if refused.status == _MISSING:
                return None
            raise


def _copies(paths: Iterable[str]) -> str:
    fields = []
    for number, path in enumerate(paths):
        owner, _, name = path.partition("/")
        at = f"owner: {json.dumps(owner)}, name: {json.dumps(name)}"
        fields.append(f"  r{number}: repository({at}) {{ ...copy }}")
    return "query reviews {\n" + "\n".join(fields) + f"\n}}{_COPY}"


def _copy(raw: Json) -> Copy:
    ref = raw["defaultBranchRef"]
    issues = (
        Conversation(one["id"], one["viewerDidAuthor"], comments(one)) for one in raw["issues"]["nodes"]
    )
    return Copy(
        raw["id"],
        raw["nameWithOwner"],
        raw["url"],
        raw["isArchived"],
        bool(ref and ref["target"]),
        tuple(issues),
    )
