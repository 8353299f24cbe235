"""What the organisation lets Actions do: in which repos, and which of them.

https://docs.github.com/en/rest/actions/permissions
"""

from __future__ import annotations

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.store import Row

CHOICES = {
    "enabled_repositories": ("all", "none", "selected"),
    "allowed_actions": ("all", "local_only", "selected"),
}


def actions(ctx: Context) -> Row:
    """The choices that hold now; everything is allowed until somebody says otherwise."""
    return {name: _chosen(ctx, name) for name in CHOICES}


def set_actions(ctx: Context, given: Row) -> None:
    """Let other choices hold."""
    for name, value in given.items():
        sql = "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)"
        ctx.db.run(sql, f"actions:{name}", value)


def workflows_run(ctx: Context) -> bool:
    """Whether an event starts workflows at all. No list of chosen repos is kept here: chosen means none."""
    return _chosen(ctx, "enabled_repositories") == "all"


def _chosen(ctx: Context, name: str) -> str:
    found = ctx.db.value("SELECT value FROM settings WHERE name = ?", f"actions:{name}")
    return str(found or CHOICES[name][0])
