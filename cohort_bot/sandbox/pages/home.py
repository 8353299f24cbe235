"""The first page, and the page of an organisation or a person."""

from __future__ import annotations

import re

from werkzeug import Response

from cohort_bot.sandbox.failures import NotFound
from cohort_bot.sandbox.pages.view import Page
from cohort_bot.sandbox.store import Row

PER_PAGE = 60
_LITERAL, _ESCAPED = re.compile(r"([%_\\])"), r"\\\1"
# Everything a repository's line shows, counted in one go: an organisation may have a thousand of them.
_REPOS = """
SELECT r.*, ? AS owner,
  (SELECT COUNT(*) FROM issues i WHERE i.repo_id = r.id AND NOT i.is_pull) AS issues,
  (SELECT COUNT(*) FROM issues i WHERE i.repo_id = r.id AND NOT i.is_pull AND i.state = 'closed') AS closed,
  (SELECT MIN(m.due_on) FROM milestones m JOIN issues i ON i.milestone_id = m.id
    WHERE m.repo_id = r.id AND i.state = 'open') AS next_due,
  (SELECT COUNT(*) FROM invitations v WHERE v.repo_id = r.id) AS invited
FROM repos r WHERE r.owner_id = ? AND r.name LIKE ? ESCAPE '\\'
ORDER BY r.is_template DESC, r.name LIMIT ? OFFSET ?
"""
_BOARDS = """
SELECT p.*, ? AS owner,
  (SELECT COUNT(*) FROM project_items t WHERE t.project_id = p.id AND t.visible) AS items,
  (SELECT GROUP_CONCAT(r.name, ', ') FROM project_repos pr JOIN repos r ON r.id = pr.repo_id
    WHERE pr.project_id = p.id) AS repo_names
FROM projects p WHERE p.owner_id = ? AND p.title LIKE ? ESCAPE '\\' ORDER BY p.template DESC, p.title LIMIT ?
"""


def start(page: Page) -> Response:
    """Every organisation."""
    rows = page.all(
        "SELECT a.*, (SELECT COUNT(*) FROM repos r WHERE r.owner_id = a.id) AS repos,"
        " (SELECT COUNT(*) FROM projects p WHERE p.owner_id = a.id) AS boards"
        " FROM accounts a WHERE kind = 'Organization' ORDER BY login"
    )
    return page.show("start.html.j2", accounts=rows)


def account(page: Page, owner: str) -> Response:
    """An account's repositories and boards, searched by `?q=`, a page of them at a time."""
    row = page.one("SELECT * FROM accounts WHERE login = ? AND NOT absent", owner)
    if row is None:
        raise NotFound
    query = page.request.args.get("q", "").strip()
    number = max(1, page.request.args.get("page", 1, type=int))
    like = f"%{_LITERAL.sub(_ESCAPED, query)}%"
    found = page.all(_REPOS, row["login"], row["id"], like, PER_PAGE + 1, PER_PAGE * (number - 1))
    for repo in found:
        repo["due"] = page.due(repo["next_due"])
    return page.show(
        "account.html.j2",
        account=row,
        query=query,
        number=number,
        repos=found[:PER_PAGE],
        more=len(found) > PER_PAGE,
        boards=page.all(_BOARDS, row["login"], row["id"], like, PER_PAGE),
        counts=_counts(page, row),
    )


def _counts(page: Page, account: Row) -> Row:
    sql = "SELECT (SELECT COUNT(*) FROM repos WHERE owner_id = ?) AS repos,"
    sql += " (SELECT COUNT(*) FROM projects WHERE owner_id = ?) AS boards"
    return page.one(sql, account["id"], account["id"]) or {}
