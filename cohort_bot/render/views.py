"""What templates see: plain values instead of models, and dates in words. Values are never templates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import AnyUrl, BaseModel

# Fixed English names: strftime would ask the locale of the machine.
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()|~$^=!]|^[-+#]|(?<=^\d)[.)]|(?<=^\d\d)[.)])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BREAK = "\u2060"  # word joiner: nothing to see, no line break, but no mention, reference or link either
_AUTOLINK = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?i:(?<=\bwww)(?=\.)|(?<=\bGH)(?=-\d))")


class View(SimpleNamespace):
    """A model as templates see it: its fields and nothing else."""


class Watched(View):
    """A view that remembers whether anybody looked into it."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_"):
            vars(self)["_seen"] = True
        return super().__getattribute__(name)


def view(value: Any) -> Any:
    """`value` in plain types: models become `View`s, addresses and dates become text, 3.0 becomes 3."""
    if isinstance(value, BaseModel):
        return View(**fields(value))
    if isinstance(value, list | tuple):
        return [view(each) for each in value]
    if isinstance(value, dict):
        return {key: view(each) for key, each in value.items()}
    return _plain(value.value if isinstance(value, Enum) else value)


def fields(model: BaseModel) -> dict[str, Any]:
    """The fields of `model`, and the properties that it adds to them, as views."""
    names = [*type(model).model_fields]
    names += [name for name, each in vars(type(model)).items() if isinstance(each, property)]
    return {name: view(getattr(model, name)) for name in names}


def day(value: date) -> str:
    """`Sunday 1 November 2026`, whatever the machine's language."""
    return f"{DAYS[value.weekday()]} {value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, zone: str) -> str:
    """An aware instant as a learner reads it: `Sunday 1 November 2026, 23:59 (Europe/Berlin)`."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {local:%H:%M} ({zone})"


def md(text: object) -> str:
    """Somebody else's text, to stand in Markdown as plain words on one line.

    HTML, Markdown, mentions (`@name`), references (`#12`, `GH-12`), links and invisible characters that
    turn text around lose their effect; what a reader sees stays the same.
    """
    words = " ".join("".join(_visible(sign) for sign in str(text)).split())
    words = _AUTOLINK.sub(_BREAK, words)
    words = _MARKDOWN.sub(r"\\\1", words)
    return "".join(_ENTITIES.get(sign, sign) for sign in words)


def line(text: object) -> str:
    """`text` on one line. In issues GitHub shows every line break, so wrapped text must be joined."""
    return " ".join(str(text).split())


def cell(text: object) -> str:
    """An organiser's Markdown, to stand in a cell of a table: one line, its pipes escaped."""
    return line(text).replace("|", "\\|")


def inert(text: object) -> str:
    """An organiser's Markdown without the power to open or close an HTML comment."""
    return str(text).replace("<!--", "&lt;!--").replace("-->", "--&gt;")


def inside(action: object, folder: str) -> str:
    """The action in a folder of the repo that another is in: `owner/name@v1` → `owner/name/folder@v1`."""
    name, at, ref = str(action).partition("@")
    return f"{name}/{folder}{at}{ref}"


def scalar(text: object) -> str:
    """A text as a YAML scalar: plain where it looks like `owner/action@v1`, else in double quotes."""
    plain = re.fullmatch(r"[A-Za-z_.][\w.-]*/[\w./@-]+", str(text))
    return str(text) if plain else '"' + re.sub(r'([\\"])', r"\\\1", " ".join(str(text).split())) + '"'


FILTERS: dict[str, Callable[..., str]] = {
    "md": md,
    "cell": cell,
    "inert": inert,
    "inside": inside,
    "line": line,
    "scalar": scalar,
}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return day(value)
    if isinstance(value, AnyUrl):
        return str(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _visible(sign: str) -> str:
    category = unicodedata.category(sign)
    if sign.isspace():
        return " "
    # Cf holds the direction marks that make text read backwards, and the joiner that emoji need.
    return "" if category in {"Cc", "Cf", "Cs", "Co"} and sign != "\u200d" else sign
