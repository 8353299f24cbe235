"""What the judge asks of the forge: everybody's newest commit and claims in bulk, and a few facts about those
who claim something. It reads; `forge/announce.py` writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cohort_bot.errors import ForgeError
from cohort_bot.forge.connection import Connection, Json
from cohort_bot.forge.parse import instant, label_mark
from cohort_bot.owned import key_of
from cohort_bot.state import Head

# A thousand learners in ten queries, none of them near GitHub's 500,000 nodes.
REPOS_A_QUERY = 100
# How many of an issue's newest comments the sweep sees.
SEEN = 4
_NAMED = frozenset({"claimed", "verified"})

COMMENTS = """
fragment comments on IssueCommentConnection {
  nodes { fullDatabaseId author { login } viewerDidAuthor createdAt lastEditedAt body }
}
"""
_HOLDING = (
    """
fragment holding on Repository {
  id nameWithOwner url isArchived visibility pushedAt
  defaultBranchRef { name target { oid } }
  issues(first: $issues, orderBy: {field: CREATED_AT, direction: ASC}) {
    nodes {
      id number closed closedAt
      milestone { description }
      labels(first: 10) { nodes { name description } }
      comments(last: $seen) { ...comments }
    }
  }
}
"""
    + COMMENTS
)
_THREADS = """
query threads($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Issue {
      id
      comments(last: 100) {
        nodes { fullDatabaseId author { login } viewerDidAuthor createdAt lastEditedAt body }
      }
    }
  }
}
"""


@dataclass(frozen=True)
class Said:
    """A comment. `number` grows from comment to comment; `ours`: the token's own account wrote it.

    `edited`: its text is not what was first written, and whoever may write to the repo can have changed it.
    """

    number: int
    author: str
    ours: bool
    at: datetime
    body: str
    edited: bool = False


@dataclass(frozen=True)
class Thread:
    """A milestone's issue. `labels` are the keys of ours; `comments` the newest few, oldest first."""

    milestone: str
    id: str
    number: int
    closed: bool = False
    closed_at: datetime | None = None
    labels: frozenset[str] = frozenset()
    comments: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Holding:
    """A learner's repo as the judge sees it."""

    learner: str
    path: str
    url: str
    id: str
    head: Head | None = None
    pushed_at: datetime | None = None
    archived: bool = False
    public: bool = False
    threads: Mapping[str, Thread] = field(default_factory=dict)


@dataclass(frozen=True)
class Push:
    """A branch was moved to the commit `sha`, which the forge took note of at `at`."""

    sha: str
    at: datetime
    forced: bool = False


class Claims:
    """Reads claims. `stages` is how many milestone issues to expect a repo."""

    def __init__(self, connection: Connection, stages: int) -> None:
        self._connection = connection
        self._page = min(stages + 5, 50)
        self._may: dict[tuple[str, str], bool] = {}
        self._me = ""

    def sweep(self, org: str, learners: Mapping[str, str]) -> dict[str, Holding]:
        """The repos of `learners` (repo name → login) that exist, by login in lower case."""
        found: dict[str, Holding] = {}
        names = list(learners)
        for first in range(0, len(names), REPOS_A_QUERY):
            chunk = names[first : first + REPOS_A_QUERY]
            data = self._query(_holdings(chunk), {"org": org, "issues": self._page, "seen": SEEN})
            for number, name in enumerate(chunk):
                if raw := data.get(f"r{number}"):
                    found[learners[name].lower()] = _holding(learners[name], raw)
        return found

    def pushes(self, path: str, branch: str) -> tuple[Push, ...]:
        """How the branch of `owner/name` was moved, the newest first, a hundred at most.

        By the forge's own clock, which no date in a commit changes
        (https://docs.github.com/en/rest/repos/repos#list-repository-activities).
        """
        rows = self._connection.rest(
            "GET", f"/repos/{path}/activity", ref=f"refs/heads/{branch}", per_page=100
        )
        return tuple(
            Push(row["after"], datetime.fromisoformat(row["timestamp"]), row["activity_type"] == "force_push")
            for row in rows
        )

    def vouchers(self, path: str, sha: str, name: str) -> tuple[str, ...]:
        """Who has put a status or a check run whose name begins with `name` on the commit: their logins."""
        statuses = self._connection.rest("GET", f"/repos/{path}/commits/{sha}/statuses", per_page=100)
        runs = self._connection.rest("GET", f"/repos/{path}/commits/{sha}/check-runs", per_page=100)
        found = [
            (row["context"], (row.get("creator") or {}).get("login") or "nobody") for row in statuses
        ] + [(row["name"], (row.get("app") or {}).get("slug") or "nobody") for row in runs["check_runs"]]
        return tuple(sorted({who for what, who in found if what.lower().startswith(name)}))

    def comments(self, issue_ids: Sequence[str]) -> dict[str, tuple[Said, ...]]:
        """The newest hundred comments of each issue, by the issue's id."""
        found: dict[str, tuple[Said, ...]] = {}
        for first in range(0, len(issue_ids), 20):
            data = self._query(_THREADS, {"ids": list(issue_ids[first : first + 20])})
            for raw in filter(None, data["nodes"]):
                found[raw["id"]] = comments(raw)
        return found

    def me(self) -> str:
        """The login of the account that the token belongs to."""
        if not self._me:
            self._me = str(self._query("query viewer { viewer { login } }", {})["viewer"]["login"])
        return self._me

    def may_decide(self, cohort_repo: str, login: str) -> bool:
        """Whether `login` may write to the cohort's own repo, and so decide about milestones."""
        key = (cohort_repo, login.lower())
        if key not in self._may:
            self._may[key] = self.permission(cohort_repo, login) in ("admin", "write")
        return self._may[key]

    def permission(self, repo: str, login: str) -> str:
        """What `login` may do in the repo `owner/name`: none, read, write or admin."""
        try:
            told = self._connection.rest("GET", f"/repos/{repo}/collaborators/{login}/permission")
        except ForgeError as refused:
            if refused.status == 404:
                return "none"
            raise
        return str(told["permission"])

    def _query(self, text: str, variables: Json) -> Json:
        data, errors = self._connection.graphql(text, variables, write=False)
        for error in errors:
            if error.get("type") != "NOT_FOUND":
                raise ForgeError(f"GitHub refuses the query: {error.get('message', 'no reason given')}")
        return data


def _holdings(names: Sequence[str]) -> str:
    fields = "\n".join(
        f"  r{i}: repository(owner: $org, name: {json.dumps(name)}) {{ ...holding }}"
        for i, name in enumerate(names)
    )
    return f"query claims($org: String!, $issues: Int!, $seen: Int!) {{\n{fields}\n}}{_HOLDING}"


def _holding(login: str, raw: Json) -> Holding:
    ref = raw["defaultBranchRef"]
    return Holding(
        learner=login,
        path=raw["nameWithOwner"],
        url=raw["url"],
        id=raw["id"],
        head=Head(ref["name"], ref["target"]["oid"]) if ref and ref["target"] else None,
        pushed_at=instant(raw["pushedAt"]),
        archived=raw["isArchived"],
        public=raw["visibility"] == "PUBLIC",
        threads=_threads(raw["issues"]["nodes"]),
    )


def _threads(nodes: Iterable[Json]) -> dict[str, Thread]:
    """The milestones' issues: of each milestone the oldest, which is the one that enrolment made."""
    found: dict[str, Thread] = {}
    for raw in nodes:
        key = key_of((raw["milestone"] or {}).get("description"))
        if key and key not in found:
            found[key] = Thread(
                milestone=key,
                id=raw["id"],
                number=raw["number"],
                closed=raw["closed"],
                closed_at=instant(raw["closedAt"]),
                labels=frozenset(_labels(raw["labels"]["nodes"])),
                comments=comments(raw),
            )
    return found


def _labels(nodes: Iterable[Json]) -> Iterable[str]:
    for raw in nodes:
        if mark := label_mark(raw["description"]):
            yield mark
        elif raw["name"].lower() in _NAMED:
            yield raw["name"].lower()


def comments(raw: Json) -> tuple[Said, ...]:
    """The comments of an issue that was read with the fragment `comments`."""
    return tuple(
        Said(
            int(node["fullDatabaseId"] or 0),
            (node["author"] or {}).get("login") or "",
            node["viewerDidAuthor"],
            datetime.fromisoformat(node["createdAt"]),
            node["body"],
            node["lastEditedAt"] is not None,
        )
        for node in raw["comments"]["nodes"]
    )
