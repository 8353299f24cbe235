"""A recording proxy between a client and a server: what really passes, byte for byte.

It works both as a reverse proxy (the client takes it for the server) and as an HTTP proxy (`HTTP_PROXY`),
whatever host the client means to reach. Addresses of the server in what it answers become the proxy's own, so
that links (next page, redirects) lead back through it.
"""

from __future__ import annotations

import gzip
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from tests.contract.traffic import Exchange

_HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "content-length"}
_TEXT = ("application/json", "text/", "application/vnd.github")


class Recorder:
    """Listens on `url` while it is entered; `exchanges` holds what has passed, in order of the answers."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.exchanges: list[Exchange] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def clear(self) -> None:
        """Forget what has passed."""
        self.exchanges.clear()

    def rest(self) -> list[Exchange]:
        """The REST calls among what has passed."""
        return [exchange for exchange in self.exchanges if exchange.is_rest]

    def graphql(self) -> list[Exchange]:
        """The GraphQL calls among what has passed."""
        return [exchange for exchange in self.exchanges if exchange.is_graphql]


def _handler_for(recorder: Recorder) -> type[BaseHTTPRequestHandler]:
    class Handler(_Forwarder):
        owner = recorder

    return Handler


class _Forwarder(BaseHTTPRequestHandler):
    owner: Recorder
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what passes is recorded."""

    def _forward(self) -> None:
        body = self._body()
        target = self._target()
        upstream = urlsplit(self.owner.upstream)
        connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        headers["Accept-Encoding"] = "identity"
        connection.request(self.command, target, body or None, headers)
        answer = connection.getresponse()
        received = answer.read()
        connection.close()
        self._record(target, body, answer, received)
        self._reply(answer, received)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _forward

    def _target(self) -> str:
        """The path and query, also of a request that names a whole URL because we are its proxy."""
        if not self.path.startswith("http"):
            return self.path
        parts = urlsplit(self.path)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def _record(self, target: str, body: bytes, answer: http.client.HTTPResponse, received: bytes) -> None:
        plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        self.owner.exchanges.append(
            Exchange(
                self.command,
                target,
                answer.status,
                plain,
                received,
                self.headers.get("Content-Type", ""),
                answer.headers.get("Content-Type", ""),
                dict(answer.headers.items()),
            )
        )

    def _reply(self, answer: http.client.HTTPResponse, received: bytes) -> None:
        there, here = self.owner.upstream, self._address()
        if answer.headers.get("Content-Type", "").startswith(_TEXT):
            received = received.replace(there.encode(), here.encode())
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in _HOP_BY_HOP | {"date", "server"}:
                self.send_header(name, value.replace(there, here))
        if self.command == "HEAD" or answer.status in (204, 304):
            self.end_headers()
            return
        self.send_header("Content-Length", str(len(received)))
        self.end_headers()
        self.wfile.write(received)

    def _address(self) -> str:
        """What the client calls us."""
        return f"http://{self.headers.get('Host', '')}"
