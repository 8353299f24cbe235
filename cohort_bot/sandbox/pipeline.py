"""What stands between a request and its handler.

A `Gate` may answer instead of the handler (a limit that is used up, a fault that was asked for) or change
what the handler answered (headers, a dropped connection). Gates are asked in order before, and in reverse
order after.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from werkzeug import Request, Response

from cohort_bot.sandbox.context import Context


@dataclass
class Exchange:
    """One API request on its way through: REST or GraphQL (`api`), and what is known of it so far."""

    request: Request
    ctx: Context
    api: str
    path: str
    operation: str | None = None
    mutations: int = 0
    created_content: bool = False
    # What the GraphQL endpoint has made of the body, so that it is read once.
    prepared: object = None
    # What a gate wants to know on the way back.
    notes: dict[object, object] = field(default_factory=dict)


class Gate(Protocol):
    """Something every API request passes."""

    def before(self, exchange: Exchange) -> Response | None:
        """An answer in place of the handler's, or None to go on. Nothing has been changed yet."""

    def after(self, exchange: Exchange, response: Response) -> Response:
        """The answer to send. What the handler changed has been kept."""

    def forget(self) -> None:
        """Be as at the start."""
