"""The failures that cohort-bot expects, each owning the exit code it ends the program with.

A message answers four questions: what is wrong, where, why that probably happened, and what to do about it.
Anything that is not a `CohortError` reaching the command line is a bug of ours (exit 70).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

EXIT_DONE = 0
EXIT_NOT_PASSED = 1
EXIT_USAGE = 2
EXIT_CONFIG = 3
EXIT_REFUSED = 4
EXIT_PARTIAL = 5
EXIT_BUG = 70
EXIT_INTERRUPTED = 130

# Token shapes: GitHub's own prefixes (https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/)
# and whatever follows an authorization scheme or sits in a URL's user part.
_SECRETS = (
    re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9_]{16,}|github_pat_[A-Za-z0-9_]{16,})"),
    re.compile(r"(?i)(?<=authorization: )(?:bearer|token|basic) \S+"),
    re.compile(r"(?<=://)[^/\s@]+(?=@)"),
)


def scrub(text: str) -> str:
    """`text` with everything that looks like a token replaced, so that it may be shown or stored."""
    for pattern in _SECRETS:
        text = pattern.sub("***", text)
    return text


class CohortError(Exception):
    """An expected failure. `exit_code` is what the program ends with; `hint` says what to do next."""

    exit_code = EXIT_REFUSED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(scrub(message))
        self.message = scrub(message)
        self.hint = scrub(hint)


class UsageError(CohortError):
    """The command line does not make sense."""

    exit_code = EXIT_USAGE


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one file. `line` and `column` count from 1; 0 means the file as a whole."""

    file: str
    line: int
    column: int
    message: str
    cure: str = ""

    @property
    def place(self) -> str:
        """`file:line:column`, or just the file where no position is known."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        cure = f"\n    {self.cure}" if self.cure else ""
        return f"{self.place}: {self.message}{cure}"


class ConfigError(CohortError):
    """What people wrote is invalid. Carries every problem of every file, in file order."""

    exit_code = EXIT_CONFIG

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the configuration")


class ForgeError(CohortError):
    """GitHub refused, and asking again will not help: credentials, permission, not found, invalid.

    `status` is the HTTP status it answered with, 0 where the refusal came another way.
    """

    exit_code = EXIT_REFUSED

    def __init__(self, message: str, hint: str = "", status: int = 0) -> None:
        super().__init__(message, hint)
        self.status = status


class PartialError(CohortError):
    """Stopped part-way (a limit, a budget, some learners failed). Running again goes on from there."""

    exit_code = EXIT_PARTIAL
