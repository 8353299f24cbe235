"""`withdraw`: a learner leaves, pauses, or comes back. Nothing of theirs is ever deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from cohort_bot import config, ending
from cohort_bot.cli import wiring
from cohort_bot.cli.context import Context
from cohort_bot.cli.enrol_commands import ask, chosen_learners
from cohort_bot.config.pen import Pen
from cohort_bot.errors import EXIT_DONE, EXIT_PARTIAL, ForgeError, PartialError, UsageError
from cohort_bot.forge.estate import Estate, Home
from cohort_bot.model import Learner, Status

COLUMN = "status"


@dataclass(frozen=True)
class Leave:
    """What is to happen: the status, and for each learner what is to be done about their home."""

    status: Status
    learners: Sequence[Learner]
    homes: Sequence[Home] = ()
    invitations: Sequence[tuple[Home, int]] = ()

    @property
    def turned(self) -> list[Learner]:
        """Those whose status changes."""
        return [learner for learner in self.learners if learner.status is not self.status]

    @property
    def back(self) -> bool:
        """Whether they come back."""
        return self.status is Status.ACTIVE

    def __bool__(self) -> bool:
        return bool(self.turned or self.homes or self.invitations)

    def lines(self) -> Iterator[str]:
        """What is to happen, line by line."""
        for learner in self.turned:
            yield f"~ {learner.github}: {learner.status} → {self.status} in the roster"
        for home, _ in self.invitations:
            yield f"- {home.path}: the invitation of {home.learner} is taken back"
        for home in self.homes:
            what = "unarchived, its board opened" if self.back else "archived, its board closed"
            yield f"~ {home.path}: {what}"


@click.command()
@click.argument("logins", metavar="LOGIN…", nargs=-1, required=True)
@click.option("--pause", is_flag=True, help="They come back: only the status changes, to paused.")
@click.option("--resume", is_flag=True, help="They are back: active again, and unarchived if need be.")
@click.option("--archive", is_flag=True, help="Also archive their repos, which can be undone.")
@click.option("--offline", is_flag=True, help="Change the roster only and do not ask the forge.")
@click.option("--dry-run", is_flag=True, help="Show what would happen and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def withdraw(
    context: Context,
    logins: tuple[str, ...],
    pause: bool,
    resume: bool,
    archive: bool,
    offline: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """Take learners out of the cohort: their status in the roster, and invitations still open.

    Their repos, issues and boards stay as they are, and so does their access. Nothing is deleted.
    """
    if pause + resume + archive > 1:
        raise UsageError("--pause, --resume and --archive exclude each other", "Give one of them.")
    settings = config.load(context.config_path)
    learners = chosen_learners(context, logins, None) or []
    status = Status.PAUSED if pause else Status.ACTIVE if resume else Status.WITHDRAWN
    if offline or pause:
        return _settle(context, settings, Leave(status, learners), None, dry_run=dry_run, yes=yes)
    with wiring.connected(context, settings) as connection:
        estate = Estate(connection)
        leave = _look(estate, settings, status, learners, archive=archive)
        return _settle(context, settings, leave, estate, dry_run=dry_run, yes=yes)


def _look(
    estate: Estate, settings: config.Config, status: Status, learners: Sequence[Learner], *, archive: bool
) -> Leave:
    cohort, back = settings.cohort, status is Status.ACTIVE
    names = {cohort.repo_of(learner.github): learner.github for learner in learners}
    homes = list(estate.look(cohort.org, names, boards=archive or back).values())
    # GitHub lists the invitations of a repo to those who may change it.
    open_ones = [home for home in homes if not (back or home.archived)]
    return Leave(
        status,
        learners,
        ending.due(homes, undo=back) if archive or back else (),
        [(home, number) for home in open_ones for number in estate.invitations(home)],
    )


def _settle(
    context: Context,
    settings: config.Config,
    leave: Leave,
    estate: Estate | None,
    *,
    dry_run: bool,
    yes: bool,
) -> int:
    """Show it, ask where the forge is to change, write the roster (`enroll` goes by it), then the forge."""
    for line in leave.lines():
        click.echo(line)
    if dry_run or not leave:
        context.console.print("Nothing was changed." if leave else "Nothing to change.")
        return EXIT_DONE
    pen = Pen(settings.roster_file)
    for learner in leave.turned:
        pen.set(learner.github, COLUMN, leave.status)
    if leave.homes or leave.invitations:
        ask(yes=yes)
    pen.write()
    problems = [*_take_back(estate, leave), *_end(estate, settings, leave)] if estate else []
    for problem in problems:
        context.console.print(problem, markup=False)
    if problems:
        context.console.print("Run the same command again to go on.")
    elif leave.back:
        context.console.print("Next: `cohort-bot enroll` invites them again and brings all up to date.")
    return EXIT_PARTIAL if problems else EXIT_DONE


def _take_back(estate: Estate, leave: Leave) -> Iterator[str]:
    for home, number in leave.invitations:
        try:
            estate.take_back(home, number)
        except (ForgeError, PartialError) as failure:
            yield f"{home.path}: the invitation stays: {failure.message}"


def _end(estate: Estate, settings: config.Config, leave: Leave) -> Iterator[str]:
    ended = ending.carry_out(estate, settings.cohort.org, leave.homes, undo=leave.back)
    yield from (f"{name}: {reason}" for name, reason in ended.failed.items())
    yield from (f"{name}: {ended.stopped}" for name in ended.left)
