"""How fast to go, and when to stop: GitHub's etiquette, its limits, and the organiser's own budget.

Source: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
A forge that sends no rate-limit headers has its limits switched off (GitHub Enterprise Server can), and is
not paced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cohort_bot.errors import PartialError

SECONDS_BETWEEN_WRITES = 1.0
LONGEST_WAIT = 15 * 60
UNTOLD_WAIT = 60.0


@dataclass
class Pace:
    """Counts requests, spaces writes, and obeys the limits that the server states.

    `seconds` reads a clock in seconds since the epoch, `sleep` waits; both come from the command line, so
    that a rehearsal can live through a week in a minute. `most` is the budget of requests, None for no end.
    """

    seconds: Callable[[], float]
    sleep: Callable[[float], None]
    most: int | None = None
    requests: int = 0
    limited: bool = False
    _last_write: float = field(default=float("-inf"), repr=False)
    _resume: float = field(default=float("-inf"), repr=False)

    def before(self, *, write: bool) -> None:
        """Wait for a turn. Raises PartialError when the budget is used up or the wait would be too long."""
        if self.most is not None and self.requests >= self.most:
            raise PartialError(
                f"stopped after {self.requests} requests, as --max-requests asks",
                "Run the same command again to go on from here.",
            )
        now = self.seconds()
        ready = self._resume
        if write and self.limited:
            ready = max(ready, self._last_write + SECONDS_BETWEEN_WRITES)
        if ready > now:
            self._wait(ready - now)
        self.requests += 1
        if write:
            self._last_write = self.seconds()

    def after(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer's headers (names in lower case)."""
        remaining = headers.get("x-ratelimit-remaining")
        self.limited = remaining is not None
        if remaining == "0":
            self._resume = max(self._resume, float(headers.get("x-ratelimit-reset", "0")))

    def refused(self, headers: Mapping[str, str], attempt: int) -> None:
        """A limit was hit: hold everything back for as long as the server says, or ever longer."""
        wait = float(headers.get("retry-after") or 0)
        if not wait and headers.get("x-ratelimit-remaining") == "0":
            wait = float(headers.get("x-ratelimit-reset", "0")) - self.seconds()
        self._resume = self.seconds() + (wait if wait > 0 else UNTOLD_WAIT * 2**attempt)

    def _wait(self, seconds: float) -> None:
        if seconds > LONGEST_WAIT:
            minutes = round(seconds / 60)
            raise PartialError(
                f"GitHub's limit is used up for another {minutes} minutes",
                f"Run the same command again in {minutes} minutes; it goes on from here.",
            )
        self.sleep(seconds)
