"""The organiser's ledger: append-only JSON lines, one file a learner, holding every judged verdict.

It is the truth about who passed what; issues, labels and boards are views of it. `read` and `append` are the
only ways in and out, `Ledger` answers questions without touching a file, `check` finds what is wrong. Beside
it, `reviews` keeps who was asked to review what.
"""

from cohort_bot.ledger.check import check
from cohort_bot.ledger.entry import CheckResult, Entry, Signature
from cohort_bot.ledger.files import ContradictionError, append, read
from cohort_bot.ledger.records import Ledger, Record

__all__ = [
    "CheckResult",
    "ContradictionError",
    "Entry",
    "Ledger",
    "Record",
    "Signature",
    "append",
    "check",
    "read",
]
