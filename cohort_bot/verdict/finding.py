"""What a judge says: findings in the words a learner reads.

Messages are Markdown. Whatever a learner's work could have written into them goes through `code`, and so can
be no mention, no comment, no markup and no control sequence, wherever the message is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cohort_bot.evidence import Fault, Place

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_LOG_LINES = 40
_LOG_CHARACTERS = 6000


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: what was found and what was expected, why it matters, and one next step."""

    found: str
    expected: str
    why: str
    next: str
    reproduce: str = ""
    where: tuple[Place, ...] = ()
    fault: Fault = Fault.LEARNER


@dataclass(frozen=True)
class Judgement:
    """What one check amounts to. No finding means it passed; the first finding is the one to mend first."""

    findings: tuple[Finding, ...] = ()
    advice: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    log: str = ""


def clean(text: str) -> str:
    """`text` without terminal sequences and without control or direction-changing characters."""
    return _CONTROL.sub("", _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def code(text: object, most: int = 200) -> str:
    """`text` as an inline code span on one line, so that nothing in it has any other meaning."""
    line = " ".join(clean(str(text)).split()).replace("`", "'").replace("<!--", "<! --")
    if len(line) > most:
        line = line[: most - 1] + "…"
    return f"`{line}`" if line else "`(empty)`"


def listing(items: Iterable[object], most: int = 5) -> str:
    """The first `most` items as code, and how many more there are."""
    rows = [code(item) for item in items]
    more = f" and {len(rows) - most} more" if len(rows) > most else ""
    return ", ".join(rows[:most]) + more


def tail(log: str) -> str:
    """The end of a log: as much as fits into a comment beside everything else, with no marker of ours in "
    "it."""
    lines = clean(log).replace("<!--", "<! --").rstrip().splitlines()[-_LOG_LINES:]
    return "\n".join(lines)[-_LOG_CHARACTERS:]


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 run`, `3 runs`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def megabytes(size: float) -> str:
    """A size in bytes as people say it."""
    return f"{size / 1e6:,.1f} MB"
