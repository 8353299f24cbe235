"""The files in which a step leaves outputs and variables.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files
"""

from __future__ import annotations

import re

_LONG = re.compile(r"([^=<\s][^=<]*)<<(.+)")


def assignments(text: str) -> dict[str, str]:
    """`NAME=text` lines, and `NAME<<END` with lines up to one that is `END`."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if long := _LONG.fullmatch(line):
            inside = list(iter(lambda end=long[2]: next(lines, end), long[2]))
            found[long[1].strip()] = "\n".join(inside)
        elif "=" in line:
            name, _, value = line.partition("=")
            found[name.strip()] = value
    return found
