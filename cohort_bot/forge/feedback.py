"""Reading a learner's milestone issues with our one comment on each, and writing what is to be changed there.

Two kinds of request: one query for fifty issues, and one with every change of one issue. A comment is ours
when the token's own account wrote it (`viewerDidAuthor`) and it carries our marker; either alone proves
nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cohort_bot import owned
from cohort_bot.conversation import Comment, Conversation, Reply
from cohort_bot.errors import ForgeError
from cohort_bot.forge.connection import Connection, Json
from cohort_bot.forge.mutations import Mutation, mutate
from cohort_bot.forge.parse import label_mark

_MARKER = "<!-- cohort-bot: feedback="
_COMMENTS = """
fragment comments on IssueCommentConnection {
  pageInfo { hasNextPage endCursor }
  nodes { id body viewerDidAuthor }
}
"""
_ISSUES = (
    """
query milestoneIssues($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    labels(first: 100) { nodes { id name color description } }
    issues(first: 50, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id number title body closed
        labels(first: 20) { nodes { id } }
        comments(first: 30) { ...comments }
      }
    }
  }
}
"""
    + _COMMENTS
)
_MORE = (
    """
query moreComments($id: ID!, $after: String) {
  node(id: $id) { ... on Issue { comments(first: 100, after: $after) { ...comments } } }
}
"""
    + _COMMENTS
)


class Desk:
    """The milestone issues of the repo `path` (owner/name). `label_keys`: label name in lower case → key."""

    def __init__(self, connection: Connection, path: str, label_keys: Mapping[str, str]) -> None:
        self._connection, self._path, self._label_keys = connection, path, label_keys
        self._labels: dict[str, str] = {}

    def read(self, keys: Collection[str]) -> dict[str, Conversation]:
        """Milestone → its issue, the oldest where several carry its marker. Raises ForgeError for no such
        repo.
        """
        found: dict[str, Conversation] = {}
        after: str | None = None
        while True:
            repo = self._page(after)
            self._labels |= self._own_labels(repo["labels"]["nodes"])
            for raw in repo["issues"]["nodes"]:
                key = owned.key_of(raw["body"])
                if key and key in keys and key not in found:
                    found[key] = self._conversation(key, raw)
            page = repo["issues"]["pageInfo"]
            if not page["hasNextPage"] or found.keys() >= set(keys):
                return found
            after = page["endCursor"]

    def write(self, conversation: Conversation, reply: Reply) -> None:
        """Carry `reply` out in one request, none for an empty one. Raises ForgeError for what is refused."""
        replies = mutate(self._connection, self._changes(conversation, reply))
        refused = [done.error for done in replies if done.error]
        if refused:
            raise ForgeError(f"issue #{conversation.number} of {self._path}: {'; '.join(refused)}")

    def _page(self, after: str | None) -> Json:
        owner, _, name = self._path.partition("/")
        data, errors = self._connection.graphql(
            _ISSUES, {"owner": owner, "name": name, "after": after}, write=False
        )
        repo: Json | None = data.get("repository")
        if repo is None:
            said = errors[0].get("message", "") if errors else "it does not exist"
            raise ForgeError(
                f"the repo {self._path} cannot be read: {said}",
                "The workflow needs `permissions: issues: write`, and the token must be this repo's own.",
            )
        return repo

    def _own_labels(self, nodes: Sequence[Json]) -> dict[str, str]:
        """Our key → the id of the label that is ours, whatever the learner calls it."""
        keys = {raw["id"]: label_mark(raw["description"]) for raw in nodes}
        named = {self._label_keys.get(raw["name"].lower(), ""): raw["id"] for raw in nodes}
        return {key: id_ for key, id_ in (named | {key: id_ for id_, key in keys.items()}).items() if key}

    def _conversation(self, key: str, raw: Json) -> Conversation:
        on_it = {node["id"] for node in raw["labels"]["nodes"]}
        return Conversation(
            key=key, title=raw["title"], body=raw["body"], closed=raw["closed"],
            labels=frozenset(name for name, node in self._labels.items() if node in on_it),
            comment=self._own_comment(raw), id=raw["id"], number=raw["number"],
        )  # fmt: skip

    def _own_comment(self, raw: Json) -> Comment | None:
        comments = raw["comments"]
        while True:
            for node in comments["nodes"]:
                if node["viewerDidAuthor"] and node["body"].startswith(_MARKER):
                    return Comment(node["id"], node["body"])
            if not comments["pageInfo"]["hasNextPage"]:
                return None
            asked = {"id": raw["id"], "after": comments["pageInfo"]["endCursor"]}
            data, _ = self._connection.graphql(_MORE, asked, write=False)
            comments = data["node"]["comments"]

    def _changes(self, conversation: Conversation, reply: Reply) -> list[Mutation]:
        made = []
        if reply.body is not None:
            asked: Json = {"id": conversation.id, "body": reply.body}
            made.append(Mutation("updateIssue", asked, "issue { id }"))
        if reply.comment is not None:
            made.append(_comment(conversation, reply.comment))
        made += [
            Mutation(
                field, {"labelableId": conversation.id, "labelIds": ids}, "labelable { ... on Issue { id } }"
            )
            for field, keys in (
                ("addLabelsToLabelable", reply.add),
                ("removeLabelsFromLabelable", reply.remove),
            )
            if (ids := [self._labels[key] for key in sorted(keys) if key in self._labels])
        ]
        if reply.closed is not None:
            made.append(_state(conversation, closed=reply.closed))
        return made


def _comment(conversation: Conversation, body: str) -> Mutation:
    if conversation.comment:
        asked = {"id": conversation.comment.id, "body": body}
        return Mutation("updateIssueComment", asked, "issueComment { id }")
    return Mutation("addComment", {"subjectId": conversation.id, "body": body}, "commentEdge { node { id } }")


def _state(conversation: Conversation, *, closed: bool) -> Mutation:
    if closed:
        asked = {"issueId": conversation.id, "stateReason": "COMPLETED"}
        return Mutation("closeIssue", asked, "issue { id }")
    return Mutation("reopenIssue", {"issueId": conversation.id}, "issue { id }")
