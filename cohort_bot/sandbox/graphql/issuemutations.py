"""Mutations of issues and comments."""

from __future__ import annotations

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, comments, issues, items, projects
from cohort_bot.sandbox.failures import Invalid
from cohort_bot.sandbox.graphql import nodes
from cohort_bot.sandbox.graphql.asking import account, issue
from cohort_bot.sandbox.graphql.changing import home, mutation
from cohort_bot.sandbox.store import Row

_ANY = ("Issue", "PullRequest")


def _milestone(ctx: Context, repo: Row, given: Row) -> Row | None:
    node_id = given.get("milestoneId")
    found = nodes.load(ctx, node_id, "Milestone") if node_id else None
    if found and found["repo_id"] != repo["id"]:
        raise Invalid("Milestone is not of this repository")
    return found


def _labels(ctx: Context, repo: Row, node_ids: list[str] | None) -> list[Row]:
    found = nodes.load_all(ctx, node_ids, "Label")
    if any(label["repo_id"] != repo["id"] for label in found):
        raise Invalid("Labels are not of this repository")
    return found


@mutation("createIssue")
def _create_issue(ctx: Context, given: Row) -> Row:
    repo = nodes.load(ctx, given["repositoryId"], "Repository")
    access.need_unlocked(repo)
    issues.need_enabled(repo)
    boards = [
        projects.need(ctx, nodes.load(ctx, node_id, "ProjectV2"), 2)
        for node_id in given.get("projectV2Ids") or []
    ]
    # Who may not triage can still report: what they may not set is dropped without a word, as REST documents.
    trusted = access.granted(ctx, repo) >= access.RANK["triage"]
    columns: Row = {}
    if trusted:
        milestone = _milestone(ctx, repo, given)
        columns["milestone_id"] = milestone["id"] if milestone else None
    if given.get("parentIssueId"):
        columns["parent_id"] = nodes.load(ctx, given["parentIssueId"], "Issue")["id"]
    new = issues.create(ctx, repo, given["title"], given.get("body"), **columns)
    if trusted:
        issues.add_labels(ctx, new, _labels(ctx, repo, given.get("labelIds")))
        issues.assign(ctx, repo, new, nodes.load_all(ctx, given.get("assigneeIds"), "User"))
    for board in boards:
        items.add(ctx, board, new, late=True)
    return {"issue": issues.reload(ctx, new["id"])}


@mutation("updateIssue")
def _update_issue(ctx: Context, given: Row) -> Row:
    row = nodes.load(ctx, given["id"], "Issue")
    repo = home(ctx, row)
    issues.need_editor(ctx, repo, row)
    issues.change_text(ctx, row, given.get("title"), given.get("body"))
    if {"milestoneId", "labelIds", "assigneeIds"} & given.keys():
        access.need(ctx, repo, "triage")
    if "milestoneId" in given:
        issues.set_milestone(ctx, row, _milestone(ctx, repo, given))
    if given.get("labelIds") is not None:
        issues.set_labels(ctx, row, _labels(ctx, repo, given["labelIds"]))
    if given.get("assigneeIds") is not None:
        issues.set_assignees(ctx, repo, row, nodes.load_all(ctx, given["assigneeIds"], "User"))
    if given.get("state") == "CLOSED":
        issues.close(ctx, row)
    elif given.get("state") == "OPEN":
        issues.reopen(ctx, row)
    actor = account(access.need_actor(ctx).user)
    return {"issue": issues.reload(ctx, row["id"]), "actor": actor}


@mutation("closeIssue")
def _close_issue(ctx: Context, given: Row) -> Row:
    row = nodes.load(ctx, given["issueId"], "Issue")
    issues.need_editor(ctx, home(ctx, row), row)
    issues.close(ctx, row, (given.get("stateReason") or "COMPLETED").lower())
    return {"issue": issues.reload(ctx, row["id"])}


@mutation("reopenIssue")
def _reopen_issue(ctx: Context, given: Row) -> Row:
    row = nodes.load(ctx, given["issueId"], "Issue")
    issues.need_editor(ctx, home(ctx, row), row)
    issues.reopen(ctx, row)
    return {"issue": issues.reload(ctx, row["id"])}


@mutation("addComment")
def _add_comment(ctx: Context, given: Row) -> Row:
    subject = nodes.load(ctx, given["subjectId"], *_ANY)
    row = comments.create(ctx, home(ctx, subject), subject, given["body"])
    return {"comment_edge": {"node": row, "cursor": ""}, "subject": subject}


def _comment_home(ctx: Context, comment: Row) -> Row:
    return home(ctx, issues.reload(ctx, comment["issue_id"]))


@mutation("updateIssueComment")
def _update_comment(ctx: Context, given: Row) -> Row:
    row = nodes.load(ctx, given["id"], "IssueComment")
    return {"issue_comment": comments.change(ctx, _comment_home(ctx, row), row, given["body"])}


@mutation("deleteIssueComment")
def _delete_comment(ctx: Context, given: Row) -> Row:
    row = nodes.load(ctx, given["id"], "IssueComment")
    comments.delete(ctx, _comment_home(ctx, row), row)
    return {}


def _triaged(ctx: Context, node_id: str) -> tuple[Row, Row]:
    """An issue or pull request that the asker may triage, and its repository."""
    row = nodes.load(ctx, node_id, *_ANY)
    repo = home(ctx, row)
    access.need_write(ctx, repo, "triage")
    return row, repo


@mutation("addLabelsToLabelable")
def _add_labels(ctx: Context, given: Row) -> Row:
    row, repo = _triaged(ctx, given["labelableId"])
    issues.add_labels(ctx, row, _labels(ctx, repo, given["labelIds"]))
    return {"labelable": issue(issues.reload(ctx, row["id"]))}


@mutation("removeLabelsFromLabelable")
def _remove_labels(ctx: Context, given: Row) -> Row:
    row, repo = _triaged(ctx, given["labelableId"])
    issues.remove_labels(ctx, row, _labels(ctx, repo, given["labelIds"]))
    return {"labelable": issue(issues.reload(ctx, row["id"]))}


@mutation("addAssigneesToAssignable")
def _assign(ctx: Context, given: Row) -> Row:
    row, repo = _triaged(ctx, given["assignableId"])
    issues.assign(ctx, repo, row, nodes.load_all(ctx, given["assigneeIds"], "User"))
    return {"assignable": issue(issues.reload(ctx, row["id"]))}


@mutation("removeAssigneesFromAssignable")
def _unassign(ctx: Context, given: Row) -> Row:
    row, _ = _triaged(ctx, given["assignableId"])
    issues.unassign(ctx, row, nodes.load_all(ctx, given["assigneeIds"], "User"))
    return {"assignable": issue(issues.reload(ctx, row["id"]))}
