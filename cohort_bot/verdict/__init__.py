"""Decide: evidence in, results and a verdict out. Nothing here reads a file, a clock or a network."""

from cohort_bot.verdict.judges import judge
from cohort_bot.verdict.rollup import Outcome, Points, Result, Standing, Verdict, roll_up, skipped

__all__ = ["Outcome", "Points", "Result", "Standing", "Verdict", "judge", "roll_up", "skipped"]
