"""`/_sandbox/`: what only a rehearsal or a test may ask for. GitHub has nothing like it.

It needs no token, so it answers to the machine it runs on alone.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug import Request, Response

from cohort_bot.sandbox import arranging
from cohort_bot.sandbox.arranging import body_of
from cohort_bot.sandbox.clock import VirtualClock, parse
from cohort_bot.sandbox.context import Context, Urls
from cohort_bot.sandbox.domain import accounts, repos
from cohort_bot.sandbox.failures import ApiError, Conflict, Forbidden, Invalid, NotFound
from cohort_bot.sandbox.instance import Sandbox
from cohort_bot.sandbox.runner.listing import runs
from cohort_bot.sandbox.store import Row

LEARNER_SCOPES = ["project", "read:org", "repo", "user", "workflow"]


def answer(sandbox: Sandbox, request: Request) -> Response:
    """Answer one request below `/_sandbox/`."""
    try:
        _need_loopback(request)
        name = request.path.removeprefix("/_sandbox/").rstrip("/")
        handler = _HANDLERS.get((request.method, name))
        if handler is None:
            raise NotFound
        payload, status = handler(sandbox, request), 200
    except ApiError as error:
        payload, status = error.body(), error.status
    return Response(json.dumps(payload), status, content_type="application/json; charset=utf-8")


def _need_loopback(request: Request) -> None:
    address = request.remote_addr or ""
    if address != "<local>" and not ipaddress.ip_address(address or "0.0.0.0").is_loopback:  # noqa: S104
        raise Forbidden("Only the machine that the sandbox runs on may ask for this.")


def _requests(sandbox: Sandbox, request: Request) -> Any:
    since = request.args.get("since", "0")
    return sandbox.log.since(int(since) if since.isdigit() else 0)


def _reset(sandbox: Sandbox, _request: Request) -> Any:
    sandbox.reset()
    return {"reset": True}


def _clock(sandbox: Sandbox, _request: Request) -> Any:
    kind = "virtual" if isinstance(sandbox.clock, VirtualClock) else "real"
    return {"clock": kind, "now": sandbox.clock.now().isoformat()}


def _move_clock(sandbox: Sandbox, request: Request) -> Any:
    clock, body = sandbox.clock, body_of(request)
    if not isinstance(clock, VirtualClock):
        raise Conflict("The clock is the real one; start the sandbox with --clock virtual to move it.")
    try:
        if "now" in body:
            clock.move(parse(str(body["now"])))
        else:
            clock.advance(float(body["advance"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid('Say {"now": "<ISO 8601>"} or {"advance": <seconds>}.') from error
    sandbox.keep_clock()
    return _clock(sandbox, request)


def _in_context(sandbox: Sandbox, act: Callable[[Context, Row], Row], request: Request) -> Row:
    with sandbox.store.session() as session:
        ctx = Context(session, sandbox.clock, sandbox.data_dir, Urls(request.host_url, request.host_url))
        with session.writing():
            return act(ctx, body_of(request))


def _users(sandbox: Sandbox, request: Request) -> Any:
    return _in_context(sandbox, _register, request)


def _register(ctx: Context, body: Row) -> Row:
    """Make a user known, as somebody or as nobody (`absent`), and give out a token."""
    login = str(body.get("login", ""))
    if not accounts.LOGIN.fullmatch(login):
        raise Invalid(f"{login!r} is not a login that GitHub would take.")
    found = ctx.db.one("SELECT * FROM accounts WHERE login = ?", login) or accounts.create(ctx, login)
    absent = bool(body.get("absent"))
    columns = {key: body[key] for key in ("name", "email") if key in body}
    ctx.db.update("accounts", found["id"], **columns, absent=int(absent))
    if absent:
        return {"login": login, "absent": True, "token": ""}
    if role := body.get("org_role"):
        _join(ctx, found, str(role))
    row = ctx.db.one("SELECT * FROM accounts WHERE id = ?", found["id"]) or found
    token = accounts.new_token(ctx, row, LEARNER_SCOPES)
    return {
        "login": row["login"],
        "id": row["id"],
        "name": row["name"],
        "email": row["email"],
        "token": token,
    }


def _join(ctx: Context, user: Row, role: str) -> None:
    roles = {"member": "member", "owner": "admin"}
    if role not in roles:
        raise Invalid("org_role is member or owner.")
    org = ctx.db.value("SELECT value FROM settings WHERE name = 'org'")
    accounts.set_member(ctx, accounts.org(ctx, str(org)), user, roles[role])


def _tokens(sandbox: Sandbox, request: Request) -> Any:
    return _in_context(sandbox, _new_token, request)


def _new_token(ctx: Context, body: Row) -> Row:
    """A token of a user with `scopes`, or with `kind` actions one that a workflow of `repository` would
    have."""
    kind = str(body.get("kind", "classic"))
    if kind == "actions":
        owner, _, name = str(body.get("repository", "")).partition("/")
        repo = repos.lookup(ctx, owner, name)
        if repo is None:
            raise Invalid("An actions token needs the repository (owner/name) that it belongs to.")
        return {"token": accounts.new_token(ctx, {}, [], kind, repo["id"]), "login": accounts.BOT}
    user = accounts.find(ctx, str(body.get("login", "")))
    scopes = body.get("scopes", LEARNER_SCOPES)
    if user is None or not isinstance(scopes, list):
        raise Invalid("A token needs a login, and scopes as a list.")
    return {
        "token": accounts.new_token(ctx, user, [str(one) for one in scopes], kind),
        "login": user["login"],
    }


_HANDLERS: Mapping[tuple[str, str], Callable[[Sandbox, Request], Any]] = {
    ("GET", "requests"): _requests,
    ("GET", "faults"): arranging.faults,
    ("POST", "faults"): arranging.add_fault,
    ("DELETE", "faults"): arranging.clear_faults,
    ("GET", "limits"): arranging.limits,
    ("POST", "limits"): arranging.set_limits,
    ("POST", "arrivals"): arranging.set_arrivals,
    ("GET", "runs"): runs,
    ("POST", "reset"): _reset,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _move_clock,
    ("POST", "users"): _users,
    ("POST", "tokens"): _tokens,
}
