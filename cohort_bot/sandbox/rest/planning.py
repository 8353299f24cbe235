"""Labels and milestones of a repository."""

from __future__ import annotations

from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.domain import access, labels, milestones
from cohort_bot.sandbox.rest.shapes import issues as shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
LABELS = "/repos/<owner>/<repo>/labels"
MILESTONES = "/repos/<owner>/<repo>/milestones"


@routes.get(LABELS, "repo")
def _labels(call: Call) -> Reply:
    sql = "SELECT * FROM labels WHERE repo_id = ? ORDER BY id"
    return call.listing(call.ctx.db.all(sql, call.repo["id"]), shapes.label)


@routes.post(LABELS, "repo")
def _create_label(call: Call) -> Reply:
    access.need_write(call.ctx, call.repo)
    color = call.text("color") or labels.DEFAULT_COLOR
    row = labels.create(call.ctx, call.repo, call.text("name") or "", color, call.text("description"))
    shown = shapes.label(call.ctx, row)
    return Reply(shown, 201, {"Location": shown["url"]})


@routes.get(f"{LABELS}/<path:name>", "repo")
def _label(call: Call) -> Payload:
    return shapes.label(call.ctx, labels.need(call.ctx, call.repo, call.path["name"]))


@routes.patch(f"{LABELS}/<path:name>", "repo")
def _change_label(call: Call) -> Payload:
    access.need_write(call.ctx, call.repo)
    row = labels.need(call.ctx, call.repo, call.path["name"])
    columns = {"color": call.text("color"), "name": call.text("new_name") or call.text("name")}
    given = {key: value for key, value in columns.items() if value} | call.given("description")
    return shapes.label(call.ctx, labels.change(call.ctx, call.repo, row, **given))


@routes.delete(f"{LABELS}/<path:name>", "repo")
def _delete_label(call: Call) -> Reply:
    access.need_write(call.ctx, call.repo)
    labels.delete(call.ctx, labels.need(call.ctx, call.repo, call.path["name"]))
    return Reply(None, 204)


@routes.get(MILESTONES, "repo")
def _milestones(call: Call) -> Reply:
    args = call.request.args
    state = args.get("state", "open")
    rows = call.ctx.db.all(f"{milestones.SELECT} WHERE m.repo_id = ? ORDER BY m.number", call.repo["id"])
    found = [row for row in rows if state in {"all", row["state"]}]
    if args.get("sort", "due_on") == "due_on":
        found.sort(key=lambda row: (row["due_on"] is None, row["due_on"] or "", row["number"]))
    elif args.get("sort") == "completeness":
        found.sort(key=_completeness)
    return call.listing(found[::-1] if args.get("direction") == "desc" else found, shapes.milestone)


def _completeness(row: Row) -> float:
    total = row["open_issues"] + row["closed_issues"]
    return row["closed_issues"] / total if total else 0.0


@routes.post(MILESTONES, "repo")
def _create_milestone(call: Call) -> Reply:
    access.need_write(call.ctx, call.repo)
    columns = call.given("description", "due_on", "state")
    row = milestones.create(call.ctx, call.repo, call.text("title") or "", **columns)
    shown = shapes.milestone(call.ctx, row)
    return Reply(shown, 201, {"Location": shown["url"]})


def _milestone(call: Call) -> Row:
    return milestones.need(call.ctx, call.repo, call.path["number"])


@routes.get(f"{MILESTONES}/<int:number>", "repo")
def _get_milestone(call: Call) -> Payload:
    return shapes.milestone(call.ctx, _milestone(call))


@routes.patch(f"{MILESTONES}/<int:number>", "repo")
def _change_milestone(call: Call) -> Payload:
    access.need_write(call.ctx, call.repo)
    columns = call.given("title", "description", "state", "due_on")
    return shapes.milestone(call.ctx, milestones.change(call.ctx, call.repo, _milestone(call), **columns))


@routes.delete(f"{MILESTONES}/<int:number>", "repo")
def _delete_milestone(call: Call) -> Reply:
    access.need_write(call.ctx, call.repo)
    milestones.delete(call.ctx, _milestone(call))
    return Reply(None, 204)


@routes.get(f"{MILESTONES}/<int:number>/labels", "repo")
def _milestone_labels(call: Call) -> Reply:
    sql = (
        "SELECT * FROM labels WHERE id IN (SELECT il.label_id FROM issue_labels il JOIN issues i"
        " ON i.id = il.issue_id WHERE i.milestone_id = ?) ORDER BY id"
    )
    return call.listing(call.ctx.db.all(sql, _milestone(call)["id"]), shapes.label)
