"""What a cohort has on the forge, at a glance: repos, their newest commits, boards, open invitations.

A light reading for what comes after enrolment, and the few writes that end things. None of them deletes
anything, and each has its opposite.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cohort_bot.errors import ForgeError
from cohort_bot.forge.answers import NOT_FOUND
from cohort_bot.forge.connection import Connection, Json
from cohort_bot.forge.mutations import Mutation, mutate
from cohort_bot.forge.protocol import Reply
from cohort_bot.state import Head

REPOS_A_QUERY = 100
# A home is two mutations at most, and GitHub has ten seconds for a request.
HOMES_A_REQUEST = 20

_BOARDS = "  projectsV2(first: 10) { nodes { id title closed } }\n"
_HOME = """
fragment home on Repository {
  id name nameWithOwner url isArchived
  defaultBranchRef { name target { oid } }
%s}
"""

# Of an organisation's repos, who was let into each by name.
_REPOS = """
query repos($org: String!, $after: String) {
  organization(login: $org) {
    repositories(first: 50, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        name nameWithOwner isTemplate
        collaborators(first: 20, affiliation: DIRECT) { edges { permission node { login } } }
      }
    }
  }
}
"""


@dataclass(frozen=True)
class Board:
    """A learner's board."""

    id: str
    closed: bool


@dataclass(frozen=True)
class Home:
    """A learner's repo: `name` as the cohort calls it, `path` as the forge has it now. `head`: if not empty.

    `boards` are those that carry the cohort's name for it: a learner's own boards are nobody's business.
    """

    name: str
    learner: str
    path: str
    url: str
    id: str
    archived: bool = False
    head: Head | None = None
    boards: tuple[Board, ...] = ()


@dataclass(frozen=True)
class Stranger:
    """A repo that is not of our making: `people` were let into it by name and do not administer it.

    `admins` do; where somebody's name is that of the repo, it may be theirs all the same.
    """

    name: str
    path: str
    people: tuple[str, ...]
    admins: tuple[str, ...] = ()


class Estate:
    """Reads homes, shuts and opens them, takes invitations back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def look(self, org: str, learners: Mapping[str, str], *, boards: bool = True) -> dict[str, Home]:
        """The homes of `learners` (repo name → login) that exist, by repo name, in that order.

        Without `boards` a token will do that may not see them. Raises ForgeError where the organisation
        cannot be seen.
        """
        found: dict[str, Home] = {}
        names = list(learners)
        for first in range(0, len(names), REPOS_A_QUERY):
            chunk = names[first : first + REPOS_A_QUERY]
            data, errors = self._connection.graphql(_homes(chunk, boards=boards), {"org": org})
            for error in errors:
                if error.get("type") != "NOT_FOUND":
                    raise ForgeError(f"GitHub refuses the query: {error.get('message', 'no reason given')}")
            if not data.get("organization"):
                raise ForgeError(
                    f"the organisation {org} does not exist, or the token may not see it",
                    "Check `org:` in cohort.yaml, and whose token it is.",
                )
            for number, name in enumerate(chunk):
                if raw := data.get(f"r{number}"):
                    found[name] = _home(name, learners[name], raw)
        return found

    def strangers(self, org: str, prefix: str) -> list[Stranger]:
        """The repos of an organisation whose names begin with `prefix`, templates apart, by name."""
        found: list[Stranger] = []
        after = None
        while True:
            data, errors = self._connection.graphql(_REPOS, {"org": org, "after": after})
            if errors or not data.get("organization"):
                said = errors[0].get("message", "no reason given") if errors else f"there is no {org}"
                raise ForgeError(f"GitHub does not show the repos of {org}: {said}")
            page = data["organization"]["repositories"]
            found += [_stranger(raw) for raw in page["nodes"] if raw and not raw["isTemplate"]]
            if not page["pageInfo"]["hasNextPage"]:
                matching = (each for each in found if each.name.lower().startswith(prefix.lower()))
                return sorted(matching, key=lambda each: each.name.lower())
            after = page["pageInfo"]["endCursor"]

    def invitations(self, home: Home) -> list[int]:
        """The numbers of the learner's invitations into their repo that nobody has answered yet."""
        rows = self._connection.rest("GET", f"/repos/{home.path}/invitations", per_page=100)
        wanted = home.learner.lower()
        return [row["id"] for row in rows if (row["invitee"] or {}).get("login", "").lower() == wanted]

    def take_back(self, home: Home, invitation: int) -> None:
        """Take an invitation back. One that is gone already, accepted or not, is none to take back."""
        try:
            self._connection.rest("DELETE", f"/repos/{home.path}/invitations/{invitation}")
        except ForgeError as refusal:
            if refusal.status != NOT_FOUND:
                raise

    def shut(self, homes: Sequence[Home]) -> list[Reply]:
        """Archive each repo, then close its boards, all in one request: a reply for each home."""
        return self._grouped([_shutting(home) for home in homes])

    def reopen(self, homes: Sequence[Home]) -> list[Reply]:
        """Open each home's boards again, then its repo, all in one request: a reply for each home."""
        return self._grouped([_opening(home) for home in homes])

    def _grouped(self, groups: Sequence[Sequence[Mutation]]) -> list[Reply]:
        replies = iter(mutate(self._connection, [mutation for group in groups for mutation in group]))
        told = [[next(replies) for _ in group] for group in groups]
        return [next((reply for reply in each if reply.error), Reply()) for each in told]


def _homes(names: Sequence[str], *, boards: bool) -> str:
    fields = "\n".join(
        f"  r{i}: repository(owner: $org, name: {json.dumps(name)}) {{ ...home }}"
        for i, name in enumerate(names)
    )
    home = _HOME % (_BOARDS if boards else "")
    return f"query estate($org: String!) {{\n  organization(login: $org) {{ id }}\n{fields}\n}}{home}"


def _home(name: str, learner: str, raw: Json) -> Home:
    ref = raw["defaultBranchRef"]
    boards = (raw.get("projectsV2") or {}).get("nodes") or ()
    return Home(
        name=name,
        learner=learner,
        path=raw["nameWithOwner"],
        url=raw["url"],
        id=raw["id"],
        archived=raw["isArchived"],
        head=Head(ref["name"], ref["target"]["oid"]) if ref and ref["target"] else None,
        boards=tuple(Board(each["id"], each["closed"]) for each in boards if each and each["title"] == name),
    )


def _stranger(raw: Json) -> Stranger:
    edges = (raw["collaborators"] or {}).get("edges") or ()
    by_rank = [(each["node"]["login"], each["permission"] == "ADMIN") for each in edges if each]
    return Stranger(
        raw["name"],
        raw["nameWithOwner"],
        tuple(login for login, admin in by_rank if not admin),
        tuple(login for login, admin in by_rank if admin),
    )


def _shutting(home: Home) -> list[Mutation]:
    repo = [Mutation("archiveRepository", {"repositoryId": home.id}, "repository { id }")]
    return ([] if home.archived else repo) + [
        _board(board, closed=True) for board in home.boards if not board.closed
    ]


def _opening(home: Home) -> list[Mutation]:
    repo = [Mutation("unarchiveRepository", {"repositoryId": home.id}, "repository { id }")]
    boards = [_board(board, closed=False) for board in home.boards if board.closed]
    return boards + (repo if home.archived else [])


def _board(board: Board, *, closed: bool) -> Mutation:
    return Mutation("updateProjectV2", {"projectId": board.id, "closed": closed}, "projectV2 { id }")
