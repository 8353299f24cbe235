"""Reading milestone issues with our comments in bulk; writing comments and board statuses, many a request.

One query carries fifty learners: everything that a digest needs to know about them is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cohort_bot.errors import ForgeError
from cohort_bot.forge import thread_queries as queries
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.mutations import Mutation, mutate
from cohort_bot.forge.parse import instant, label_mark
from cohort_bot.forge.protocol import OUR_COMMIT, Reply
from cohort_bot.owned import key_of
from cohort_bot.state import Access, Board, CohortState, Head, Issue, Repo

Json = dict[str, Any]
# Whom a workflow's own token writes as.
WORKFLOW = "github-actions"


@dataclass(frozen=True)
class Comment:
    """A comment that the token's own account wrote. `number` grows from comment to comment."""

    id: str
    number: int
    issue_id: str
    body: str
    at: str


@dataclass(frozen=True)
class Answer:
    """A comment that the learner's own workflow wrote, and when it was last changed.

    Whoever may push to a repo can write as its workflow, so this is good for showing to that learner alone.
    """

    body: str
    at: datetime
    url: str


@dataclass(frozen=True)
class Threads:
    """What was read: the repos, our comments by repo id, each board's newest status, and by issue id what the
    learner's own workflow said there."""

    state: CohortState
    comments: Mapping[str, tuple[Comment, ...]]
    statuses: Mapping[str, str]
    answers: Mapping[str, tuple[Answer, ...]]


@dataclass(frozen=True)
class Place:
    """Where the cohort summary goes: a repo, the issue in it ("" while there is none), our comments there."""

    repo_id: str
    public: bool
    issue_id: str = ""
    comments: tuple[Comment, ...] = ()


class Correspondence:
    """Reads and writes what is said on issues. Only what the token's own account wrote is believed.

    `stages` is how many milestone issues to expect a repo; comments are read back to the instant `since`.
    """

    def __init__(self, connection: Connection, stages: int, since: datetime) -> None:
        self._connection = connection
        self._stages = stages
        self._page = min(stages + 5, 50)
        self._since = since

    def read(self, org: str, learners: Mapping[str, str]) -> Threads:
        """The repos of `learners` (repo name → login) that exist, and what we said in each."""
        raws: dict[str, Json] = {}
        for names in _chunks(list(learners), queries.REPOS_A_QUERY):
            data = self._query(queries.repos(names), {"org": org, "issues": self._page})
            raws |= {name: data[f"r{i}"] for i, name in enumerate(names) if data.get(f"r{i}")}
        for raw in raws.values():
            self._read_on(raw)
        repos = {name: _repo(name, learners[name], raw) for name, raw in raws.items()}
        comments = {raw["id"]: tuple(self._ours(raw["issues"]["nodes"])) for raw in raws.values()}
        boards = [node for raw in raws.values() for node in raw["projectsV2"]["nodes"]]
        statuses = {
            node["id"]: update["status"] or "" for node in boards for update in node["statusUpdates"]["nodes"]
        }
        issues = (issue for raw in raws.values() for issue in raw["issues"]["nodes"])
        answers = {issue["id"]: tuple(_answers(issue)) for issue in issues}
        return Threads(CohortState(None, repos), comments, statuses, answers)

    def again(self, repo_ids: Sequence[str]) -> dict[str, tuple[Comment, ...]]:
        """Our newest comments in these repos, by repo id: a look after writing."""
        found: dict[str, tuple[Comment, ...]] = {}
        for ids in _chunks(list(repo_ids), queries.REPOS_A_GLANCE):
            data = self._query(queries.GLANCE, {"ids": ids, "issues": self._page})
            for raw in filter(None, data["nodes"]):
                found[raw["id"]] = tuple(_comments(raw["issues"]["nodes"]))
        return found

    def place(self, path: str, kind: str, key: str) -> Place | None:
        """The repo `owner/name` and the oldest open issue of ours in it with the marker `kind=key`."""
        owner, _, name = path.partition("/")
        raw = self._query(queries.PLACE, {"owner": owner, "name": name, "issues": 50}).get("repository")
        if not raw:
            return None
        self._all_issues(raw, lambda: not _marked(raw, kind, key))
        issue = next(iter(_marked(raw, kind, key)), None)
        public = raw["visibility"] == "PUBLIC"
        if issue is None:
            return Place(raw["id"], public)
        return Place(raw["id"], public, issue["id"], tuple(self._ours([issue])))

    def open_issue(self, repo_id: str, title: str, body: str) -> Reply:
        """Make an issue."""
        asked = {"repositoryId": repo_id, "title": title, "body": body}
        return mutate(self._connection, [Mutation("createIssue", asked, "issue { id number }")])[0]

    def close_issue(self, issue_id: str) -> Reply:
        """Close an issue that is one too many."""
        asked = {"issueId": issue_id, "stateReason": "NOT_PLANNED"}
        return mutate(self._connection, [Mutation("closeIssue", asked, "issue { id }")])[0]

    def write(
        self, comments: Sequence[tuple[str, str]], statuses: Sequence[tuple[str, str, str]]
    ) -> list[Reply]:
        """Post comments (issue id, body) and board statuses (board id, status, text): one request for all."""
        posts = [
            Mutation("addComment", {"subjectId": issue, "body": body}, "subject { id }")
            for issue, body in comments
        ]
        updates = [
            Mutation(
                "createProjectV2StatusUpdate",
                {"projectId": board, "status": status, "body": text},
                "statusUpdate { id }",
            )
            for board, status, text in statuses
        ]
        return mutate(self._connection, posts + updates)

    def remove(self, comment_ids: Sequence[str]) -> list[Reply]:
        """Delete comments: one request. One that is gone already is no failure."""
        gone = "could not resolve to a node"
        field = "deleteIssueComment"
        asked = [Mutation(field, {"id": each}, "clientMutationId", tolerate=gone) for each in comment_ids]
        return mutate(self._connection, asked)

    def _read_on(self, raw: Json) -> None:
        """Fetch further issues until all of ours are there. Ours come first: they are the oldest."""
        self._all_issues(raw, lambda: len(_issues(raw["issues"]["nodes"])) < self._stages)

    def _all_issues(self, raw: Json, lacking: Callable[[], bool]) -> None:
        page = raw["issues"]["pageInfo"]
        while page["hasNextPage"] and lacking():
            data = self._query(queries.MORE_ISSUES, {"id": raw["id"], "after": page["endCursor"]})
            more = data["node"]["issues"]
            raw["issues"]["nodes"] += more["nodes"]
            page = more["pageInfo"]

    def _ours(self, issues: Iterable[Json]) -> list[Comment]:
        issues = list(issues)
        for issue in issues:
            page = issue["comments"]["pageInfo"]
            while page["hasPreviousPage"] and self._reaches_back(issue["comments"]["nodes"]):
                data = self._query(queries.EARLIER, {"id": issue["id"], "before": page["startCursor"]})
                earlier = data["node"]["comments"]
                issue["comments"]["nodes"] = earlier["nodes"] + issue["comments"]["nodes"]
                page = earlier["pageInfo"]
        return _comments(issues)

    def _reaches_back(self, nodes: Sequence[Json]) -> bool:
        """Whether even the oldest of `nodes` is of the time that is asked about."""
        oldest = instant(nodes[0]["createdAt"]) if nodes else None
        return oldest is not None and oldest >= self._since

    def _query(self, text: str, variables: Json) -> Json:
        data, errors = self._connection.graphql(text, variables, write=False)
        for error in errors:
            if error.get("type") != "NOT_FOUND":
                raise ForgeError(f"GitHub refuses the query: {error.get('message', 'no reason given')}")
        return data


def _repo(name: str, login: str, raw: Json) -> Repo:
    people = (raw.get("collaborators") or {}).get("nodes") or ()
    joined = any(person["login"].lower() == login.lower() for person in people)
    boards = sorted(raw["projectsV2"]["nodes"], key=lambda node: node["title"] != name)
    board = boards[0] if boards else None
    return Repo(
        name=name,
        visibility=raw["visibility"].lower(),
        learner=login,
        issues=_issues(raw["issues"]["nodes"]),
        board=Board(board["title"], id=board["id"], number=board["number"], url=board["url"])
        if board
        else None,
        # Invitations are listed repo by repo only, which is far too dear here.
        access=Access.JOINED if joined else Access.INVITED,
        archived=raw["isArchived"],
        path=raw["nameWithOwner"],
        created_at=instant(raw["createdAt"]),
        head=_head(raw),
        pushed_at=_worked_at(raw),
        id=raw["id"],
        url=raw["url"],
    )


def _head(raw: Json) -> Head | None:
    ref = raw["defaultBranchRef"]
    return Head(ref["name"], ref["target"]["oid"]) if ref and ref["target"] else None


def _worked_at(raw: Json) -> datetime | None:
    """When the learner last pushed; where a commit of ours came after that, the date of what it stands on."""
    head = (raw["defaultBranchRef"] or {}).get("target") or {}
    if head.get("messageHeadline") != OUR_COMMIT:
        return instant(raw["pushedAt"])
    return instant(next((parent["committedDate"] for parent in head["parents"]["nodes"]), None))


def _issues(nodes: Iterable[Json]) -> dict[str, Issue]:
    found: dict[str, Issue] = {}
    for raw in nodes:
        key = key_of(raw["body"])
        if key and key not in found:
            marks = (label_mark(label["description"]) for label in raw["labels"]["nodes"])
            found[key] = Issue(
                key, raw["title"], raw["body"], key, labels=frozenset(filter(None, marks)),
                closed=raw["closed"], id=raw["id"], number=raw["number"],
            )  # fmt: skip
    return found


def _marked(raw: Json, kind: str, key: str) -> list[Json]:
    return [
        issue
        for issue in raw["issues"]["nodes"]
        if issue["viewerDidAuthor"] and not issue["closed"] and key_of(issue["body"], kind) == key
    ]


def _comments(issues: Iterable[Json]) -> list[Comment]:
    return [
        Comment(raw["id"], int(raw["fullDatabaseId"] or 0), issue["id"], raw["body"], raw["createdAt"])
        for issue in issues
        for raw in issue["comments"]["nodes"]
        if raw["viewerDidAuthor"]
    ]


def _answers(issue: Json) -> Iterator[Answer]:
    for raw in issue["comments"]["nodes"]:
        # A bot's login in GraphQL; REST and `gh` add the suffix.
        author = (raw["author"] or {}).get("login", "").removesuffix("[bot]")
        at = instant(raw["updatedAt"])
        if author == WORKFLOW and at is not None:
            yield Answer(raw["body"], at, raw["url"])


def _chunks(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[first : first + size] for first in range(0, len(items), size)]
