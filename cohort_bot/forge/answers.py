"""What kind of answer the forge gave: good, refused, held back by a limit, or of no use. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import requests

from cohort_bot.errors import ForgeError

Json = dict[str, Any]
NOT_MODIFIED = 304
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY = 401, 403, 404, 429
# GitHub's words for a request that took too long, or that broke it; nobody knows what came of it.
WENT_WRONG = "something went wrong"
LIMIT_TYPES = {"RATE_LIMITED", "RATE_LIMIT"}


class Kind(Enum):
    """What to make of an answer. BROKEN: a question may be asked again, an order not given again."""

    GOOD = "good"
    REFUSED = "refused"
    LIMITED = "limited"
    BROKEN = "broken"


@dataclass(frozen=True)
class Answer:
    """What came back. `status` 0: nothing came, and `text` names why. `headers` have names in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str
    graphql: bool = False

    @cached_property
    def data(self) -> Any:
        """The decoded body; None where it is empty. Raises ValueError where it is not JSON."""
        return json.loads(self.text) if self.text.strip() else None

    @cached_property
    def kind(self) -> Kind:
        """What to make of it."""
        if self.status in (FORBIDDEN, TOO_MANY) and self._is_limit():
            return Kind.LIMITED
        # Redirections of writes are not followed: whoever asked looks where the thing is now.
        redirected = 300 < self.status < 400 and self.status != NOT_MODIFIED
        if self.status == 0 or self.status >= 500 or redirected:
            return Kind.BROKEN
        if self.status >= 400:
            return Kind.REFUSED
        try:
            return self._graphql_kind() if self.graphql else self._rest_kind()
        except ValueError:
            return Kind.BROKEN

    def _rest_kind(self) -> Kind:
        return Kind.GOOD if self.data is None or isinstance(self.data, dict | list) else Kind.BROKEN

    def _graphql_kind(self) -> Kind:
        if not isinstance(self.data, dict) or not self.data.keys() & {"data", "errors"}:
            return Kind.BROKEN
        if self.data.get("data"):
            return Kind.GOOD
        errors = [error for error in self.data.get("errors") or () if isinstance(error, dict)]
        if any(is_limit(error) for error in errors):
            return Kind.LIMITED
        vague = any(WENT_WRONG in str(error.get("message", "")).lower() for error in errors)
        return Kind.BROKEN if vague else Kind.GOOD

    def _is_limit(self) -> bool:
        return (
            "retry-after" in self.headers
            or self.headers.get("x-ratelimit-remaining") == "0"
            or "rate limit" in self._said().lower()
        )

    def _said(self) -> str:
        try:
            return str(self.data.get("message", "")) if isinstance(self.data, dict) else ""
        except ValueError:
            return ""


def is_limit(error: Json) -> bool:
    """Whether a GraphQL error tells of a limit, primary or secondary."""
    return error.get("type") in LIMIT_TYPES or "rate limit" in str(error.get("message", "")).lower()


def lower(headers: Mapping[str, Any]) -> dict[str, str]:
    """Headers with their names in lower case."""
    return {name.lower(): str(value) for name, value in headers.items()}


def never_sent(error: requests.RequestException) -> bool:
    """Whether a request cannot have arrived, since no connection came about."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    refused = type(reason).__name__ in {"NewConnectionError", "NameResolutionError"}
    return refused or isinstance(error, requests.exceptions.ConnectTimeout)


def refused(answer: Answer, what: str) -> ForgeError:
    """What a person should read about a request that GitHub would not carry out."""
    try:
        data = answer.data if isinstance(answer.data, dict) else {}
    except ValueError:
        data = {}
    said = str(data.get("message") or "no reason given")
    details = "; ".join(_detail(item) for item in data.get("errors") or ())
    said = f"{said} ({details})" if details else said
    hints = {
        UNAUTHORIZED: "The token is wrong, expired or revoked. Set COHORT_BOT_TOKEN to a valid one.",
        FORBIDDEN: "The token may not do this. `cohort-bot doctor` shows which permission is missing.",
        NOT_FOUND: "It does not exist, or the token may not see it.",
    }
    status = answer.status
    return ForgeError(f"{what}: GitHub answers {status}: {said}", hints.get(status, ""), status)


def _detail(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    return str(item.get("message") or " ".join(str(item.get(k, "")) for k in ("resource", "field", "code")))
