"""Look for known failures in what a program printed before it died."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cohort_bot.evidence import Place
from cohort_bot.verdict.finding import clean, code
from cohort_bot.verdict.patterns import PACKAGES, PATTERNS

# A traceback's frame as Python prints it, or as pytest does at the end of a failure.
_FRAME = re.compile(r'File "([^"\n<>]+)", line (\d+)|^([\w./-]+\.py):(\d+): ', re.MULTILINE)
_NOT_THEIRS = ("site-packages", "dist-packages", "/lib/python", "importlib", "checks/inside/", "/bin/")
_ERROR = re.compile(r"(?:E\s+)?[\w.]*(?:Error|Exception|Interrupt)\b")
# Longer lines would let a pattern take very long, and say no more.
_LINE = 500


@dataclass(frozen=True)
class Clue:
    """What a log gives away: what was found, why, the one next step, and where in the learner's code."""

    key: str
    found: str
    why: str
    next: str
    where: tuple[Place, ...] = ()


def match(log: str, roots: Sequence[str] = ()) -> Clue | None:
    """The first known failure in `log`. `roots` are folders the code lay in, to be cut from places."""
    text = "\n".join(line[:_LINE] for line in clean(log).splitlines())
    for pattern in PATTERNS:
        if found := pattern.regex.search(text):
            names = {key: code(value) for key, value in found.groupdict().items() if value}
            module = (found.groupdict().get("name") or "").partition(".")[0]
            names["package"] = code(PACKAGES.get(module, module))
            return Clue(
                pattern.key,
                code(_whole_line(text, found)),
                pattern.why.format(**names),
                pattern.next.format(**names),
                place(text[: found.end()], roots),
            )
    return None


def place(log: str, roots: Sequence[str] = ()) -> tuple[Place, ...]:
    """The last line of the learner's own code that the tracebacks in `log` name."""
    for found in reversed(list(_FRAME.finditer(log))):
        path, line = found[1] or found[3], int(found[2] or found[4])
        if not any(other in path for other in _NOT_THEIRS):
            root = next((root for root in roots if path.startswith(root)), "")
            return (Place(path.removeprefix(root).removeprefix("./"), line),)
    return ()


def last_error(log: str) -> str:
    """The last line of `log` that looks like an error, or simply its last line, as code."""
    lines = [line.strip() for line in clean(log).splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.match(line)]
    return code((errors or lines or ["no word at all"])[-1])


def _whole_line(text: str, found: re.Match[str]) -> str:
    start = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    return text[start : end if end >= 0 else len(text)]
