"""Reviews by peers: who is to review whom, and what has become of it. Pure; what is now is an argument."""

from cohort_bot.reviews.pairs import circle, copy_name, following, peer_check, reviewers_of
from cohort_bot.reviews.table import Became, Row, Shelf, late, overdue, signed, table, until

__all__ = [
    "Became",
    "Row",
    "Shelf",
    "circle",
    "copy_name",
    "following",
    "late",
    "overdue",
    "peer_check",
    "reviewers_of",
    "signed",
    "table",
    "until",
]
