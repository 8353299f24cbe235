"""Comments, and what happened to an issue."""

from __future__ import annotations

import json
import re

from cohort_bot.sandbox.domain import issues
from cohort_bot.sandbox.graphql.asking import Ask, account_by_id, issue, resolves, typed
from cohort_bot.sandbox.graphql.connections import Connection, from_rows
from cohort_bot.sandbox.graphql.issues import body_text, reason, repo_of
from cohort_bot.sandbox.rest.shapes.issues import association, html_url
from cohort_bot.sandbox.store import Row

_EVENTS = {
    "closed": "ClosedEvent",
    "reopened": "ReopenedEvent",
    "labeled": "LabeledEvent",
    "unlabeled": "UnlabeledEvent",
    "assigned": "AssignedEvent",
    "unassigned": "UnassignedEvent",
    "milestoned": "MilestonedEvent",
    "demilestoned": "DemilestonedEvent",
    "renamed": "RenamedTitleEvent",
}


@resolves("Issue", "timelineItems")
def _timeline(ask: Ask) -> Connection:
    rows = ask.ctx.db.all("SELECT * FROM events WHERE issue_id = ?", ask.row["id"])
    found = [typed(_EVENTS[row["event"]], row) for row in rows if row["event"] in _EVENTS]
    comments = ask.ctx.db.all("SELECT * FROM comments WHERE issue_id = ?", ask.row["id"])
    found += [typed("IssueComment", row) for row in comments]
    wanted, since = ask.args.get("itemTypes"), ask.args.get("since") or ""
    kept = [row for row in found if row["created_at"] >= since and (not wanted or _enum_of(row) in wanted)]
    kept.sort(key=lambda row: (row["created_at"], row["_type"] == "IssueComment", row["id"]))
    return from_rows(ask, kept)


def _enum_of(row: Row) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", row["_type"]).upper()


def _detail(ask: Ask, name: str) -> Row:
    found = json.loads(ask.row["detail"]).get(name)
    return found if isinstance(found, dict) else {}


@resolves("LabeledEvent", "label")
@resolves("UnlabeledEvent", "label")
def _event_label(ask: Ask) -> Row:
    """The label as it is now; of one that has been deleted, what it was."""
    was = _detail(ask, "label")
    sql = "SELECT * FROM labels WHERE repo_id = ? AND name = ?"
    gone = {"id": 0, "is_default": 0, "description": None, "repo_id": ask.row["repo_id"]}
    return ask.ctx.db.one(sql, ask.row["repo_id"], was["name"]) or was | gone


@resolves("AssignedEvent", "assignee")
@resolves("UnassignedEvent", "assignee")
def _event_assignee(ask: Ask) -> Row | None:
    return account_by_id(ask.ctx, json.loads(ask.row["detail"])["assignee_id"])


@resolves("MilestonedEvent", "milestoneTitle")
@resolves("DemilestonedEvent", "milestoneTitle")
def _event_milestone(ask: Ask) -> str:
    return str(_detail(ask, "milestone")["title"])


@resolves("RenamedTitleEvent", "previousTitle")
def _event_from(ask: Ask) -> str:
    return str(_detail(ask, "rename")["from"])


@resolves("RenamedTitleEvent", "currentTitle")
def _event_to(ask: Ask) -> str:
    return str(_detail(ask, "rename")["to"])


@resolves("ClosedEvent", "stateReason")
@resolves("ReopenedEvent", "stateReason")
def _event_reason(ask: Ask) -> str | None:
    return reason(ask, json.loads(ask.row["detail"]).get("state_reason"))


def _event_actor(ask: Ask) -> Row | None:
    return account_by_id(ask.ctx, ask.row["actor_id"])


for _type in _EVENTS.values():
    resolves(_type, "actor")(_event_actor)


@resolves("ClosedEvent", "url")
def _event_url(ask: Ask) -> str:
    return f"{html_url(ask.ctx, issues.reload(ask.ctx, ask.row['issue_id']))}#event-{ask.row['id']}"


@resolves("ClosedEvent", "resourcePath")
def _event_path(ask: Ask) -> str:
    return _event_url(ask).removeprefix(ask.ctx.urls.html)


def _comment_issue(ask: Ask) -> Row:
    return issue(issues.reload(ask.ctx, ask.row["issue_id"])) or {}


resolves("IssueComment", "issue")(_comment_issue)
resolves("IssueComment", "bodyText")(body_text)


@resolves("IssueComment", "repository")
def _comment_repository(ask: Ask) -> Row:
    return repo_of(ask.ctx, _comment_issue(ask)["repo_id"])


@resolves("IssueComment", "url")
def _comment_url(ask: Ask) -> str:
    return f"{html_url(ask.ctx, _comment_issue(ask))}#issuecomment-{ask.row['id']}"


@resolves("IssueComment", "resourcePath")
def _comment_path(ask: Ask) -> str:
    return _comment_url(ask).removeprefix(ask.ctx.urls.html)


@resolves("IssueComment", "authorAssociation")
def _comment_association(ask: Ask) -> str:
    return association(ask.ctx, _comment_issue(ask)["repo_id"], ask.row["author_id"])
