"""What a command that went wrong amounts to, whichever check ran it."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from cohort_bot.evidence import Place, Ran
from cohort_bot.verdict.finding import Finding, code
from cohort_bot.verdict.matchers import last_error, match, place

# Where images keep the code; cut from the places found, which are relative to the submission.
IN_IMAGES = ("/app/", "/code/", "/usr/src/app/", "/workspace/", "/srv/")


def went_wrong(ran: Ran, expected: str, *, why: str, next_step: str, seconds: float = 0) -> Finding:
    """The finding for a command that did not end well. A known failure speaks for itself.

    `why` and `next_step` are for a failure that is not known. `seconds` is the time it was given.
    """
    clue = match(ran.log, IN_IMAGES)
    where = place(ran.log, IN_IMAGES)
    if ran.timed_out:
        return Finding(
            f"{code(ran.command)} was still running after {seconds or ran.seconds:.0f} s, and was ended",
            expected, "It waits for something that never comes, or it does far more work than it needs here.",
            "Run it by yourself, press Ctrl-C when it hangs, and see at which line it stood.",
            ran.command, where,
        )  # fmt: skip
    if clue:
        return Finding(
            f"{clue.found}{_at(clue.where)}", expected, clue.why, clue.next, ran.command, clue.where
        )
    return Finding(
        f"{code(ran.command)} {ended(ran)}: {last_error(ran.log)}{_at(where)}", expected, why, next_step,
        ran.command, where,
    )  # fmt: skip


def ended(ran: Ran) -> str:
    """How a command ended, in words."""
    if ran.code is None:
        return "could not be started"
    if ran.code in (-9, 137):
        return "was killed, most likely because it used too much memory"
    if ran.code < 0:
        return f"was ended by signal {signal.Signals(-ran.code).name}"
    return f"ended with exit code {ran.code}"


def setup_failed(setup: Sequence[Ran]) -> Finding | None:
    """The finding for the first command of a preparation that went wrong."""
    for ran in setup:
        if not ran.ok:
            return went_wrong(
                ran, "that everything your code needs can be installed",
                why="Whoever wants to run your work begins with this command.",
                next_step="Run it in a fresh environment (`python -m venv fresh`), and mend what it says.",
                seconds=ran.seconds,
            )  # fmt: skip
    return None


def _at(where: Sequence[Place]) -> str:
    return f" at {code(f'{where[0].path}:{where[0].line}')}" if where else ""
