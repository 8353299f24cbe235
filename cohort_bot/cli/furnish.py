"""`furnish`: what a learner's repo runs in fan-out mode, in its own workflow and with its own token."""

from __future__ import annotations

import os
from pathlib import Path

import click
from pydantic import ValidationError

from cohort_bot import desired, errors, furnishing
from cohort_bot.apply import Became, Forge, Settings, apply_plan
from cohort_bot.cli.context import Context
from cohort_bot.cli.feedback import repo_option
from cohort_bot.cli.wiring import GITHUB
from cohort_bot.forge.auth import credentials
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.own import OwnReader
from cohort_bot.forge.pace import Pace
from cohort_bot.forge.writer import ForgeWriter
from cohort_bot.plan import make_plan
from cohort_bot.reports import plan_report
from cohort_bot.state import CohortState, Repo


@click.command()
@click.argument("order", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@repo_option
@click.pass_obj
def furnish(context: Context, /, order: Path, repo: str | None) -> int:
    """Make the labels, milestones and issues that ORDER asks for, in the repo whose workflow this is.

    What is there already stays or is mended, so it may be run any number of times.
    """
    if not repo or repo.count("/") != 1:
        raise errors.UsageError("which repo is meant is not clear", "Say --repo OWNER/NAME.")
    wanted = CohortState(None, {(asked := _ordered(order)).name: asked})
    url = context.api_url or os.environ.get("GITHUB_API_URL") or GITHUB
    owner = repo.partition("/")[0]
    pace = Pace(lambda: context.now().timestamp(), context.sleep)
    connection = Connection(url, credentials(os.environ, url, owner), pace)
    labels = {label.name: label.key for label in desired.LABELS.values()}
    titles = {milestone.title.lower(): key for key, milestone in asked.milestones.items()}
    forge = Forge(OwnReader(connection, repo, labels, titles), ForgeWriter(connection))
    actual = forge.reader.read(owner, "", {asked.name: ""}, context.now())
    settings = Settings(owner, "", {}, False, context.sleep, context.now)
    outcomes = apply_plan(make_plan(wanted, actual), wanted, actual, forge, settings, lambda _, __: None)
    click.echo(plan_report.outcome_text(outcomes), nl=False)
    unfinished = any(outcome.became is not Became.DONE for outcome in outcomes)
    return errors.EXIT_PARTIAL if unfinished else errors.EXIT_DONE


def _ordered(file: Path) -> Repo:
    try:
        return furnishing.read(file.read_bytes())
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise errors.UsageError(
            f"{file} is no order: {place}: {first['msg']}".replace(": :", ":"),
            "Your organiser's `cohort-bot enroll --fan-out` writes it anew.",
        ) from None
