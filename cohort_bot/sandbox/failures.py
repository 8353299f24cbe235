"""Refusals in GitHub's own words. REST shows `status` and the body; GraphQL shows `kind` and the message.

The REST bodies follow the schemas `basic-error`, `validation-error` and `validation-error-simple` of GitHub's
OpenAPI description; the messages are those of https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api.
"""

from __future__ import annotations

from typing import Any

DOCS = "https://docs.github.com/rest"


class ApiError(Exception):
    """A refusal: HTTP `status`, the GraphQL error `type` (`kind`), and the entries of `errors[]` if there
    are any."""

    status = 400
    kind = "UNPROCESSABLE"

    def __init__(self, message: str, errors: list[Any] | None = None, docs: str = DOCS) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors
        self.docs = docs

    def body(self) -> dict[str, Any]:
        """The JSON object that REST answers with."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = self.errors
        return body | {"documentation_url": self.docs, "status": str(self.status)}


class BadRequest(ApiError):
    """The body cannot be read."""


class BadCredentials(ApiError):
    """There is no such token."""

    status = 401
    kind = "UNAUTHENTICATED"


class Forbidden(ApiError):
    """The thing may be seen, but not this be done to it."""

    status = 403
    kind = "FORBIDDEN"


class MissingScope(Forbidden):
    """A classic token lacks all of `scopes`, one of which it needs."""

    kind = "INSUFFICIENT_SCOPES"

    def __init__(self, message: str, scopes: tuple[str, ...]) -> None:
        super().__init__(message)
        self.scopes = scopes


class NotFound(ApiError):
    """There is no such thing, or the token may not know of it."""

    status = 404
    kind = "NOT_FOUND"

    def __init__(self, message: str = "Not Found") -> None:
        super().__init__(message)


class Conflict(ApiError):
    """The thing is in a state that does not allow this."""

    status = 409


class Stale(Conflict):
    """The branch moved since the client looked."""

    kind = "STALE_DATA"


class Gone(ApiError):
    """The thing is switched off for this repository, as issues can be."""

    status = 410


class Invalid(ApiError):
    """The request is understood and its content refused.

    `message` is what GraphQL says; REST says "Validation Failed" and lists `errors`.
    """

    status = 422

    def __init__(self, message: str = "Validation Failed", errors: list[Any] | None = None) -> None:
        super().__init__(message, errors)

    def body(self) -> dict[str, Any]:
        """The JSON object that REST answers with."""
        body = super().body()
        if self.errors is not None:
            body["message"] = "Validation Failed"
        return body


class Paging(ApiError):
    """A GraphQL connection was asked for without a bound, or with one above 100."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def field_error(resource: str, field: str, code: str, message: str = "") -> dict[str, str]:
    """One entry of `errors[]`; `code` is missing_field, invalid, already_exists, custom, …"""
    entry = {"resource": resource, "code": code, "field": field}
    return entry | {"message": message} if message else entry


def already_exists(resource: str, field: str) -> Invalid:
    """The 422 for a name that is taken; GraphQL says the same in a sentence."""
    return Invalid(
        f"{field.capitalize()} has already been taken", [field_error(resource, field, "already_exists")]
    )


def missing_field(resource: str, field: str) -> Invalid:
    """The 422 for a required value that is absent or blank."""
    return Invalid(f"{field.capitalize()} can't be blank", [field_error(resource, field, "missing_field")])


def invalid_field(resource: str, field: str, message: str = "") -> Invalid:
    """The 422 for a value that GitHub does not take."""
    return Invalid(
        message or f"{field.capitalize()} is invalid", [field_error(resource, field, "invalid", message)]
    )
