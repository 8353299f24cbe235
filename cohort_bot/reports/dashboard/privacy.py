"""How people are called on a site that others may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cohort_bot.model import Learner
from cohort_bot.standing import Standing
from cohort_bot.verdict.finding import clean


class Privacy(StrEnum):
    """What is shown of a learner's identity."""

    NAMES = "names"
    LOGINS = "logins"
    INITIALS = "initials"
    NONE = "none"

    @property
    def open(self) -> bool:
        """Whether a learner can be looked up: only then are there links to repos, and commits."""
        return self in (Privacy.NAMES, Privacy.LOGINS)


@dataclass(frozen=True)
class Person:
    """What a learner is called on the site, and the file of their page."""

    label: str
    page: str


def people(standings: Sequence[Standing], privacy: Privacy) -> list[Person]:
    """One for each of `standings`, in order. Numbers follow that order and say nothing else."""
    labels = [_label(standing.learner, privacy, number) for number, standing in enumerate(standings, 1)]
    shared = {label for label, count in Counter(labels).items() if count > 1}
    return [
        Person(
            f"{label} ({number})" if label in shared else label,
            f"{standing.learner.github.lower() if privacy.open else f'learner-{number}'}.html",
        )
        for number, (label, standing) in enumerate(zip(labels, standings, strict=True), 1)
    ]


def _label(learner: Learner, privacy: Privacy, number: int) -> str:
    name = clean(learner.name).strip()
    if privacy is Privacy.NAMES:
        return name or learner.github
    if privacy is Privacy.LOGINS:
        return learner.github
    if privacy is Privacy.INITIALS:
        words = [word for word in (name or learner.github).split() if word[0].isalnum()]
        return " ".join(f"{word[0].upper()}." for word in words[:3]) or "?"
    return f"Learner {number}"
