"""What GitHub's own clients ask for and the sandbox never fills: reactions, forks, hidden comments."""

from __future__ import annotations

from cohort_bot.sandbox.graphql.asking import Ask, resolves
from cohort_bot.sandbox.graphql.connections import Connection, from_rows
from cohort_bot.sandbox.store import Row

_REACTIONS = ("THUMBS_UP", "THUMBS_DOWN", "LAUGH", "HOORAY", "CONFUSED", "HEART", "ROCKET", "EYES")


def _reaction_groups(_ask: Ask) -> list[Row]:
    """One group for every kind of reaction, as GitHub answers for what nobody has reacted to."""
    return [{"content": content} for content in _REACTIONS]


for _type in ("Issue", "PullRequest", "IssueComment"):
    resolves(_type, "reactionGroups")(_reaction_groups)


@resolves("ReactionGroup", "users")
def _nobody(ask: Ask) -> Connection:
    return from_rows(ask, [])


@resolves("ReactionGroup", "viewerHasReacted")
@resolves("IssueComment", "isMinimized")
def _no(_ask: Ask) -> bool:
    return False


@resolves("IssueComment", "includesCreatedEdit")
def _edited(ask: Ask) -> bool:
    return ask.row["last_edited_at"] is not None


@resolves("Repository", "mergeCommitAllowed", "rebaseMergeAllowed", "squashMergeAllowed")
def _yes(_ask: Ask) -> bool:
    return True
