"""The organiser's judge: claimed passes are judged again from a clean checkout, isolated, and put on record.

`gathering` finds what is to be judged, `court` fetches, judges and writes the ledger, `announcing` tells
those concerned, `reviewing` opens and closes reviews by peers. What decides is pure: `verdicts`, `orders`,
`peers`, `papers`, `likeness`, `wires`, `words`.
"""

from cohort_bot.verify.announcing import announce_all
from cohort_bot.verify.court import Court, Settled
from cohort_bot.verify.gathering import Gathered, gather
from cohort_bot.verify.reviewing import Desk, carry_reviews

__all__ = ["Court", "Desk", "Gathered", "Settled", "announce_all", "carry_reviews", "gather"]
