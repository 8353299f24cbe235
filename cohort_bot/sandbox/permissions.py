"""What a workflow's token may write: the `permissions` of its job or workflow.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions: where any are
named, the others are none. Reading is not narrowed here. A token that came with no permissions may write what
GITHUB_TOKEN can.
"""

from __future__ import annotations

import json

from graphql import FieldNode, OperationDefinitionNode
from werkzeug import Response

from cohort_bot.sandbox.domain.access import INTEGRATION
from cohort_bot.sandbox.failures import Forbidden
from cohort_bot.sandbox.graphql.endpoint import Prepared
from cohort_bot.sandbox.pipeline import Exchange
from cohort_bot.sandbox.rest.dispatch import failure

_REST = {
    **dict.fromkeys(("issues", "labels", "milestones", "assignees"), "issues"),
    **dict.fromkeys(("contents", "git", "merges", "branches"), "contents"),
    "pulls": "pull-requests", "check-runs": "checks", "statuses": "statuses", "actions": "actions",
}  # fmt: skip
_CONTENTS = ("createCommitOnBranch", "createRef", "updateRef", "deleteRef")
_ISSUES = ("Issue", "Comment", "Label", "Assignees")


class Permissions:
    """The gate that holds a workflow's token to its permissions."""

    def before(self, exchange: Exchange) -> Response | None:
        """A refusal for a write that the token may not make."""
        actor = exchange.ctx.actor
        if actor is None or not actor.is_bot or not actor.permissions:
            return None
        lacking = {area for area in _areas(exchange) if not _may_write(actor.permissions, area)}
        return _refusal(exchange) if lacking else None

    def after(self, exchange: Exchange, response: Response) -> Response:  # noqa: ARG002 - a gate's signature
        """Nothing is changed on the way back."""
        return response

    def forget(self) -> None:
        """There is nothing to forget."""


def _may_write(permissions: str, area: str) -> bool:
    allowed = json.loads(permissions)
    if isinstance(allowed, str):
        return allowed == "write-all"
    return not allowed or allowed.get(area) == "write"


def _areas(exchange: Exchange) -> list[str]:
    """What the request writes to; nothing for one that reads."""
    if exchange.api == "git":
        asked = f"{exchange.path}?{exchange.request.query_string.decode()}"
        return ["contents"] if "git-receive-pack" in asked else []
    if exchange.api == "graphql":
        return [_area_of(field) for field in _mutations(exchange.prepared)]
    if exchange.request.method in {"GET", "HEAD"}:
        return []
    parts = exchange.path.strip("/").split("/")
    return [_REST.get(parts[3], "administration") if len(parts) > 3 else "administration"]


def _mutations(prepared: object) -> list[str]:
    if not isinstance(prepared, Prepared) or not prepared.is_mutation or prepared.document is None:
        return []
    return [
        field.name.value
        for operation in prepared.document.definitions
        if isinstance(operation, OperationDefinitionNode)
        for field in operation.selection_set.selections
        if isinstance(field, FieldNode)
    ]


def _area_of(mutation: str) -> str:
    if mutation in _CONTENTS:
        return "contents"
    return "issues" if any(word in mutation for word in _ISSUES) else "administration"


def _refusal(exchange: Exchange) -> Response:
    if exchange.api != "graphql":
        return failure(Forbidden(INTEGRATION))
    error = {"type": "FORBIDDEN", "path": [], "locations": [], "message": INTEGRATION}
    body = json.dumps({"data": None, "errors": [error]})
    return Response(body, 200, content_type="application/json; charset=utf-8")
