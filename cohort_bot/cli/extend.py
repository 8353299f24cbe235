"""`extend`: more days for a learner, written where all dates come from: the roster."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from cohort_bot import config
from cohort_bot.calendar import due_dates
from cohort_bot.cli.context import Context
from cohort_bot.cli.enrol_commands import ask, named
from cohort_bot.config.pen import Pen
from cohort_bot.errors import EXIT_DONE, UsageError
from cohort_bot.model import Learner
from cohort_bot.model.roster import MOST_DAYS

COLUMN = "extension_days"


def _read_days(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """A number of study days: 7, 7d or 2w, and -3 to take days back."""
    found = re.fullmatch(r"([+-]?[0-9]{1,4})\s*(d|days?|w|weeks?)?", value.strip().lower())
    if found is None and value.startswith("-"):
        raise click.NoSuchOption(value, ctx=ctx)
    if found is None or int(found[1]) == 0:
        raise click.BadParameter(f"{value!r} is no number of days, such as 7 (or 7d, or 2w).", ctx, param)
    return int(found[1]) * (7 if (found[2] or "").startswith("w") else 1)


# -3 is a number here, not an option; what else begins with a hyphen is refused in `_read_days` and `_logins`.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("logins", metavar="LOGIN…", nargs=-1, required=True)
@click.argument("days", metavar="DAYS", callback=_read_days)
@click.option("--dry-run", is_flag=True, help="Show the dates and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, where days are taken back.")
@click.pass_obj
def extend(context: Context, logins: tuple[str, ...], days: int, dry_run: bool, yes: bool) -> int:
    """Give learners DAYS more study days (7, 7d or 2w) for every milestone; -3 takes days back.

    Writes `extension_days` in the roster and nothing else. The dates on GitHub follow with the next `enroll`.
    """
    settings = config.load(context.config_path)
    learners = _logins(settings.roster, logins)
    pen = Pen(settings.roster_file)
    for learner, after in _extended(learners, days):
        pen.set(learner.github, COLUMN, str(after.extension_days))
        click.echo(_dates(settings, learner, after), nl=False)
    if dry_run:
        context.console.print("Nothing was written.", markup=False)
        return EXIT_DONE
    if days < 0:
        ask(yes=yes)
    pen.write()
    only = " ".join(f"--only {learner.github}" for learner in learners)
    context.console.print(
        f"Written to {settings.roster_file}. Next: `cohort-bot enroll {only}` brings the dates to GitHub.",
        markup=False,
    )
    return EXIT_DONE


def _logins(roster: Sequence[Learner], logins: Sequence[str]) -> list[Learner]:
    """The learners named, each once."""
    for login in logins:
        if login.startswith("-"):
            raise click.NoSuchOption(login)
    return list({learner.github: learner for learner in (named(roster, login) for login in logins)}.values())


def _extended(learners: Sequence[Learner], days: int) -> list[tuple[Learner, Learner]]:
    """Each learner as they are and as they are to be. Raises UsageError naming all who cannot be."""
    goals = [(learner, learner.extension_days + days) for learner in learners]
    if wrong := [
        f"{learner.github} would have {goal}" for learner, goal in goals if not 0 <= goal <= MOST_DAYS
    ]:
        raise UsageError(
            f"{', '.join(wrong)} days of extension", f"It can be 0 to {MOST_DAYS}. Nothing was written."
        )
    return [(learner, learner.model_copy(update={COLUMN: goal})) for learner, goal in goals]


def _dates(settings: config.Config, before: Learner, after: Learner) -> str:
    old = due_dates(settings.cohort, settings.roadmap, before)
    new = due_dates(settings.cohort, settings.roadmap, after)
    titles = {stage.id: stage.milestone.title for stage in settings.roadmap.stages}
    width = max(map(len, titles.values()))
    zone = ZoneInfo(settings.cohort.timezone)
    lines = [f"  {titles[key]:{width}}  {_day(old[key], zone)} → {_day(new[key], zone)}\n" for key in titles]
    days = f"{before.extension_days} → {after.extension_days} days of extension"
    return f"{before.github}: {days}\n{''.join(lines)}"


def _day(due: datetime, zone: ZoneInfo) -> str:
    return due.astimezone(zone).date().isoformat()
