"""Plain words for the slips people make when they write YAML."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import yaml

EMPTY = "Run `cohort-bot init` in another folder to see what a complete one looks like."
ROOT = "Start with lines such as `version: 1`."


def show(text: str, limit: int = 60) -> str:
    """`text` fit for one line of a message: shortened, with invisible characters written as escapes."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def found(value: object, text: str | None) -> str:
    """What stands there, in words: the text as written, or which kind of thing it is."""
    if text is not None and text.strip():
        return f"`{show(text)}`"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a group of keys"
    return "nothing"


@lru_cache(maxsize=1000)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word[:100].casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be, or None."""
    return _nearest(word, tuple(known))


def one_of(word: str, known: Iterable[str]) -> str:
    """A cure that names the nearest known word, or all of them."""
    options = list(known)
    if close := nearest(word, options):
        return f"Did you mean `{close}`?"
    return f"Known here: {', '.join(f'`{name}`' for name in options)}." if options else ""


class _Sign(NamedTuple):
    """What PyYAML says, and what we say instead. `at_start` points to where the broken thing begins."""

    parts: tuple[str, ...]
    message: str
    cure: str
    at_start: bool = False


def broken_yaml(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str, str]:
    """Where PyYAML stopped (an offset), what is wrong there and what to do.

    Both of PyYAML's parsers are understood: libyaml, which is fast, and the one in Python.
    """
    mark = error.problem_mark or error.context_mark
    offset = mark.index if mark else 0
    line = _line_at(text, offset)
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return offset, "a tab is used to indent", "Use spaces to indent; YAML does not take tabs."
    raw = f"{error.context or ''} {error.problem or ''}"
    for sign in _SIGNS:
        if any(part in raw for part in sign.parts):
            start = error.context_mark if sign.at_start else None
            return (start.index if start else offset), sign.message, sign.cure
    detail = (error.problem or error.context or "unreadable").strip()
    return offset, f"this is not valid YAML: {show(detail, 200)}", _INDENT


def _line_at(text: str, offset: int) -> str:
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return text[start : end if end >= 0 else None]


_INDENT = "Check the indentation here and on the line above: items that belong together start in one column."
_SIGNS = (
    _Sign(
        ("mapping values are not allowed",),
        "a `:` stands where no key can be",
        "If the text contains `: `, put quotes around all of it; otherwise check the indentation.",
    ),
    _Sign(
        ("cannot start any token",),
        "the text starts with a character that means something else in YAML",
        "Put quotes around the text.",
    ),
    _Sign(
        ("unknown escape", "hexadecimal", "escape code"),
        "an unknown escape inside double quotes",
        "Use single quotes, or write `\\\\` for a backslash.",
    ),
    _Sign(
        ("quoted scalar",),
        "a quote is opened here and never closed",
        "Close it with the same kind of quote, or remove it.",
        at_start=True,
    ),
    _Sign(
        ("could not find expected ':'",),
        "a key without its `:`, or a text of several lines without `|`",
        "Write `key: value`, or start a long text with `|` and indent its lines.",
        at_start=True,
    ),
    _Sign(
        ("undefined alias",),
        "an alias (`*name`) that nothing above is named for",
        "Put quotes around a text that starts with `*`.",
    ),
    _Sign(
        ("expected a single document",),
        "a second document starts here (`---`)",
        "Keep one document in the file.",
    ),
    _Sign(
        ("flow mapping", "flow sequence", "flow node"),
        "a `{` or `[` that is not closed, or a comma that is missing",
        "Close the bracket, or put quotes around the text.",
        at_start=True,
    ),
    _Sign(("duplicate anchor",), "an anchor (`&name`) that is already taken", "Choose another name."),
    _Sign(("undefined tag handle",), "a tag (`!…`) is not allowed", "Put quotes around the text."),
    _Sign(
        ("block mapping", "block collection", "block sequence", "block end"),
        "the indentation does not fit",
        _INDENT,
    ),
)
