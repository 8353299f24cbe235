"""Who moved which branch when: https://docs.github.com/en/rest/repos/repos#list-repository-activities."""

from __future__ import annotations

from typing import Any

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.calls import Call, Reply, Routes
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.gitrepo import NO_OBJECT, GitRepo
from cohort_bot.sandbox.rest.shapes.accounts import simple_by_id
from cohort_bot.sandbox.store import Row

routes = Routes()


@routes.get("/repos/<owner>/<repo>/activity", "repo")
def _activity(call: Call) -> Reply:
    """The newest first. Pages go by number here, by cursors on GitHub."""
    git = call.ctx.git(call.repo)
    order = "ASC" if call.request.args.get("direction") == "asc" else "DESC"
    sql = f"SELECT * FROM pushes WHERE repo_id = ? ORDER BY id {order}"  # noqa: S608 - one of two words
    rows = [row | {"kind": _kind(git, row)} for row in call.ctx.db.all(sql, call.repo["id"])]
    ref, kind = call.request.args.get("ref"), call.request.args.get("activity_type")
    found = [row for row in rows if ref in (None, row["ref"], row["ref"].removeprefix("refs/heads/"))]
    return call.listing([row for row in found if kind in (None, row["kind"])], _shape)


def _kind(git: GitRepo, row: Row) -> str:
    if row["before"] == NO_OBJECT:
        return "branch_creation"
    if row["after"] == NO_OBJECT:
        return "branch_deletion"
    forced = git.commit(row["before"]) is None or not git.is_ancestor(row["before"], row["after"])
    return "force_push" if forced else "push"


def _shape(ctx: Context, row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "node_id": nodeids.encode("Push", row["id"]),
        "before": row["before"],
        "after": row["after"],
        "ref": row["ref"],
        "timestamp": row["created_at"],
        "activity_type": row["kind"],
        "actor": simple_by_id(ctx, row["actor_id"]),
    }
