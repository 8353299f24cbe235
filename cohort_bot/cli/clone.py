"""`clone`: every learner's repo side by side on your disk, now or as it was when a milestone was due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from cohort_bot import config
from cohort_bot.calendar import due_dates
from cohort_bot.cli import wiring
from cohort_bot.cli.context import Context
from cohort_bot.cli.enrol_commands import chosen_learners, only_option
from cohort_bot.clones import Wish, bring
from cohort_bot.errors import EXIT_DONE, EXIT_PARTIAL, CohortError, ForgeError, UsageError
from cohort_bot.forge.claims import Claims
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.estate import Estate, Home
from cohort_bot.model import Learner, Roadmap

PUSHES_TOLD = 100
GONE = "0" * 40


@dataclass(frozen=True)
class Line:
    """One line of the table. `fine`: nothing failed, even if there is nothing to clone."""

    learner: str
    what: str
    commit: str = ""
    note: str = ""
    fine: bool = True


@click.command()
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), default=Path("clones"), show_default=True,
    help="The folder that the clones are in.",
)  # fmt: skip
@only_option
@click.option(
    "--at-deadline", metavar="MILESTONE",
    help="Check out the last commit that GitHub had received when this milestone was due for the learner.",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, 32), default=4, show_default=True, metavar="N", help="N at a time."
)
@click.pass_obj
def clone(context: Context, into: Path, only: tuple[str, ...], at_deadline: str | None, jobs: int) -> int:
    """Clone every learner's repo, or bring the clones up to date. What you changed in them is never lost.

    The token is not kept anywhere in them.
    """
    settings = config.load(context.config_path)
    if at_deadline is not None:
        _demand_milestone(settings.roadmap, at_deadline)
    learners = chosen_learners(context, only, None)
    chosen = {
        settings.cohort.repo_of(one.github): one
        for one in (settings.roster if learners is None else learners)
    }
    with wiring.connected(context, settings) as connection:
        names = {name: one.github for name, one in chosen.items()}
        homes = Estate(connection).look(settings.cohort.org, names, boards=False)
        lines = {
            name: Line(one.github, "no repo") if name not in homes else Line(one.github, "empty")
            for name, one in chosen.items()
        }
        wishes: dict[str, Wish] = {}
        for name, home in homes.items():
            wish = _wish(connection, settings, chosen[name], home, at_deadline)
            if isinstance(wish, Wish):
                wishes[name] = wish
            elif wish is not None:
                lines[name] = wish
        _make_folder(into)
        for name, line in _clone_all(connection, into, wishes, names, jobs):
            lines[name] = line
            if context.console.is_terminal:
                context.console.print(f"{line.learner}: {line.what}", markup=False)
    return _tell(list(lines.values()))


def _demand_milestone(roadmap: Roadmap, name: str) -> None:
    known = [stage.id for stage in roadmap.stages]
    if name not in known:
        raise UsageError(f"the roadmap has no milestone {name}", f"It has {', '.join(known)}.")


def _wish(
    connection: Connection, settings: config.Config, learner: Learner, home: Home, milestone: str | None
) -> Wish | Line | None:
    """What to clone; None for an empty repo, and a line for one that had nothing when it was due."""
    if home.head is None:
        return None
    url = f"{home.url}.git"
    if milestone is None:
        return Wish(home.id, url, home.head.branch)
    due = due_dates(settings.cohort, settings.roadmap, learner)[milestone]
    try:
        found = _received_by(Claims(connection, 0), home, due)
    except ForgeError as refusal:
        return Line(learner.github, "failed", note=refusal.message, fine=False)
    return Wish(home.id, url, home.head.branch, found) if isinstance(found, str) else found


def _received_by(claims: Claims, home: Home, due: datetime) -> str | Line:
    """The newest commit of the default branch that the forge had at `due`, by its own clock."""
    assert home.head is not None  # noqa: S101 - asked for above
    pushes = claims.pushes(home.path, home.head.branch)
    found = next((push.sha for push in pushes if push.at <= due and push.sha != GONE), None)
    if found is not None:
        return found
    if len(pushes) < PUSHES_TOLD:
        return Line(home.learner, "nothing by then")
    return Line(home.learner, "failed", note=f"more than {PUSHES_TOLD} pushes since then", fine=False)


def _make_folder(into: Path) -> None:
    """The folder for the clones. A new one keeps itself out of the repo that it may lie in."""
    try:
        if not into.exists():
            into.mkdir(parents=True)
            (into / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{into} cannot be made: {error.strerror or error}") from None


def _clone_all(
    connection: Connection, into: Path, wishes: Mapping[str, Wish], names: Mapping[str, str], jobs: int
) -> Iterator[tuple[str, Line]]:
    """Each clone's line as it is done, by the repo's name."""
    pool = ThreadPoolExecutor(jobs)
    try:
        running = {
            pool.submit(_one, into / name, wish, connection, names[name]): name
            for name, wish in wishes.items()
        }
        for done in as_completed(running):
            yield running[done], done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _one(root: Path, wish: Wish, connection: Connection, learner: str) -> Line:
    try:
        made = bring(root, wish, connection.token)
    except CohortError as failure:
        return Line(learner, "failed", note=failure.message, fine=False)
    except OSError as error:
        return Line(learner, "failed", note=f"{root}: {error.strerror or error}", fine=False)
    return Line(learner, made.became, made.commit[:10], made.why or str(root))


def _tell(lines: Sequence[Line]) -> int:
    wide = max((len(line.learner) for line in lines), default=0)
    for line in lines:
        text = f"{line.learner:{wide}}  {line.what:<15}  {line.commit:<10}  {line.note}"
        click.echo(text.rstrip())
    return EXIT_DONE if all(line.fine for line in lines) else EXIT_PARTIAL
