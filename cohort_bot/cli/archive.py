"""`archive`: the end of a cohort: repos become read-only, boards are closed; `--undo` opens them."""

from __future__ import annotations

from collections.abc import Sequence

import click

from cohort_bot import config, ending
from cohort_bot.cli import wiring
from cohort_bot.cli.context import Context
from cohort_bot.cli.enrol_commands import ask, chosen_learners, only_option
from cohort_bot.errors import EXIT_DONE, EXIT_PARTIAL
from cohort_bot.forge.estate import HOMES_A_REQUEST, Estate, Home

BEFORE = (
    "Before that: `cohort-bot verify` judges the last claims (archived repos are not judged), and\n"
    "`cohort-bot export`, `dashboard` and `clone` keep results and work outside of GitHub."
)


@click.command()
@only_option
@click.option("--template", is_flag=True, help="The template's repo and board, too.")
@click.option("--undo", is_flag=True, help="Open everything again.")
@click.option("--dry-run", is_flag=True, help="Show what would happen and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--max-requests", type=click.IntRange(min=1), metavar="N", help="Stop cleanly after N requests."
)
@click.pass_obj
def archive(
    context: Context,
    only: tuple[str, ...],
    template: bool,
    undo: bool,
    dry_run: bool,
    yes: bool,
    max_requests: int | None,
) -> int:
    """End the cohort: archive every learner's repo and close their boards. `--undo` takes it back.

    Nothing is deleted, and everybody may still read what they could read. Safe to stop and to run again.
    """
    settings = config.load(context.config_path)
    names = _names(context, settings, only, template=template)
    with wiring.connected(context, settings, max_requests) as connection:
        estate = Estate(connection)
        homes = list(estate.look(settings.cohort.org, names).values())
        due = ending.due(homes, undo=undo)
        _show(context, names, homes, due, undo=undo)
        if dry_run or not due:
            return EXIT_DONE
        ask(yes=yes)
        ended = ending.carry_out(estate, settings.cohort.org, due, undo=undo)
    return _tell(context, ended, undo=undo)


def _names(
    context: Context, settings: config.Config, only: tuple[str, ...], *, template: bool
) -> dict[str, str]:
    """Repo name → login, whatever the learner's status; the template's last, as it is nobody's."""
    learners = chosen_learners(context, only, None)
    cohort = settings.cohort
    names = {
        cohort.repo_of(one.github): one.github for one in (settings.roster if learners is None else learners)
    }
    return names | ({cohort.template: ""} if template else {})


def _show(
    context: Context, names: dict[str, str], homes: Sequence[Home], due: Sequence[Home], *, undo: bool
) -> None:
    word = "unarchive" if undo else "archive"
    for home in due:
        click.echo(f"{word} {home.path}{_and_boards(home, undo=undo)}")
    requests = -(-len(due) // HOMES_A_REQUEST)
    say = context.console.print
    plural = "s" if requests != 1 else ""
    say(f"{len(due)} to {word} in {requests} request{plural}; {len(homes) - len(due)} are so already.")
    if missing := len(names) - len(homes):
        say(f"{missing} have no repo.")
    if due and not undo:
        say(BEFORE, markup=False)


def _and_boards(home: Home, *, undo: bool) -> str:
    boards = sum(board.closed == undo for board in home.boards)
    return f", {'open' if undo else 'close'} its board" if boards else ""


def _tell(context: Context, ended: ending.Ended, *, undo: bool) -> int:
    click.echo(f"{len(ended.done)} {'opened' if undo else 'archived'}.")
    for name, reason in ended.failed.items():
        context.console.print(f"failed: {name}: {reason}", markup=False)
    if ended.left:
        why = f"{len(ended.left)} are left: {ended.stopped}"
        context.console.print(why, markup=False)
    return EXIT_DONE if ended.whole else EXIT_PARTIAL
