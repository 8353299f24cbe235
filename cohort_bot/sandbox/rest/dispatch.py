"""Finding the handler of a REST request, and putting its answer on the wire."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import AbstractContextManager

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule

from cohort_bot.sandbox.calls import Call, Payload, Reply, Route
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import repos
from cohort_bot.sandbox.failures import ApiError, BadRequest, NotFound
from cohort_bot.sandbox.pipeline import Exchange
from cohort_bot.sandbox.rest import (
    accounts,
    actions,
    activity,
    checks,
    contents,
    filters,
    git,
    issues,
    planning,
    projects,
    pulls,
)
from cohort_bot.sandbox.rest import repos as repositories

MODULES = (
    accounts,
    actions,
    activity,
    checks,
    contents,
    filters,
    git,
    issues,
    planning,
    projects,
    pulls,
    repositories,
)
ROUTES: list[Route] = [route for module in MODULES for route in module.routes.all]
DEFAULT_VERSION = "2022-11-28"
VERSIONS = {DEFAULT_VERSION, "2026-03-10"}
_MAP = Map(
    [Rule(route.rule, methods=[route.method], endpoint=route) for route in ROUTES],
    strict_slashes=True,
    merge_slashes=False,
    redirect_defaults=False,
)
_NUMBERED = re.compile(r"/repositories/(?P<id>\d+)(?P<rest>/.+)")
_ADAPTER: MapAdapter = _MAP.bind("sandbox")


def match(method: str, path: str) -> tuple[Route, dict[str, object]] | None:
    """The route for a method and a path, and the variable parts of the path; None if there is none."""
    try:
        route, parts = _ADAPTER.match(path, "GET" if method == "HEAD" else method)
    except HTTPException:
        # No such path, or not by this method: GitHub says 404 to both.
        return None
    return route, dict(parts)


def answer(exchange: Exchange) -> Response:
    """Carry out a REST request in one transaction."""
    ctx, request = exchange.ctx, exchange.request
    found = match(request.method, exchange.path)
    scopes: tuple[str, ...] = ()
    try:
        _check_version(request)
        found = found or _by_number(ctx, request.method, exchange.path)
        if found is None:
            raise NotFound
        route, parts = found
        scopes = route.scopes
        call = Call(ctx, request, parts | {"_route": exchange.path})
        with _transaction(ctx, route.method):
            reply = _as_reply(route.handler(call))
        exchange.created_content = reply.status == 201
        response = _response(request, reply)
    except repos.Moved as moved:
        response = _moved(ctx, request, exchange.path, moved)
    except ApiError as error:
        response = failure(error)
    return _with_headers(response, exchange, scopes)


def _by_number(ctx: Context, method: str, path: str) -> tuple[Route, dict[str, object]] | None:
    """`/repositories/ID/…`, where redirects lead, is `/repos/OWNER/NAME/…` under another name."""
    numbered = _NUMBERED.fullmatch(path)
    repo = repos.by_id(ctx, int(numbered["id"])) if numbered else None
    if numbered is None or repo is None:
        return None
    return match(method, f"/repos/{repos.full_name(ctx, repo)}{numbered['rest']}")


def _transaction(ctx: Context, method: str) -> AbstractContextManager[None]:
    return ctx.db.reading() if method == "GET" else ctx.db.writing()


def _as_reply(result: Reply | Payload) -> Reply:
    return result if isinstance(result, Reply) else Reply(result)


def _check_version(request: Request) -> None:
    version = request.headers.get("X-GitHub-Api-Version", DEFAULT_VERSION)
    if version not in VERSIONS:
        raise BadRequest(f"The API version {version} is not supported.")


def _response(request: Request, reply: Reply) -> Response:
    if reply.raw is not None:
        return reply.raw
    if reply.payload is None:
        return Response(status=reply.status, headers=reply.headers)
    body = json.dumps(reply.payload, separators=(",", ":")).encode()
    response = Response(body, reply.status, reply.headers, content_type="application/json; charset=utf-8")
    if request.method in {"GET", "HEAD"} and reply.status == 200:
        _tag(request, response, body)
    return response


def _tag(request: Request, response: Response, body: bytes) -> None:
    """Name the answer's contents, and leave them out for who has them already."""
    tag = hashlib.sha256(body).hexdigest()
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
    response.headers["Vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP"
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
        response.set_data(b"")


def failure(error: ApiError) -> Response:
    """A refusal as REST shows it."""
    body = json.dumps(error.body(), separators=(",", ":"))
    return Response(body, error.status, content_type="application/json; charset=utf-8")


def _moved(ctx: Context, request: Request, path: str, moved: repos.Moved) -> Response:
    """Where a renamed repository is to be found now: 301 for reading, 307 to repeat a write."""
    parts = path.split("/", 4)
    rest = f"/{parts[4]}" if len(parts) > 4 else ""
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    # By number, which no further rename can change.
    target = f"{ctx.urls.api}/repositories/{moved.repo['id']}{rest}{query}"
    body = {"message": "Moved Permanently", "url": target, "documentation_url": ApiError("").docs}
    status = 301 if request.method in {"GET", "HEAD"} else 307
    return Response(
        json.dumps(body), status, {"Location": target}, content_type="application/json; charset=utf-8"
    )


def _with_headers(response: Response, exchange: Exchange, scopes: tuple[str, ...]) -> Response:
    actor = exchange.ctx.actor
    if actor and not actor.is_bot:
        response.headers["X-OAuth-Scopes"] = ", ".join(sorted(actor.scopes))
        response.headers["X-Accepted-OAuth-Scopes"] = ", ".join(scopes)
    version = exchange.request.headers.get("X-GitHub-Api-Version", DEFAULT_VERSION)
    response.headers["X-GitHub-Api-Version-Selected"] = version
    response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    return response
