"""GitHub's rate limits, primary and secondary, in the shapes in which clients meet them.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api

What GitHub does not say is decided here and told in docs/sandbox.md: windows slide, a refused request does
not count, and `retry-after` is honest. What is used is kept in memory: a restarted sandbox has forgotten it.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from graphql import FieldNode, OperationDefinitionNode
from werkzeug import Response

from cohort_bot.sandbox.clock import stamp
from cohort_bot.sandbox.failures import Invalid
from cohort_bot.sandbox.graphql.changing import CREATES
from cohort_bot.sandbox.graphql.endpoint import Prepared
from cohort_bot.sandbox.pipeline import Exchange
from cohort_bot.sandbox.points import of_query
from cohort_bot.sandbox.windows import HOUR, Fixed, Sliding

MINUTE = 60.0
_DOCS = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. For more on "
    "scraping GitHub and how it may affect your rights, please review our Terms of Service."
)


@dataclass(frozen=True)
class Figures:
    """The documented limits.

    `content_counts`: whether each aliased mutation that creates counts, or the request; GitHub does not say.
    `graphql_status`: how GraphQL refuses at a secondary limit, 200 or 403; both are seen.
    """

    core_an_hour: int = 5000
    graphql_an_hour: int = 5000
    actions_an_hour: int = 1000
    rest_points_a_minute: int = 900
    graphql_points_a_minute: int = 2000
    content_a_minute: int = 80
    content_an_hour: int = 500
    concurrent: int = 100
    content_counts: str = "requests"
    graphql_status: int = 403

    def but(self, changes: dict[str, Any]) -> Figures:
        """These figures with some changed. Raises Invalid for one that does not exist, or of another type."""
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in changes.items():
            if name not in kinds or type(value) is not kinds[name]:
                raise Invalid(f"{name} is not a figure of these: {', '.join(kinds)}; or not of its type.")
        if changes.get("content_counts", "requests") not in {"requests", "objects"}:
            raise Invalid("content_counts is requests or objects.")
        return replace(self, **changes)


class Account:
    """What one account, or one repository's workflow token, has used."""

    def __init__(self) -> None:
        self.primary: dict[str, Fixed] = {"core": Fixed(), "graphql": Fixed()}
        self.points = {"rest": Sliding(MINUTE), "graphql": Sliding(MINUTE)}
        self.content_minute, self.content_hour = Sliding(MINUTE), Sliding(HOUR)
        self.running = 0


@dataclass
class _Passage:
    """What one request has been charged."""

    account: Account
    resource: str
    cost: int


class Limits:
    """The `Gate` that counts and refuses."""

    def __init__(self, figures: Figures | None = None) -> None:
        self._at_first = self.figures = figures or Figures()
        self._accounts: defaultdict[tuple[object, ...], Account] = defaultdict(Account)
        self._lock = Lock()

    def forget(self) -> None:
        """The first figures again, and nothing used."""
        self.use(self._at_first)

    def use(self, figures: Figures) -> None:
        """Go by other figures, as if nothing had been used."""
        with self._lock:
            self.figures = figures
            self._accounts.clear()

    def before(self, exchange: Exchange) -> Response | None:
        """Refuse what is over a limit; charge what is not."""
        if exchange.api not in {"rest", "graphql"}:
            return None
        now = exchange.ctx.instant.timestamp()
        with self._lock:
            account = self._accounts[_whose(exchange)]
            resource = "core" if exchange.api == "rest" else "graphql"
            account.primary[resource].roll(now)
            passage = _Passage(account, resource, _primary_cost(exchange))
            exchange.notes[Limits] = passage
            if exchange.path == "/rate_limit":
                passage.cost = 0
                account.primary["graphql" if resource == "core" else "core"].roll(now)
                return _json(self._told(exchange, account), 200)
            refusal = self._refusal(exchange, passage, now)
            if refusal is None:
                self._charge(exchange, passage, now)
            return refusal

    def after(self, exchange: Exchange, response: Response) -> Response:
        """Note what was created, and put the headers on."""
        passage = exchange.notes.get(Limits)
        if not isinstance(passage, _Passage):
            return response
        with self._lock:
            if exchange.created_content:
                self._count_content(exchange, passage.account)
            primary = passage.account.primary[passage.resource]
            if exchange.notes.pop("running", None):
                passage.account.running -= 1
                # https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests
                primary.used -= passage.cost if response.status_code == 304 else 0
            most = self._most(exchange, passage.resource)
        response.headers["X-RateLimit-Limit"] = str(most)
        response.headers["X-RateLimit-Remaining"] = str(max(0, most - primary.used))
        response.headers["X-RateLimit-Used"] = str(primary.used)
        response.headers["X-RateLimit-Reset"] = str(int(primary.reset))
        response.headers["X-RateLimit-Resource"] = passage.resource
        return response

    def _refusal(self, exchange: Exchange, passage: _Passage, now: float) -> Response | None:
        account = passage.account
        if account.primary[passage.resource].used + passage.cost > self._most(exchange, passage.resource):
            return _primary_refusal(exchange)
        if account.running >= self.figures.concurrent:
            return self._secondary_refusal(exchange, 1)
        most = getattr(self.figures, f"{exchange.api}_points_a_minute")
        wait = account.points[exchange.api].room_in(now, _points(exchange), most)
        if _may_create(exchange):
            amount = self._content(exchange)
            wait = max(
                wait,
                account.content_minute.room_in(now, amount, self.figures.content_a_minute),
                account.content_hour.room_in(now, amount, self.figures.content_an_hour),
            )
        return self._secondary_refusal(exchange, wait) if wait > 0 else None

    def _charge(self, exchange: Exchange, passage: _Passage, now: float) -> None:
        account = passage.account
        account.running += 1
        exchange.notes["running"] = True
        primary = account.primary[passage.resource]
        primary.used += passage.cost
        account.points[exchange.api].add(now, _points(exchange))
        if exchange.api == "graphql":
            most = self.figures.graphql_an_hour
            exchange.ctx.cache["rateLimit"] = {
                "cost": passage.cost,
                "limit": most,
                "remaining": max(0, most - primary.used),
                "used": primary.used,
                "nodeCount": 0,
                "resetAt": stamp(datetime.fromtimestamp(primary.reset, UTC)),
            }

    def _count_content(self, exchange: Exchange, account: Account) -> None:
        now, amount = exchange.ctx.instant.timestamp(), self._content(exchange)
        account.content_minute.add(now, amount)
        account.content_hour.add(now, amount)

    def _content(self, exchange: Exchange) -> int:
        """How much of the content limit a request takes."""
        return max(1, exchange.mutations) if self.figures.content_counts == "objects" else 1

    def _most(self, exchange: Exchange, resource: str) -> int:
        actor = exchange.ctx.actor
        if actor and actor.is_bot:
            return self.figures.actions_an_hour
        return int(getattr(self.figures, f"{resource}_an_hour"))

    def _told(self, exchange: Exchange, account: Account) -> dict[str, Any]:
        """What `GET /rate_limit` answers; asking costs nothing."""
        told = {}
        for resource, primary in account.primary.items():
            most = self._most(exchange, resource)
            remaining = max(0, most - primary.used)
            told[resource] = {
                "limit": most,
                "used": primary.used,
                "remaining": remaining,
                "reset": int(primary.reset),
            }
        search = {"limit": 30, "used": 0, "remaining": 30, "reset": told["core"]["reset"]}
        return {"resources": told | {"search": search}, "rate": told["core"]}

    def _secondary_refusal(self, exchange: Exchange, wait: float) -> Response:
        status = self.figures.graphql_status if exchange.api == "graphql" else 403
        return secondary(exchange.api, status, max(1, math.ceil(wait)))


def secondary(api: str, status: int, retry_after: int | None) -> Response:
    """A secondary limit's refusal: REST 403 or 429; GraphQL 200 with an error, or 403."""
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    if api == "graphql" and status == 200:
        return _json({"errors": [{"type": "RATE_LIMITED", "message": SECONDARY}]}, 200, headers)
    return _json(
        {"documentation_url": f"{_DOCS}#about-secondary-rate-limits", "message": SECONDARY}, status, headers
    )


def _primary_refusal(exchange: Exchange) -> Response:
    actor = exchange.ctx.actor
    message = f"API rate limit exceeded for user ID {actor.id if actor else 0}."
    if exchange.api == "graphql":
        return _json({"errors": [{"type": "RATE_LIMITED", "message": message}]}, 200)
    return _json({"message": message, "documentation_url": f"{_DOCS}#primary-rate-limit"}, 403)


def _json(body: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, content_type="application/json; charset=utf-8")


def _whose(exchange: Exchange) -> tuple[object, ...]:
    actor = exchange.ctx.actor
    return (actor.id, actor.repo_id) if actor else ("anybody",)


def _primary_cost(exchange: Exchange) -> int:
    prepared = exchange.prepared
    if isinstance(prepared, Prepared) and prepared.document and not prepared.errors:
        return of_query(prepared.document, prepared.variables)
    return 1


def _points(exchange: Exchange) -> int:
    """Points of the limit per minute: 1 to read and 5 to write, however many mutations a request has."""
    writes = (
        exchange.mutations if exchange.api == "graphql" else exchange.request.method not in {"GET", "HEAD"}
    )
    return 5 if writes else 1


def _may_create(exchange: Exchange) -> bool:
    if exchange.api == "rest":
        return exchange.request.method in {"POST", "PUT"}
    prepared = exchange.prepared
    if not isinstance(prepared, Prepared) or not prepared.is_mutation or prepared.document is None:
        return False
    operations = (n for n in prepared.document.definitions if isinstance(n, OperationDefinitionNode))
    names = (n for each in operations for n in each.selection_set.selections if isinstance(n, FieldNode))
    return any(field.name.value.startswith(CREATES) for field in names)
