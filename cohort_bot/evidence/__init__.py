"""What checks find out about a submission: raw facts, one frozen type a kind of check.

Whether the facts are enough is the verdict's business. Sizes are in bytes and times in seconds unless a name
says otherwise; paths are relative to the submission, with forward slashes.
"""

from __future__ import annotations

from cohort_bot.evidence.common import Awaited, Fault, Place, Ran, Unavailable
from cohort_bot.evidence.programs import (
    Answer,
    Answers,
    CellError,
    Evaluated,
    NotebookRead,
    NotebooksRead,
    Suspicion,
    TestFailure,
    TestsRan,
    Tracked,
    Trained,
)
from cohort_bot.evidence.repo import Answered, FilesFound, History, SignOff, WriteUp
from cohort_bot.evidence.services import Asked, Built, Registered, Reply, Served

__all__ = [
    "Answer",
    "Answered",
    "Answers",
    "Asked",
    "Awaited",
    "Built",
    "CellError",
    "Evaluated",
    "Evidence",
    "Fault",
    "FilesFound",
    "Gathered",
    "History",
    "NotebookRead",
    "NotebooksRead",
    "Place",
    "Ran",
    "Registered",
    "Reply",
    "Served",
    "SignOff",
    "Suspicion",
    "TestFailure",
    "TestsRan",
    "Tracked",
    "Trained",
    "Unavailable",
    "WriteUp",
]

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
