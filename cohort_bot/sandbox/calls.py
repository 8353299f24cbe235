"""One REST call: what a handler is given, what it may answer, and how handlers are found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from werkzeug import Request, Response

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import repos
from cohort_bot.sandbox.failures import BadRequest, Invalid
from cohort_bot.sandbox.store import Row

MAX_PER_PAGE = 100
Payload = dict[str, Any] | list[Any] | None


@dataclass
class Reply:
    """What a handler answers. No payload means an empty body; `raw` stands for something that is not JSON."""

    payload: Payload
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: Response | None = None


@dataclass
class Call:
    """One request that has found its handler; `path` holds the variable parts of the path."""

    ctx: Context
    request: Request
    path: Mapping[str, Any]

    @cached_property
    def repo(self) -> Row:
        """The repository that the path names, if the asker may see it."""
        return repos.need(self.ctx, self.path["owner"], self.path["repo"])

    @cached_property
    def body(self) -> Row:
        """The JSON object that was sent; empty if nothing was."""
        raw = self.request.get_data()
        if not raw.strip():
            return {}
        try:
            found = json.loads(raw)
        except ValueError as error:
            raise BadRequest("Problems parsing JSON") from error
        if not isinstance(found, dict):
            raise BadRequest("Body should be a JSON object")
        return found

    def text(self, name: str) -> str | None:
        """A string of the body, None if it is absent or null."""
        found = self.body.get(name)
        if found is not None and not isinstance(found, str):
            raise Invalid(
                f"Invalid request.\n\nFor 'properties/{name}', {json.dumps(found)} is not a string."
            )
        return found

    def need_text(self, name: str) -> str:
        """A string that the body must have."""
        found = self.text(name)
        if found is None:
            raise Invalid(f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        return found

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean of the body."""
        found = self.body.get(name, default)
        if not isinstance(found, bool):
            raise Invalid(
                f"Invalid request.\n\nFor 'properties/{name}', {json.dumps(found)} is not a boolean."
            )
        return found

    def strings(self, name: str, key: str) -> list[str] | None:
        """A list of strings of the body, or of objects with a string under `key`; None if it is absent."""
        found = self.body.get(name)
        if found is None:
            return None
        whole = found if isinstance(found, list) else [None]
        names = [one.get(key) if isinstance(one, dict) else one for one in whole]
        texts = [one for one in names if isinstance(one, str)]
        if len(texts) != len(whole):
            shown = json.dumps(found)
            raise Invalid(f"Invalid request.\n\nFor 'properties/{name}', {shown} is not an array of strings.")
        return texts

    def given(self, *names: str) -> Row:
        """Those of `names` that the body has, null included."""
        return {name: self.body[name] for name in names if name in self.body}

    def number(self, name: str, default: int, most: int) -> int:
        """A positive whole number of the query; nonsense counts as absent, as on GitHub."""
        raw = self.request.args.get(name, "")
        return max(1, min(int(raw), most)) if raw.isdigit() else default

    def listing(self, rows: list[Row], shape: Callable[[Context, Row], Any], wrap: str = "") -> Reply:
        """One page of `rows`, each in `shape`, with a Link header; `wrap` names the list inside an object."""
        size, page = self.number("per_page", 30, MAX_PER_PAGE), self.number("page", 1, 1 << 30)
        shown = [shape(self.ctx, row) for row in rows[(page - 1) * size : page * size]]
        last = max(1, -(-len(rows) // size))
        headers = {"Link": link} if (link := self._links(page, last)) else {}
        payload: Payload = {"total_count": len(rows), wrap: shown} if wrap else shown
        return Reply(payload, headers=headers)

    def _links(self, page: int, last: int) -> str:
        targets: list[tuple[str, int]] = []
        if page > 1:
            targets.append(("prev", min(page - 1, last)))
        if page < last:
            targets += [("next", page + 1), ("last", last)]
        if page > 1:
            targets.append(("first", 1))
        return self.link_header((rel, {"page": str(number)}) for rel, number in targets)

    def link_header(self, targets: Iterable[tuple[str, dict[str, str]]]) -> str:
        """A Link header to this very request with other query parameters."""
        base = f"{self.ctx.urls.api}{self.path['_route']}"
        now = self.request.args.to_dict()
        return ", ".join(f'<{base}?{urlencode(now | new)}>; rel="{rel}"' for rel, new in targets)


Handler = Callable[[Call], Reply | Payload]


@dataclass(frozen=True)
class Route:
    """A handler under a method and a path; `scopes` is what X-Accepted-OAuth-Scopes says."""

    method: str
    rule: str
    handler: Handler
    scopes: tuple[str, ...]


class Routes:
    """The routes of one module."""

    def __init__(self) -> None:
        self.all: list[Route] = []

    def _add(self, method: str, rule: str, scopes: tuple[str, ...]) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.all.append(Route(method, rule, handler, scopes))
            return handler

        return keep

    def get(self, rule: str, *scopes: str) -> Callable[[Handler], Handler]:
        """A handler that reads."""
        return self._add("GET", rule, scopes)

    def post(self, rule: str, *scopes: str) -> Callable[[Handler], Handler]:
        """A handler that makes something."""
        return self._add("POST", rule, scopes)

    def patch(self, rule: str, *scopes: str) -> Callable[[Handler], Handler]:
        """A handler that changes something."""
        return self._add("PATCH", rule, scopes)

    def put(self, rule: str, *scopes: str) -> Callable[[Handler], Handler]:
        """A handler that sets something."""
        return self._add("PUT", rule, scopes)

    def delete(self, rule: str, *scopes: str) -> Callable[[Handler], Handler]:
        """A handler that removes something."""
        return self._add("DELETE", rule, scopes)
