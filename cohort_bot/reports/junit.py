"""Result documents as JUnit XML, which CI systems and editors read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from cohort_bot.result import Document
from cohort_bot.verdict import Outcome, Result

# What XML 1.0 cannot hold in any form (https://www.w3.org/TR/xml/#charsets)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(documents: Sequence[Document]) -> str:
    """One suite a milestone, one case a check. A failure of ours is an `error`, not a `failure`."""
    root = ET.Element("testsuites", name="cohort-bot")
    for document in documents:
        _suite(root, document)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, document: Document) -> None:
    outcomes = [one.status for one in document.checks]
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_clean(document.milestone),
        tests=str(len(outcomes)),
        failures=str(outcomes.count(Outcome.FAILED)),
        errors=str(outcomes.count(Outcome.ERROR)),
        skipped=str(outcomes.count(Outcome.SKIPPED)),
        time=f"{sum(one.duration_ms for one in document.checks) / 1000:.3f}",
    )
    for one in document.checks:
        _case(suite, document, one)


def _case(suite: ET.Element, document: Document, one: Result) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        name=_clean(one.title),
        classname=f"{document.milestone}.{one.id}",
        time=f"{one.duration_ms / 1000:.3f}",
    )
    if one.where:
        case.set("file", _clean(one.where[0].path))
        case.set("line", str(one.where[0].line))
    tag = {Outcome.FAILED: "failure", Outcome.ERROR: "error", Outcome.SKIPPED: "skipped"}.get(one.status)
    if tag is None:
        return
    node = ET.SubElement(case, tag, message=_clean(one.found))
    if tag != "skipped":
        node.set("type", str(one.fault or ""))
        node.text = _clean(_story(one))
    if one.log_tail:
        ET.SubElement(case, "system-out").text = _clean(one.log_tail)


def _story(one: Result) -> str:
    told = {"Expected": one.expected, "Why": one.why, "Next": one.next, "Try it": one.reproduce}
    return "\n".join(f"{label}: {text}" for label, text in told.items() if text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
