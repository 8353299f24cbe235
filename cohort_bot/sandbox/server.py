"""Starting the sandbox: its folder, its port, and the file that tells clients where it is."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from werkzeug.serving import BaseWSGIServer, make_server

from cohort_bot.sandbox.app import Application
from cohort_bot.sandbox.clock import Clock, RealClock, VirtualClock, parse
from cohort_bot.sandbox.faults import Faults
from cohort_bot.sandbox.graphql import endpoint
from cohort_bot.sandbox.instance import Sandbox
from cohort_bot.sandbox.limits import Limits
from cohort_bot.sandbox.permissions import Permissions
from cohort_bot.sandbox.pipeline import Gate
from cohort_bot.sandbox.requestlog import RequestLog
from cohort_bot.sandbox.runner.worker import Runner
from cohort_bot.sandbox.store import Store
from cohort_bot.sandbox.wire import KeepAliveHandler

HOST = "127.0.0.1"
ORGANISER = "organiser"
DEFAULT_ORG = "sandbox-academy"


class Running:
    """A sandbox that accepts requests. `url` is what `--api-url` takes."""

    def __init__(self, sandbox: Sandbox, server: BaseWSGIServer, token: str, org: str) -> None:
        self.sandbox, self.server, self.token, self.org = sandbox, server, token, org
        self.url = f"http://{HOST}:{server.server_port}"

    def describe(self) -> dict[str, object]:
        """What `sandbox.json` says."""
        return {
            "url": self.url,
            "graphql_url": f"{self.url}/graphql",
            "token": self.token,
            "org": self.org,
            "pid": os.getpid(),
        }

    def close(self) -> None:
        """Stop accepting and let go of every file."""
        self.server.shutdown()
        self.server.server_close()
        self.sandbox.close()


def open_sandbox(
    port: int, data: Path, org: str | None = None, clock: str = "real", limits: str = "off"
) -> Running:
    """A sandbox on `port` (0: any that is free) that keeps everything in `data`; it accepts already, and
    answers as soon as somebody calls `server.serve_forever()`. Raises OSError if the port is taken."""
    # Built now and not at the first request, so that a schema that does not fit its resolvers never starts.
    endpoint.schema()
    (data / "repos").mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    store = Store(data / "sandbox.sqlite3")
    ticking = _clock(store, clock)
    sandbox = Sandbox(data, store, ticking, RequestLog(data / "requests.jsonl"), gates=_gates(limits))
    if isinstance(ticking, VirtualClock):
        # Where it starts is where it stands: a kill before the first move must not let time pass.
        sandbox.keep_clock()
    token, org_login = sandbox.prepare(ORGANISER, org, DEFAULT_ORG)
    server = make_server(HOST, port, Application(sandbox), threaded=True, request_handler=KeepAliveHandler)
    running = Running(sandbox, server, token, org_login)
    sandbox.runner = Runner(store, ticking, data, running.url)
    sandbox.runner.start()
    return running


def _gates(limits: str) -> list[Gate]:
    """Faults stand outside of limits: a connection that is cut is cut whatever the limits say."""
    return [Faults(), Limits(), Permissions()] if limits == "real" else [Faults(), Permissions()]


def _clock(store: Store, kind: str) -> Clock:
    """A virtual clock goes on where it stood when the sandbox was stopped."""
    if kind == "real":
        return RealClock()
    with store.session() as session:
        stood = session.value("SELECT value FROM settings WHERE name = 'clock'")
    return VirtualClock(parse(stood) if stood else datetime.now(UTC).replace(microsecond=0))


def write_description(running: Running, data: Path) -> Path:
    """Write `sandbox.json`, whole or not at all, readable by its owner only since the token is in it."""
    target = data / "sandbox.json"
    partial = data / f".sandbox.json.{os.getpid()}"
    with os.fdopen(
        os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(running.describe(), file, indent=2)
        file.write("\n")
    partial.replace(target)
    return target


def serve(
    port: int, data: Path | str, org: str | None = None, limits: str = "off", clock: str = "real"
) -> None:
    """Run a sandbox until SIGTERM or Ctrl-C. Announces itself on standard output
    and in `data`/sandbox.json."""
    if limits not in {"off", "real"}:
        raise ValueError(f"limits is off or real, not {limits!r}")
    folder = Path(data).resolve()
    running = open_sandbox(port, folder, org, clock, limits)
    thread = threading.Thread(
        target=running.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    thread.start()
    write_description(running, folder)
    sys.stdout.write(f"listening on {running.url}\n")
    sys.stdout.flush()
    stop.wait()
    running.close()
