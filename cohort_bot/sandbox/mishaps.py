"""What each kind of fault does."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from threading import Event

from graphql import FieldNode, OperationDefinitionNode, parse
from werkzeug import Response

from cohort_bot.sandbox.clock import stamp
from cohort_bot.sandbox.domain import repos
from cohort_bot.sandbox.failures import BadCredentials
from cohort_bot.sandbox.fault import Fault
from cohort_bot.sandbox.graphql.endpoint import Prepared
from cohort_bot.sandbox.limits import secondary
from cohort_bot.sandbox.pipeline import Exchange
from cohort_bot.sandbox.rest.dispatch import failure
from cohort_bot.sandbox.store import Row

Before = Callable[[Fault, Exchange], Response | None]
After = Callable[[Fault, Exchange, Response], Response]
WENT_WRONG = "Something went wrong while executing your query."
LONG_AGO = timedelta(days=8)


def _drop(_fault: Fault, exchange: Exchange) -> Response:
    """Hang up without a word."""
    connection = exchange.request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def _drop_after(fault: Fault, exchange: Exchange, _response: Response) -> Response:
    return _drop(fault, exchange)


def _gateway(fault: Fault, _exchange: Exchange) -> Response:
    page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return Response(page, fault.status or 502, content_type="text/html")


def _gateway_after(fault: Fault, exchange: Exchange, _response: Response) -> Response:
    return _gateway(fault, exchange)


def _unauthorized(_fault: Fault, _exchange: Exchange) -> Response:
    return failure(BadCredentials("Bad credentials"))


def _secondary(fault: Fault, exchange: Exchange) -> Response:
    return secondary(exchange.api, fault.status or 403, fault.retry_after or None)


def _graphql_error(fault: Fault, exchange: Exchange) -> Response | None:
    """The request as a whole comes to nothing, with status 200. REST has no such thing."""
    if exchange.api != "graphql":
        return None
    body = {"data": None, "errors": [{"message": fault.message or WENT_WRONG}]}
    return Response(json.dumps(body), content_type="application/json; charset=utf-8")


def _without_alias(fault: Fault, exchange: Exchange) -> None:
    """Let one field of a mutation do nothing, so that it alone does not happen."""
    prepared = exchange.prepared
    if not isinstance(prepared, Prepared) or prepared.document is None or not prepared.is_mutation:
        return
    operation = next(n for n in prepared.document.definitions if isinstance(n, OperationDefinitionNode))
    fields = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    field = fields[min(fault.alias, len(fields) - 1)]
    key = (field.alias or field.name).value
    if field.loc is None:
        return
    text = field.loc.source.body
    lamed = f"{text[: field.loc.start]}{key}: __typename{text[field.loc.end :]}"
    exchange.notes["alias"] = key
    # Not validated again: the variable that the field used is left over.
    exchange.prepared = replace(prepared, document=parse(lamed))


def _alias_error(fault: Fault, exchange: Exchange, response: Response) -> Response:
    """Tell of that field as of one that failed."""
    alias = exchange.notes.get("alias")
    if alias is None:
        return response
    body = json.loads(response.get_data())
    error = {"type": "SERVICE_UNAVAILABLE", "path": [alias], "message": fault.message or WENT_WRONG}
    body |= {"data": (body.get("data") or {}) | {alias: None}, "errors": [*body.get("errors", ()), error]}
    response.set_data(json.dumps(body))
    return response


def _slow(fault: Fault, _exchange: Exchange, response: Response) -> Response:
    Event().wait(fault.seconds)
    return response


def _truncated(_fault: Fault, exchange: Exchange, response: Response) -> Response:
    """Promise the whole body, send half of it, hang up."""
    whole = response.get_data() or b"{}"
    response.direct_passthrough = True
    response.response = _half(whole, exchange)
    response.headers["Content-Length"] = str(len(whole))
    return response


def _half(whole: bytes, exchange: Exchange) -> Iterator[bytes]:
    yield whole[: len(whole) // 2]
    _drop_quietly(exchange)


def _drop_quietly(exchange: Exchange) -> None:
    connection = exchange.request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_WR)


def _not_json(_fault: Fault, _exchange: Exchange, response: Response) -> Response:
    """A page of somebody in between, with a status as if all were well."""
    response.set_data("<html><body>Unicorn!</body></html>")
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response


def _repo(fault: Fault, exchange: Exchange) -> Row | None:
    ctx = exchange.ctx
    return repos.lookup(ctx, str(ctx.db.value("SELECT value FROM settings WHERE name = 'org'")), fault.repo)


def _delete_repo(fault: Fault, exchange: Exchange) -> None:
    """Somebody deletes the repository, if it is there."""
    with exchange.ctx.db.writing():
        if found := _repo(fault, exchange):
            repos.delete(exchange.ctx, found)


def _rename_repo(fault: Fault, exchange: Exchange) -> None:
    with exchange.ctx.db.writing():
        if found := _repo(fault, exchange):
            repos.change(exchange.ctx, found, name=fault.what or f"{fault.repo}-renamed")


def _expire(fault: Fault, exchange: Exchange) -> None:
    """Let the repository's invitations be older than an invitation lives."""
    ctx = exchange.ctx
    with ctx.db.writing():
        if found := _repo(fault, exchange):
            sql = "UPDATE invitations SET created_at = ? WHERE repo_id = ?"
            ctx.db.run(sql, stamp(ctx.instant - LONG_AGO), found["id"])


def _join(fault: Fault, exchange: Exchange) -> None:
    """Let everybody who is invited to the repository accept."""
    ctx = exchange.ctx
    with ctx.db.writing():
        if found := _repo(fault, exchange):
            ctx.db.run(
                "INSERT OR REPLACE INTO collaborators (repo_id, user_id, permission)"
                " SELECT repo_id, invitee_id, permission FROM invitations WHERE repo_id = ?",
                found["id"],
            )
            ctx.db.run("DELETE FROM invitations WHERE repo_id = ?", found["id"])


def _push_refused(_fault: Fault, _exchange: Exchange) -> Response:
    return Response("remote: Repository rule violations found.\n", 403, mimetype="text/plain")


BEFORE: Mapping[str, Before] = {
    "drop-before": _drop,
    "502": _gateway,
    "401": _unauthorized,
    "secondary": _secondary,
    "graphql-error": _graphql_error,
    "alias": _without_alias,
    "repo-deleted": _delete_repo,
    "repo-renamed": _rename_repo,
    "invitation-expired": _expire,
    "invitation-accepted": _join,
    "push-refused": _push_refused,
}
AFTER: Mapping[str, After] = {
    "drop-after": _drop_after,
    "502-after": _gateway_after,
    "alias": _alias_error,
    "slow": _slow,
    "truncated": _truncated,
    "not-json": _not_json,
}
KINDS = BEFORE.keys() | AFTER.keys()
