"""What programs of the learner's did: notebooks, tests, commands, training runs, models."""

from __future__ import annotations

from dataclasses import dataclass

from cohort_bot.evidence.common import Place, Ran
from cohort_bot.tracking import Store


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
    """A test that tests nothing, or code that changes what tests report, and why it is thought so.

    `claim` is what such a test asserts, as its author wrote it.
    """

    name: str
    reason: str
    where: Place
    claim: str = ""


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
class Trained:
    """A short training run and the losses that it printed, in order."""

    ran: Ran | None
    losses: tuple[float, ...] = ()
    setup: tuple[Ran, ...] = ()
