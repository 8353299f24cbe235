"""Issues, their labels, assignees, comments and events: https://docs.github.com/en/rest/issues."""

from __future__ import annotations

from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts, comments, issues, labels, milestones
from cohort_bot.sandbox.failures import Invalid, NotFound, field_error, invalid_field
from cohort_bot.sandbox.rest import filters
from cohort_bot.sandbox.rest.shapes import issues as shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
BASE = "/repos/<owner>/<repo>/issues"
ONE = f"{BASE}/<int:number>"
_REASONS = {"completed", "not_planned", "duplicate", "reopened"}


def _issue(call: Call) -> Row:
    return issues.need(call.ctx, call.repo, call.path["number"])


@routes.get(BASE, "repo")
def _list(call: Call) -> Reply:
    issues.need_enabled(call.repo)
    return call.listing(filters.issues_of(call), shapes.issue)


@routes.post(BASE, "repo")
def _create(call: Call) -> Reply:
    ctx, repo = call.ctx, call.repo
    access.need_actor(ctx)
    access.need_unlocked(repo)
    issues.need_enabled(repo)
    title = call.body.get("title")
    if title is None:
        raise Invalid('Invalid request.\n\n"title" wasn\'t supplied.')
    trusted = access.granted(ctx, repo) >= access.RANK["triage"]
    # Who may not triage can still report: what they may not set is dropped without a word.
    stone = _milestone(call) if trusted else None
    issue = issues.create(
        ctx, repo, str(title), call.text("body"), milestone_id=stone["id"] if stone else None
    )
    if trusted:
        issues.add_labels(ctx, issue, _labels(call))
        issues.assign(ctx, repo, issue, _people(call))
    shown = shapes.issue_full(ctx, issues.reload(ctx, issue["id"]))
    return Reply(shown, 201, {"Location": shown["url"]})


def _milestone(call: Call) -> Row | None:
    number = call.body.get("milestone")
    if number is None:
        return None
    try:
        return milestones.need(call.ctx, call.repo, int(number))
    except (NotFound, ValueError, TypeError) as error:
        raise invalid_field("Issue", "milestone") from error


def _labels(call: Call) -> list[Row]:
    names = call.strings("labels", "name") or []
    return [labels.find_or_create(call.ctx, call.repo, name) for name in dict.fromkeys(names)]


def _people(call: Call) -> list[Row]:
    logins = call.strings("assignees", "login") or []
    if "assignees" not in call.body and (single := call.text("assignee")):
        logins = [single]
    found = (accounts.known(call.ctx, login) for login in logins)
    return [row for row in found if row]


@routes.get(ONE, "repo")
def _get(call: Call) -> Payload:
    return shapes.issue_full(call.ctx, _issue(call))


@routes.patch(ONE, "repo")
def _patch(call: Call) -> Payload:
    ctx, issue = call.ctx, _issue(call)
    issues.need_editor(ctx, call.repo, issue)
    title = call.body.get("title")
    issues.change_text(ctx, issue, None if title is None else str(title), call.text("body"))
    _patch_triage(call, issue)
    _patch_state(call, issues.reload(ctx, issue["id"]))
    return shapes.issue_full(ctx, issues.reload(ctx, issue["id"]))


def _patch_triage(call: Call, issue: Row) -> None:
    if not {"milestone", "labels", "assignees", "assignee"} & call.body.keys():
        return
    access.need(call.ctx, call.repo, "triage")
    if "milestone" in call.body:
        issues.set_milestone(call.ctx, issue, _milestone(call))
    if "labels" in call.body:
        issues.set_labels(call.ctx, issue, _labels(call))
    if "assignees" in call.body or "assignee" in call.body:
        _need_assignable(call, _people(call))
        issues.set_assignees(call.ctx, call.repo, issue, _people(call))


def _need_assignable(call: Call, users: list[Row]) -> None:
    """Setting assignees on an existing issue refuses who cannot be; only creation drops them silently."""
    asked = call.strings("assignees", "login") or []
    refused = [user["login"] for user in users if not issues.assignable(call.ctx, call.repo, user)]
    known = {user["login"].lower() for user in users}
    refused += [login for login in asked if login.lower() not in known]
    if refused:
        error = field_error("Issue", "assignees", "invalid")
        raise Invalid("Validation Failed", [error | {"value": refused[0]}])


def _patch_state(call: Call, issue: Row) -> None:
    state, reason = call.text("state"), call.text("state_reason")
    if state not in {None, "open", "closed"}:
        raise invalid_field("Issue", "state")
    if reason not in {None, *_REASONS}:
        raise invalid_field("Issue", "state_reason")
    if state == "closed":
        issues.close(call.ctx, issue, reason if reason != "reopened" else None)
    elif state == "open":
        issues.reopen(call.ctx, issue)


@routes.get(f"{ONE}/labels", "repo")
def _get_labels(call: Call) -> Reply:
    return call.listing(labels.of_issue(call.ctx, _issue(call)["id"]), shapes.label)


@routes.post(f"{ONE}/labels", "repo")
def _add_labels(call: Call) -> Payload:
    access.need_write(call.ctx, call.repo, "triage")
    issues.add_labels(call.ctx, _issue(call), _labels(call))
    return _all_labels(call)


@routes.put(f"{ONE}/labels", "repo")
def _set_labels(call: Call) -> Payload:
    access.need_write(call.ctx, call.repo, "triage")
    issues.set_labels(call.ctx, _issue(call), _labels(call))
    return _all_labels(call)


@routes.delete(f"{ONE}/labels", "repo")
def _clear_labels(call: Call) -> Reply:
    access.need_write(call.ctx, call.repo, "triage")
    issues.set_labels(call.ctx, _issue(call), [])
    return Reply(None, 204)


@routes.delete(f"{ONE}/labels/<path:name>", "repo")
def _remove_label(call: Call) -> Payload:
    access.need_write(call.ctx, call.repo, "triage")
    issue = _issue(call)
    found = [
        row
        for row in labels.of_issue(call.ctx, issue["id"])
        if row["name"].lower() == call.path["name"].lower()
    ]
    if not found:
        raise NotFound("Label does not exist")
    issues.remove_labels(call.ctx, issue, found)
    return _all_labels(call)


def _all_labels(call: Call) -> Payload:
    return [shapes.label(call.ctx, row) for row in labels.of_issue(call.ctx, _issue(call)["id"])]


@routes.post(f"{ONE}/assignees", "repo")
def _assign(call: Call) -> Reply:
    access.need_write(call.ctx, call.repo, "triage")
    issues.assign(call.ctx, call.repo, _issue(call), _people(call))
    return Reply(shapes.issue(call.ctx, _issue(call)), 201)


@routes.delete(f"{ONE}/assignees", "repo")
def _unassign(call: Call) -> Payload:
    access.need_write(call.ctx, call.repo, "triage")
    issues.unassign(call.ctx, _issue(call), _people(call))
    return shapes.issue(call.ctx, _issue(call))


@routes.get(f"{ONE}/comments", "repo")
def _issue_comments(call: Call) -> Reply:
    sql = "SELECT * FROM comments WHERE issue_id = ? AND updated_at >= ? ORDER BY id"
    since = filters.since(call)
    return call.listing(call.ctx.db.all(sql, _issue(call)["id"], since), shapes.comment)


@routes.post(f"{ONE}/comments", "repo")
def _comment(call: Call) -> Reply:
    access.need_actor(call.ctx)
    row = comments.create(call.ctx, call.repo, _issue(call), call.need_text("body"))
    shown = shapes.comment(call.ctx, row)
    return Reply(shown, 201, {"Location": shown["url"]})


@routes.get(f"{BASE}/comments", "repo")
def _repo_comments(call: Call) -> Reply:
    sql = (
        "SELECT c.* FROM comments c JOIN issues i ON i.id = c.issue_id"
        " WHERE i.repo_id = ? AND c.updated_at >= ? ORDER BY c.id"
    )
    rows = call.ctx.db.all(sql, call.repo["id"], filters.since(call))
    return call.listing(rows[::-1] if call.request.args.get("direction") == "desc" else rows, shapes.comment)


@routes.get(f"{BASE}/comments/<int:comment>", "repo")
def _get_comment(call: Call) -> Payload:
    return shapes.comment(call.ctx, comments.need(call.ctx, call.repo, call.path["comment"])[0])


@routes.patch(f"{BASE}/comments/<int:comment>", "repo")
def _change_comment(call: Call) -> Payload:
    row, _ = comments.need(call.ctx, call.repo, call.path["comment"])
    return shapes.comment(call.ctx, comments.change(call.ctx, call.repo, row, call.need_text("body")))


@routes.delete(f"{BASE}/comments/<int:comment>", "repo")
def _delete_comment(call: Call) -> Reply:
    row, _ = comments.need(call.ctx, call.repo, call.path["comment"])
    comments.delete(call.ctx, call.repo, row)
    return Reply(None, 204)


@routes.get(f"{ONE}/events", "repo")
def _events(call: Call) -> Reply:
    rows = call.ctx.db.all("SELECT * FROM events WHERE issue_id = ? ORDER BY id", _issue(call)["id"])
    return call.listing(rows, shapes.event)


@routes.get(f"{BASE}/events", "repo")
def _repo_events(call: Call) -> Reply:
    rows = call.ctx.db.all("SELECT * FROM events WHERE repo_id = ? ORDER BY id DESC", call.repo["id"])
    return call.listing(rows, shapes.event_with_issue)


@routes.get(f"{BASE}/events/<int:event>", "repo")
def _event(call: Call) -> Payload:
    sql = "SELECT * FROM events WHERE id = ? AND repo_id = ?"
    found = call.ctx.db.one(sql, call.path["event"], call.repo["id"])
    if found is None:
        raise NotFound
    return shapes.event_with_issue(call.ctx, found)


@routes.get(f"{ONE}/timeline", "repo")
def _timeline(call: Call) -> Reply:
    issue_id = _issue(call)["id"]
    found = call.ctx.db.all("SELECT * FROM events WHERE issue_id = ?", issue_id)
    found += call.ctx.db.all("SELECT * FROM comments WHERE issue_id = ?", issue_id)
    found.sort(key=lambda row: (row["created_at"], "body" in row, row["id"]))
    return call.listing(found, _timeline_item)


def _timeline_item(ctx: Context, row: Row) -> Payload:
    return shapes.timeline_comment(ctx, row) if "body" in row else shapes.timeline_event(ctx, row)
