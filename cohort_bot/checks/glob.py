"""Path patterns as roadmap authors write them: `*` within a name, `**` across folders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_PIECE = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]/]+\]|.", re.DOTALL)
_MEANS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@cache
def pattern(glob: str) -> re.Pattern[str]:
    """The regular expression for `glob`; a trailing slash means everything in that folder."""
    glob = glob.removeprefix("./")
    if glob.endswith("/"):
        glob += "**"
    return re.compile("".join(_one(piece) for piece in _PIECE.findall(glob)), re.DOTALL)


def matching(glob: str, paths: Iterable[str]) -> list[str]:
    """Those of `paths` that `glob` matches whole, in their order."""
    wanted = pattern(glob)
    return [path for path in paths if wanted.fullmatch(path)]


def _one(piece: str) -> str:
    if piece in _MEANS:
        return _MEANS[piece]
    if len(piece) > 1:
        return "[" + piece[1:-1].replace("\\", "\\\\").replace("!", "^", piece[1] == "!") + "]"
    return re.escape(piece)
