"""The cohort as a whole: sums, burn-up against the plan, and how long stages take."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from statistics import median
from zoneinfo import ZoneInfo

from cohort_bot.ledger import Ledger
from cohort_bot.model import Cohort, Learner, Roadmap, Stage
from cohort_bot.standing.learner import Standing, stand
from cohort_bot.standing.progress import Progress
from cohort_bot.state import Access, CohortState

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Point:
    """Milestones of all active learners at one instant: due by then, and verified by then (None: not yet)."""

    week: int
    at: datetime
    planned: int
    verified: int | None


@dataclass(frozen=True)
class Lead:
    """How many days a stage took the learners who passed it, the shortest first."""

    stage: Stage
    days: tuple[float, ...]

    @property
    def median(self) -> float | None:
        """The middle one; None while nobody has passed."""
        return median(self.days) if self.days else None


@dataclass(frozen=True)
class Survey:
    """Where everybody on the roster stands at `now`, in roster order."""

    cohort: Cohort
    roadmap: Roadmap
    now: datetime
    standings: tuple[Standing, ...]

    @cached_property
    def active(self) -> tuple[Standing, ...]:
        """Those who take part; all sums and series are theirs alone."""
        return tuple(standing for standing in self.standings if standing.active)

    @cached_property
    def at_risk(self) -> tuple[Standing, ...]:
        """Those to whom a rule applies, the most overdue first."""
        found = [standing for standing in self.active if standing.risks]
        return tuple(sorted(found, key=lambda s: (-s.overdue_days, -len(s.risks), s.learner.github.lower())))

    @cached_property
    def by_need(self) -> tuple[Standing, ...]:
        """Everybody: at risk first, then the furthest behind, then the rest, last those not taking part."""
        return tuple(sorted(self.standings, key=_need))

    @property
    def outside(self) -> tuple[Standing, ...]:
        """Active learners who have a repo but are not in it yet."""
        return tuple(s for s in self.active if s.access is not None and s.access is not Access.JOINED)

    def count(self, progress: Progress, stage: str = "") -> int:
        """How many milestones of active learners are so, of one stage or all."""
        steps = (step for standing in self.active for step in standing.steps)
        return sum(step.progress is progress and stage in ("", step.stage) for step in steps)

    @cached_property
    def series(self) -> tuple[Point, ...]:
        """Burn-up, week by week from the cohort's first day to the last date or now, whichever is later."""
        dues = sorted(step.due for s in self.active for step in s.steps)
        passes = sorted(step.passed_at for s in self.active for step in s.steps if step.passed_at)
        return tuple(
            Point(week, at, bisect_right(dues, at), bisect_right(passes, at) if at <= self.now else None)
            for week, at in enumerate(self._weeks(dues[-1] if dues else self.now))
        )

    @cached_property
    def leads(self) -> tuple[Lead, ...]:
        """How long each stage took, in roadmap order."""
        days: dict[str, list[float]] = {stage.id: [] for stage in self.roadmap.stages}
        for standing in self.active:
            for step in standing.steps:
                if step.lead_days is not None:
                    days[step.stage].append(step.lead_days)
        return tuple(Lead(stage, tuple(sorted(days[stage.id]))) for stage in self.roadmap.stages)

    @property
    def behind(self) -> int:
        """How many milestones of active learners are due and not verified."""
        steps = (step for standing in self.active for step in standing.steps)
        return sum(step.due <= self.now and step.progress is not Progress.VERIFIED for step in steps)

    def _weeks(self, last: datetime) -> list[datetime]:
        """The starts of weeks, local midnight to local midnight whatever clocks do, and now among them."""
        zone = ZoneInfo(self.cohort.timezone)
        day = self.cohort.start
        instants: list[datetime] = []
        while not instants or instants[-1] < max(last, self.now):
            instants.append(datetime.combine(day, time(0), zone).astimezone(UTC))
            day += WEEK
        return instants


def survey(
    cohort: Cohort,
    roadmap: Roadmap,
    roster: Sequence[Learner],
    ledger: Ledger,
    state: CohortState,
    now: datetime,
) -> Survey:
    """Where everybody on `roster` stands at `now`, by the ledger and the forge's `state`."""
    repos = state.repos
    standings = (
        stand(cohort, roadmap, learner, ledger, repos.get(cohort.repo_of(learner.github)), now)
        for learner in roster
    )
    return Survey(cohort, roadmap, now, tuple(standings))


def _need(standing: Standing) -> tuple[object, ...]:
    return (
        not standing.active,
        not standing.risks,
        standing.finished,
        -standing.overdue_days,
        standing.count(Progress.VERIFIED),
        standing.learner.github.lower(),
    )
