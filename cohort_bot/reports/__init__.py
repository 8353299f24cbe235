"""Everything that is made from result documents, in an explicit table of formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cohort_bot.reports import text
from cohort_bot.result import Document, to_json

FORMATS: Mapping[str, Callable[[Sequence[Document]], str]] = {
    "json": to_json,
    "text": text.render,
}
