"""`/_sandbox/runs`: every workflow run with its log, and a way to wait until all are done."""

from __future__ import annotations

from typing import Any

from werkzeug import Request

from cohort_bot.sandbox.failures import Conflict
from cohort_bot.sandbox.instance import Sandbox
from cohort_bot.sandbox.runner.shell import read_log

LONGEST_S = 600.0
_RUNS = (
    "SELECT r.id, o.login || '/' || p.name AS repository, w.path AS workflow, r.event, r.head_sha, r.status,"
    " r.conclusion, a.login AS actor FROM workflow_runs r JOIN workflows w ON w.id = r.workflow_id"
    " JOIN repos p ON p.id = r.repo_id JOIN accounts o ON o.id = p.owner_id"
    " LEFT JOIN accounts a ON a.id = r.actor_id ORDER BY r.id"
)


def runs(sandbox: Sandbox, request: Request) -> Any:
    """The runs, oldest first. With `wait=1` it answers once none is queued or running (409 after `timeout`
    s).
    """
    if request.args.get("wait") == "1":
        given = request.args.get("timeout", "")
        seconds = min(float(given), LONGEST_S) if given.isdigit() else 120.0
        if not sandbox.runner.wait(seconds):
            raise Conflict("Runs are still going on.")
    with sandbox.store.session() as session:
        rows = session.all(_RUNS)
    return [row | {"log": read_log(sandbox.data_dir, row["id"])} for row in rows]
