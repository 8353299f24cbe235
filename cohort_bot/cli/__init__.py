"""The command line: the only place that wires the rooms together, and the only one that reads the clock.

Commands are loaded when they are called, so that `--help` costs little more than click itself.
"""

from __future__ import annotations

import sys

from cohort_bot.cli.failures import ended_by
from cohort_bot.cli.group import cohort_bot


def main() -> None:
    """The console script `cohort-bot`: run a command and exit with its documented code."""
    sys.exit(ended_by(cohort_bot, sys.argv[1:]))
