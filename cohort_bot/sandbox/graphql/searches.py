"""The search, as GraphQL has it: for issues and pull requests; nothing else is ever found here."""

from __future__ import annotations

from cohort_bot.sandbox.domain import searching
from cohort_bot.sandbox.graphql.asking import Ask, issue, resolves
from cohort_bot.sandbox.graphql.connections import Connection, from_rows


@resolves("Query", "search")
def _search(ask: Ask) -> Connection:
    for_issues = str(ask.args["type"]).startswith("ISSUE")
    rows = searching.search(ask.ctx, str(ask.args["query"])) if for_issues else []
    return from_rows(ask, [found for row in rows if (found := issue(row))])
