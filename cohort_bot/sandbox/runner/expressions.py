"""`${{ … }}`: the part of GitHub's expression language that our workflows use.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions. Contexts are plain
mappings; what is not there is null, as on GitHub. Comparison of texts ignores case, as on GitHub.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Json = Any
_INSIDE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<sign>==|!=|<=|>=|&&|\|\||[!<>().,\[\]*]))"
)
_WORDS = {"true": True, "false": False, "null": None}


class ExpressionError(ValueError):
    """An expression that this runner cannot read; the message says which and why."""


def filled(text: str, contexts: Mapping[str, Json], status: str = "success") -> str:
    """`text` with every `${{ … }}` replaced by its value."""
    return _INSIDE.sub(lambda found: shown(evaluate(found[1], contexts, status)), text)


def value(text: object, contexts: Mapping[str, Json]) -> Json:
    """A setting's value: that of the expression if it is one as a whole, else the text with expressions
    filled in.
    """
    if not isinstance(text, str):
        return text
    whole = _INSIDE.fullmatch(text.strip())
    return evaluate(whole[1], contexts) if whole and "${{" not in whole[1] else filled(text, contexts)


def holds(condition: object, contexts: Mapping[str, Json], status: str) -> bool:
    """Whether an `if:` is met. Unless it asks for the status itself, nothing may have failed before."""
    if condition is None:
        return status == "success"
    text = str(condition).strip() if not isinstance(condition, bool) else str(condition).lower()
    whole = _INSIDE.fullmatch(text)
    bare = whole[1] if whole else text
    met = truth(evaluate(bare, contexts, status))
    asks = re.search(r"\b(?:always|failure|success|cancelled)\s*\(", bare)
    return met and (bool(asks) or status == "success")


def shown(found: Json) -> str:
    """A value as text."""
    match found:
        case None:
            return ""
        case bool():
            return "true" if found else "false"
        case float() if found.is_integer():
            return str(int(found))
        case dict() | list():
            return json.dumps(found)
        case _:
            return str(found)


def truth(found: Json) -> bool:
    """What counts as true: everything but false, 0, the empty text and null."""
    return bool(found) or isinstance(found, dict | list)


def evaluate(text: str, contexts: Mapping[str, Json], status: str = "success") -> Json:
    """The value of one expression. Raises ExpressionError."""
    reader = _Reader(text, contexts, status)
    found = reader.either()
    if reader.tokens:
        raise ExpressionError(f"`{text.strip()}`: `{reader.tokens[0][1]}` was not expected there")
    return found


class _Reader:
    """A recursive descent over the tokens of one expression."""

    def __init__(self, text: str, contexts: Mapping[str, Json], status: str) -> None:
        self.text, self.contexts, self.status = text.strip(), contexts, status
        self.tokens = list(self._cut(self.text))

    def _cut(self, text: str) -> list[tuple[str, str]]:
        found, place = [], 0
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise ExpressionError(f"`{text}`: this runner cannot read `{text[place:]}`")
            found.append((match.lastgroup or "", match[match.lastgroup or 0]))
            place = match.end()
        return found

    def _take(self, *signs: str) -> str:
        """The next sign if it is one of `signs`, else an empty text."""
        if self.tokens and self.tokens[0][0] == "sign" and self.tokens[0][1] in signs:
            return self.tokens.pop(0)[1]
        return ""

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise ExpressionError(f"`{self.text}`: `{sign}` is missing")

    def either(self) -> Json:
        found = self._both()
        while self._take("||"):
            other = self._both()
            found = found if truth(found) else other
        return found

    def _both(self) -> Json:
        found = self._compared()
        while self._take("&&"):
            other = self._compared()
            found = other if truth(found) else found
        return found

    def _compared(self) -> Json:
        found = self._single()
        while sign := self._take("==", "!=", "<", ">", "<=", ">="):
            found = _compare(sign, found, self._single())
        return found

    def _single(self) -> Json:
        if self._take("!"):
            return not truth(self._single())
        if self._take("("):
            found = self.either()
            self._need(")")
            return found
        if not self.tokens:
            raise ExpressionError(f"`{self.text}` ends too soon")
        kind, text = self.tokens.pop(0)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        if kind != "name":
            raise ExpressionError(f"`{self.text}`: `{text}` was not expected there")
        return self._named(text)

    def _named(self, name: str) -> Json:
        if name in _WORDS:
            return _WORDS[name]
        if self._take("("):
            return self._call(name)
        if name not in self.contexts:
            raise ExpressionError(f"`{self.text}`: this runner has no `{name}`")
        return self._inside(self.contexts[name])

    def _inside(self, found: Json) -> Json:
        while sign := self._take(".", "["):
            if sign == ".":
                key: Json = self.tokens.pop(0)[1] if self.tokens else ""
            else:
                key = self.either()
                self._need("]")
            found = _member(found, key)
        return found

    def _call(self, name: str) -> Json:
        given: list[Json] = []
        while not self._take(")"):
            given.append(self.either())
            self._take(",")
            if not self.tokens:
                raise ExpressionError(f"`{self.text}`: `)` is missing")
        if name in _STATUS:
            return _STATUS[name](self.status)
        if name not in _FUNCTIONS:
            raise ExpressionError(f"`{self.text}`: this runner has no function `{name}`")
        return _FUNCTIONS[name](*given)


def _member(found: Json, key: Json) -> Json:
    if isinstance(found, Mapping):
        return found.get(shown(key))
    if isinstance(found, list) and isinstance(key, float) and 0 <= key < len(found):
        return found[int(key)]
    return None


def _compare(sign: str, left: Json, right: Json) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.lower(), right.lower()
    elif type(left) is not type(right):
        left, right = _number(left), _number(right)
    match sign:
        case "==":
            return bool(left == right)
        case "!=":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case ">":
            return bool(left > right)
        case "<=":
            return bool(left <= right)
        case _:
            return bool(left >= right)


def _number(found: Json) -> float:
    try:
        return float(found or 0)
    except (TypeError, ValueError):
        return float("nan")


def _contains(where: Json, what: Json) -> bool:
    if isinstance(where, list):
        return any(_compare("==", one, what) for one in where)
    return shown(what).lower() in shown(where).lower()


def _format(text: Json, *values: Json) -> str:
    return re.sub(r"\{(\d+)\}", lambda found: shown(values[int(found[1])]), shown(text))


_STATUS: Mapping[str, Callable[[str], bool]] = {
    "success": lambda status: status == "success",
    "failure": lambda status: status == "failure",
    "cancelled": lambda status: status == "cancelled",
    "always": lambda _: True,
}
_FUNCTIONS: Mapping[str, Callable[..., Json]] = {
    "contains": _contains,
    "startsWith": lambda text, start: shown(text).lower().startswith(shown(start).lower()),
    "endsWith": lambda text, end: shown(text).lower().endswith(shown(end).lower()),
    "format": _format,
    "fromJSON": lambda text: json.loads(shown(text)),
    "toJSON": lambda found: json.dumps(found, indent=2),
}
