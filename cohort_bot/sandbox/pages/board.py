"""A board in three layouts: columns by status, a table, and a roadmap of due dates."""

from __future__ import annotations

from dataclasses import dataclass, field

from werkzeug import Response

from cohort_bot.sandbox.domain import fields
from cohort_bot.sandbox.failures import NotFound
from cohort_bot.sandbox.pages.listing import assignees_of, labels_of
from cohort_bot.sandbox.pages.roadmap import draw
from cohort_bot.sandbox.pages.view import Page
from cohort_bot.sandbox.store import Row

LAYOUTS = ("board", "table", "roadmap")
_ITEMS = """
SELECT t.id AS item_id, t.draft_title, t.created_at AS added_at, i.*, r.name AS repo, o.login AS owner,
  m.title AS milestone, m.number AS milestone_number, m.due_on
FROM project_items t LEFT JOIN issues i ON i.id = t.issue_id
LEFT JOIN repos r ON r.id = i.repo_id LEFT JOIN accounts o ON o.id = r.owner_id
LEFT JOIN milestones m ON m.id = i.milestone_id
WHERE t.project_id = ? AND t.visible AND t.archived_at IS NULL ORDER BY t.position
"""


@dataclass
class Column:
    """One status and the cards that have it. `color` is GitHub's name of a colour, in lower case."""

    name: str
    color: str = "gray"
    description: str = ""
    cards: list[Row] = field(default_factory=list)


def show(page: Page, kind: str, owner: str, number: int, view: int = 0) -> Response:
    """The board in the layout that `?layout=` or the view in the address asks for."""
    row = page.one(
        "SELECT p.*, a.login AS owner, ? AS kind FROM projects p JOIN accounts a ON a.id = p.owner_id"
        " WHERE a.login = ? AND p.number = ?",
        *(kind, owner, number),
    )
    if row is None:
        raise NotFound
    status = fields.by_name(page.context, row["id"], "Status")
    cards = _cards(page, row, status)
    layout = _layout(page, row, view)
    return page.show(
        "board.html.j2",
        board=row,
        layout=layout,
        layouts=LAYOUTS,
        cards=cards,
        columns=_columns(fields.options(status), cards),
        chart=draw(cards, page.context.instant) if layout == "roadmap" else None,
        repos=_repos(page, row["id"]),
        update=_last_update(page, row["id"]),
        done=sum(card["state"] == "closed" for card in cards),
    )


def _layout(page: Page, board: Row, view: int) -> str:
    wanted = page.request.args.get("layout")
    if not wanted and view:
        sql = "SELECT layout FROM project_views WHERE project_id = ? AND number = ?"
        wanted = page.context.db.value(sql, board["id"], view)
    return str(wanted) if wanted in LAYOUTS else LAYOUTS[0]


def _cards(page: Page, board: Row, status: Row | None) -> list[Row]:
    names = {option["id"]: option["name"] for option in fields.options(status)}
    sql = "SELECT item_id, value FROM project_values WHERE field_id = ?"
    chosen = {row["item_id"]: row["value"] for row in page.all(sql, status["id"] if status else None)}
    cards = page.all(_ITEMS, board["id"])
    for card in cards:
        card["status"] = names.get(chosen.get(card["item_id"]), "No status")
        card["due"] = page.due(card["due_on"], card["state"] == "closed")
        card["labels"] = labels_of(page, card["id"]) if card["id"] else []
        card["assignees"] = assignees_of(page, card["id"]) if card["id"] else []
    return cards


def _columns(options: list[Row], cards: list[Row]) -> list[Column]:
    """A column for every status, and one before them if a card has none."""
    known = [Column(o["name"], o.get("color", "gray").lower(), o.get("description", "")) for o in options]
    by_name = {column.name: column for column in known}
    loose = Column("No status")
    for card in cards:
        by_name.get(card["status"], loose).cards.append(card)
    return [loose, *known] if loose.cards else known


def _repos(page: Page, board_id: int) -> list[Row]:
    return page.all(
        "SELECT r.name, a.login AS owner FROM repos r JOIN project_repos x ON x.repo_id = r.id"
        " JOIN accounts a ON a.id = r.owner_id WHERE x.project_id = ? ORDER BY r.name",
        board_id,
    )


def _last_update(page: Page, board_id: int) -> Row | None:
    sql = "SELECT s.*, a.login FROM project_statuses s LEFT JOIN accounts a ON a.id = s.creator_id"
    return page.one(f"{sql} WHERE project_id = ? ORDER BY s.id DESC LIMIT 1", board_id)
