"""`import`: a roster of another tool, or the people of an old classroom's repos, into the roster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cohort_bot import config
from cohort_bot.cli import wiring
from cohort_bot.cli.context import Context
from cohort_bot.config.arrivals import Arrival, Joined, join, read_list
from cohort_bot.config.pen import Pen
from cohort_bot.config.roster import wrong_login
from cohort_bot.errors import EXIT_DONE, EXIT_PARTIAL, Problem, UsageError
from cohort_bot.forge.estate import Estate, Stranger
from cohort_bot.model import Learner


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--repos", metavar="PREFIX", help="Instead of a file: whose repos in the org begin with PREFIX-."
)
@click.option(
    "--to", "target", type=click.Path(path_type=Path, dir_okay=False),
    help="The roster to write.  [default: the one that cohort.yaml names, or roster.csv]",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show what would happen and write nothing.")
@click.pass_obj
def import_roster(
    context: Context, file: Path | None, repos: str | None, target: Path | None, dry_run: bool
) -> int:
    """Take the people in FILE into the roster.

    FILE is an export of GitHub Classroom, Classroom 50, Canvas or Moodle, a roster of ours, or a plain list
    of logins such as RepoBee's.

    What the roster says already stays: empty cells are filled, and where the two differ you are told.
    """
    if (file is None) == (repos is None):
        raise UsageError(
            "name either a FILE or --repos PREFIX", "For example: cohort-bot import classroom.csv"
        )
    arrivals, left_out = _from_repos(context, repos) if file is None else read_list(file)
    pen = Pen(target or _roster_file(context.config_path))
    joined = join(pen, arrivals)
    _show(context, joined, left_out)
    if not dry_run:
        pen.write()
    known = len(arrivals) - len(joined.new)
    said = (
        "Nothing was written" if dry_run else f"{pen.path} is written" if pen.changed else "Nothing to write"
    )
    context.console.print(f"{said}: {len(joined.new)} new, {known} known already.", markup=False)
    if not dry_run and joined.new:
        context.console.print("Next: `cohort-bot validate`, then `cohort-bot plan`.", markup=False)
    return EXIT_PARTIAL if left_out else EXIT_DONE


def _roster_file(cohort_yaml: Path) -> Path:
    """The roster that the cohort file names; beside it where there is no cohort file yet."""
    named = config.load_cohort(cohort_yaml).roster if cohort_yaml.exists() else "roster.csv"
    return cohort_yaml.parent / named


def _show(context: Context, joined: Joined, left_out: Sequence[Problem]) -> None:
    for learner in joined.new:
        about = ", ".join(text for text in (learner.name, learner.group) if text)
        click.echo(f"+ {learner.github}" + (f" ({about})" if about else ""))
    for login, column, text in joined.filled:
        click.echo(f"~ {login}: {column} → {text}")
    for problem in (*joined.conflicts, *left_out):
        context.console.print(str(problem), markup=False)


def _from_repos(context: Context, prefix: str | None) -> tuple[list[Arrival], Sequence[Problem]]:
    """The people of the repos `PREFIX-…`, as tools like GitHub Classroom name them."""
    cohort = config.load_cohort(context.config_path)
    begins = f"{(prefix or '').rstrip('-')}-"
    with wiring.connected_to(context, cohort.org) as connection:
        repos = Estate(connection).strangers(cohort.org, begins)
    found: dict[str, Arrival] = {}
    left_out: list[Problem] = []
    for repo in repos:
        arrivals = _of(repo, repo.name[len(begins) :])
        for arrival in arrivals:
            found.setdefault(arrival.learner.github.lower(), arrival)
        if not arrivals:
            message = "nobody was let into this repo by name, so whose it is cannot be told"
            left_out.append(Problem(repo.path, 0, 0, message, "Write them into the roster yourself."))
    if not repos:
        raise UsageError(f"{cohort.org} has no repos whose names begin with {begins}", "Check the prefix.")
    return list(found.values()), left_out


def _of(repo: Stranger, named: str) -> list[Arrival]:
    """Whose repo it is: whoever it is named after, or else all who were let in; several are a group."""
    for login in (*repo.people, *repo.admins):
        if login.lower() == named.lower():
            return [Arrival(Learner(github=login), repo.path)]
    people = [login for login in repo.people if wrong_login(login) is None]
    group = named if len(people) > 1 else ""
    return [Arrival(Learner(github=login, group=group), repo.path) for login in people]
