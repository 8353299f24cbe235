"""`digest`: once a week, where everybody stands and what comes next."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import click

from cohort_bot import actions, config, ledger
from cohort_bot.cli import wiring
from cohort_bot.cli.context import Context
from cohort_bot.digest import Week
from cohort_bot.errors import EXIT_DONE, EXIT_PARTIAL, ForgeError, PartialError, UsageError
from cohort_bot.forge.comments import Correspondence
from cohort_bot.ledger.reviews import read_reviews
from cohort_bot.post import Delivery, Mail, deliver, post_summary, prepare
from cohort_bot.post.summary import summary_text
from cohort_bot.render import Renderer
from cohort_bot.reviews import Row, Shelf, late, table
from cohort_bot.standing import Survey, survey

FOLDER = "ledger"
# Set in every Actions run (https://docs.github.com/en/actions/reference/workflows-and-actions/variables).
HERE = "GITHUB_REPOSITORY"


@click.command()
@click.option("--week", metavar="2026-W47", help="An ISO week up to this one.  [default: this week]")
@click.option("--dry-run", is_flag=True, help="Print what would be posted; post nothing.")
@click.option(
    "--max-requests", type=click.IntRange(min=1), metavar="N", help="Stop cleanly after N requests."
)
@click.pass_obj
def digest(context: Context, /, week: str | None, dry_run: bool, max_requests: int | None) -> int:
    """Post one comment a week to every active learner, on the issue they are working on, and the summary.

    However often it runs, each stands once. Prints the summary for organisers.
    """
    settings = config.load(context.config_path)
    if not settings.cohort.digest.enabled:
        context.console.print("`digest.enabled` is false in cohort.yaml: nothing is posted.", markup=False)
        return EXIT_DONE
    now = context.now()
    wanted = _week(week, now, settings.cohort.timezone)
    texts = Renderer(settings.templates)
    books = ledger.read(settings.folder / FOLDER)
    slow = _slow(settings, books, now)
    with wiring.connected(context, settings, max_requests) as connection:
        since = wanted.start(settings.cohort.timezone)
        forge = Correspondence(connection, len(settings.roadmap.stages), since)
        cohort = settings.cohort
        names = {cohort.repo_of(learner.github): learner.github for learner in settings.roster}
        seen = forge.read(cohort.org, names)
        found = survey(cohort, settings.roadmap, settings.roster, books, seen.state, now)
        mail = prepare(seen, found, books, texts, wanted)
        if dry_run:
            _show(mail)
            done, told = Delivery(), ""
        else:
            done = deliver(mail, forge)
            told = done.stopped or _summary(found, texts, wanted, forge, slow)
    return _tell(context, mail, done, told, summary_text(found, texts, wanted, slow), dry_run=dry_run)


def _week(text: str | None, now: datetime, zone: str) -> Week:
    present = Week.at(now, zone)
    wanted = Week.read(text) if text else present
    if wanted > present:
        raise UsageError(f"{wanted} has not begun yet", f"This week is {present}.")
    return wanted


def _slow(settings: config.Config, books: ledger.Ledger, now: datetime) -> tuple[Row, ...]:
    """The reviews by peers that take too long."""
    journal = read_reviews(settings.folder / FOLDER)
    shelf = Shelf(settings.cohort, settings.roadmap, settings.roster, books, journal)
    return late(table(shelf, now))


def _summary(found: Survey, texts: Renderer, week: Week, forge: Correspondence, slow: Sequence[Row]) -> str:
    """Post the summary where it belongs: as cohort.yaml says, else in the repo whose workflow this is."""
    path = found.cohort.digest.summary_repo or os.environ.get(HERE, "")
    if not path:
        return "not posted: cohort.yaml names no `digest.summary_repo`"
    path = path if "/" in path else f"{found.cohort.org}/{path}"
    try:
        return post_summary(path, found, texts, week, forge, slow)
    except (ForgeError, PartialError) as failure:
        return f"not posted: {failure.message}"


def _show(mail: Mail) -> None:
    for each in mail.letters:
        click.echo(f"──── {each.to}\n{each.body}")
    for update in mail.updates:
        click.echo(f"──── board of {update.to}: {update.status}\n{update.body}\n")


def _tell(context: Context, mail: Mail, done: Delivery, told: str, text: str, *, dry_run: bool) -> int:
    """The summary on standard output (and in the job summary of a run), the rest on standard error."""
    click.echo(text, nl=False)
    actions.add_summary(text)
    say = context.console.print
    posted = f"{len(mail.letters)} to post" if dry_run else f"{len(done.posted)} posted"
    say(
        f"Digests of {mail.week}: {posted}. Board statuses set: {done.updated}. "
        f"Doubles removed: {done.removed}."
    )
    for why, count in Counter(mail.skipped.values()).items():
        say(f"  {count}: {why.value}", markup=False)
    for login, reason in done.failed.items():
        say(f"  {login}: {reason}", markup=False)
    if told:
        say(f"Summary: {told}.", markup=False)
    if done.stopped:
        say(f"{done.stopped}. Run the same command again to go on from here.", markup=False)
    return EXIT_PARTIAL if done.failed or done.stopped else EXIT_DONE
