"""HTTP/1.1 with connections that stay open.

werkzeug's own handler closes the connection after every answer, because it does not know where a body that
the application left unread ends. Here every body is read first, so the next request begins where it should.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler
from werkzeug.wsgi import get_input_stream

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

IN_MEMORY = 1 << 20
CHUNK = 1 << 16
_BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


class KeepAliveHandler(WSGIRequestHandler):
    """One connection: request after request until the client hangs up. Says nothing on standard error:
    `/_sandbox/requests` tells more."""

    protocol_version = "HTTP/1.1"
    # Answers are small and made in one piece: waiting for more to send only adds 40 ms to each.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """What could not be sent because somebody hung up is nothing to report."""
        with suppress(ConnectionError):
            super().finish()
        self.rfile.close()

    def run_wsgi(self) -> None:
        """Answer one request."""
        self.environ = environ = self.make_environ()
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _exc_info: object = None
        ) -> Callable[[bytes], object]:
            started.append((status, headers))
            return self.wfile.write

        with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            shutil.copyfileobj(get_input_stream(environ), body, CHUNK)
            _give_body(environ, body)
            chunks = self.server.app(environ, start_response)
            try:
                self._send(*started[-1], chunks)
            except ConnectionError:
                # The client has gone, or a fault that was asked for hung up on it.
                self.close_connection = True
            finally:
                close = getattr(chunks, "close", None)
                if close:
                    close()

    def _send(self, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]) -> None:
        code, _, phrase = status.partition(" ")
        self.send_response(int(code), phrase)
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        empty = self.command == "HEAD" or int(code) in _BODILESS
        chunked = not empty and "content-length" not in names
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in chunks:
            if chunk and not empty:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk) if chunked else chunk)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()


def _give_body(environ: WSGIEnvironment, body: Any) -> None:
    """Let the application find the body at hand, its length known however it came."""
    environ["CONTENT_LENGTH"] = str(body.tell())
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["wsgi.input_terminated"] = True
    body.seek(0)
    environ["wsgi.input"] = body
