"""Git over smart HTTP: `git http-backend` behind the sandbox's own doors.

Who may fetch and push is decided here; git itself does the rest. The protocol is described in
https://git-scm.com/docs/http-protocol, the program in https://git-scm.com/docs/git-http-backend. The answers
for what is refused are those that GitHub gives: 401 asks for credentials, 404 hides what a token may not see.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO
from uuid import uuid4

from werkzeug import Request, Response
from werkzeug.datastructures import Headers

from cohort_bot.sandbox import push
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts, repos
from cohort_bot.sandbox.failures import ApiError, BadCredentials, Forbidden, NotFound
from cohort_bot.sandbox.gitrepo import NO_OBJECT, environment
from cohort_bot.sandbox.store import Row

ROUTE = re.compile(
    r"/(?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/(?P<what>info/refs|git-upload-pack|git-receive-pack)"
)
# What git runs before it takes a push from a token that may not write workflows. The words are GitHub's.
GUARD = """\
#!/bin/sh
while read -r old new ref; do
  case $new in *[!0]*) ;; *) continue ;; esac
  case $old in *[!0]*) ;; *)
    old=$(git rev-parse -q --verify HEAD || git hash-object -t tree /dev/null) ;;
  esac
  path=$(git diff --name-only "$old" "$new" -- .github/workflows | head -n 1)
  if [ -n "$path" ]; then
    echo "refusing to allow a Personal Access Token to create or update workflow \\`$path\\`" \\
      "without \\`workflow\\` scope"
    exit 1
  fi
done
"""
CHUNK = 1 << 16
GRACE_S = 10.0


def matches(request: Request) -> bool:
    """Whether a request is git's."""
    return ROUTE.fullmatch(request.path) is not None


def handle(request: Request, context: Context) -> Response:
    """Answer one of git's requests. The token is read here, since git sends it as a Basic password."""
    try:
        return _handle(request, context)
    except repos.Moved as moved:
        route = ROUTE.fullmatch(request.path)
        rest = f"{route['what']}?{request.query_string.decode()}" if route else ""
        target = f"{context.urls.html}/{repos.full_name(context, moved.repo)}.git/{rest}"
        return Response(status=HTTPStatus.MOVED_PERMANENTLY, headers={"Location": target})
    except ApiError as refusal:
        response = Response(f"{refusal.message}\n", status=refusal.status, mimetype="text/plain")
        if refusal.status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
        return response


def _handle(request: Request, context: Context) -> Response:
    route = ROUTE.fullmatch(request.path)
    service = _service(request, route["what"]) if route else ""
    if route is None or service not in {"git-upload-pack", "git-receive-pack"}:
        raise Forbidden("Please upgrade your git client.")
    _identify(request, context)
    repo = _find(context, route["owner"], route["name"])
    pushing = service == "git-receive-pack"
    if pushing:
        _need_push(context, repo)
    with tempfile.TemporaryFile() as body:
        shutil.copyfileobj(request.stream, body, CHUNK)
        body.seek(0)
        backend = _Backend(request, context, repo, route["what"])
        if pushing and request.method == "POST":
            return _receive(backend, body, context, repo)
        return backend.run(body)


def _service(request: Request, what: str) -> str:
    """Which of git's two services is meant; empty for the protocol of old that has none."""
    return request.args.get("service", "") if what == "info/refs" else what


def _identify(request: Request, context: Context) -> None:
    """Set the context's actor from a Basic password (any user name) or a Bearer token."""
    sent = request.authorization
    if sent is None:
        context.actor = None
        return
    # With `https://TOKEN@host/…` the token is the user name and the password is empty or a fixed word.
    tokens = [sent.token, sent.password, sent.username] if sent.type == "basic" else [sent.token]
    found = (accounts.actor_of(context, token) for token in tokens if token)
    context.actor = next((actor for actor in found if actor), None)
    if context.actor is None:
        raise BadCredentials("Invalid username or token.")


def _find(context: Context, owner: str, name: str) -> Row:
    try:
        return repos.need(context, owner, name)
    except NotFound as hidden:
        if context.actor is None:
            raise BadCredentials("Authentication required.") from hidden
        raise NotFound("Repository not found.") from hidden


def _need_push(context: Context, repo: Row) -> None:
    if context.actor is None:
        raise BadCredentials("Authentication required.")
    full_name = repos.full_name(context, repo)
    if access.granted(context, repo) < access.RANK["write"]:
        raise Forbidden(f"Permission to {full_name}.git denied to {context.actor.login}.")
    access.need_unlocked(repo)


def _receive(backend: _Backend, body: IO[bytes], context: Context, repo: Row) -> Response:
    """Take a push and tell the rest of the sandbox about every ref that it moved.

    Other writers wait meanwhile, so that what changed between the two looks is this push's own doing.
    """
    git = context.git(repo)
    with context.db.writing():
        before = git.refs()
        response = backend.run(body)
        response.make_sequence()
        after = git.refs()
        for ref in sorted(before.keys() | after.keys()):
            old, new = before.get(ref, NO_OBJECT), after.get(ref, NO_OBJECT)
            if old != new and context.actor:
                push.pushed(context, repo, old, new, ref, context.actor)
    return response


class _Backend:
    """One run of `git http-backend` as a CGI program (RFC 3875)."""

    def __init__(self, request: Request, context: Context, repo: Row, what: str) -> None:
        self._env = environment(
            GIT_PROJECT_ROOT=str(context.data_dir / "repos"),
            GIT_HTTP_EXPORT_ALL="1",
            GIT_PROTOCOL=request.headers.get("Git-Protocol", ""),
            GIT_CONFIG_COUNT="2",
            GIT_CONFIG_KEY_0="http.receivepack",
            GIT_CONFIG_VALUE_0="true",
            GIT_CONFIG_KEY_1="core.hooksPath",
            GIT_CONFIG_VALUE_1=_hooks(context),
            PATH_INFO=f"/{repo['id']}.git/{what}",
            REQUEST_METHOD=request.method,
            QUERY_STRING=request.query_string.decode(),
            CONTENT_TYPE=request.content_type or "",
            HTTP_CONTENT_ENCODING=request.headers.get("Content-Encoding", ""),
            REMOTE_USER=context.actor.login if context.actor else "",
            REMOTE_ADDR=request.remote_addr or "",
        )

    def run(self, body: IO[bytes]) -> Response:
        """Start it on `body`; the response carries on while git writes."""
        process = subprocess.Popen(
            ["git", "http-backend"],
            stdin=body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._env,
        )
        headers = _headers(process.stdout)
        status = int(headers.pop("Status", "200").split()[0])
        response = Response(_chunks(process.stdout), status=status, headers=headers)
        response.call_on_close(lambda: _end(process))
        return response


def _hooks(context: Context) -> str:
    """The folder of hooks that git goes by: the guard of workflows, or none."""
    if not access.lacks_workflow_scope(context, [".github/workflows/any.yml"]):
        return os.devnull
    guard = context.data_dir / "hooks" / "pre-receive"
    if not guard.exists():
        guard.parent.mkdir(exist_ok=True)
        partial = guard.with_suffix(f".{uuid4().hex}")
        partial.write_text(GUARD, encoding="utf-8")
        partial.chmod(0o700)
        partial.replace(guard)
    return str(guard.parent)


def _headers(out: IO[bytes] | None) -> Headers:
    headers = Headers()
    while out and (line := out.readline().strip()):
        name, _, value = line.decode("latin-1").partition(":")
        headers.add(name, value.strip())
    return headers


def _chunks(out: IO[bytes] | None) -> Iterator[bytes]:
    while out and (chunk := out.read(CHUNK)):
        yield chunk


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let the program finish; one that still talks to a client long gone notices the closed pipe."""
    if process.stdout:
        process.stdout.close()
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
