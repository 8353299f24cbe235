"""How alike two learners' code is: fingerprints of tokens, in which names and values do not count.

Winnowing as in Schleimer, Wilkerson, Aiken: "Winnowing: Local Algorithms for Document Fingerprinting" (2003).
The libraries that do this bring an array library and a plotting one along; this needs neither. Pure.
"""

from __future__ import annotations

import hashlib
import io
import json
import keyword
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping

_GRAM = 12
_WINDOW = 8
_SILENT = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING,
    tokenize.ENDMARKER,
}  # fmt: skip
# Below this many common prints anything short looks alike.
FEWEST = 40
ALIKE = 0.8


def prints(sources: Mapping[str, str], most: int) -> tuple[int, ...]:
    """The fingerprint of source files (path → text): the `most` smallest of its hashes, sorted."""
    found: set[int] = set()
    for path, text in sources.items():
        code = _cells(text) if path.endswith(".ipynb") else text
        found |= set(_winnowed(list(_tokens(code))))
    return tuple(sorted(found)[:most])


def likeness(one: Collection[int], other: Collection[int]) -> float:
    """The share of the smaller fingerprint that is in the other one: 0 to 1, and 0 where both are short."""
    first, second = set(one), set(other)
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller >= FEWEST else 0.0


def _tokens(source: str) -> Iterator[str]:
    """The code's skeleton: keywords and operators as they are, everything else as one letter."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                yield token.string if keyword.iskeyword(token.string) else "n"
            elif token.type not in _SILENT:
                yield token.string if token.type == tokenize.OP else "v"
    except (tokenize.TokenError, SyntaxError, ValueError):
        return  # what could be read until then counts


def _winnowed(tokens: list[str]) -> Iterable[int]:
    hashes = [_hash("\0".join(tokens[at : at + _GRAM])) for at in range(len(tokens) - _GRAM + 1)]
    if len(hashes) <= _WINDOW:
        return hashes
    return {min(hashes[at : at + _WINDOW]) for at in range(len(hashes) - _WINDOW + 1)}


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _cells(text: str) -> str:
    """The code of a notebook; nothing where it is none."""
    try:
        cells = json.loads(text)["cells"]
        return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
