"""Living by a sandbox's virtual clock from outside: time passes there only when somebody waits.

A rehearsal or a benchmark gives `now` and `sleep` to a program in place of the machine's own, and hours at
GitHub's limits go by in seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import requests

PATIENCE_S = 30


class Timekeeper:
    """The clock of the sandbox at `url`. Only one at a time should move it. `virtual`: whether it can be."""

    def __init__(self, url: str) -> None:
        self._clock = f"{url.rstrip('/')}/_sandbox/clock"
        self._session = requests.Session()
        answer = self._session.get(self._clock, timeout=PATIENCE_S)
        self._now = self._read(answer)
        self.virtual: bool = answer.json()["clock"] == "virtual"

    def now(self) -> datetime:
        """The instant at which the clock stands, aware."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let so many seconds have passed."""
        body = {"advance": seconds}
        self._now = self._read(self._session.post(self._clock, json=body, timeout=PATIENCE_S))

    def wait(self, days: float) -> None:
        """Let so many days have passed."""
        self.sleep(timedelta(days=days).total_seconds())

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def _read(self, answer: requests.Response) -> datetime:
        answer.raise_for_status()
        return datetime.fromisoformat(answer.json()["now"])
