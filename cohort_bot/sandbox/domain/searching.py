"""The search for issues and pull requests, by the words and qualifiers that GitHub's search box takes.

https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests
"""

from __future__ import annotations

import shlex

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, repos
from cohort_bot.sandbox.store import Row

Condition = tuple[str, list[object]]
HAS_LABEL = (
    "EXISTS (SELECT 1 FROM issue_labels il JOIN labels l ON l.id = il.label_id"
    " WHERE il.issue_id = i.id AND l.name = ?)"
)
ASSIGNED = (
    "EXISTS (SELECT 1 FROM issue_assignees ia JOIN accounts a ON a.id = ia.user_id"
    " WHERE ia.issue_id = i.id AND a.login = ?)"
)
AUTHOR = "i.author_id = (SELECT id FROM accounts WHERE login = ?)"
OWNER = "i.repo_id IN (SELECT r.id FROM repos r JOIN accounts a ON a.id = r.owner_id WHERE a.login = ?)"


def search(ctx: Context, query: str) -> list[Row]:
    """The issues that the query finds and the asker may see, the newest first."""
    rows = select(ctx, [_qualifier(ctx, word) for word in _words(query)], "i.id DESC")
    return [row for row in rows if _may_see(ctx, row)]


def select(ctx: Context, conditions: list[Condition], order: str) -> list[Row]:
    """The issues that meet all conditions."""
    where = " AND ".join(condition for condition, _ in conditions) or "1"
    values = [value for _, some in conditions for value in some]
    sql = f"SELECT i.* FROM issues i WHERE {where} ORDER BY {order}"  # noqa: S608 - conditions are ours, values bound
    return ctx.db.all(sql, *values)


def _words(query: str) -> list[str]:
    try:
        return shlex.split(query)
    except ValueError:  # a quotation mark that is never closed stands for itself
        return query.split()


def _may_see(ctx: Context, row: Row) -> bool:
    repo = repos.by_id(ctx, row["repo_id"])
    return repo is not None and access.visible(ctx, repo)


def _qualifier(ctx: Context, word: str) -> Condition:
    name, colon, value = word.partition(":")
    fixed = {
        **dict.fromkeys(("is:issue", "type:issue"), "NOT i.is_pull"),
        **dict.fromkeys(("is:pr", "type:pr"), "i.is_pull"),
        **dict.fromkeys(("is:open", "state:open"), "i.state = 'open'"),
        **dict.fromkeys(("is:closed", "state:closed"), "i.state = 'closed'"),
    }.get(word)
    if fixed:
        return fixed, []
    if name == "repo" and "/" in value:
        owner, _, repo_name = value.partition("/")
        repo = repos.lookup(ctx, owner, repo_name)
        return "i.repo_id = ?", [repo["id"] if repo else 0]
    columns = {"org": OWNER, "user": OWNER, "label": HAS_LABEL, "author": AUTHOR, "assignee": ASSIGNED}
    if colon and name in columns:
        return columns[name], [value]
    return "(i.title LIKE ? OR i.body LIKE ?)", [f"%{word}%"] * 2
