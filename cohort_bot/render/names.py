"""Names that a template uses but nobody gave it, and the nearest one that was meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from jinja2 import StrictUndefined
from jinja2.utils import missing

from cohort_bot.render.views import View


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that names what was probably meant, or what there is."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean `{close[0]}`?"
    return f"There is: {', '.join(names)}." if 0 < len(names) <= 12 else ""


class NamedUndefined(StrictUndefined):
    """An undefined value whose error says what was probably meant. Message and cure are two lines."""

    @property
    def _undefined_message(self) -> str:
        name = str(self._undefined_name)
        if self._undefined_hint:
            return self._undefined_hint
        if self._undefined_obj is missing:
            return f"`{name}` is not known here"
        if isinstance(self._undefined_obj, View):
            return f"there is no `{name}` in this\n{nearest(name, vars(self._undefined_obj))}"
        return f"there is no `{name}` in a value of type {type(self._undefined_obj).__name__}"
