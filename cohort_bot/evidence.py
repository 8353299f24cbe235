"""What checks find out about a submission: raw facts, one frozen type a kind of check.

Whether the facts are enough is the verdict's business. Sizes are in bytes and times in seconds unless a name
says otherwise; paths are relative to the submission, with forward slashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from cohort_bot.model.checks import Probe
from cohort_bot.tracking import Store


class Fault(StrEnum):
    """Who can mend it: the learner, the course's authors, or whoever runs the checks."""

    LEARNER = "learner"
    COURSE = "course"
    RUNNER = "runner"


@dataclass(frozen=True)
class Place:
    """A spot in the submission. `line` counts from 1; 0 means the whole file."""

    path: str
    line: int = 0


@dataclass(frozen=True)
class Ran:
    """A command that was run: how it is typed, how it ended, and the end of what it said.

    `code` is None when it could not be started; `log` holds both streams, with
    paths relative to the submission.
    """

    command: str
    code: int | None
    timed_out: bool
    seconds: float
    log: str
    truncated: bool = False

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit code 0."""
        return self.code == 0 and not self.timed_out


@dataclass(frozen=True)
class Unavailable:
    """The evidence cannot be had, and not because of the work: no Docker here, no held-out data there."""

    fault: Fault
    found: str
    next: str


@dataclass(frozen=True)
class Awaited:
    """Not for this place to judge: it waits for the organiser's judge, or for a person."""

    reason: str


@dataclass(frozen=True)
class FilesFound:
    """`missing` patterns that match nothing; `forbidden` and `large` files; links that lead `outside`."""

    missing: tuple[str, ...] = ()
    any_matched: bool = True
    forbidden: tuple[str, ...] = ()
    large: tuple[tuple[str, int], ...] = ()
    outside: tuple[str, ...] = ()
    near: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WriteUp:
    """A Markdown file. `headings` are its headings' texts; `broken` are images whose files are not there."""

    path: str
    exists: bool
    headings: tuple[str, ...] = ()
    words: int = 0
    images: int = 0
    broken: tuple[tuple[str, int], ...] = ()
    empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class History:
    """The commits that touched the check's path. `days` are the authors' own calendar days."""

    is_repo: bool
    branch: str = ""
    shallow: bool = False
    commits: int = 0
    days: tuple[date, ...] = ()
    large: tuple[tuple[str, int], ...] = ()
    branches: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellError:
    """An error that a code cell ended with. `cell` counts code cells from 1."""

    cell: int
    name: str
    value: str


@dataclass(frozen=True)
class NotebookRead:
    """One notebook as it was saved, and how its re-run went where one was asked for.

    `cells` counts code cells that hold something; `counts` are the first execution counts in them.
    """

    path: str
    broken: str = ""
    cells: int = 0
    executed: int = 0
    in_order: bool = True
    counts: tuple[int, ...] = ()
    first_not_run: int = 0
    errors: tuple[CellError, ...] = ()
    rerun: Ran | None = None
    rerun_error: CellError | None = None


@dataclass(frozen=True)
class NotebooksRead:
    """Every notebook that the check's path matches."""

    notebooks: tuple[NotebookRead, ...]


@dataclass(frozen=True)
class TestFailure:
    """A test that failed or broke, and its own message."""

    name: str
    message: str
    where: Place | None = None


@dataclass(frozen=True)
class Suspicion:
    """A test that tests nothing, or code that changes what tests report, and why it is thought so."""

    name: str
    reason: str
    where: Place


@dataclass(frozen=True)
class TestsRan:
    """The learner's tests. `reported` is False when pytest never wrote its report; coverage is in percent.

    `passed` are names. `failures` failed; `broken` could not even run. Of `uncovered` files no line ran.
    """

    ran: Ran | None
    setup: tuple[Ran, ...] = ()
    folder_exists: bool = True
    reported: bool = False
    passed: tuple[str, ...] = ()
    skipped: int = 0
    failures: tuple[TestFailure, ...] = ()
    broken: tuple[TestFailure, ...] = ()
    coverage: float | None = None
    uncovered: tuple[str, ...] = ()
    vacuous: tuple[Suspicion, ...] = ()
    tampering: tuple[Suspicion, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the command said to one case."""

    ran: Ran
    out: str


@dataclass(frozen=True)
class Answers:
    """One answer a case, in the order of the cases; none when the setup failed."""

    answers: tuple[Answer, ...]
    setup: tuple[Ran, ...] = ()


@dataclass(frozen=True)
class Tracked:
    """The MLflow stores that were found, the paths asked for that are not there, and stores on this disk that
    `.gitignore` keeps out of the repo."""

    stores: tuple[Store, ...]
    missing: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluated:
    """A saved model's predictions for the held-out rows, beside the right answers.

    `scores` are the model's probabilities of the positive class, where it gives any. `logged` are the values
    of the metric in the finished runs of the submission's MLflow stores. `problem` says why there are no
    predictions.
    """

    model: str
    exists: bool
    format: str = ""
    ran: Ran | None = None
    predictions: tuple[object, ...] = ()
    scores: tuple[float, ...] = ()
    truth: tuple[str, ...] = ()
    logged: tuple[float, ...] = ()
    candidates: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Built:
    """A container image. `size` is in bytes; `stage` is the instruction that failed; `utf16` are requirements
    files in that encoding."""

    dockerfile: str
    exists: bool
    ran: Ran | None = None
    size: int = 0
    user: str = ""
    healthcheck: bool = False
    ignore_file: bool = False
    stage: str = ""
    utf16: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What came back for one request: `status` is 0 when nothing did, and `problem` says why.

    `json` is the body when `is_json` says that it is JSON. `location` is where a redirect leads.
    """

    status: int
    text: str = ""
    json: object = None
    is_json: bool = False
    problem: str = ""
    seconds: float = 0.0
    location: str = ""


@dataclass(frozen=True)
class Asked:
    """A request that was made and what came back."""

    probe: Probe
    reply: Reply


@dataclass(frozen=True)
class Registered:
    """What the newest registered version of a model answers to the requests' bodies, in their order.

    `path` is where it lies in the submission, empty if it does not; `problem` says why it gave no answers.
    """

    name: str
    version: str = ""
    path: str = ""
    source: str = ""
    answers: tuple[object, ...] = ()
    problem: str = ""
    log: str = ""


@dataclass(frozen=True)
class Served:
    """A service in its container.

    `ready_after` is None when it never was ready; `exit_code` is None while it still ran. `listening` are the
    addresses it listened on when it was not ready. `known` are the requests whose answers are known,
    `varied` random ones like them. `stop_seconds` is how long it took to end after SIGTERM. `wrote` says that
    it ran only once it could write to its disk.
    """

    image: bool
    started: Ran | None = None
    ready_after: float | None = None
    last_ready: Reply | None = None
    exit_code: int | None = None
    lived: float = 0.0
    oom: bool = False
    log: str = ""
    listening: tuple[str, ...] = ()
    examples_problem: str = ""
    known: tuple[Asked, ...] = ()
    varied: tuple[Asked, ...] = ()
    bad: Asked | None = None
    registered: Registered | None = None
    stop_seconds: float | None = None
    stop_forced: bool = False
    wrote: bool = False


@dataclass(frozen=True)
class Trained:
    """A short training run and the losses that it printed, in order."""

    ran: Ran | None
    losses: tuple[float, ...] = ()
    setup: tuple[Ran, ...] = ()


@dataclass(frozen=True)
class Answered:
    """The address that the learner wrote down, and what it answered."""

    file: str
    exists: bool
    address: str = ""
    reply: Reply | None = None


@dataclass(frozen=True)
class SignOff:
    """Who has approved the work: their roles."""

    approved_by: tuple[str, ...] = ()


Evidence = (
    FilesFound
    | WriteUp
    | History
    | NotebooksRead
    | TestsRan
    | Answers
    | Tracked
    | Evaluated
    | Built
    | Served
    | Trained
    | Answered
    | SignOff
)
Gathered = Evidence | Unavailable | Awaited
