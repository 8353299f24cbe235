"""Faults on demand: what networks and GitHub do to a client on a bad day, at exactly the request asked for.

A fault is posted to `/_sandbox/faults` (docs/sandbox.md has the table); it hits the `nth` request that it
matches from then on, and `times` of them. What it does before the handler leaves everything as it was; what
it does after comes when the change has been kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from threading import Lock
from typing import Any

from werkzeug import Response

from cohort_bot.sandbox import mishaps
from cohort_bot.sandbox.failures import Invalid, NotFound
from cohort_bot.sandbox.fault import Fault
from cohort_bot.sandbox.pipeline import Exchange

_GIVEN = {each.name: each for each in fields(Fault) if each.name not in {"id", "matched", "hits"}}
_TYPES: Mapping[str, tuple[type, ...]] = {
    name: {"str": (str,), "int": (int,), "bool": (bool,), "float": (int, float)}[str(each.type)]
    for name, each in _GIVEN.items()
}


def read(body: Mapping[str, Any]) -> Fault:
    """The fault that a JSON object asks for. Raises Invalid where it does not make sense."""
    for name, value in body.items():
        if name not in _GIVEN or not isinstance(value, _TYPES[name]):
            raise Invalid(f"A fault has no {name} of that type; it may have {', '.join(_GIVEN)}.")
    if body.get("kind") not in mishaps.KINDS:
        raise Invalid(f"kind is one of: {', '.join(sorted(mishaps.KINDS))}.")
    for name in ("method", "path", "operation", "actor"):
        try:
            re.compile(str(body.get(name, "")))
        except re.error as error:
            raise Invalid(f"{name} is not a regular expression: {error}") from error
    return Fault(**body)


class Faults:
    """The `Gate` that lets scheduled faults happen, the oldest first where several want the same request."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()
        self._last = 0

    def schedule(self, fault: Fault) -> dict[str, Any]:
        """Take up a fault; what is known of it."""
        with self._lock:
            self._last += 1
            fault.id = self._last
            self._faults.append(fault)
            return asdict(fault)

    def all(self) -> list[dict[str, Any]]:
        """Every fault that was scheduled, with how many requests it `matched` and how many it hit."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def forget(self) -> None:
        """No faults from here on."""
        self.clear()

    def clear(self, fault_id: int | None = None) -> None:
        """Forget one, or all. Raises NotFound where there is no such fault."""
        with self._lock:
            left = [fault for fault in self._faults if fault_id is not None and fault.id != fault_id]
            if fault_id is not None and len(left) == len(self._faults):
                raise NotFound
            self._faults = left

    def before(self, exchange: Exchange) -> Response | None:
        """What goes wrong before the handler."""
        with self._lock:
            fault = next((each for each in self._faults if each.wants(exchange)), None)
        if fault is None:
            return None
        exchange.notes[Faults] = fault
        act = mishaps.BEFORE.get(fault.kind)
        return act(fault, exchange) if act else None

    def after(self, exchange: Exchange, response: Response) -> Response:
        """What goes wrong on the way back."""
        fault = exchange.notes.get(Faults)
        act = mishaps.AFTER.get(fault.kind) if isinstance(fault, Fault) else None
        return act(fault, exchange, response) if act and isinstance(fault, Fault) else response
