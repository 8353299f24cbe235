"""Reading what reports are made of: configuration, ledger and forge, at one instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import click

from cohort_bot import config, ledger
from cohort_bot.cli import wiring
from cohort_bot.cli.context import Context
from cohort_bot.errors import UsageError
from cohort_bot.forge.comments import Correspondence
from cohort_bot.ledger import Ledger
from cohort_bot.standing import Survey, survey
from cohort_bot.state import CohortState

FOLDER = "ledger"

offline_option = click.option(
    "--offline", is_flag=True, help="Do not ask the forge: dates and the ledger only, no claims."
)


@dataclass(frozen=True)
class Sight:
    """A cohort as it is now, and what it was read from."""

    config: config.Config
    ledger: Ledger
    survey: Survey


def look(context: Context, *, offline: bool, only: Sequence[str] = ()) -> Sight:
    """Read everything once. Damage in the ledger is told on standard error and does not end the run."""
    settings = config.load(context.config_path)
    books = ledger.read(settings.folder / FOLDER)
    for problem in books.damage:
        context.console.print(str(problem), markup=False, style="red")
    now = context.now()
    state = CohortState(None) if offline else _state(context, settings, now)
    found = survey(settings.cohort, settings.roadmap, settings.roster, books, state, now)
    return Sight(settings, books, _narrowed(found, only))


def _state(context: Context, settings: config.Config, now: datetime) -> CohortState:
    """What the forge says, in one request for fifty learners; who is not in yet counts as invited."""
    cohort = settings.cohort
    names = {cohort.repo_of(learner.github): learner.github for learner in settings.roster}
    with wiring.connected(context, settings) as connection:
        return Correspondence(connection, len(settings.roadmap.stages), now).read(cohort.org, names).state


def _narrowed(found: Survey, only: Sequence[str]) -> Survey:
    wanted = {login.lower().removeprefix("@") for login in only}
    known = {standing.learner.github.lower() for standing in found.standings}
    if strangers := sorted(wanted - known):
        raise UsageError(
            f"{', '.join(strangers)} is not in the roster", "Give logins as the roster has them."
        )
    if not wanted:
        return found
    return replace(found, standings=tuple(s for s in found.standings if s.learner.github.lower() in wanted))
