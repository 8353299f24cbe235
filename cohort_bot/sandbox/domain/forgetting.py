"""Starting over without starting again."""

from __future__ import annotations

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import accounts


def forget(ctx: Context, org_login: str) -> None:
    """Remove everything but the organisation, its first owner, their first token and the bot."""
    org = accounts.org(ctx, org_login)
    sql = "SELECT user_id FROM memberships WHERE org_id = ? AND role = 'admin' ORDER BY rowid LIMIT 1"
    owner = ctx.db.value(sql, org["id"])
    for table in ("arrivals", "repos", "projects"):
        ctx.db.run(f"DELETE FROM {table}")  # noqa: S608 - names are ours
    ctx.db.run("DELETE FROM accounts WHERE id NOT IN (?, ?) AND login <> ?", org["id"], owner, accounts.BOT)
    ctx.db.run("DELETE FROM tokens WHERE rowid <> (SELECT MIN(rowid) FROM tokens WHERE user_id = ?)", owner)
    ctx.db.run("DELETE FROM settings WHERE name NOT IN ('org', 'clock')")
