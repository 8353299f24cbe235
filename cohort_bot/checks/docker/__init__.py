"""Build and run what a learner puts into containers, by the `docker` command line, and clean up after."""

from cohort_bot.checks.docker import build, service
from cohort_bot.checks.docker.engine import clean

__all__ = ["build", "clean", "service"]
