"""What all pages share: the templates, how dates and people are shown, and the answer's headers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from werkzeug import Request, Response

from cohort_bot.sandbox.clock import parse
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.pages.markdown import render
from cohort_bot.sandbox.store import Row

FOLDER = Path(__file__).with_name("templates")
SOON = timedelta(days=7)
# A page is text and its own style: no script, no form target elsewhere, nothing loaded but pictures.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; form-action 'self'"
_STEPS = ((60, "minute"), (3600, "hour"), (86_400, "day"), (604_800, "week"), (2_629_800, "month"))


@dataclass
class Page:
    """One request for a page."""

    context: Context
    request: Request

    def one(self, sql: str, *values: object) -> Row | None:
        """The first row."""
        return self.context.db.one(sql, *values)

    def all(self, sql: str, *values: object) -> list[Row]:
        """Every row."""
        return self.context.db.all(sql, *values)

    def account_known(self, login: str) -> bool:
        """Whether there is such an account."""
        return bool(self.one("SELECT 1 FROM accounts WHERE login = ? AND NOT absent", login))

    def due(self, text: str | None, done: bool = False) -> Due | None:
        """How a due date stands at the sandbox's present instant."""
        if not text:
            return None
        instant, now = parse(text), self.context.instant
        if done:
            return Due(instant, "done", "done")
        if instant < now:
            return Due(instant, "late", f"{_count(now - instant)} late")
        return Due(instant, "soon" if instant - now < SOON else "later", f"in {_count(instant - now)}")

    def show(self, template: str, status: int = 200, **values: object) -> Response:
        """The page that `template` makes of `values`."""
        html = _environment().get_template(template).render(page=self, now=self.context.instant, **values)
        response = Response(html, status=status, mimetype="text/html")
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"
        return response

    def ago(self, text: str) -> Markup:
        """When something was, as a distance from now, with the exact instant behind it."""
        instant = parse(text)
        distance = self.context.instant - instant
        words = f"{_count(distance)} ago" if distance >= timedelta(minutes=1) else "just now"
        return Markup('<time datetime="{0}" title="{1}">{2}</time>').format(text, exact(instant), words)


@dataclass(frozen=True)
class Due:
    """A due date: `state` is done, late, soon or later; `words` says how far off it is."""

    at: datetime
    state: str
    words: str


def missing(page: Page) -> Response:
    """The page for what is not there."""
    return page.show("missing.html.j2", status=404)


def exact(instant: datetime) -> str:
    """An instant to the minute."""
    return instant.strftime("%a %-d %b %Y, %H:%M UTC")


def day(instant: datetime) -> str:
    """The day of an instant; everything is in UTC."""
    return instant.strftime("%-d %b %Y")


def hue(name: str) -> int:
    """A colour of its own for everybody, in degrees."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:4], 16) % 360


def readable_on(color: str) -> str:
    """Black or white, whichever reads better on a label's colour (six hex digits)."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (0, 2, 4))
    return "#000" if (red * 299 + green * 587 + blue * 114) / 1000 > 140 else "#fff"


def _count(distance: timedelta) -> str:
    seconds = distance.total_seconds()
    size, unit = next(((s, u) for s, u in reversed(_STEPS) if seconds >= s), _STEPS[0])
    number = max(1, round(seconds / size))
    return f"{number} {unit}{'s' if number != 1 else ''}"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"markdown": render, "day": day, "exact": exact, "hue": hue, "readable_on": readable_on}
    made.filters["quoted"] = lambda text: quote(str(text), safe="/")
    made.globals["style"] = Markup((FOLDER / "style.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file
    return made
