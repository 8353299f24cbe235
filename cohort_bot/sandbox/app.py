"""The WSGI application: who asks, what they asked for, and how it is answered."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug import Request, Response

from cohort_bot.sandbox import control, git_http, pages
from cohort_bot.sandbox.context import Actor, Context, Urls
from cohort_bot.sandbox.domain import accounts
from cohort_bot.sandbox.failures import ApiError, BadCredentials, NotFound
from cohort_bot.sandbox.graphql import endpoint
from cohort_bot.sandbox.instance import Sandbox
from cohort_bot.sandbox.pipeline import Exchange
from cohort_bot.sandbox.rest import dispatch
from cohort_bot.sandbox.settling import settle

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

API_PREFIX = "/api/v3"
_GRAPHQL = {"/graphql", "/api/graphql"}


class Application:
    """Answers requests to one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self.answer(Request(environ))(environ, start_response)

    def answer(self, request: Request) -> Response:
        """The response to one request."""
        if request.path.startswith("/_sandbox/"):
            return control.answer(self._sandbox, request)
        with self._sandbox.store.session() as session:
            ctx = Context(session, self._sandbox.clock, self._sandbox.data_dir, urls_of(request))
            settle(ctx)
            response = self._route(request, ctx)
            if ctx.queued:
                self._sandbox.runner.look()
            return response

    def _route(self, request: Request, ctx: Context) -> Response:
        if request.path in _GRAPHQL:
            return self._through(Exchange(request, ctx, "graphql", request.path))
        if git_http.matches(request):
            return self._git(request, ctx)
        if not _is_browser(request) or (request.path != "/" and dispatch.match("GET", rest_path(request))):
            return self._through(Exchange(request, ctx, "rest", rest_path(request)))
        ctx.actor = self._lenient_actor(request, ctx)
        return pages.handle(request, ctx) or dispatch.failure(NotFound())

    def _git(self, request: Request, ctx: Context) -> Response:
        ctx.actor = self._lenient_actor(request, ctx)
        exchange = Exchange(request, ctx, "git", request.path)
        refusals = (gate.before(exchange) for gate in self._sandbox.gates)
        return next(filter(None, refusals), None) or git_http.handle(request, ctx)

    def _through(self, exchange: Exchange) -> Response:
        """An API request past the gates and back, into the log."""
        response = self._ask(exchange)
        for gate in reversed(self._sandbox.gates):
            response = gate.after(exchange, response)
        actor = exchange.ctx.actor
        self._sandbox.log.add(
            time=exchange.ctx.instant.isoformat(),
            method=exchange.request.method,
            path=exchange.path,
            query=_without_secrets(exchange.request),
            api=exchange.api,
            operation=exchange.operation,
            mutations=exchange.mutations,
            status=response.status_code,
            actor=actor.login if actor else None,
            created_content=exchange.created_content,
        )
        response.headers["X-GitHub-Request-Id"] = _request_id()
        return response

    def _ask(self, exchange: Exchange) -> Response:
        try:
            exchange.ctx.actor = actor_of(exchange.request, exchange.ctx)
        except ApiError as error:
            return dispatch.failure(error)
        if exchange.api == "graphql" and (refused := endpoint.prepare(exchange)):
            return refused
        for gate in self._sandbox.gates:
            if response := gate.before(exchange):
                return response
        handler = endpoint.answer if exchange.api == "graphql" else dispatch.answer
        return handler(exchange)

    def _lenient_actor(self, request: Request, ctx: Context) -> Actor | None:
        """Pages and git tell a wrong token from none themselves."""
        try:
            return actor_of(request, ctx)
        except ApiError:
            return None


def _request_id() -> str:
    """Five groups of hexadecimal digits, as on GitHub; what they mean is nobody's business."""
    return ":".join(secrets.token_hex(size).upper() for size in (2, 3, 4, 4, 4))


def rest_path(request: Request) -> str:
    """The path without the prefix that Enterprise Server puts before it."""
    path = request.path
    return (path.removeprefix(API_PREFIX) or "/") if path.startswith((f"{API_PREFIX}/", API_PREFIX)) else path


def urls_of(request: Request) -> Urls:
    """Links as the client reached us: through whatever host and prefix it used."""
    root = f"{request.scheme}://{request.host}"
    prefix = API_PREFIX if request.path.startswith(API_PREFIX) else ""
    # A client that goes through us as its proxy asks api.HOST; pages and git live at HOST.
    html = f"{request.scheme}://{request.host.removeprefix('api.')}"
    return Urls(api=root + prefix, html=html)


def actor_of(request: Request, ctx: Context) -> Actor | None:
    """Who asks; None if no token was sent. Raises BadCredentials for a token that nobody holds."""
    token = token_of(request)
    if token is None:
        return None
    found = accounts.actor_of(ctx, token)
    if found is None:
        raise BadCredentials("Bad credentials")
    return found


def token_of(request: Request) -> str | None:
    """The token of `Authorization: token X`, `Bearer X` or Basic with X as
    password (or alone as user name)."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in {"token", "bearer"}:
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return user if password in {"", "x-oauth-basic"} else password


def _is_browser(request: Request) -> bool:
    accepted = request.headers.get("Accept", "")
    return request.method in {"GET", "HEAD"} and ("text/html" in accepted or "image/" in accepted)


def _without_secrets(request: Request) -> str:
    kept = [
        part for part in request.query_string.decode().split("&") if "token" not in part.partition("=")[0]
    ]
    return "&".join(kept)
