"""Judge what lies outside the repo: a public address, and a person's sign-off."""

from __future__ import annotations

from collections.abc import Iterator

from cohort_bot.evidence import Answered, Place, SignOff
from cohort_bot.model.checks import Manual, Url
from cohort_bot.verdict.finding import Finding, Judgement, code


def url(spec: Url, found: Answered) -> Judgement:
    """The address that is written down answers as it should."""
    return Judgement(tuple(_findings(spec, found)), facts={"address": found.address})


def _findings(spec: Url, found: Answered) -> Iterator[Finding]:
    where = (Place(found.file),)
    if not found.address or found.reply is None:
        there = f"no address in {code(found.file)}" if found.exists else f"no {code(found.file)}"
        yield Finding(
            there, "the address where your work runs", "People try a thing before they read about it.",
            f"Write the full address, with `https://`, into {code(found.file)}.", "", where,
        )  # fmt: skip
    elif found.reply.status != spec.expect:
        told = f"status {found.reply.status}" if found.reply.status else found.reply.problem
        yield Finding(
            f"{code(found.address)}: {told}", f"status {spec.expect}",
            "Free services fall asleep, so this is advice and keeps nothing from passing.",
            "Open the address yourself, wait a minute, and see whether it wakes up.",
            "", where,
        )  # fmt: skip


def manual(spec: Manual, found: SignOff) -> Judgement:
    """A person has looked, and said yes."""
    return Judgement(facts={"asks": spec.asks, "approved_by": found.approved_by})
