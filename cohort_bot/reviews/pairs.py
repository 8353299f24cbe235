"""Who reviews whom.

For each milestone the active learners stand in a circle, ordered by a keyed hash of their logins, and each is
reviewed by the next ones. So nobody reviews themselves, everybody gives as many reviews as they get, with
one reviewer each no two review each other (where there are three or more), every machine comes to the same
pairs, and whoever comes or goes disturbs only their neighbours.
"""

from __future__ import annotations

import hmac
from bisect import bisect
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from cohort_bot.ledger.reviews import REPLACED, Review
from cohort_bot.model import Cohort, Learner, Stage, Status
from cohort_bot.model.checks import Manual


def peer_check(stage: Stage) -> Manual | None:
    """The check of this milestone that peers sign off; None where there is none."""
    checks = (check for check in stage.milestone.checks if check.kind == "manual")
    return next((check for check in checks if "peer" in check.approvers), None)


def keyed(cohort: Cohort, *words: str) -> str:
    """A hash of `words` that only who knows the cohort's seed can work out, in hexadecimal digits."""
    return _keyed(cohort.reviews.seed, cohort.slug, *words)


def circle(cohort: Cohort, milestone: str, logins: Iterable[str]) -> tuple[str, ...]:
    """`logins`, in lower case, in the order in which they stand for this milestone."""
    everybody = frozenset(login.lower() for login in logins)
    return tuple(login for _, login in _standing(cohort.reviews.seed, cohort.slug, milestone, everybody))


def following(cohort: Cohort, milestone: str, author: str, logins: Iterable[str]) -> tuple[str, ...]:
    """`logins` but for `author`'s, in lower case, from the one who stands next to them."""
    everybody = frozenset(login.lower() for login in logins)
    stand = _standing(cohort.reviews.seed, cohort.slug, milestone, everybody)
    at = bisect(stand, (keyed(cohort, "circle", milestone, author.lower()), author.lower()))
    return tuple(login for _, login in (*stand[at:], *stand[:at]) if login != author.lower())


def reviewers_of(
    cohort: Cohort,
    stage: Stage,
    author: str,
    roster: Iterable[Learner],
    begun: Sequence[Review] = (),
    answered: Collection[str] = (),
) -> tuple[str, ...]:
    """Who reviews this milestone of `author`'s, in lower case; nobody where no other learner is active.

    `begun`: the reviews of this milestone that there are; who was asked stays asked while they take part.
    `answered`: those whose answer about the newest commit stands, whether they still take part or not.
    """
    check = peer_check(stage)
    if check is None:
        return ()
    active = [learner.github.lower() for learner in roster if learner.status is Status.ACTIVE]
    turned = following(cohort, stage.id, author, active)
    newest = {one.reviewer: one for one in begun}
    staying = [who for who, one in newest.items() if one.closed is None or one.closed.why != REPLACED]
    kept = [who for who in staying if who in answered or who in turned]
    return tuple(dict.fromkeys([*kept, *turned]))[: max(min(check.reviewers, len(turned)), len(answered))]


def copy_name(cohort: Cohort, learner: str, review: Sequence[str]) -> str:
    """The name of the repo for a blind review: nothing can be read from it, and nobody can guess it."""
    return f"{cohort.slug}-review-{keyed(cohort, 'copy', learner.lower(), *review)[:20]}"


@lru_cache(maxsize=64)  # asked once a learner, and the same for all of them
def _standing(seed: int, slug: str, milestone: str, logins: frozenset[str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((_keyed(seed, slug, "circle", milestone, login), login) for login in logins))


def _keyed(seed: int, *words: str) -> str:
    return hmac.new(str(seed).encode(), "\0".join(words).encode(), "sha256").hexdigest()
