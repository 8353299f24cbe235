"""Several GraphQL mutations in one request, and what became of each.

Aliased mutations run in order and are not rolled back when a later one fails, so every one has its own
reply (https://docs.github.com/en/graphql/guides/forming-calls-with-graphql).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cohort_bot.errors import ForgeError
from cohort_bot.forge.connection import Connection, Json
from cohort_bot.forge.protocol import Reply

# These put something new into the world, which GitHub limits by the hour.
MAKES = ("create", "clone", "copy", "addComment", "addProjectV2")
# What GitHub gives these types to will fail again; anything else may have been a bad moment.
# A branch that has moved on meanwhile (STALE_DATA) is looked at again as well.
FINAL = {"NOT_FOUND", "FORBIDDEN", "UNPROCESSABLE", "INSUFFICIENT_SCOPES"}
TAKEN = "already"


@dataclass(frozen=True)
class Mutation:
    """One mutation: its field, its input, and what to select: `result { id }`.

    `tolerate` is a message that means that there was nothing to do.
    """

    field: str
    input: Mapping[str, object]
    select: str
    tolerate: str = ""

    @property
    def input_type(self) -> str:
        """GitHub names every input after its mutation."""
        return f"{self.field[0].upper()}{self.field[1:]}Input"

    @property
    def makes(self) -> bool:
        """Whether it creates something."""
        return self.field.startswith(MAKES)


def mutate(connection: Connection, mutations: Sequence[Mutation]) -> list[Reply]:
    """Carry out `mutations` in one request. Raises ForgeError where GitHub refuses the request as a whole."""
    if not mutations:
        return []
    makes = sum(mutation.makes for mutation in mutations)
    data, errors = connection.graphql(*_request(mutations), write=True, makes=makes)
    by_alias = {str((error.get("path") or [""])[0]): error for error in errors}
    if "" in by_alias:
        raise _refusal(by_alias[""])
    return [_reply(m, data.get(f"m{i}"), by_alias.get(f"m{i}")) for i, m in enumerate(mutations)]


def _request(mutations: Sequence[Mutation]) -> tuple[str, Json]:
    declared = ", ".join(f"$i{i}: {m.input_type}!" for i, m in enumerate(mutations))
    fields = "\n".join(f"  m{i}: {m.field}(input: $i{i}) {{ {m.select} }}" for i, m in enumerate(mutations))
    names = "_".join(dict.fromkeys(m.field for m in mutations))
    return f"mutation {names}({declared}) {{\n{fields}\n}}", {
        f"i{i}": m.input for i, m in enumerate(mutations)
    }


def _reply(mutation: Mutation, payload: Json | None, error: Json | None) -> Reply:
    if error is not None:
        return _failure(mutation, error)
    found = next(iter((payload or {}).values()), None)
    for step in ("item", "projectV2Item"):
        found = found.get(step, found) if isinstance(found, dict) else found
    made = found if isinstance(found, dict) else {}
    return Reply(str(made.get("id", "")), int(made.get("number") or 0))


def _failure(mutation: Mutation, error: Json) -> Reply:
    said = str(error.get("message", "no reason given"))
    if mutation.tolerate and mutation.tolerate.lower() in said.lower():
        return Reply()
    # Somebody was faster, or GitHub had a bad moment: both are settled by looking.
    return Reply(error=said, unsure=TAKEN in said.lower() or error.get("type") not in FINAL)


def _refusal(error: Json) -> ForgeError:
    said = str(error.get("message", "no reason given"))
    hint = "Give the token the scopes it names." if error.get("type") == "INSUFFICIENT_SCOPES" else ""
    return ForgeError(f"GitHub refuses the request: {said}", hint)
