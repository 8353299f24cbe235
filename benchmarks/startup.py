"""How long `cohort-bot --help` takes, against importing click alone. Budget: three times that."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.report import Report, arguments

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import click'": [sys.executable, "-c", "import click"],
    "cohort-bot --version": [sys.executable, "-m", "cohort_bot", "--version"],
    "cohort-bot --help": [sys.executable, "-m", "cohort_bot", "--help"],
}


def seconds(command: list[str]) -> float:
    """One run."""
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def main() -> None:
    """Measure, the commands by turns so that a busy moment strikes all alike, and publish."""
    given = arguments(__doc__).parse_args()
    rounds = [
        {name: seconds(command) for name, command in COMMANDS.items()}
        for _ in range(4 if given.short else 25)
    ]
    medians = {name: statistics.median(times[name] for times in rounds[1:]) for name in COMMANDS}
    base = medians["python -c 'import click'"]
    report = Report("startup", "Starting", ("command", "ms (median)", "of importing click"))
    report.rows = [(name, round(found * 1000), found / base) for name, found in medians.items()]
    report.notes.append("The first round is left out: it fills the caches.")
    report.publish(keep=given.keep)


if __name__ == "__main__":
    main()
