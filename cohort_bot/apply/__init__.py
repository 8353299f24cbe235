"""Carrying out a plan, wave by wave, and telling what became of every change.

Nothing is remembered between runs: a run that is stopped anywhere is gone on with by planning again. The same
happens within a run: where an answer stays away, the wave is read and planned anew, and gone on with.
"""

from cohort_bot.apply.run import apply_plan
from cohort_bot.apply.view import Became, Forge, Outcome, Settings, Watch

__all__ = ["Became", "Forge", "Outcome", "Settings", "Watch", "apply_plan"]
