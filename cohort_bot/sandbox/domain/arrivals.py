"""What GitHub does a moment after it has answered.

Nothing runs in the background: whatever is due is carried out before the next request is looked at, so a
virtual clock decides exactly when things arrive, and a killed server loses none of them.
"""

from __future__ import annotations

import json

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.store import Row

DELAY_S = 0.3


def schedule(ctx: Context, kind: str, **detail: object) -> None:
    """Let `kind` happen DELAY_S from now, or as late as was asked; `detail` goes to who carries it out."""
    asked = ctx.db.value("SELECT value FROM settings WHERE name = ?", f"late:{kind}")
    due = ctx.instant.timestamp() + float(asked or DELAY_S)
    ctx.db.insert("arrivals", due=due, kind=kind, detail=json.dumps(detail))


def any_due(ctx: Context) -> bool:
    """Whether something has to be carried out now."""
    return ctx.db.value("SELECT 1 FROM arrivals WHERE due <= ?", ctx.instant.timestamp()) is not None


def take_due(ctx: Context) -> list[Row]:
    """What is due, oldest first, no longer waiting."""
    now = ctx.instant.timestamp()
    rows = ctx.db.all("SELECT * FROM arrivals WHERE due <= ? ORDER BY due, id", now)
    ctx.db.run("DELETE FROM arrivals WHERE due <= ?", now)
    return rows
