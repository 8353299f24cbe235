"""Workflows and their runs. A dispatch records a run that is queued; carrying it out is the runner's
business."""

from __future__ import annotations

from cohort_bot.sandbox import triggers
from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.domain import access, accounts, policy
from cohort_bot.sandbox.failures import Invalid, NotFound, invalid_field
from cohort_bot.sandbox.rest.shapes import checks as shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
BASE = "/repos/<owner>/<repo>/actions"
_RUNS = "SELECT r.*, w.name, w.path FROM workflow_runs r JOIN workflows w ON w.id = r.workflow_id"


def _workflow(call: Call) -> Row:
    """The workflow named by its number or the name of its file."""
    name = call.path["workflow"]
    sql = "SELECT * FROM workflows WHERE repo_id = ? AND (id = ? OR path = ?)"
    number = int(name) if name.isdigit() else -1
    found = call.ctx.db.one(sql, call.repo["id"], number, f".github/workflows/{name}")
    if found is None:
        raise NotFound
    return found


@routes.get("/orgs/<org>/actions/permissions", "admin:org")
def _permissions(call: Call) -> Payload:
    org = accounts.org(call.ctx, call.path["org"])
    access.need_org_admin(call.ctx, org)
    return policy.actions(call.ctx)


@routes.put("/orgs/<org>/actions/permissions", "admin:org")
def _set_permissions(call: Call) -> Reply:
    org = accounts.org(call.ctx, call.path["org"])
    access.need_org_admin(call.ctx, org)
    given = call.given("enabled_repositories", "allowed_actions")
    for name, value in given.items():
        if value not in policy.CHOICES[name]:
            raise invalid_field("ActionsPermissions", name)
    policy.set_actions(call.ctx, given)
    return Reply(None, 204)


@routes.get(f"{BASE}/workflows", "repo")
def _list(call: Call) -> Reply:
    rows = call.ctx.db.all("SELECT * FROM workflows WHERE repo_id = ? ORDER BY id", call.repo["id"])
    return call.listing(rows, shapes.workflow, wrap="workflows")


@routes.get(f"{BASE}/workflows/<workflow>", "repo")
def _get(call: Call) -> Payload:
    return shapes.workflow(call.ctx, _workflow(call))


def _switch(call: Call, state: str) -> Reply:
    access.need_write(call.ctx, call.repo)
    call.ctx.db.update("workflows", _workflow(call)["id"], state=state, updated_at=call.ctx.now)
    return Reply(None, 204)


@routes.put(f"{BASE}/workflows/<workflow>/enable", "repo")
def _enable(call: Call) -> Reply:
    return _switch(call, "active")


@routes.put(f"{BASE}/workflows/<workflow>/disable", "repo")
def _disable(call: Call) -> Reply:
    return _switch(call, "disabled_manually")


@routes.post(f"{BASE}/workflows/<workflow>/dispatches", "repo")
def _dispatch(call: Call) -> Reply:
    access.need_write(call.ctx, call.repo)
    workflow, ref = _workflow(call), call.need_text("ref")
    branch = ref.removeprefix("refs/heads/")
    sha = call.ctx.git(call.repo).head(branch)
    if sha is None:
        raise Invalid(f"No ref found for: {ref}")
    if workflow["state"] != "active":
        raise Invalid("Cannot trigger a 'workflow_dispatch' on a disabled workflow")
    payload = {"ref": f"refs/heads/{branch}", "inputs": call.body.get("inputs") or {}}
    triggers.queue(call.ctx, call.repo, workflow, "workflow_dispatch", branch, sha, payload)
    return Reply(None, 204)


@routes.get(f"{BASE}/runs", "repo")
def _runs(call: Call) -> Reply:
    rows = call.ctx.db.all(f"{_RUNS} WHERE r.repo_id = ? ORDER BY r.id DESC", call.repo["id"])
    return call.listing(_narrowed(call, rows), shapes.run, wrap="workflow_runs")


@routes.get(f"{BASE}/workflows/<workflow>/runs", "repo")
def _workflow_runs(call: Call) -> Reply:
    rows = call.ctx.db.all(f"{_RUNS} WHERE r.workflow_id = ? ORDER BY r.id DESC", _workflow(call)["id"])
    return call.listing(_narrowed(call, rows), shapes.run, wrap="workflow_runs")


def _narrowed(call: Call, rows: list[Row]) -> list[Row]:
    wanted = {"branch": "head_branch", "event": "event", "head_sha": "head_sha"}
    for name, column in wanted.items():
        if value := call.request.args.get(name):
            rows = [row for row in rows if row[column] == value]
    status = call.request.args.get("status")
    return [row for row in rows if status in {None, row["status"], row["conclusion"]}]


@routes.get(f"{BASE}/runs/<int:number>", "repo")
def _run(call: Call) -> Payload:
    sql = f"{_RUNS} WHERE r.id = ? AND r.repo_id = ?"
    found = call.ctx.db.one(sql, call.path["number"], call.repo["id"])
    if found is None:
        raise NotFound
    return shapes.run(call.ctx, found)
