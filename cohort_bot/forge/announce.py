"""Writing verdicts where learners see them: a comment, labels, open or closed, and a mark on the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cohort_bot.errors import ForgeError
from cohort_bot.forge.connection import Connection, Json
from cohort_bot.forge.mutations import Mutation, mutate
from cohort_bot.forge.parse import label_mark
from cohort_bot.forge.protocol import Reply

# Each may be four mutations; GitHub gives a request ten seconds.
A_REQUEST = 10
_FORBIDDEN = 403
_LONGEST_STATUS = 140

_LABELS = """
query labels($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Repository { id labels(first: 100) { nodes { id name description } } } }
}
"""


@dataclass(frozen=True)
class Notice:
    """What to write on one issue. `add` and `remove` are label ids; `closed` None leaves it as it is."""

    issue_id: str
    comment: str = ""
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    closed: bool | None = None


@dataclass(frozen=True)
class Mark:
    """A verdict on a commit: shown as a check run where the token is an App's, else as a commit status."""

    path: str
    sha: str
    name: str
    passed: bool
    title: str
    summary: str


class Announcer:
    """Writes verdicts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._runs = True

    def label_ids(self, repo_ids: Sequence[str]) -> dict[str, Mapping[str, str]]:
        """Repo id → label key → label id. One request for a hundred repos."""
        found: dict[str, Mapping[str, str]] = {}
        for first in range(0, len(repo_ids), 100):
            data, _ = self._connection.graphql(
                _LABELS, {"ids": list(repo_ids[first : first + 100])}, write=False
            )
            for raw in filter(None, data.get("nodes") or ()):
                found[raw["id"]] = {
                    label_mark(label["description"]) or label["name"].lower(): label["id"]
                    for label in raw["labels"]["nodes"]
                }
        return found

    def write(self, notices: Sequence[Notice]) -> list[Reply]:
        """Carry out `notices`, several a request; one reply for each, in order. The comment comes first."""
        replies: list[Reply] = []
        for first in range(0, len(notices), A_REQUEST):
            groups = [_mutations(notice) for notice in notices[first : first + A_REQUEST]]
            told = iter(mutate(self._connection, [each for group in groups for each in group]))
            replies += [_worst([next(told) for _ in group]) for group in groups]
        return replies

    def mark(self, mark: Mark) -> None:
        """Put the verdict on the commit. Writing it again changes nothing for who looks."""
        if self._runs:
            try:
                self._connection.rest("POST", f"/repos/{mark.path}/check-runs", _run(mark))
            except ForgeError as refused:
                if refused.status != _FORBIDDEN:
                    raise
                self._runs = False  # only Apps may write check runs
            else:
                return
        self._connection.rest("POST", f"/repos/{mark.path}/statuses/{mark.sha}", _status(mark))


def _mutations(notice: Notice) -> list[Mutation]:
    made = []
    if notice.comment:
        asked: Json = {"subjectId": notice.issue_id, "body": notice.comment}
        made.append(Mutation("addComment", asked, "subject { id }"))
    for field, ids in (("addLabelsToLabelable", notice.add), ("removeLabelsFromLabelable", notice.remove)):
        if ids:
            asked = {"labelableId": notice.issue_id, "labelIds": list(ids)}
            made.append(Mutation(field, asked, "labelable { ... on Issue { id } }"))
    if notice.closed is not None:
        field = "closeIssue" if notice.closed else "reopenIssue"
        asked = {"issueId": notice.issue_id, **({"stateReason": "COMPLETED"} if notice.closed else {})}
        made.append(Mutation(field, asked, "issue { id }"))
    return made


def _run(mark: Mark) -> Json:
    return {
        "name": mark.name,
        "head_sha": mark.sha,
        "status": "completed",
        "conclusion": "success" if mark.passed else "failure",
        "output": {"title": mark.title, "summary": mark.summary},
    }


def _status(mark: Mark) -> Json:
    return {
        "state": "success" if mark.passed else "failure",
        "context": mark.name,
        "description": mark.title[:_LONGEST_STATUS],
    }


def _worst(replies: Sequence[Reply]) -> Reply:
    return next((reply for reply in replies if reply.error), replies[-1] if replies else Reply())
