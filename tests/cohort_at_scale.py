"""A large cohort with seeded fates, built in memory: for what must stay small and fast."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from cohort_bot.ledger import Entry, Ledger
from cohort_bot.model import Learner, Roadmap
from cohort_bot.standing import Survey, survey
from cohort_bot.state import Access
from tests.cohort_in_progress import COHORT, NOW, ROADMAP, ledger, repo, state
from tests.ledger_entries import START, entry

GIVEN = (
    "Ada",
    "Bao",
    "Chidi",
    "Dana",
    "Elif",
    "Farid",
    "Grace",
    "Hana",
    "Ivo",
    "Jun",
    "Kofi",
    "Lea",
    "Mira",
    "Noor",
)
FAMILY = (
    "Almeida",
    "Brandt",
    "Chen",
    "Diallo",
    "Eriksen",
    "Fischer",
    "García",
    "Haddad",
    "Ito",
    "Jansen",
    "Kaya",
)


def cohort(learners: int, seed: int = 1, road: Roadmap = ROADMAP) -> tuple[Survey, Ledger]:
    """`learners` of different paces after 70 days; what they passed took a try or two."""
    chance = Random(seed)
    now = NOW + timedelta(days=35)
    roster, repos, entries = [], [], []
    for number in range(learners):
        login = f"learner-{number}"
        name = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
        status = "paused" if chance.random() < 0.04 else "active"
        extra = 14 if chance.random() < 0.1 else 0
        roster.append(Learner.model_validate(
            {"github": login, "name": name, "status": status, "extension_days": extra}))  # fmt: skip
        made = _life(login, chance, road, (now - START) / timedelta(days=1))
        entries += made
        verified = [found.milestone for found in made if found.passed]
        left = [stage.id for stage in road.stages if stage.id not in verified]
        claimed = left[:1] if chance.random() < 0.15 else []
        access = Access.INVITED if not made and chance.random() < 0.5 else Access.JOINED
        pushed = chance.uniform(40, 70) if made or chance.random() < 0.5 else 5
        repos.append(repo(login, [*verified, *claimed], pushed=pushed, access=access))
    books = ledger(*entries)
    return survey(COHORT, road, roster, books, state(*repos), now), books


def _life(login: str, chance: Random, road: Roadmap, days: float) -> list[Entry]:
    pace, day, made = max(chance.gauss(15, 4.5), 4), 0.0, []
    for stage in road.stages:
        day += max(chance.gauss(pace, 3), 2)
        for attempt in range(chance.choice((0, 0, 1, 2))):
            when = day - 3 + attempt
            if 0 < when < days:
                failed = [{"id": "tests", "status": "failed"}]
                points = {"earned": 2, "possible": 5}
                made.append(entry(login, stage.id, f"{login}{stage.id}{attempt}", when, status="needs_work",
                                  results=failed, points=points))  # fmt: skip
        if day > days:
            break
        made.append(entry(login, stage.id, f"{login}{stage.id}", day))
    return made
