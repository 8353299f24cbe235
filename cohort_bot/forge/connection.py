"""The one door to the forge: every request passes here, is paced, tried again where that is safe, and has its
failure turned into one of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from github import Github, GithubException
from github.Auth import Auth

from cohort_bot.errors import CohortError, ForgeError, PartialError
from cohort_bot.forge.pace import Pace

API_VERSION = "2022-11-28"
TRIES = 4
TIMEOUT = 60
_PASSING = (500, 502, 503, 504)

Json = dict[str, Any]


class UnclearError(PartialError):
    """A write was sent and no answer came: it may or may not have taken effect. Read before writing again."""


def graphql_url(api_url: str) -> str:
    """Where GraphQL is, given the REST address.

    GitHub.com has it at `/graphql`, an Enterprise Server at `/api/graphql` beside `/api/v3`
    (https://docs.github.com/en/enterprise-server@latest/graphql/guides/forming-calls-with-graphql).
    """
    base = api_url.rstrip("/")
    return (
        f"{base.removesuffix('/v3')}/graphql"
        if urlsplit(base).path.endswith("/api/v3")
        else f"{base}/graphql"
    )


class Connection:
    """A forge at `api_url`, spoken to as `auth`."""

    def __init__(self, api_url: str, auth: Auth, pace: Pace) -> None:
        self.api_url = api_url.rstrip("/")
        self.pace = pace
        self._auth = auth
        github = Github(
            auth=auth,
            base_url=self.api_url,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            timeout=TIMEOUT,
            user_agent="cohort-bot",
            api_version=API_VERSION,
        )
        self._requester = github.requester
        # Learns the installation's address where the credentials are a GitHub App's.
        self._auth = self._requester.auth or auth
        self._session = requests.Session()
        self.scopes: frozenset[str] | None = None

    def rest(self, verb: str, path: str, body: Json | None = None, **query: object) -> Any:
        """One REST request; `path` starts with a slash. Returns the decoded answer, None for an empty one."""

        def send() -> tuple[Mapping[str, str], Any]:
            headers, data = self._requester.requestJsonAndCheck(
                verb, path, parameters=query or None, input=body
            )
            return {name.lower(): str(value) for name, value in headers.items()}, data

        return self._carry(send, f"{verb} {path}", write=verb != "GET")

    def graphql(self, text: str, variables: Json, *, write: bool) -> tuple[Json, list[Json]]:
        """One GraphQL request: its data and its errors, both as the forge gave them."""

        def send() -> tuple[Mapping[str, str], Any]:
            answer = self._session.post(
                graphql_url(self.api_url),
                json={"query": text, "variables": variables},
                headers={"Authorization": f"Bearer {self._auth.token}", "User-Agent": "cohort-bot"},
                timeout=TIMEOUT,
            )
            headers = {name.lower(): value for name, value in answer.headers.items()}
            if answer.status_code != 200:
                raise GithubException(answer.status_code, _decoded(answer), headers)
            return headers, _decoded(answer)

        reply = self._carry(send, "GraphQL", write=write)
        if not isinstance(reply, dict) or not ("data" in reply or "errors" in reply):
            raise _unclear("GraphQL") if write else ForgeError("the answer to a GraphQL query is not GraphQL")
        return reply.get("data") or {}, reply.get("errors") or []

    def _carry(self, send: Callable[[], tuple[Mapping[str, str], Any]], what: str, *, write: bool) -> Any:
        for attempt in range(TRIES):
            self.pace.before(write=write)
            try:
                headers, data = send()
            except requests.RequestException as error:
                if write and not isinstance(error, requests.exceptions.ConnectTimeout):
                    raise _unclear(what) from None
                problem: CohortError = ForgeError(
                    f"{self.api_url} cannot be reached ({type(error).__name__})",
                    "Check the network, and the address if you gave --api-url.",
                )
                continue
            except GithubException as error:
                problem = self._refusal(error, what, attempt, write=write)
                continue
            self._learn(headers)
            if _is_rate_limited(data):
                self.pace.refused(headers, attempt)
                problem = PartialError(
                    "GitHub's GraphQL limit is used up", "Run the same command again later."
                )
                continue
            return data
        raise problem

    def _refusal(self, error: GithubException, what: str, attempt: int, *, write: bool) -> CohortError:
        """What to raise if no further try is left. Raises it at once where another try is no use."""
        headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
        self._learn(headers)
        if error.status in (403, 429) and _is_limit(headers, error.data):
            self.pace.refused(headers, attempt)
            return PartialError("GitHub asks for a pause", "Run the same command again in a few minutes.")
        if error.status in _PASSING:
            if write:
                raise _unclear(what) from None
            return PartialError(
                f"GitHub answers {error.status} to {what}", "Run the same command again later."
            )
        raise refused(error, what) from None

    def _learn(self, headers: Mapping[str, str]) -> None:
        self.pace.after(headers)
        if "x-oauth-scopes" in headers:
            self.scopes = frozenset(s.strip() for s in headers["x-oauth-scopes"].split(",") if s.strip())


def refused(error: GithubException, what: str) -> ForgeError:
    """What a person should read about a request that GitHub would not carry out."""
    data = error.data if isinstance(error.data, dict) else {}
    said = str(data.get("message") or "no reason given")
    details = "; ".join(_detail(item) for item in data.get("errors") or ())
    said = f"{said} ({details})" if details else said
    hints = {
        401: "The token is wrong, expired or revoked. Set COHORT_BOT_TOKEN to a valid one.",
        403: "The token may not do this. `cohort-bot doctor` shows which permission is missing.",
        404: "It does not exist, or the token may not see it.",
    }
    return ForgeError(
        f"{what}: GitHub answers {error.status}: {said}", hints.get(error.status, ""), error.status
    )


def _detail(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    return str(item.get("message") or " ".join(str(item.get(k, "")) for k in ("resource", "field", "code")))


def _decoded(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except json.JSONDecodeError:
        return {"message": f"not JSON: {answer.text[:80]!r}"}


def _unclear(what: str) -> UnclearError:
    return UnclearError(
        f"no clear answer came to {what}: it may have taken effect or not",
        "Run the same command again: it looks first, then goes on.",
    )


def _is_limit(headers: Mapping[str, str], data: object) -> bool:
    said = str(data.get("message", "")) if isinstance(data, dict) else ""
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in said.lower()
    )


def _is_rate_limited(data: object) -> bool:
    errors = data.get("errors") if isinstance(data, dict) else None
    return any(isinstance(e, dict) and e.get("type") == "RATE_LIMITED" for e in errors or ())
