"""What a rehearsal asks of the sandbox that GitHub has not: to move its clock, to hand out people's tokens,
to let an answer come late, to show what was asked of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import requests

from cohort_bot.errors import CohortError

_TIMEOUT_S = 60


class Driver:
    """The sandbox at `url`, on a virtual clock that nobody else moves."""

    def __init__(self, url: str) -> None:
        self._url, self._session, self._lock = url, requests.Session(), Lock()
        self._now = datetime.fromisoformat(self._ask("GET", "clock")["now"])

    def now(self) -> datetime:
        """The instant at which its clock stands."""
        return self._now

    def begin(self, at: datetime) -> None:
        """Let everything begin at `at`, whenever that is."""
        with self._lock:
            self._move(at)

    def reach(self, at: datetime) -> None:
        """Let time pass until `at`, unless it is later already."""
        with self._lock:
            if at > self._now:
                self._move(at)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass: what a program that waits does instead of waiting."""
        with self._lock:
            self._move(self._now + timedelta(seconds=seconds))

    def person(self, login: str, name: str, email: str) -> str:
        """Make somebody known; their token."""
        return str(self._ask("POST", "users", login=login, name=name, email=email)["token"])

    def workflow_token(self, repository: str) -> str:
        """The token that a workflow of `repository` (owner/name) has."""
        return str(self._ask("POST", "tokens", kind="actions", repository=repository)["token"])

    def stall(self, operation: str, seconds: float) -> None:
        """Let the next GraphQL request whose operation matches be carried out, and its answer come late."""
        self._ask("POST", "faults", kind="slow", operation=operation, seconds=seconds)

    @property
    def stalled(self) -> bool:
        """Whether a request is being kept waiting."""
        return any(fault["hits"] for fault in self._ask("GET", "faults"))

    def calm(self) -> None:
        """Nothing is to be late any more."""
        self._ask("DELETE", "faults")

    def log(self) -> list[dict[str, Any]]:
        """Every API request so far, as docs/sandbox.md says."""
        found: list[dict[str, Any]] = self._ask("GET", "requests")
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def _move(self, to: datetime) -> None:
        told = self._ask("POST", "clock", now=to.isoformat())
        self._now = datetime.fromisoformat(told["now"])

    def _ask(self, method: str, what: str, **body: object) -> Any:
        answer = self._session.request(
            method, f"{self._url}/_sandbox/{what}", json=body or None, timeout=_TIMEOUT_S
        )
        if not answer.ok:
            raise CohortError(f"the sandbox refuses {method} {what}: {answer.text[:300]}")
        return answer.json()
