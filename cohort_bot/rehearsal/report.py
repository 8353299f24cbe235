"""What a rehearsal came to, in numbers that were read back from the sandbox and the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from cohort_bot.rehearsal.biography import Frame
from cohort_bot.rehearsal.people import Fate

_COLUMNS = ("learner", "fate", "status", "milestones", "verdicts", "pushes", "digests")


@dataclass(frozen=True)
class Traffic:
    """What somebody asked of the API, by the sandbox's log. A request with mutations is one write."""

    who: str
    requests: int
    writes: int
    created: int


@dataclass(frozen=True)
class Life:
    """How one learner ended. `verified` counts milestones, `verdicts` lines of the ledger; `digests` are
    those found in the repo, `doubles` those of them that are one too many for their week.
    """

    login: str
    fate: Fate
    status: str
    verified: int
    milestones: int
    verdicts: int
    passes: int
    pushes: int
    digests: int
    doubles: int = 0


@dataclass(frozen=True)
class Report:
    """Everything that is told. `mishaps`: what happened to digest runs → how often; `troubles`: commands that
    did not end well; `checks`: a verdict of the learners' own checks → how often.
    """

    frame: Frame
    seed: int
    seconds: float
    lives: tuple[Life, ...]
    traffic: tuple[Traffic, ...]
    checks: dict[str, int] = field(default_factory=dict)
    mishaps: dict[str, int] = field(default_factory=dict)
    summaries: int = 0
    troubles: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether every command did its work and no digest stands twice."""
        return not self.troubles and not any(life.doubles for life in self.lives)


def text(report: Report) -> str:
    """The report for the screen."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    frame, lives = report.frame, report.lives
    first = frame.cohort.start
    last = first + timedelta(days=7 * frame.weeks - 1)
    minutes, seconds = divmod(round(report.seconds), 60)
    took = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    yield (
        f"{_many(len(lives), 'learner')} lived through {_many(frame.weeks, 'week')}, from {first} to {last}, "
        f"in {took} (seed {report.seed})."
    )
    yield ""
    yield from _table([_COLUMNS, *(_row(life) for life in lives)])
    yield ""
    verdicts, passes = sum(life.verdicts for life in lives), sum(life.passes for life in lives)
    checks = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(report.checks.items()))
    pushes = sum(life.pushes for life in lives)
    yield f"Pushes: {pushes}; the learners' own checks said: {checks or 'nothing'}."
    yield f"Ledger: {_many(verdicts, 'verdict')}, {passes} passed, {verdicts - passes} not."
    yield _digests(report)
    for one in report.traffic:
        made = f"{one.created:,} made something"
        yield f"Requests of {one.who}: {one.requests:,}; {one.writes:,} wrote, {made}."
    for trouble in report.troubles:
        yield f"Not as it should be: {trouble}"


def _digests(report: Report) -> str:
    doubles = sum(life.doubles for life in report.lives)
    mishaps = ", ".join(f"{how} in {count}" for how, count in sorted(report.mishaps.items()))
    once = f"{doubles} of them stand twice" if doubles else "none of them twice"
    odd = f" (of the weekly runs: {mishaps})" if mishaps else ""
    posted = sum(life.digests for life in report.lives)
    summaries = _many(report.summaries, "cohort summary", "cohort summaries")
    return f"Digests: {posted} posted, {once}{odd}; {summaries}."


def _row(life: Life) -> tuple[str, ...]:
    done = f"{life.verified} of {life.milestones}"
    counts = (str(life.verdicts), str(life.pushes), str(life.digests))
    return life.login, str(life.fate), life.status, done, *counts


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _many(count: int, noun: str, plural: str = "") -> str:
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
