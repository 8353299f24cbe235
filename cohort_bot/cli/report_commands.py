"""`status`, `dashboard` and `export`: who stands where, for people and for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from cohort_bot.cli.context import Context
from cohort_bot.cli.surveying import look, offline_option
from cohort_bot.errors import EXIT_DONE

only_option = click.option(
    "--only", multiple=True, metavar="LOGIN", help="This learner alone; may be given several times."
)


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table")
@only_option
@offline_option
@click.pass_obj
def status(context: Context, /, form: str, only: tuple[str, ...], offline: bool) -> int:
    """Show who stands where, those at risk first: milestones open, claimed and verified, dates, and why."""
    from cohort_bot.reports import status as report

    seen = look(context, offline=offline, only=only).survey
    if form == "table":
        context.output.print(report.as_rich(seen))
    else:
        click.echo(report.as_json(seen) if form == "json" else report.as_csv(seen), nl=False)
    return EXIT_DONE


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["csv", "json", "canvas", "moodle", "ics"]), default="csv",
    show_default=True, help="For spreadsheets, programs, two gradebooks, or calendars.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@only_option
@offline_option
@click.pass_obj
def export(context: Context, /, form: str, out: Path | None, only: tuple[str, ...], offline: bool) -> int:
    """Write results and dates in a shape that other tools read.

    It names people: keep the file where only those see it who may.
    """
    from cohort_bot.reports.exports import FORMATS

    text = FORMATS[form](look(context, offline=offline or form == "ics", only=only).survey)
    if out is None:
        click.echo(text.encode(), nl=False)
    else:
        out.write_bytes(text.encode())
    return EXIT_DONE


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write."
)
@click.option(
    "--privacy", type=click.Choice(["names", "logins", "initials", "none"]), default="initials",
    show_default=True, help="What the pages show of who somebody is.",
)  # fmt: skip
@offline_option
@click.pass_obj
def dashboard(context: Context, /, out: Path, privacy: str, offline: bool) -> int:
    """Write a static site: burn-up, who may need somebody, learners × milestones, a page a learner.

    It opens from a file and asks no other host for anything. Names and logins are left out unless asked for.
    """
    from cohort_bot.reports.dashboard import Privacy, site, write

    seen = look(context, offline=offline)
    write(out, site(seen.survey, seen.ledger, Privacy(privacy)))
    click.echo(out / "index.html")
    if not Privacy(privacy).open:
        context.console.print("Names and logins are left out; --privacy names shows them.", markup=False)
    return EXIT_DONE
