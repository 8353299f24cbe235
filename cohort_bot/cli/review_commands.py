"""`reviews`: who reviews whom, and what has become of it."""

from __future__ import annotations

import click

from cohort_bot import config, ledger
from cohort_bot.cli.context import Context
from cohort_bot.errors import EXIT_DONE, UsageError
from cohort_bot.ledger.reviews import read_reviews
from cohort_bot.model import Roadmap
from cohort_bot.reviews import Shelf, peer_check, table

FOLDER = "ledger"


@click.command()
@click.argument("milestone", default="")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table")
@click.pass_obj
def reviews(context: Context, /, milestone: str, form: str) -> int:
    """Show who reviews whom and what has become of it, for one milestone or all.

    It reads roster, roadmap and ledger and asks nobody. It names reviewers, those of blind reviews too: keep
    it where only organisers see it.
    """
    from cohort_bot.reports import reviews as report

    found = config.load(context.config_path)
    _need_reviewed(found.roadmap, milestone)
    books, journal = ledger.read(found.folder / FOLDER), read_reviews(found.folder / FOLDER)
    for problem in (*books.damage, *journal.damage):
        context.console.print(str(problem), markup=False, style="red")
    shelf = Shelf(found.cohort, found.roadmap, found.roster, books, journal)
    rows = table(shelf, context.now(), milestone)
    if form == "table":
        context.output.print(report.as_rich(rows, found.cohort))
    else:
        click.echo(report.as_json(rows) if form == "json" else report.as_csv(rows), nl=False)
    return EXIT_DONE


def _need_reviewed(roadmap: Roadmap, milestone: str) -> None:
    reviewed = [stage.id for stage in roadmap.stages if peer_check(stage)]
    if milestone and milestone not in reviewed:
        known = f"Reviewed by peers are: {', '.join(reviewed)}." if reviewed else "No milestone is."
        raise UsageError(f"{milestone} is no milestone that peers review", known)
