"""What the global options say, and what only the command line may touch: clock and terminal."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cohort_bot.errors import scrub

if TYPE_CHECKING:
    from rich.console import Console


@dataclass
class Context:
    """The global options of one run."""

    config_path: Path = field(default_factory=lambda: Path("cohort.yaml"))
    sandbox: bool = False
    api_url: str = ""
    verbose: bool = False
    color: bool = True
    json_logs: bool = False

    # The only clock of the program. A rehearsal may put another in its place.
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def now(self) -> datetime:
        """The present instant, aware."""
        return self.clock()

    @cached_property
    def console(self) -> Console:
        """Where progress and remarks go: standard error."""
        return self._console(stderr=True)

    @cached_property
    def output(self) -> Console:
        """Where the result goes: standard output."""
        return self._console(stderr=False)

    def _console(self, *, stderr: bool) -> Console:
        from rich.console import Console

        # Piped output is not a terminal and must not be folded to some invented width.
        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else 200
        return Console(stderr=stderr, no_color=not self.color, highlight=False, soft_wrap=True, width=width)

    def start_logging(self) -> None:
        """Send log lines to standard error, as text or as JSON, without anything that looks like a token."""
        handler = logging.StreamHandler()
        handler.setFormatter(_Json() if self.json_logs else _Plain("%(levelname)s %(name)s: %(message)s"))
        root = logging.getLogger("cohort_bot")
        root.handlers[:] = [handler]
        root.setLevel(logging.DEBUG if self.verbose else logging.WARNING)


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        import json

        when = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {"time": when, "level": record.levelname.lower(), "room": record.name}
        return json.dumps(line | {"message": scrub(record.getMessage())})
