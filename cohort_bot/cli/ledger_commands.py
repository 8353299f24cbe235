"""`ledger check`: whether the organiser's record of verdicts is sound."""

from __future__ import annotations

import click

from cohort_bot import config
from cohort_bot import ledger as books
from cohort_bot.cli.context import Context
from cohort_bot.errors import EXIT_CONFIG, EXIT_DONE
from cohort_bot.ledger.reviews import read_reviews

FOLDER = "ledger"


@click.group()
def ledger() -> None:
    """Look after the ledger: the organiser's append-only record of verdicts."""


@ledger.command()
@click.pass_obj
def check(context: Context, /) -> int:
    """Find damaged and contradictory lines, strangers and disorder; each with its place and a cure."""
    found = config.load(context.config_path)
    held = books.read(found.folder / FOLDER)
    stages = [stage.id for stage in found.roadmap.stages]
    problems = books.check(held, stages, [learner.github for learner in found.roster])
    problems += read_reviews(found.folder / FOLDER).damage
    for problem in problems:
        click.echo(str(problem))
    lines = sum(len(records) for records in held.records.values())
    count = _many(len(problems), "problem") if problems else "all is well"
    click.echo(f"{_many(lines, 'verdict')} of {_many(len(held.records), 'learner')}: {count}.")
    return EXIT_CONFIG if problems else EXIT_DONE


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
