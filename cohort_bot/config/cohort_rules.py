"""What must hold between the parts of cohort.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

from cohort_bot.config import slips, zones
from cohort_bot.config.document import Node
from cohort_bot.config.source import Source
from cohort_bot.errors import Problem


def problems(root: Node, source: Source, folder: Path) -> Iterator[Problem]:
    """Every broken rule of the cohort in `root`, whose files lie in `folder`."""
    zone = root.get("timezone")
    if zone.words() and (wrong := zones.wrong(zone.words())):
        yield source.problem(zone.place, *wrong)
    yield from _breaks(root, source)
    for key in ("roadmap", "roster", "templates"):
        node = root.get(key)
        if node.words() and not inside(folder, node.words()):
            message = f"`{key}` is `{slips.show(node.words())}`, which is outside the cohort's folder"
            yield source.problem(node.place, message, "Keep the file beside cohort.yaml.")


def inside(folder: Path, name: str) -> bool:
    """Whether `name` is a relative path that stays in `folder`, symbolic links followed."""
    if "\0" in name or name.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:", name):
        return False
    try:
        target = (folder / name.replace("\\", "/")).resolve()
    except (OSError, RuntimeError):
        return False
    return target.is_relative_to(folder.resolve())


def _breaks(root: Node, source: Source) -> Iterator[Problem]:
    start = _day(root.get("start"))
    spans: list[tuple[date, date, Node]] = []
    for node in root.get("breaks"):
        first, last = _day(node.get("first")), _day(node.get("last"))
        if first is None or last is None:
            continue
        if last < first:
            message = f"the break ends on {last}, before it begins on {first}"
            yield source.problem(node.get("last").place, message, "Swap `first` and `last`.")
            continue
        if start and last < start:
            message = f"the break is over before the cohort starts on {start}"
            yield source.problem(node.get("first").place, message, "Remove it, or correct its dates.")
        spans.append((first, last, node))
    yield from _overlaps(spans, source)


def _overlaps(spans: list[tuple[date, date, Node]], source: Source) -> Iterator[Problem]:
    ordered = sorted(spans, key=lambda span: span[:2])
    for (_, end, before), (first, _, node) in pairwise(ordered):
        if first <= end:
            line, column = before.place
            message = f"this break overlaps with the one at {line}:{column}, which lasts until {end}"
            yield source.problem(node.get("first").place, message, "Make one break of the two.")


def _day(node: Node) -> date | None:
    """The date written there, or None where there is none: that is reported with the other values."""
    try:
        return date.fromisoformat(node.words())
    except ValueError:
        return None
