"""Commit statuses and check runs."""

from __future__ import annotations

import json

from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.domain import access
from cohort_bot.sandbox.failures import Forbidden, Invalid, NotFound, field_error
from cohort_bot.sandbox.rest.shapes import checks as shapes
from cohort_bot.sandbox.rest.shapes import repos as repo_shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
_STATES = {"error", "failure", "pending", "success"}
_WORST = ("error", "failure", "pending", "success")
CHECK_TEXT_LIMIT = 65_535
ANNOTATION_LIMIT = 50


def _sha(call: Call, name: str) -> str:
    git = call.ctx.git(call.repo)
    sha = git.resolve(name, call.repo["default_branch"])
    if sha is None or git.commit(sha) is None:
        raise Invalid(f"No commit found for SHA: {name}")
    return sha


@routes.post("/repos/<owner>/<repo>/statuses/<sha>", "repo", "repo:status")
def _create_status(call: Call) -> Reply:
    access.need_write(call.ctx, call.repo)
    state = call.need_text("state")
    if state not in _STATES:
        raise Invalid(
            "Validation Failed",
            [field_error("Status", "state", "custom", "state is not included in the list")],
        )
    new = call.ctx.db.insert(
        "statuses",
        **{"repo_id": call.repo["id"], "sha": _sha(call, call.path["sha"]), "state": state},
        **{"context": call.text("context") or "default", "description": call.text("description")},
        **{"target_url": call.text("target_url"), "creator_id": access.need_actor(call.ctx).id},
        **{"created_at": call.ctx.now, "updated_at": call.ctx.now},
    )
    row = call.ctx.db.one("SELECT * FROM statuses WHERE id = ?", new) or {}
    return Reply(shapes.status(call.ctx, row), 201)


def _statuses(call: Call) -> list[Row]:
    sql = "SELECT * FROM statuses WHERE repo_id = ? AND sha = ? ORDER BY id DESC"
    return call.ctx.db.all(sql, call.repo["id"], _sha(call, call.path["ref"]))


@routes.get("/repos/<owner>/<repo>/commits/<path:ref>/statuses", "repo", "repo:status")
def _list_statuses(call: Call) -> Reply:
    return call.listing(_statuses(call), shapes.status)


@routes.get("/repos/<owner>/<repo>/commits/<path:ref>/status", "repo", "repo:status")
def _combined(call: Call) -> Payload:
    latest = list({row["context"]: row for row in reversed(_statuses(call))}.values())
    states = {row["state"] for row in latest}
    worst = next((state for state in _WORST if state in states), "pending")
    sha = _sha(call, call.path["ref"])
    url = repo_shapes.api_url(call.ctx, call.repo)
    return {
        "state": "failure" if worst == "error" else worst,
        "statuses": [shapes.simple_status(call.ctx, row) for row in latest],
        "sha": sha,
        "total_count": len(latest),
        "repository": repo_shapes.minimal(call.ctx, call.repo),
        "commit_url": f"{url}/commits/{sha}",
        "url": f"{url}/commits/{sha}/status",
    }


@routes.post("/repos/<owner>/<repo>/check-runs", "repo")
def _create_check_run(call: Call) -> Reply:
    _need_app(call)
    columns: Row = {"status": "queued", "started_at": call.ctx.now, **_columns(call)}
    new = call.ctx.db.insert(
        "check_runs",
        **{"repo_id": call.repo["id"], "sha": _sha(call, call.need_text("head_sha"))},
        **{"name": call.need_text("name"), "creator_id": access.need_actor(call.ctx).id},
        **{"created_at": call.ctx.now, **columns},
    )
    return Reply(shapes.check_run(call.ctx, _run(call, new)), 201)


def _need_app(call: Call) -> None:
    """Only apps may write check runs, and a workflow's token belongs to one."""
    access.need_write(call.ctx, call.repo)
    if not access.need_actor(call.ctx).is_bot:
        raise Forbidden("You must authenticate via a GitHub App.")


def _columns(call: Call) -> Row:
    columns = call.given("details_url", "external_id", "status", "started_at", "conclusion", "completed_at")
    if columns.get("conclusion"):
        columns["status"] = "completed"
        columns.setdefault("completed_at", call.ctx.now)
    output = call.body.get("output")
    if isinstance(output, dict):
        _check_output(output)
        columns["output"] = json.dumps({key: output.get(key) for key in ("title", "summary", "text")})
        columns["annotations"] = json.dumps(output.get("annotations") or [])
    return columns


def _check_output(output: Row) -> None:
    for key in ("summary", "text"):
        if len(str(output.get(key) or "")) > CHECK_TEXT_LIMIT:
            raise Invalid(f"Only {CHECK_TEXT_LIMIT} characters are allowed; {key} is longer.")
    if len(output.get("annotations") or []) > ANNOTATION_LIMIT:
        raise Invalid(f"No more than {ANNOTATION_LIMIT} annotations per request are allowed.")


def _run(call: Call, run_id: int) -> Row:
    sql = "SELECT * FROM check_runs WHERE id = ? AND repo_id = ?"
    found = call.ctx.db.one(sql, run_id, call.repo["id"])
    if found is None:
        raise NotFound
    return found


@routes.get("/repos/<owner>/<repo>/check-runs/<int:number>", "repo")
def _check_run(call: Call) -> Payload:
    return shapes.check_run(call.ctx, _run(call, call.path["number"]))


@routes.patch("/repos/<owner>/<repo>/check-runs/<int:number>", "repo")
def _change_check_run(call: Call) -> Payload:
    _need_app(call)
    row = _run(call, call.path["number"])
    columns = _columns(call) | call.given("name")
    if "annotations" in columns:
        # Annotations are added to those already there; everything else replaces.
        columns["annotations"] = json.dumps(
            json.loads(row["annotations"]) + json.loads(columns["annotations"])
        )
    call.ctx.db.update("check_runs", row["id"], **columns)
    return shapes.check_run(call.ctx, _run(call, row["id"]))


@routes.get("/repos/<owner>/<repo>/check-runs/<int:number>/annotations", "repo")
def _annotations(call: Call) -> Reply:
    row = _run(call, call.path["number"])
    href = f"{repo_shapes.html_url(call.ctx, call.repo)}/blob/{row['sha']}"
    return call.listing(
        json.loads(row["annotations"]),
        lambda _ctx, one: _annotation(one) | {"blob_href": f"{href}/{one['path']}"},
    )


def _annotation(one: Row) -> Row:
    optional = ("start_column", "end_column", "title", "raw_details")
    kept = ("path", "start_line", "end_line", "annotation_level", "message")
    return {key: one.get(key) for key in (*kept, *optional)}


@routes.get("/repos/<owner>/<repo>/commits/<path:ref>/check-runs", "repo")
def _check_runs(call: Call) -> Reply:
    sql = "SELECT * FROM check_runs WHERE repo_id = ? AND sha = ? ORDER BY id DESC"
    rows = call.ctx.db.all(sql, call.repo["id"], _sha(call, call.path["ref"]))
    name = call.request.args.get("check_name")
    found = [row for row in rows if name in {None, row["name"]}]
    if call.request.args.get("filter", "latest") == "latest":
        found = list({row["name"]: row for row in reversed(found)}.values())[::-1]
    return call.listing(found, shapes.check_run, wrap="check_runs")
