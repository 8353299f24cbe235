"""Judge one submission: the organiser's checks and data on a clean checkout, learners' code in containers.

This stage holds no token and writes nothing but its report.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from cohort_bot import git
from cohort_bot.checks.docker import clean
from cohort_bot.checks.docker.bench import ContainerBench, copied
from cohort_bot.checks.stores import find
from cohort_bot.checks.submission import Submission
from cohort_bot.errors import CohortError
from cohort_bot.evidence import Fault, Unavailable
from cohort_bot.examine import examine
from cohort_bot.furnishing import ORDER
from cohort_bot.model import Stage
from cohort_bot.model.checks import CheckSpec
from cohort_bot.process import ProgramMissing
from cohort_bot.result import Document, document
from cohort_bot.tracking import Run
from cohort_bot.verdict import Verdict, roll_up
from cohort_bot.verdict.rollup import unavailable as not_carried_out
from cohort_bot.verify.likeness import prints
from cohort_bot.verify.papers import MOST_PRINTS, Report, Task, Traces

PROTECTED = re.compile(r"^\.github/")
_SOURCE = re.compile(r"\.(?:py|ipynb)$")
_SOURCE_BYTES = 1_000_000
_MOST_SOURCES = 200
_MOST_FILES = 2000


def judge(task: Task, stage: Stage, bundle: Path, course: Path) -> Report:
    """The report on `task`, whose commit is in `bundle`. `course` holds the held-out data.

    Whatever keeps it from being judged is a failure of ours and becomes `could_not_check`; nothing about a
    submission is raised.
    """
    with tempfile.TemporaryDirectory(prefix="cohort-bot-", ignore_cleanup_errors=True) as folder:
        place = Path(folder).resolve()
        try:
            files = git.lay_out(bundle, task.sha, place / "work")
            submission = _submission(task, place, course)
            verdict = _examined(submission, stage)
            traces = _traces(submission, stage, files)
        except (CohortError, OSError) as failure:
            return Report(document=_document(task, stage, _nothing(stage.milestone.checks, failure)))
    return Report(document=_document(task, stage, verdict), traces=traces)


def _examined(submission: Submission, stage: Stage) -> Verdict:
    """The verdict, with nothing left behind in Docker: neither now nor by a run that was killed before."""
    with suppress(ProgramMissing):
        clean(submission.name)
    try:
        return examine(submission, stage.milestone.checks)
    finally:
        with suppress(ProgramMissing):
            clean(submission.name)


def refused(task: Task, stage: Stage, failure: CohortError) -> Report:
    """The report on a task that never came to be judged."""
    return Report(document=_document(task, stage, _nothing(stage.milestone.checks, failure)))


def _submission(task: Task, place: Path, course: Path) -> Submission:
    root, scratch = place / "work", place / "scratch"
    scratch.mkdir()
    name = f"cohort-bot-{hashlib.sha256(task.name.encode()).hexdigest()[:12]}"
    bench = ContainerBench(root, copied(root, place / "copy"), scratch, name)
    return Submission(
        root, scratch, bench, course=course, judging=True, approvals=frozenset(task.approvals),
        seed=int(task.sha[:8], 16), name=name,
    )  # fmt: skip


def _document(task: Task, stage: Stage, verdict: Verdict) -> Document:
    return document(
        verdict, milestone=stage.id, specs=stage.milestone.checks, title=stage.milestone.title,
        repo=task.repo, commit=task.sha,
    )  # fmt: skip


def _nothing(specs: Sequence[CheckSpec], failure: CohortError | OSError) -> Verdict:
    """Every check with the same failure of ours."""
    if isinstance(failure, CohortError):
        found, hint = failure.message, failure.hint
    else:
        found, hint = f"the machine refused: {failure.strerror or failure}", ""
    reason = Unavailable(Fault.RUNNER, found, hint or "It will be tried again.")
    return roll_up([not_carried_out(spec, reason) for spec in specs])


def _traces(submission: Submission, stage: Stage, files: Sequence[git.File]) -> Traces:
    """What the trip-wires look at. All of it is read, none of it is run."""
    folder = stage.milestone.folder + "/"
    inside = [file for file in files if file.path.startswith(folder)]
    sources = {
        file.path: submission.text(file.path, _SOURCE_BYTES) or ""
        for file in inside
        if _SOURCE.search(file.path) and file.size <= _SOURCE_BYTES
    }
    return Traces(
        protected={f.path: f.blob for f in files if _is_protected(f.path)},
        files={f.path: f.blob for f in inside[:_MOST_FILES] if len(f.path) < 4096},
        prints=prints(dict(list(sources.items())[:_MOST_SOURCES]), MOST_PRINTS),
        oddities=tuple(_oddities(submission, stage, files))[:50],
    )


def _is_protected(path: str) -> bool:
    """Whether the file is to be as the template has it. An order to furnish the repo is each repo's own."""
    return PROTECTED.match(path) is not None and len(path) < 4096 and path != ORDER


def _oddities(submission: Submission, stage: Stage, files: Sequence[git.File]) -> Iterator[str]:
    """What no honest run explains. A reason to look, and proof of nothing."""
    for file in files:
        if file.mode == "120000":
            yield f"a symbolic link: {file.path[:200]!r}"
    for spec in [spec for spec in stage.milestone.checks if spec.kind in ("mlflow", "model_eval")][:1]:
        runs = [run for store in find(submission, spec.stores).stores for run in store.runs]
        finished = [run for run in runs if run.finished and run.metrics]
        yield from _timeless(finished)
        yield from _twins(finished)


def _timeless(runs: Sequence[Run]) -> Iterator[str]:
    for run in runs:
        if run.start is None or run.end is None or run.end > run.start:
            continue
        told = "took no time at all" if run.end == run.start else "ended before it began"
        yield f"the run {run.id[:40]!r} has metrics, but {told}"


def _twins(runs: Sequence[Run]) -> Iterator[str]:
    """Runs with the very same numbers, several of them."""
    seen: dict[tuple[tuple[str, float], ...], str] = {}
    for run in runs:
        if len(run.metrics) > 1:
            other = seen.setdefault(tuple(sorted(run.metrics.items())), run.id)
            if other != run.id:
                yield f"the runs {other[:40]!r} and {run.id[:40]!r} have all numbers in common"
