"""One scheduled fault: which requests it strikes, and how often."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cohort_bot.sandbox.pipeline import Exchange

# These concern git; all others the API.
GIT = {"push-refused"}


@dataclass
class Fault:
    """What is to go wrong, with which requests, and how often. Only `kind` must be given.

    `method`, `path`, `operation` and `actor` are regular expressions for the whole; `path` is that of REST
    (or of git) or `/graphql`, `operation` the name of a GraphQL operation, `actor` the login whose token it
    is. `writes`: only requests that write. `times` 0 means for ever.
    """

    kind: str
    method: str = ""
    path: str = ""
    operation: str = ""
    actor: str = ""
    writes: bool = False
    nth: int = 1
    times: int = 1
    seconds: float = 1.0
    retry_after: int = 0
    status: int = 0
    alias: int = 0
    repo: str = ""
    what: str = ""
    message: str = ""
    id: int = field(default=0)
    matched: int = 0
    hits: int = 0

    def wants(self, exchange: Exchange) -> bool:
        """Whether this request is the one, or one of those; counts it."""
        if not self._matches(exchange):
            return False
        self.matched += 1
        hit = self.matched >= self.nth and (not self.times or self.hits < self.times)
        self.hits += hit
        return hit

    def _matches(self, exchange: Exchange) -> bool:
        method = exchange.request.method
        if (self.kind in GIT) != (exchange.api == "git"):
            return False
        if self.writes and not (
            exchange.mutations or (exchange.api != "graphql" and method not in {"GET", "HEAD"})
        ):
            return False
        actor = exchange.ctx.actor
        found = (
            (self.actor, str(actor.user["login"]) if actor else ""),
            (self.method, method),
            (self.path, exchange.path),
            (self.operation, exchange.operation or ""),
        )
        return all(not wanted or re.fullmatch(wanted, found) for wanted, found in found)
