"""The weekly digest: who gets one, what it says, and how it is known to have been posted. Pure.

Texts come from templates; what goes into them is made here.
"""

from cohort_bot.digest.letter import Heard, letter
from cohort_bot.digest.plan import Letter, Posted, Round, Skip, doubles, plan
from cohort_bot.digest.summary import summary
from cohort_bot.digest.week import Week

__all__ = ["Heard", "Letter", "Posted", "Round", "Skip", "Week", "doubles", "letter", "plan", "summary"]
