"""`verify`: the organiser's judge."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from cohort_bot import config, ledger
from cohort_bot.cli import wiring
from cohort_bot.cli.context import Context
from cohort_bot.cli.enrol_commands import chosen_learners, only_option, shard_option
from cohort_bot.desired import blob_id, enrolled
from cohort_bot.errors import EXIT_DONE, EXIT_PARTIAL
from cohort_bot.forge.announce import Announcer
from cohort_bot.forge.claims import Claims
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.reviews import Lending
from cohort_bot.model import Learner
from cohort_bot.render import Renderer
from cohort_bot.verdict.finding import clean
from cohort_bot.verify import Court, Desk, Gathered, Settled, announce_all, carry_reviews, court, gather
from cohort_bot.verify.papers import Task, Tasks

LEDGER, CHECKS, DESK = "ledger", "checks", Path(".cohort-bot") / "verify"
# How many submissions one machine of a workflow judges, and how many machines at most.
TASKS_A_PART, MOST_PARTS = 10, 64
HERE, JOB_SUMMARY = "GITHUB_REPOSITORY", "GITHUB_STEP_SUMMARY"


@click.command()
@only_option
@shard_option
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=2, show_default=True, metavar="N",
    help="Fetch and judge N submissions at a time.",
)  # fmt: skip
@click.option(
    "--stage", type=click.Choice(["fetch", "run", "settle", "publish"]),
    help="One stage alone: fetch needs a token that reads, run and settle none, publish one that writes.",
)  # fmt: skip
@click.option(
    "--desk", type=click.Path(path_type=Path, file_okay=False),
    help="Where stages leave things for each other.  [default: .cohort-bot/verify]",
)  # fmt: skip
@click.option(
    "--cohort-repo", metavar="OWNER/NAME",
    help="The cohort's own repo: who may write there may give commands.  [default: the workflow's repo]",
)  # fmt: skip
@click.option("--retry", is_flag=True, help="Try again at once whatever could not be checked before.")
@click.option(
    "--max-requests", type=click.IntRange(min=1), metavar="N", help="Stop cleanly after N requests."
)
@click.pass_obj
def verify(
    context: Context,
    only: tuple[str, ...],
    shard: str | None,
    jobs: int,
    stage: str | None,
    desk: Path | None,
    cohort_repo: str | None,
    retry: bool,
    max_requests: int | None,
) -> int:
    """Judge claimed passes again, from a clean checkout of the exact commit, and put the verdicts on record.

    Learners' code runs in containers only, without network and secrets; without Docker it does not run.
    Prints one line a verdict, then what you should look at. Safe to stop and to run again.
    """
    settings = config.load(context.config_path)
    learners = chosen_learners(context, only, shard)
    here = replace(_court(context, settings, learners, desk, cohort_repo), retry=retry)
    if stage == "run":
        return _told(_run(context, here, _mine(here), jobs), ())
    if stage == "settle":
        settled = list(court.settle(here, court.read_tasks(here.desk).tasks))
        return _told([_line(one) for one in settled], ())
    with wiring.connected(context, settings, max_requests) as connection:
        return _told(*_STAGES[stage](context, here, connection, jobs))


@dataclass(frozen=True)
class _Line:
    """One verdict, or why there is none, for the screen."""

    text: str
    fine: bool = True


# The verdicts; what looks odd; what could not be told; which reviews an organiser should look after.
Done = tuple[list[_Line], Sequence[str], Sequence[str], Sequence[str]]


def _whole(context: Context, here: Court, connection: Connection, jobs: int) -> Done:
    """All stages, one after the other."""
    claims = Claims(connection, len(here.roadmap.stages))
    found = gather(here, claims, Lending(connection), ledger.read(here.books))
    lines = _fetch(context, here, found.tasks, connection, jobs)
    lines += _run(context, here, found.tasks, jobs)
    settled = list(court.settle(here, found.tasks))
    problems, waiting = _announce(here, found, connection, settled)
    for one in settled:
        court.forget(here.desk, one.task)
    return _lines(found, settled), _oddities(found, settled), problems, waiting


def _announce(
    here: Court, found: Gathered, connection: Connection, settled: Sequence[Settled]
) -> tuple[list[str], Sequence[str]]:
    """Tell the verdicts, then see to reviews: an author has to hear of one before it is closed."""
    claims, announcer = Claims(connection, len(here.roadmap.stages)), Announcer(connection)
    problems = announce_all(here, found, claims, announcer, settled)
    desk = Desk(here, claims, Lending(connection), announcer)
    carried = carry_reviews(desk, found, closing=not problems)
    return [*problems, *carried.problems], carried.waiting


def _fetch_stage(context: Context, here: Court, connection: Connection, jobs: int) -> Done:
    """Find out what is to be judged, and fetch it."""
    claims = Claims(connection, len(here.roadmap.stages))
    found = gather(here, claims, Lending(connection), ledger.read(here.books))
    court.write_tasks(here.desk, Tasks(tasks=found.tasks, oddities=tuple(o[:300] for o in found.oddities)))
    lines = _fetch(context, here, found.tasks, connection, jobs)
    parts = min(-(-len(found.tasks) // TASKS_A_PART), MOST_PARTS)
    _output("parts", json.dumps([f"{number}/{parts}" for number in range(1, parts + 1)]))
    return lines + [_Line(f"{_name(task)}: to be judged") for task in found.tasks], (), (), ()


def _publish_stage(context: Context, here: Court, connection: Connection, jobs: int) -> Done:  # noqa: ARG001
    """Believe what can be believed, write the ledger as `settle` does, and tell everybody."""
    claims = Claims(connection, len(here.roadmap.stages))
    # Where nothing was to be judged there is still what earlier runs left to tell.
    asked = court.read_tasks(here.desk) if (here.desk / court.TASKS).exists() else Tasks()
    settled = list(court.settle(here, asked.tasks))
    found = gather(here, claims, Lending(connection), ledger.read(here.books))
    problems, waiting = _announce(here, found, connection, settled)
    odd = [*asked.oddities, *(o for o in found.oddities if o not in asked.oddities)]
    return _lines(found, settled), [*odd, *_of(settled)], problems, waiting


_STAGES = {None: _whole, "fetch": _fetch_stage, "publish": _publish_stage}


def _fetch(
    context: Context, here: Court, tasks: Sequence[Task], connection: Connection, jobs: int
) -> list[_Line]:
    if not tasks:
        return []
    with _saying(context, f"fetching {len({task.bundle for task in tasks})} commits"):
        failures = court.fetch(here.desk, tasks, connection.token, jobs)
    return [_Line(f"{name}: {failure.message}", fine=False) for name, failure in sorted(failures.items())]


def _run(context: Context, here: Court, tasks: Sequence[Task], jobs: int) -> list[_Line]:
    lines = []
    for done in court.run(here, tasks, jobs):
        context.console.print(f"judged {_name(done)}", markup=False)
        lines.append(_Line(f"{_name(done)}: judged"))
    return lines


def _mine(here: Court) -> list[Task]:
    """The tasks of the chosen learners: this machine's part."""
    names = {learner.github.lower() for learner in here.learners}
    return [task for task in court.read_tasks(here.desk).tasks if task.learner.lower() in names]


def _court(
    context: Context,
    settings: config.Config,
    learners: Sequence[Learner] | None,
    desk: Path | None,
    cohort_repo: str | None,
) -> Court:
    cohort = settings.cohort
    named = cohort_repo or cohort.digest.summary_repo or os.environ.get(HERE, "")
    files = Renderer(settings.templates).starter_files(cohort, settings.roadmap)
    return Court(
        cohort=cohort,
        roadmap=settings.roadmap,
        learners=enrolled(settings.roster if learners is None else learners),
        everybody=settings.roster,
        course=settings.folder / CHECKS,
        books=settings.folder / LEDGER,
        desk=desk or settings.folder / DESK,
        now=context.now(),
        template={path: blob_id(content) for path, content in files.items()},
        roster=settings.roster_file,
        cohort_repo=named if not named or "/" in named else f"{cohort.org}/{named}",
    )


def _lines(found: Gathered, settled: Sequence[Settled]) -> list[_Line]:
    """The verdicts, and what is undecided and was not tried now."""
    names = tuple(_name(one.task) for one in settled)
    off = [text for text in found.put_off if not text.startswith(names)]
    return [*map(_line, settled), *(_Line(text, fine=False) for text in off)]


def _line(one: Settled) -> _Line:
    entry = one.entry
    if entry is None:
        return _Line(f"{_name(one.task)}: {one.problem}", fine=False)
    known = "" if one.new else " (known)"
    points = f"{entry.points.earned}/{entry.points.possible}"
    why = _why(one) if not entry.decided else ""
    return _Line(f"{_name(one.task)}: {entry.status} {points}{why}{known}", fine=entry.decided)


def _why(one: Settled) -> str:
    """The first failure of ours: the organiser can mend it, nobody else."""
    if one.entry is not None and one.entry.reason:
        return f": {one.entry.reason[:200]}"
    checks = one.report.document.checks if one.report else ()
    found = next((check.found for check in checks if check.fault in ("runner", "course") and check.found), "")
    return f": {' '.join(clean(found).split())[:200]}" if found else ""


def _name(task: Task) -> str:
    return f"{task.learner} · {task.milestone} at {task.sha[:10]}"


def _oddities(found: Gathered, settled: Sequence[Settled]) -> list[str]:
    return [*found.oddities, *_of(settled)]


def _of(settled: Sequence[Settled]) -> list[str]:
    return [f"{_name(one.task)}: {odd}" for one in settled for odd in one.oddities]


def _told(
    lines: Sequence[_Line],
    oddities: Sequence[str],
    problems: Sequence[str] = (),
    waiting: Sequence[str] = (),
) -> int:
    """Print the result, and leave it in the job's summary, which only the organisers' repo shows."""
    told = [line.text for line in lines] or ["Nothing to judge."]
    if oddities:
        told += ["", "Look at these yourself; none of them proves anything:"]
        told += [f"  {' '.join(clean(odd).split())[:400]}" for odd in dict.fromkeys(oddities)]
    if waiting:
        told += ["", "Reviews that wait for you; /approve or /changes on the milestone's issue decides:"]
        told += [f"  {clean(each)[:400]}" for each in waiting]
    if problems:
        told += ["", "Not told yet; run the same command again:"]
        told += [f"  {clean(each)[:400]}" for each in problems]
    text = "\n".join(told)
    click.echo(text)
    if summary := os.environ.get(JOB_SUMMARY):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write("```text\n" + text.replace("```", "'''") + "\n```\n")
    return EXIT_DONE if all(line.fine for line in lines) and not problems else EXIT_PARTIAL


def _output(name: str, value: str) -> None:
    """An output of the workflow's step, where there is one."""
    if place := os.environ.get("GITHUB_OUTPUT"):
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(f"{name}={value}\n")


@contextmanager
def _saying(context: Context, text: str) -> Iterator[None]:
    context.console.print(text, markup=False)
    yield
