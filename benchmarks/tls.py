"""A TLS door before the sandbox, for programs that will not speak to a forge without.

It also keeps teams, in memory: RepoBee gives each learner a team of their own, and the sandbox has none.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_TEAMS = re.compile(r"/api/v3/(?:orgs/[^/]+/)?teams(?:/(\d+)(?:/(\w+).*)?)?$")
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "date", "server"}
Json = Any


@dataclass
class Door:
    """What stands between: where it listens, the certificate to trust, and the teams it knows."""

    upstream: str
    url: str = ""
    certificate: Path = Path()
    teams: list[Json] = field(default_factory=list)
    team_requests: int = 0

    def answer_team(self, method: str, path: str, body: bytes) -> tuple[int, Json] | None:
        """The answer to a request about teams; None for any other."""
        found = _TEAMS.fullmatch(path.partition("?")[0])
        if found is None:
            return None
        self.team_requests += 1
        match method, found[1], found[2]:
            case "GET", None, _:
                return 200, self.teams
            case "POST", None, _:
                return 201, self._make(json.loads(body)["name"])
            case "GET", _, "members" | "repos":
                return 200, []
            case "GET", number, None:
                return 200, self.teams[int(number) - 1]
            case "PUT", _, "memberships":
                return 200, {"state": "pending", "role": "member", "url": self.url}
        return 204, None

    def _make(self, name: str) -> Json:
        number = len(self.teams) + 1
        url = f"{self.url}/api/v3/teams/{number}"
        facts = {
            "id": number,
            "name": name,
            "slug": name,
            "url": url,
            "permission": "push",
            "privacy": "secret",
        }
        self.teams.append(facts | {"members_url": f"{url}/members", "repositories_url": f"{url}/repos"})
        return self.teams[-1]


@contextmanager
def door(upstream: str, folder: Path) -> Iterator[Door]:
    """A door to the server at `upstream`; its certificate is made in `folder`."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    opened = Door(upstream, certificate=certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"door": opened}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    opened.url = f"https://localhost:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield opened
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    door: Door
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        body = self._body()
        about_teams = self.door.answer_team(self.command, self.path, body)
        if about_teams:
            status, found = about_teams
            text = b"" if found is None else json.dumps(found).encode()
            self._send(status, [("Content-Type", "application/json")], text)
            return
        upstream = urlsplit(self.door.upstream)
        connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        connection.request(self.command, self.path, body or None, headers | {"Accept-Encoding": "identity"})
        try:
            answer = connection.getresponse()
            text = answer.read()
        except http.client.RemoteDisconnected:
            self.close_connection = True  # the sandbox was stopped; so is this
            return
        finally:
            connection.close()
        if "json" in answer.headers.get("Content-Type", ""):
            # The sandbox took us for a client that speaks plain HTTP; its links lead through here.
            text = text.replace(f"http://{self.headers['Host']}".encode(), self.door.url.encode())
        self._send(answer.status, answer.headers.items(), text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return b"".join(iter(self._chunk, b""))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def _send(self, status: int, headers: Any, text: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if status not in (204, 304) and self.command != "HEAD":
            self.wfile.write(text)
