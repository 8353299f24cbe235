"""Make one request and tell what came back, however the other side behaves."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

from cohort_bot.evidence import Reply

if TYPE_CHECKING:
    import requests

_MOST_BYTES = 1_000_000


def ask(method: str, url: str, *, body: object = None, timeout: float = 10.0) -> Reply:
    """One request without redirects, proxies or credentials, over after `timeout` seconds and a moment.

    A time limit on the socket alone would let a server drip one byte at a time for ever, so the exchange has
    a thread of its own, which is left behind when its time is up and ends with the connection.
    """
    started = time.monotonic()
    got: list[Reply] = []
    exchange = threading.Thread(target=lambda: got.append(_exchange(method, url, body, timeout)), daemon=True)
    exchange.start()
    exchange.join(timeout + 0.5)
    seconds = time.monotonic() - started
    return got[0] if got else Reply(0, problem="no answer in time", seconds=seconds)


def _exchange(method: str, url: str, body: object, timeout: float) -> Reply:
    import requests  # takes 0.1 s, and most milestones make no request
    import urllib3.exceptions

    started = time.monotonic()
    try:
        with requests.Session() as session:
            session.trust_env = False
            with session.request(
                method, url, json=body, timeout=timeout, stream=True, allow_redirects=False
            ) as answer:
                text = answer.raw.read(_MOST_BYTES, decode_content=True).decode(errors="replace")
                where = answer.headers.get("location", "")
                return _reply(answer.status_code, text, where, time.monotonic() - started)
    except requests.RequestException as problem:
        return Reply(0, problem=_said(problem), seconds=time.monotonic() - started)
    except (OSError, ValueError, urllib3.exceptions.HTTPError):
        return Reply(0, problem="the answer broke off", seconds=time.monotonic() - started)


def _reply(status: int, text: str, location: str, seconds: float) -> Reply:
    try:
        return Reply(status, text, json.loads(text), is_json=True, seconds=seconds, location=location)
    except (ValueError, RecursionError):
        return Reply(status, text, seconds=seconds, location=location)


def _said(problem: requests.RequestException) -> str:
    import requests

    if isinstance(problem, requests.Timeout):
        return "no answer in time"
    if isinstance(problem, requests.ConnectionError):
        return "the connection was refused or broken off"
    return "it did not speak HTTP"
