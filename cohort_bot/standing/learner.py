"""One learner against the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from cohort_bot import calendar, owned
from cohort_bot.ledger import Entry, Ledger
from cohort_bot.ledger.signoffs import awaits
from cohort_bot.model import Cohort, Learner, Roadmap, Stage, Status
from cohort_bot.standing.progress import Progress
from cohort_bot.standing.risk import Facts, Risk, risks
from cohort_bot.state import Access, Issue, Repo


@dataclass(frozen=True)
class Step:
    """One stage of one learner.

    `begins`: the learner's first day, or when the stage before was passed (failing that, due). `passed_at`:
    when the first pass that stands was pushed. `counted`: the pass that counts, the last one before `due` or
    else the first after it. `last`: the newest verdict. `days_left`: calendar days to `due`, in the cohort's
    zone, negative after it. `issue` is the issue's number, 0 where the forge was not asked or has none.
    `ticked`: the ids of the deliverables that are ticked there.
    """

    stage: str
    number: int
    title: str
    due: datetime
    days_left: int
    progress: Progress
    begins: datetime
    passed_at: datetime | None = None
    counted: Entry | None = None
    last: Entry | None = None
    issue: int = 0
    issue_id: str = ""
    ticked: frozenset[str] = frozenset()
    url: str = ""

    @property
    def late_by(self) -> timedelta:
        """How long after its date the pass that counts was pushed; nothing for one in time or none at all."""
        if self.counted is None:
            return timedelta(0)
        return max(self.counted.pushed_at - self.due, timedelta(0))

    @property
    def overdue_days(self) -> int:
        """Days since the date of a milestone that is still open; 0 before it."""
        return max(-self.days_left, 0) if self.progress is Progress.OPEN else 0

    @property
    def lead_days(self) -> float | None:
        """How many days the stage took, breaks included; None while it is not verified."""
        if self.passed_at is None:
            return None
        return max(self.passed_at - self.begins, timedelta(0)) / timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """Where one learner stands. `access` is None where the forge was not asked or has no repo."""

    learner: Learner
    steps: tuple[Step, ...]
    begun: bool
    access: Access | None = None
    pushed_at: datetime | None = None
    risks: tuple[Risk, ...] = ()
    path: str = ""
    url: str = ""
    public: bool = False
    archived: bool = False
    repo_id: str = ""
    board_id: str = ""

    @property
    def active(self) -> bool:
        """Whether the learner takes part at present."""
        return self.learner.status is Status.ACTIVE

    @cached_property
    def current(self) -> Step | None:
        """What the learner is working on: the first open stage, else the first that waits for the judge."""
        for progress in (Progress.OPEN, Progress.CLAIMED):
            for step in self.steps:
                if step.progress is progress:
                    return step
        return None

    @property
    def finished(self) -> bool:
        """Whether every milestone is verified."""
        return self.current is None

    def count(self, progress: Progress) -> int:
        """How many milestones are so."""
        return sum(step.progress is progress for step in self.steps)

    @property
    def overdue_days(self) -> int:
        """By how many days the current milestone is overdue."""
        return self.current.overdue_days if self.current else 0


def stand(
    cohort: Cohort, roadmap: Roadmap, learner: Learner, ledger: Ledger, repo: Repo | None, now: datetime
) -> Standing:
    """Where `learner` stands at `now` (aware). `repo` is theirs as the forge has it, None without it."""
    start = datetime.combine(learner.start or cohort.start, time(0), ZoneInfo(cohort.timezone)).astimezone(
        UTC
    )
    steps = _steps(cohort, roadmap, learner, ledger, repo, (start, now))
    if repo and repo.url:
        steps = tuple(_linked(step, repo) for step in steps)
    known = [entry.pushed_at for entry in ledger.of(learner.github)]
    pushed = max([*known, *([repo.pushed_at] if repo and repo.pushed_at else [])], default=None)
    standing = Standing(
        learner, steps, start <= now,
        access=repo.access if repo else None, pushed_at=pushed, path=repo.path if repo else "",
        url=repo.url if repo else "", public=repo is not None and repo.visibility == "public",
        archived=repo is not None and repo.archived, repo_id=repo.id if repo else "",
        board_id=repo.board.id if repo and repo.board else "",
    )  # fmt: skip
    return _with_risks(standing, cohort, ledger, repo, (start, now))


def _steps(
    cohort: Cohort,
    roadmap: Roadmap,
    learner: Learner,
    ledger: Ledger,
    repo: Repo | None,
    span: tuple[datetime, datetime],
) -> tuple[Step, ...]:
    begins, now = span
    steps = []
    for number, stage in enumerate(roadmap.stages, start=1):
        due = calendar.due_on(cohort, stage.span[1], learner)
        step = _step(stage, number, due, (begins, now), cohort.timezone, ledger, learner, repo)
        steps.append(step)
        begins = step.passed_at or due
    return tuple(steps)


def _step(
    stage: Stage,
    number: int,
    due: datetime,
    span: tuple[datetime, datetime],
    zone: str,
    ledger: Ledger,
    learner: Learner,
    repo: Repo | None,
) -> Step:
    issue = repo.issues.get(stage.id) if repo else None
    first = ledger.first_pass(learner.github, stage.id)
    verdicts = [entry for entry in ledger.of(learner.github, stage.id) if entry.decided]
    return Step(
        stage=stage.id,
        number=number,
        title=stage.milestone.title,
        due=due,
        days_left=days_between(span[1], due, zone),
        progress=_progress(first, issue, rejected=_is_rejected(stage, verdicts, repo)),
        begins=span[0],
        passed_at=first.pushed_at if first else None,
        counted=ledger.best_pass(learner.github, stage.id, due),
        last=verdicts[-1] if verdicts else None,
        issue=issue.number if issue else 0,
        issue_id=issue.id if issue else "",
        ticked=owned.ticks(issue.body) if issue else frozenset(),
    )


def _progress(first: Entry | None, issue: Issue | None, *, rejected: bool) -> Progress:
    if first is not None:
        return Progress.VERIFIED
    # A label `verified` proves nothing: learners can put labels on their own issues.
    if issue is not None and not rejected and (issue.closed or issue.labels & {"claimed", "verified"}):
        return Progress.CLAIMED
    return Progress.OPEN


def _is_rejected(stage: Stage, verdicts: Sequence[Entry], repo: Repo | None) -> bool:
    """Whether the newest commit was judged and needs work: whoever claims it still waits for nothing."""
    head = repo.head if repo else None
    judged = [entry for entry in verdicts if head is not None and entry.sha == head.commit]
    return bool(judged) and not judged[-1].passed and not awaits(stage, judged[-1])


def _linked(step: Step, repo: Repo) -> Step:
    return replace(step, url=f"{repo.url}/issues/{step.issue}") if step.issue else step


def _with_risks(
    standing: Standing, cohort: Cohort, ledger: Ledger, repo: Repo | None, span: tuple[datetime, datetime]
) -> Standing:
    current = standing.current
    if not standing.active or current is None:
        return standing
    facts = Facts(
        now=span[1],
        start=span[0],
        waiting=current.progress is Progress.CLAIMED,
        overdue_days=current.overdue_days,
        tries=_tries(ledger.of(standing.learner.github, current.stage)),
        access=standing.access,
        pushed_at=standing.pushed_at,
        created_at=repo.created_at if repo else None,
    )
    return replace(standing, risks=risks(facts, cohort))


def _tries(entries: Sequence[Entry]) -> int:
    """How many verdicts in a row, up to the newest, were no pass."""
    decided = [entry.passed for entry in entries if entry.decided]
    return len(decided) - max((number for number, passed in enumerate(decided, 1) if passed), default=0)


def days_between(now: datetime, then: datetime, zone: str) -> int:
    """Calendar days from `now` to `then` as people in `zone` count them."""
    place = ZoneInfo(zone)
    return (then.astimezone(place).date() - now.astimezone(place).date()).days
