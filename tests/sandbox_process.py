"""A sandbox in a process of its own, as everybody runs it: started, asked, stopped, killed, started again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import requests

ANNOUNCEMENT = "listening on "
PATIENCE_S = 60


class SandboxProcess:
    """`python -m cohort_bot.sandbox` on a free port, its data in `data`.

    `url`, `token` and `org` are those of sandbox.json: the token belongs to the owner of the organisation.
    """

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.options: Sequence[str] = options
        self._session = requests.Session()
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, port: int = 0) -> None:
        """Start it; returns once it answers. With `port` it comes back where clients already look for it."""
        command = [sys.executable, "-m", "cohort_bot.sandbox", "--data", str(self.data), "--port", str(port)]
        self._process = subprocess.Popen([*command, *self.options], stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line.startswith(ANNOUNCEMENT):
            self.stop()
            raise AssertionError(f"the sandbox did not start, it said {line!r}")
        described = json.loads((self.data / "sandbox.json").read_text(encoding="utf-8"))
        self.url, self.graphql_url = str(described["url"]), str(described["graphql_url"])
        self.token, self.org = str(described["token"]), str(described["org"])

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self._process:
            self._process.terminate()
            self._wait()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self._process:
            self._process.kill()
            self._wait()

    def _wait(self) -> None:
        if self._process:
            self._process.wait(PATIENCE_S)
            if self._process.stdout:
                self._process.stdout.close()
        self._process = None
        self._session.close()

    def restart(self) -> None:
        """Start again on the same port, with what is in `data`."""
        self.stop()
        self.start(self.port)

    # the sandbox's own control

    def control(self, method: str, name: str, /, **body: object) -> Any:
        """Ask `/_sandbox/NAME`; what it answers."""
        answer = self._session.request(method, f"{self.url}/_sandbox/{name}", json=body or None, timeout=30)
        assert answer.ok, f"{method} /_sandbox/{name}: {answer.status_code} {answer.text}"
        return answer.json()

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """Every API request so far, or those after the one with id `since`."""
        found: list[dict[str, Any]] = self.control("GET", f"requests?since={since}")
        return found

    def new_user(self, login: str, /, **more: object) -> str:
        """Make a user known; their token. `org_role="member"` puts them into the organisation."""
        return str(self.control("POST", "users", login=login, **more)["token"])

    def new_token(self, login: str, *scopes: str) -> str:
        """A token of that user with just these scopes."""
        return str(self.control("POST", "tokens", login=login, scopes=list(scopes))["token"])

    def actions_token(self, repository: str) -> str:
        """The token that a workflow of `repository` (owner/name) would have."""
        return str(self.control("POST", "tokens", kind="actions", repository=repository)["token"])

    def now(self) -> str:
        """The sandbox's present instant, ISO 8601."""
        return str(self.control("GET", "clock")["now"])

    def advance(self, seconds: float) -> str:
        """Move a virtual clock on; the new instant."""
        return str(self.control("POST", "clock", advance=seconds)["now"])

    def reset(self) -> None:
        """Forget everything but the organisation and its owner."""
        self.control("POST", "reset")

    # the API, raw

    def api(self, method: str, path: str, token: str = "", **arguments: Any) -> requests.Response:
        """One API request with `token` (or the organiser's); keyword arguments as for `requests`."""
        return api(self._session, self.url, method, path, token or self.token, **arguments)

    def graphql(self, query: str, token: str = "", **variables: object) -> dict[str, Any]:
        """One GraphQL request; the whole answer."""
        body = {"query": query, "variables": variables}
        found: dict[str, Any] = self.api("POST", "/graphql", token, json=body).json()
        return found


def api(
    session: requests.Session,
    url: str,
    method: str,
    path: str,
    token: str,
    **arguments: Any,
) -> requests.Response:
    """One API request, the way that GitHub's documentation shows it."""
    headers = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "2022-11-28"}
    headers |= arguments.pop("headers", {"Accept": "application/vnd.github+json"})
    answer: requests.Response = session.request(
        method, f"{url}{path}", headers=headers, timeout=30, allow_redirects=False, **arguments
    )
    return answer
