"""Everything that is made from result documents, in an explicit table of formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cohort_bot.reports import ctrf, github, junit, text
from cohort_bot.result import Document, to_json

FORMATS: Mapping[str, Callable[[Sequence[Document]], str]] = {
    "text": text.render,
    "json": to_json,
    "junit": junit.render,
    "ctrf": ctrf.render,
    "github": github.render,
}
