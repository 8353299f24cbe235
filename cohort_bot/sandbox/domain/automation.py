"""The built-in workflows of boards that act by themselves."""

from __future__ import annotations

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import fields, seeds
from cohort_bot.sandbox.store import Row


def item_closed(ctx: Context, issue_id: int, workflow: str = seeds.ITEM_CLOSED) -> None:
    """Set Status to Done on every board that shows the issue and has the workflow switched on."""
    for item in _items_with(ctx, issue_id, workflow):
        _set_done(ctx, item)


def pull_merged(ctx: Context, issue_id: int) -> None:
    """The same for a pull request that was merged."""
    item_closed(ctx, issue_id, seeds.PULL_MERGED)


def _items_with(ctx: Context, issue_id: int, workflow: str) -> list[Row]:
    return ctx.db.all(
        "SELECT pi.* FROM project_items pi JOIN project_workflows pw ON pw.project_id = pi.project_id"
        " WHERE pi.issue_id = ? AND pi.visible AND pw.name = ? AND pw.enabled",
        *(issue_id, workflow),
    )


def _set_done(ctx: Context, item: Row) -> None:
    status = fields.by_name(ctx, item["project_id"], seeds.STATUS)
    option = next((o for o in fields.options(status) if o["name"] == seeds.DONE), None) if status else None
    if status and option:
        fields.write_value(ctx, item, status, option["id"])
