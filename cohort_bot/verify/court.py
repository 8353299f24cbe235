"""The three stages of judging, each usable by itself: gather and fetch, judge, settle and announce.

Between them lies a folder: `tasks.json`, `bundles/` and `reports/`. The first stage holds a token that reads,
the second none at all, the third one that writes; only the second touches learners' code, and it writes
nothing but reports. A run that was killed is gone on with by running it again: the ledger refuses a verdict
that it has, and what has not been announced still shows.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from cohort_bot import __version__, git, ledger
from cohort_bot.errors import CohortError
from cohort_bot.ledger import ContradictionError, Entry
from cohort_bot.model import Cohort, Learner, Roadmap
from cohort_bot.verdict import Standing
from cohort_bot.verify import judging, verdicts, wires
from cohort_bot.verify.papers import REPORT_BYTES, Report, Task, Tasks, Traces, answers

TASKS, BUNDLES, REPORTS, WORK = "tasks.json", "bundles", "reports", "work"
_TASKS_BYTES = 50_000_000


@dataclass(frozen=True)
class Court:
    """A cohort as the judge needs it.

    `learners` are those whose work is judged now, `everybody` the whole roster. `course` is its `checks/`,
    `books` its `ledger/`, `desk` where stages leave things, `roster` where extensions stand. `template`:
    path → blob id of the template's files. `cohort_repo` is `owner/name` of the cohort's own repo, where it
    is known: who may write there may decide. `retry`: try again at once what could not be checked.
    """

    cohort: Cohort
    roadmap: Roadmap
    learners: tuple[Learner, ...]
    everybody: tuple[Learner, ...]
    course: Path
    books: Path
    desk: Path
    now: datetime
    template: Mapping[str, str]
    roster: Path
    cohort_repo: str = ""
    retry: bool = False

    @property
    def protected(self) -> Mapping[str, str]:
        """Those of the template's files that learners have no reason to change."""
        return {path: blob for path, blob in self.template.items() if judging.PROTECTED.match(path)}


@dataclass(frozen=True)
class Settled:
    """What became of a task: its entry in the ledger if there is one, whether that is new, and remarks."""

    task: Task
    report: Report | None = None
    entry: Entry | None = None
    new: bool = False
    problem: str = ""
    oddities: tuple[str, ...] = ()


def write_tasks(desk: Path, tasks: Tasks) -> None:
    """Leave `tasks` for the next stage."""
    desk.mkdir(parents=True, exist_ok=True)
    _write(desk / TASKS, tasks.model_dump_json(by_alias=True, indent=1))


def read_tasks(desk: Path) -> Tasks:
    """What the first stage left. Raises CohortError where that is nothing of ours."""
    try:
        return Tasks.model_validate_json(_read(desk / TASKS, _TASKS_BYTES))
    except (OSError, ValidationError, ValueError) as wrong:
        raise CohortError(
            f"{desk / TASKS} cannot be used: {type(wrong).__name__}",
            "Run `cohort-bot verify --stage fetch` first.",
        ) from None


def fetch(desk: Path, tasks: Sequence[Task], token: str, jobs: int) -> dict[str, CohortError]:
    """Fetch the commits of `tasks`, each once; the failures by the bundle's name."""
    (desk / BUNDLES).mkdir(parents=True, exist_ok=True)
    wanted = {task.bundle: task for task in tasks}
    failures: dict[str, CohortError] = {}
    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(_fetch, desk, task, token): name for name, task in wanted.items()}
        for done in as_completed(running):
            failure = done.result()
            if failure is not None:
                failures[running[done]] = failure
    return failures


def _fetch(desk: Path, task: Task, token: str) -> CohortError | None:
    bundle = desk / BUNDLES / task.bundle
    if bundle.exists():
        return None
    half = bundle.with_suffix(".half")
    try:
        git.fetch(f"{task.url}.git", task.sha, token, half)
    except CohortError as failure:
        return failure
    half.rename(bundle)
    return None


def run(court: Court, tasks: Sequence[Task], jobs: int) -> Iterator[Task]:
    """Judge `tasks`, leaving a report of each; yields them as they are done. Those with a report are done."""
    (court.desk / REPORTS).mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(_run, court, task): task for task in tasks}
        for done in as_completed(running):
            done.result()
            yield running[done]


def _run(court: Court, task: Task) -> None:
    place = court.desk / REPORTS / f"{task.name}.json"
    if _report(court, task)[0] is not None:
        return
    stage = court.roadmap.stage(task.milestone)
    report = judging.judge(
        task, stage, (court.desk / BUNDLES / task.bundle).resolve(), court.course.resolve()
    )
    _write(place, report.model_dump_json(by_alias=True))


def settle(court: Court, tasks: Sequence[Task]) -> Iterator[Settled]:
    """Write the verdicts of `tasks` into the ledger, as far as their reports can be believed.

    In the order in which the work was pushed: of two that are the same, the later one is the copy.
    """
    for task in sorted(tasks, key=lambda task: task.pushed_at):
        yield _settle(court, task)


def _settle(court: Court, task: Task) -> Settled:
    report, problem = _report(court, task)
    if report is None:
        return Settled(task, problem=problem)
    others = _remembered(court.books, task.milestone)
    oddities = tuple(_oddities(court, task, report.traces, others))
    entry = _entry(court, task, report)
    owners = wires.owners(task.learner.lower(), report.traces, others, court.template)
    if entry.passed and owners and "organiser" not in task.approvals:
        # A person decides: two honest learners can come to the same file, but hardly ever do.
        why = f"{verdicts.HELD}: the very same model as {', '.join(owners)}"
        entry = entry.model_copy(update={"status": Standing.COULD_NOT_CHECK, "reason": why[:1000]})
    try:
        new = ledger.append(court.books, entry)
    except ContradictionError as contradiction:
        return Settled(task, problem=contradiction.message, oddities=oddities)
    _remember(court.books, task, report.traces)
    return Settled(task, report, entry, new, oddities=oddities)


def _report(court: Court, task: Task) -> tuple[Report | None, str]:
    """The report on `task`, or why there is none that counts."""
    try:
        stage = court.roadmap.stage(task.milestone)
        report = Report.model_validate_json(_read(court.desk / REPORTS / f"{task.name}.json", REPORT_BYTES))
    except KeyError:
        return None, "the roadmap has no such stage any more"
    except FileNotFoundError:
        return None, "not judged yet"
    except (OSError, ValidationError, ValueError) as wrong:
        return None, f"its report was refused: {type(wrong).__name__}"
    wrong_answer = answers(report, task, stage)
    return (None, f"its report was refused: {wrong_answer}") if wrong_answer else (report, "")


def _entry(court: Court, task: Task, report: Report) -> Entry:
    told = report.document
    return Entry.model_validate(
        {
            "learner": task.learner, "repo": task.repo, "milestone": task.milestone, "sha": task.sha,
            "spec_sha256": task.spec_sha256, "status": told.status,
            "points": {"earned": told.points.earned, "possible": told.points.possible},
            "results": [{"id": one.id, "status": one.status} for one in told.checks],
            "pushed_at": task.pushed_at, "judged_at": max(court.now, task.pushed_at),
            "judge": f"cohort-bot {__version__}", "reason": task.reason,
            "signatures": task.signatures,
        }
    )  # fmt: skip


def _oddities(court: Court, task: Task, traces: Traces, others: Mapping[str, Traces]) -> Iterator[str]:
    yield from traces.oddities
    if traces.protected or traces.files:
        yield from wires.changed(traces, court.protected)
    yield from wires.same_work(task.learner.lower(), traces, others, court.template)


def _remember(books: Path, task: Task, traces: Traces) -> None:
    """Keep what later work is compared with: `ledger/work/LOGIN.json`, by milestone."""
    if not traces.files:
        return
    place = books / WORK / f"{task.learner.lower()}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    known = _known(place)
    known[task.milestone] = traces.model_dump(mode="json", include={"files", "prints"})
    _write(place, json.dumps(known, sort_keys=True))


def _remembered(books: Path, milestone: str) -> dict[str, Traces]:
    found = {}
    for place in sorted((books / WORK).glob("*.json")):
        if (told := _known(place).get(milestone)) is not None:
            with suppress(ValidationError):
                found[place.stem] = Traces.model_validate(told)
    return found


def _known(place: Path) -> dict[str, object]:
    try:
        known = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def forget(desk: Path, task: Task) -> None:
    """Remove what the stages left of a task."""
    for place in (desk / BUNDLES / task.bundle, desk / REPORTS / f"{task.name}.json"):
        place.unlink(missing_ok=True)


def _write(place: Path, text: str) -> None:
    """Write a file that is there as a whole or not at all."""
    half = place.with_name(f"{place.name}.{os.getpid()}.half")
    half.write_text(text, encoding="utf-8")
    half.replace(place)


def _read(place: Path, most: int) -> bytes:
    """A plain file of at most `most` bytes; it may come from anywhere."""
    about = place.lstat()
    if not stat.S_ISREG(about.st_mode) or about.st_size > most:
        raise ValueError("no plain file of a bearable size")
    return place.read_bytes()
