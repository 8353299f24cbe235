"""How fast to go, and when to stop: GitHub's etiquette, its limits, and the organiser's own budget.

Sources: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
Requests go one after another, so the limit of a hundred at once is never near. A forge that sends no
rate-limit headers has its limits switched off (GitHub Enterprise Server can), and is not paced.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cohort_bot.errors import PartialError

SECONDS_BETWEEN_WRITES = 1.0
UNTOLD_WAIT = 60.0
WORTH_TELLING = 15.0
# A full hour must not end a run that nobody watches.
LONGEST_WAIT = 65 * 60.0
MINUTE, HOUR = 60.0, 3600.0
POINTS_A_MINUTE = {"core": 900, "graphql": 2000}
CONTENT_A_MINUTE, CONTENT_AN_HOUR = 80, 500
READ_POINTS, WRITE_POINTS = 1, 5


@dataclass(frozen=True)
class Ask:
    """A request to come: of which of GitHub's two budgets, whether it writes, how many things it makes."""

    resource: str = "core"
    write: bool = False
    makes: int = 0


class _Window:
    """What was spent within the last `span` seconds, of at most `most`."""

    def __init__(self, span: float, most: int) -> None:
        self.span, self.most = span, most
        self._spent: deque[tuple[float, int]] = deque()

    def spend(self, when: float, amount: int) -> None:
        self._spent.append((when, amount))

    def ready(self, now: float, amount: int) -> float:
        """When `amount` more may be spent. More than `most` may be spent once everything else has passed."""
        while self._spent and self._spent[0][0] + self.span <= now:
            self._spent.popleft()
        over = sum(spent for _, spent in self._spent) + amount - self.most
        ready = now
        for when, spent in self._spent:
            if over <= 0:
                break
            over, ready = over - spent, when + self.span
        return ready


@dataclass
class Pace:
    """Counts requests, spaces writes, and keeps within the limits: documented ones and those it is told.

    `seconds` reads a clock in seconds since the epoch, `sleep` waits; both come from the command line, so
    that a rehearsal can live through a week in a minute. `most` is the budget of requests, None for no end.
    `tell` is given a sentence before a long wait.
    """

    seconds: Callable[[], float]
    sleep: Callable[[float], None]
    most: int | None = None
    tell: Callable[[str], None] = field(default=lambda _: None)
    patience: float = LONGEST_WAIT
    requests: int = 0
    limited: bool = False
    # Whether everything that an aliased request makes counts as content, or the request. GitHub does not say,
    # so we begin with the request, and learn from being refused.
    each: bool = False
    _last_write: float = field(default=float("-inf"), repr=False)
    _hold: float = field(default=float("-inf"), repr=False)
    _resets: dict[str, float] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._points = {name: _Window(MINUTE, most) for name, most in POINTS_A_MINUTE.items()}
        self._content = (_Window(MINUTE, CONTENT_A_MINUTE), _Window(HOUR, CONTENT_AN_HOUR))
        self._strict = (_Window(MINUTE, CONTENT_A_MINUTE), _Window(HOUR, CONTENT_AN_HOUR))

    def before(self, ask: Ask) -> None:
        """Wait for a turn. Raises PartialError when the budget is used up or the wait would be too long."""
        if self.most is not None and self.requests >= self.most:
            raise PartialError(
                f"stopped after {self.requests} requests, as --max-requests asks",
                f"Run the same command again {self._when(self._turn(ask))}: it goes on from here.",
            )
        wait = self._turn(ask) - self.seconds()
        if wait > 0:
            self._wait(wait)
        self.requests += 1

    def after(self, ask: Ask, headers: Mapping[str, str]) -> None:
        """Learn from an answer's headers (names in lower case), and count what was asked."""
        now = self.seconds()
        remaining = headers.get("x-ratelimit-remaining")
        self.limited = self.limited or remaining is not None
        resource = headers.get("x-ratelimit-resource", ask.resource)
        if remaining == "0":
            self._resets[resource] = float(headers.get("x-ratelimit-reset", "0"))
        if ask.write:
            self._last_write = now
        self._points[ask.resource].spend(now, WRITE_POINTS if ask.write else READ_POINTS)
        if ask.makes:
            for loose, strict in zip(self._content, self._strict, strict=True):
                loose.spend(now, 1)
                strict.spend(now, ask.makes)

    def refused(self, ask: Ask, headers: Mapping[str, str], attempt: int) -> None:
        """A limit was hit: hold everything back for as long as the server says, or ever longer."""
        self.limited = True
        now = self.seconds()
        if headers.get("x-ratelimit-remaining") == "0" and self._resets.get(ask.resource, now) > now:
            return  # The primary limit: `after` has learned when it begins anew.
        told = float(headers.get("retry-after") or 0)
        self._hold = now + (told or UNTOLD_WAIT * 2**attempt)
        # Refused although we kept to the limits, and the strict way of counting explains it.
        self.each = self.each or any(window.ready(now, ask.makes) > now for window in self._strict)

    def pause(self, attempt: int) -> None:
        """Let a forge that stumbled catch its breath: a second, then twice as long each time."""
        self.sleep(float(2**attempt))

    def _turn(self, ask: Ask) -> float:
        """The instant at which this request may go."""
        now = self.seconds()
        turns = [now, self._hold, self._resets.get(ask.resource, now)]
        if self.limited:
            turns.append(self._points[ask.resource].ready(now, WRITE_POINTS if ask.write else READ_POINTS))
            if ask.write:
                turns.append(self._last_write + SECONDS_BETWEEN_WRITES)
            if ask.makes:
                windows, amount = (self._strict, ask.makes) if self.each else (self._content, 1)
                turns += [window.ready(now, amount) for window in windows]
        return max(turns)

    def _wait(self, seconds: float) -> None:
        when = self._when(self.seconds() + seconds)
        if seconds > self.patience:
            raise PartialError("GitHub's limit is used up", f"Run the same command again {when}.")
        if seconds > WORTH_TELLING:
            self.tell(f"GitHub's limit is used up: going on {when}. You may stop (Ctrl-C) and run again.")
        self.sleep(seconds)

    def _when(self, instant: float) -> str:
        left = instant - self.seconds()
        if left <= SECONDS_BETWEEN_WRITES:
            return "at any time"
        clock = datetime.fromtimestamp(instant, UTC)
        return f"in {max(1, round(left / 60))} min, at {clock:%H:%M} UTC"
