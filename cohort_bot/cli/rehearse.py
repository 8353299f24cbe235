"""`rehearse`: a whole cohort on the embedded sandbox, before anybody is invited."""

from __future__ import annotations

import json
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import yaml

from cohort_bot import config, ledger, shipped
from cohort_bot.cli.context import Context
from cohort_bot.cli.rehearsing import Player
from cohort_bot.cli.report_commands import dashboard
from cohort_bot.cli.wiring import SANDBOX_DATA, alive, running_sandbox
from cohort_bot.digest import Week
from cohort_bot.errors import EXIT_DONE, EXIT_PARTIAL, UsageError
from cohort_bot.forge.connection import Connection
from cohort_bot.model import Cohort, Roadmap
from cohort_bot.rehearsal import (
    Biography,
    Event,
    Frame,
    Life,
    Report,
    Traffic,
    biography,
    cast,
    lightened,
    roster_at,
    text,
    timetable,
)
from cohort_bot.rehearsal.people import MOST
from cohort_bot.sandbox.driver import Driver

RECORD = "rehearsal.json"
_WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})
_PAGE = 100


@click.command()
@click.option("--learners", type=click.IntRange(1, MOST), default=9, show_default=True, metavar="N")
@click.option(
    "--weeks",
    type=click.IntRange(1, 156),
    metavar="N",
    help="From the cohort's start.  [default: the roadmap's]",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same lives.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path(".cohort-bot/rehearsal"),
    show_default=True, help="A folder of its own; an earlier rehearsal there is replaced.",
)  # fmt: skip
@click.pass_obj
def rehearse(context: Context, /, learners: int, weeks: int | None, seed: int, out: Path) -> int:
    """Let invented learners live through your cohort on the embedded sandbox, in minutes, and see it all.

    With a cohort.yaml its dates, breaks, rules, roadmap and templates are used, else the shipped ones; the
    learners are invented, and the checks made light. Leaves a cohort folder with a ledger, a dashboard, a log
    of every command, and the sandbox to look around in. Nothing leaves this machine.
    """
    started = time.monotonic()
    cohort, roadmap, templates = _wanted(context)
    frame = Frame(cohort, lightened(roadmap), weeks or roadmap.weeks)
    chance = random.Random(seed).random  # noqa: S311 - a script, no secret
    lives = [biography(learner, fate, frame, chance) for learner, fate in cast(learners, chance)]
    _clear(out)
    _prepare(out, frame, templates)
    with running_sandbox(out / SANDBOX_DATA, cohort.org, "virtual") as facts:
        driver = Driver(facts["url"])
        player = Player(out, facts["url"], driver, frame, lives)
        organiser = player.connection(facts["token"])
        try:
            _perform(context, player, organiser)
            told = _report(player, organiser, seed, time.monotonic() - started)
        finally:
            for each in (player, organiser, driver):
                each.close()
    (out / RECORD).write_text(json.dumps(_record(told), indent=1) + "\n", encoding="utf-8")
    click.echo(text(told) + "\n" + _where(out), nl=False)
    return EXIT_DONE if told.sound else EXIT_PARTIAL


def _wanted(context: Context) -> tuple[Cohort, Roadmap, Path | None]:
    """The cohort to rehearse, its roadmap, and its own templates if it has any."""
    if context.config_path.exists():
        found = config.load(context.config_path)
        return found.cohort, found.roadmap, found.templates if found.templates.is_dir() else None
    today = context.now().date()
    monday = today + timedelta(days=7 - today.weekday())
    cohort = Cohort(org="sandbox-academy", slug="ml", start=monday, timezone="Etc/UTC")
    return cohort, config.load_roadmap(shipped.ROADMAP), None


def _clear(out: Path) -> None:
    """Make room. Raises UsageError where something else is, or where somebody is looking at it."""
    if not out.exists() or not any(out.iterdir()):
        return
    if not (out / RECORD).is_file():
        raise UsageError(f"{out} holds something that is no rehearsal", "Choose another folder with --out.")
    if alive(out / SANDBOX_DATA):
        raise UsageError(f"a sandbox is running on {out}", "Stop it, or choose another folder.")
    shutil.rmtree(out)


def _prepare(out: Path, frame: Frame, templates: Path | None) -> None:
    """A cohort folder like the organiser's own, with a roster that has still to be written."""
    out.mkdir(parents=True, exist_ok=True)
    (out / RECORD).write_text("{}\n", encoding="utf-8")
    written = frame.cohort.model_dump(mode="json", exclude_unset=True)
    written |= {"version": 1, "roadmap": "roadmap.yaml", "roster": "roster.csv"}
    written.pop("templates", None)
    written["digest"] = {**written.get("digest", {}), "summary_repo": _summary_repo(frame.cohort)}
    (out / "cohort.yaml").write_text(yaml.safe_dump(written, sort_keys=False, allow_unicode=True), "utf-8")
    (out / "roadmap.yaml").write_text(frame.roadmap.model_dump_json(exclude_unset=True, indent=1), "utf-8")
    if templates is not None:
        shutil.copytree(templates, out / "templates")


def _summary_repo(cohort: Cohort) -> str:
    return f"{cohort.slug}-organisers"


def _perform(context: Context, player: Player, organiser: Connection) -> None:
    frame = player.frame
    player.driver.begin(frame.opens - timedelta(hours=1))
    repo = {"name": _summary_repo(frame.cohort), "private": True, "visibility": "private"}
    organiser.rest("POST", f"/orgs/{frame.cohort.org}/repos", repo)
    player.write_roster(roster_at(player.lives, frame.opens))
    with _shown(context, timetable(frame, player.lives), frame) as events:
        for event in events:
            player.play(event)
    player.run(dashboard, "--out", str(player.folder / "dashboard"), "--privacy", "names")


@contextmanager
def _shown(context: Context, events: Sequence[Event], frame: Frame) -> Iterator[Iterable[Event]]:
    """`events`, and on a terminal a bar that says which week it is."""
    if not context.console.is_terminal or not context.color:
        yield events
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    # Its own console: while a command runs, sys.stderr is the journal.
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), TextColumn("to go"))
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task("enrolling", total=len(events))

        def each() -> Iterator[Event]:
            for event in events:
                begun = (event.at - frame.local(frame.cohort.start, 0)).days // 7 + 1
                week = min(max(begun, 0), frame.weeks)
                bar.update(task, description=f"week {week} of {frame.weeks}: {event.at:%d %b %Y}")
                yield event
                bar.advance(task)

        yield each()


def _report(player: Player, organiser: Connection, seed: int, seconds: float) -> Report:
    """What came of it, read from the sandbox and the ledger."""
    me = str(organiser.rest("GET", "/user")["login"])
    log = player.driver.log()
    books = ledger.read(player.folder / "ledger")
    frame = player.frame
    rows = {row.github: row for row in roster_at(player.lives, frame.ends)}
    lives = [
        _life(player, life, books, organiser, me, str(rows[life.learner.github].status))
        for life in player.lives
        if life.learner.github in rows
    ]
    summaries = _weeks(organiser, f"{frame.cohort.org}/{_summary_repo(frame.cohort)}", me)
    return Report(
        frame, seed, seconds, tuple(lives), _traffic(log, me), checks=dict(player.checks),
        mishaps=dict(player.mishaps), summaries=sum(summaries.values()), troubles=tuple(player.troubles),
    )  # fmt: skip


def _life(
    player: Player, life: Biography, books: ledger.Ledger, organiser: Connection, me: str, status: str
) -> Life:
    login, cohort = life.learner.github, player.frame.cohort
    weeks = _weeks(organiser, f"{cohort.org}/{cohort.repo_of(login)}", me)
    stages = [stage.id for stage in player.frame.roadmap.stages]
    entries = books.of(login)
    return Life(
        login, life.fate, status,
        verified=sum(books.first_pass(login, stage) is not None for stage in stages), milestones=len(stages),
        verdicts=len(entries), passes=sum(entry.passed for entry in entries), pushes=player.pushes[login],
        digests=sum(weeks.values()), doubles=sum(count - 1 for count in weeks.values()),
    )  # fmt: skip


def _weeks(organiser: Connection, path: str, me: str) -> Counter[Week]:
    """How many digests, or summaries, of each week stand in the repo `path`."""
    found: Counter[Week] = Counter()
    page = 1
    while True:
        comments = organiser.rest("GET", f"/repos/{path}/issues/comments", per_page=_PAGE, page=page)
        marked = (Week.marked(one["body"]) for one in comments if one["user"]["login"] == me)
        found.update(week for week in marked if week is not None)
        if len(comments) < _PAGE:
            return found
        page += 1


def _traffic(log: Iterable[dict[str, Any]], me: str) -> tuple[Traffic, ...]:
    names = {me: "the organiser", "github-actions[bot]": "the learners' workflows"}
    sums: dict[str, Counter[str]] = {name: Counter() for name in (*names.values(), "the learners")}
    for entry in log:
        counts = sums[names.get(entry["actor"] or "", "the learners")]
        write = entry["mutations"] > 0 or (entry["api"] == "rest" and entry["method"] in _WRITES)
        counts.update(requests=1, writes=int(write), created=int(entry["created_content"]))
    return tuple(Traffic(name, c["requests"], c["writes"], c["created"]) for name, c in sums.items())


def _record(told: Report) -> dict[str, Any]:
    """The report as data, with the lives of everybody."""
    return {
        "seed": told.seed,
        "weeks": told.frame.weeks,
        "seconds": round(told.seconds, 1),
        "learners": [vars(life) for life in told.lives],
        "traffic": [vars(one) for one in told.traffic],
        "checks": told.checks,
        "mishaps": told.mishaps,
        "summaries": told.summaries,
        "troubles": told.troubles,
    }


def _where(out: Path) -> str:
    return (
        f"Dashboard: {out / 'dashboard' / 'index.html'}\n"
        f"Every command: {out / 'commands.log'}\n"
        f"Look around: cohort-bot sandbox serve --clock virtual --data {out / SANDBOX_DATA}\n"
    )
