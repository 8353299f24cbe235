"""Read the JUnit report that pytest writes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cohort_bot.evidence import Place, TestFailure

_MOST_BYTES = 50_000_000
_MESSAGE = 2000
_SPOILT = {"skipped", "failure", "error"}


@dataclass(frozen=True)
class Report:
    """Which tests passed, how many were skipped, which failed, and which broke before they could."""

    passed: tuple[str, ...]
    skipped: int
    failures: tuple[TestFailure, ...]
    broken: tuple[TestFailure, ...]


def read(file: Path, prefix: str, root: Path) -> Report | None:
    """The report in `file`; None where there is none that can be read.

    `prefix` precedes its paths; those below `root` in what tests say become relative to it.
    """
    try:
        if file.stat().st_size > _MOST_BYTES:
            return None
        report = ET.fromstring(file.read_bytes())  # noqa: S314 - expat 2.4.1 and newer refuses entity bombs
    except (OSError, ET.ParseError):
        return None
    cases = list(report.iter("testcase"))
    failures = tuple(_bad(cases, "failure", prefix, root))
    broken = tuple(_bad(cases, "error", prefix, root))
    skipped = sum(case.find("skipped") is not None for case in cases)
    passed = tuple(case.get("name", "") for case in cases if not _SPOILT & {child.tag for child in case})
    return Report(passed, skipped, failures, broken)


def _bad(cases: list[ET.Element], tag: str, prefix: str, root: Path) -> Iterator[TestFailure]:
    for case in cases:
        node = case.find(tag)
        if node is None:
            continue
        text = (node.text or node.get("message") or "").replace(f"{root}/", "")
        yield TestFailure(case.get("name", ""), text[-_MESSAGE:], _place(case, prefix))


def _place(case: ET.Element, prefix: str) -> Place | None:
    """pytest counts a test's line from 0 (its xunit1 report)."""
    file, line = case.get("file", ""), case.get("line", "")
    if not file:
        return None
    return Place(prefix + file.replace("\\", "/"), int(line) + 1 if line.isdigit() else 0)
