"""Mutations: each alone in a savepoint, so that one that fails leaves those before and after it standing.

https://docs.github.com/en/graphql/guides/forming-calls-with-graphql#about-mutations
"""

from __future__ import annotations

from collections.abc import Callable

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, repos
from cohort_bot.sandbox.failures import ApiError, Forbidden, MissingScope
from cohort_bot.sandbox.graphql.asking import Ask, Resolver, resolves
from cohort_bot.sandbox.store import Row

Mutation = Callable[[Context, Row], Row]
# These put something new into the world; everything else changes what is there.
CREATES = ("create", "clone", "copy", "addComment", "addProjectV2")


def mutation(name: str) -> Callable[[Mutation], Mutation]:
    """Let a function carry out a mutation: it is given the `input` and answers the payload."""

    def keep(function: Mutation) -> Mutation:
        resolves("Mutation", name)(_alone(name, function))
        return function

    return keep


def _alone(name: str, function: Mutation) -> Resolver:
    def run(ask: Ask) -> Row:
        ctx, given = ask.ctx, ask.args["input"]
        ctx.cache.clear()
        try:
            with ctx.db.savepoint():
                payload = function(ctx, given)
        except Forbidden as error:
            raise _in_words(ctx, name, error) from error
        finally:
            ctx.cache.clear()
        ctx.created = ctx.created or name.startswith(CREATES)
        return payload | {"client_mutation_id": given.get("clientMutationId")}

    return run


def _in_words(ctx: Context, name: str, error: ApiError) -> ApiError:
    """GraphQL names the mutation that was refused, where REST speaks of the repository."""
    if isinstance(error, MissingScope) or error.message == access.INTEGRATION or ctx.actor is None:
        return error
    if error.message != access.NOT_ADMIN:
        return error
    title = name[0].upper() + name[1:]
    return Forbidden(f"{ctx.actor.login} does not have the correct permissions to execute `{title}`")


def home(ctx: Context, row: Row) -> Row:
    """The repository that a label, milestone or issue belongs to."""
    return repos.by_id(ctx, row["repo_id"]) or {}
