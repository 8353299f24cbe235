"""Gather whether the address that a learner wrote down answers."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urljoin, urlsplit

from cohort_bot.checks.http import ask
from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import Answered, Reply
from cohort_bot.model.checks import Url

_SECONDS = 60.0  # free tiers wake up slowly
_REDIRECTS = 5


def gather(spec: Url, submission: Submission) -> Answered:
    """Ask the first address in the file that matches. Only public ones are asked."""
    text = submission.text(spec.file, 1_000_000)
    if text is None:
        return Answered(spec.file, exists=False)
    found = re.search(spec.pattern, text)
    if found is None:
        return Answered(spec.file, exists=True)
    address = found[0].rstrip(".,;:!?'\"*_`")
    return Answered(spec.file, True, address, _follow(address))


def _follow(address: str) -> Reply:
    """The reply at the end of the redirects, each of which must lead to a public place as well."""
    for _ in range(_REDIRECTS):
        if trouble := _not_public(address):
            return Reply(0, problem=trouble)
        reply = ask("GET", address, timeout=_SECONDS)
        if not 300 <= reply.status < 400 or not reply.location:
            return reply
        address = urljoin(address, reply.location)
    return Reply(0, problem="it redirects again and again")


def _not_public(address: str) -> str:
    """Why `address` is not one to ask; empty if it is.

    A text of a learner's must not lead into the network that the check runs in.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "it is no address of a web service"
    try:
        places = {entry[4][0] for entry in socket.getaddrinfo(parts.hostname, parts.port or 443)}
    except (OSError, ValueError, UnicodeError):
        return "there is no server of that name"
    if not all(ipaddress.ip_address(str(place).partition("%")[0]).is_global for place in places):
        return "it is not a public address"
    return ""
