"""Reading what reviewers answered, in as few requests as there are hundreds of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cohort_bot.forge.claims import SEEN, Claims, Holding, Said
from cohort_bot.forge.reviews import Lending
from cohort_bot.ledger import Ledger
from cohort_bot.ledger.reviews import Review, Reviews, read_reviews
from cohort_bot.verify import peers
from cohort_bot.verify.court import Court


@dataclass(frozen=True)
class Answers:
    """The journal of reviews, and what was said where reviewers were to answer, by the issue's id."""

    reviews: Reviews = field(default_factory=Reviews)
    said: Mapping[str, Sequence[Said]] = field(default_factory=dict)
    oddities: tuple[str, ...] = ()


def listen(
    court: Court, claims: Claims, lending: Lending, holdings: Mapping[str, Holding], ledger: Ledger
) -> Answers:
    """The answers to open reviews. Without one, nothing is asked of the forge."""
    reviews = read_reviews(court.books)
    said: dict[str, Sequence[Said]] = {
        thread.id: thread.comments for holding in holdings.values() for thread in holding.threads.values()
    }
    hidden = {
        issue
        for holding in holdings.values()
        for stage in court.roadmap.stages
        if (issue := peers.unread(holding, stage, ledger, reviews, SEEN))
    }
    if hidden:
        said |= claims.comments(sorted(hidden))
    blind = [
        one for login in holdings for one in reviews.of(login) if one.open and one.asked and one.opened.blind
    ]
    copies = lending.copies([one.opened.place for one in blind]) if blind else {}
    said |= {issue.id: issue.comments for copy in copies.values() for issue in copy.issues}
    return Answers(reviews, said, tuple(odd for one in blind for odd in _oddities(one, said)))


def _oddities(review: Review, said: Mapping[str, Sequence[Said]]) -> list[str]:
    comments = said.get(review.asked.issue, ()) if review.asked else ()
    return [f"{review.opened.learner}: {odd}" for odd in peers.astray(review, comments)]
