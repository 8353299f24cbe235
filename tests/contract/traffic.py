"""What passes between a client and a server: exchanges, and the mistakes found in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and its response. `target` is the path with its query; bodies are raw bytes."""

    method: str
    target: str
    status: int
    sent: bytes = b""
    received: bytes = b""
    sent_type: str = ""
    received_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path without query, and without the prefix that an Enterprise server would have."""
        path = urlsplit(self.target).path
        return path.removeprefix("/api/v3") or "/" if path.startswith("/api/v3") else path

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's names and values, decoded, in order."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def is_graphql(self) -> bool:
        """Whether it went to the GraphQL endpoint."""
        return self.path in ("/graphql", "/api/graphql")

    @property
    def is_rest(self) -> bool:
        """Whether it is a REST call, rather than GraphQL, git, a page, or the sandbox's own control."""
        git = ".git/" in self.path
        page = self.received_type.startswith(("text/html", "text/css"))
        return not (self.is_graphql or git or page or self.path.startswith("/_sandbox"))

    @property
    def sent_json(self) -> Any:
        """The request's body, decoded."""
        return json.loads(self.sent)

    @property
    def received_json(self) -> Any:
        """The response's body, decoded."""
        return json.loads(self.received)

    def __str__(self) -> str:
        return f"{self.method} {self.target} → {self.status}"


def assert_flawless(mistakes: Iterable[str]) -> None:
    """Fail with every mistake on a line of its own, each once."""
    found = sorted(set(mistakes))
    assert not found, f"{len(found)} deviations from GitHub's descriptions:\n" + "\n".join(found)
