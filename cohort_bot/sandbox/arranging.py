"""What a rehearsal may arrange under `/_sandbox/`: faults, limits, and how late things arrive."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, TypeVar

from werkzeug import Request

from cohort_bot.sandbox.failures import BadRequest, Conflict, Invalid
from cohort_bot.sandbox.faults import Faults, read
from cohort_bot.sandbox.instance import Sandbox
from cohort_bot.sandbox.limits import Limits
from cohort_bot.sandbox.settling import ARRIVING

AnyGate = TypeVar("AnyGate")


def faults(sandbox: Sandbox, _request: Request) -> Any:
    """Every fault, with how often it has struck."""
    return _gate(sandbox, Faults).all()


def add_fault(sandbox: Sandbox, request: Request) -> Any:
    """Schedule one fault."""
    return _gate(sandbox, Faults).schedule(read(body_of(request)))


def clear_faults(sandbox: Sandbox, request: Request) -> Any:
    """Forget them all, or the one that `?id=` names."""
    given = request.args.get("id", "")
    _gate(sandbox, Faults).clear(int(given) if given.isdigit() else None)
    return _gate(sandbox, Faults).all()


def limits(sandbox: Sandbox, _request: Request) -> Any:
    """The figures in force."""
    return asdict(_gate(sandbox, Limits).figures)


def set_limits(sandbox: Sandbox, request: Request) -> Any:
    """Change some figures, and forget what has been used."""
    gate = _gate(sandbox, Limits)
    gate.use(gate.figures.but(body_of(request)))
    return asdict(gate.figures)


def set_arrivals(sandbox: Sandbox, request: Request) -> Any:
    """How many seconds late the contents, labels and board items of what is made from now on arrive."""
    body = body_of(request)
    for kind, seconds in body.items():
        if kind not in ARRIVING or not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise Invalid(f"Say how many seconds late: {', '.join(sorted(ARRIVING))}.")
    with sandbox.store.session() as session, session.writing():
        for kind, seconds in body.items():
            sql = "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)"
            session.run(sql, f"late:{kind}", str(float(seconds)))
    return body


def _gate(sandbox: Sandbox, kind: type[AnyGate]) -> AnyGate:
    for gate in sandbox.gates:
        if isinstance(gate, kind):
            return gate
    raise Conflict("The limits are off; start the sandbox with --limits real.")


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that a request brings, an empty one where it brings nothing."""
    try:
        found = json.loads(request.get_data() or b"{}")
    except ValueError as error:
        raise BadRequest("Problems parsing JSON") from error
    if not isinstance(found, dict):
        raise BadRequest("Body should be a JSON object")
    return found
