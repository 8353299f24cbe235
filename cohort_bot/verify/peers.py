"""What peers said about a milestone's newest commit, and how far it is believed. Pure.

A reviewer is believed by three things: the journal says that they were asked about this very commit; the
comment is theirs, where they were asked to write it, and came after the asking; and nobody has edited it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cohort_bot.forge.claims import Holding, Said
from cohort_bot.ledger import Entry, Ledger, Signature
from cohort_bot.ledger.reviews import Review, Reviews
from cohort_bot.ledger.signoffs import awaits
from cohort_bot.model import Cohort, Learner, Stage
from cohort_bot.result import fingerprint
from cohort_bot.reviews import peer_check, reviewers_of
from cohort_bot.verify.orders import Kind, Order, of, orders

_DECIDING = (Kind.APPROVE, Kind.CHANGES)
_COMMAND = re.compile(r"^/(?:approve|changes)[ \t]*", re.MULTILINE)
YOURS = "Your reviewer"


@dataclass(frozen=True)
class Remark:
    """What a reviewer wrote, for the author. `who` is no name where the review is blind."""

    who: str
    text: str


@dataclass(frozen=True)
class Heard:
    """What was said so far about the newest commit of a milestone.

    `signatures`: everybody's, those in the ledger first. `news`: those that the ledger does not have.
    `approved`: all who were asked approve. `remarks`: the words of those reviewers whose review is open.
    """

    signatures: tuple[Signature, ...] = ()
    news: tuple[Signature, ...] = ()
    approved: bool = False
    remarks: tuple[Remark, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether what is new lets the milestone be judged once more, now with its sign-off."""
        return self.approved and bool(self.news)

    @property
    def changes(self) -> bool:
        """Whether a reviewer has just asked for changes."""
        return any(signature.said == "changes" for signature in self.news)


def entry_at_head(holding: Holding, stage: Stage, ledger: Ledger) -> Entry | None:
    """What was decided about the newest commit by the checks of today, if anything was."""
    if holding.head is None:
        return None
    key = (stage.id, holding.head.commit, fingerprint(stage.milestone.checks))
    entry = ledger.verdict(holding.learner, key)
    return entry if entry is not None and entry.decided else None


def awaits_peers(stage: Stage, entry: Entry) -> bool:
    """Whether a sign-off by peers is among what is missing, and nothing but sign-offs is."""
    check = peer_check(stage)
    return check is not None and check.id in awaits(stage, entry)


def open_at(reviews: Iterable[Review], entry: Entry) -> tuple[Review, ...]:
    """Those of a milestone's reviews that are about this verdict and wait for an answer."""
    return tuple(one for one in reviews if one.open and one.asked and one.key == entry.key)


def hear(
    cohort: Cohort,
    stage: Stage,
    roster: Sequence[Learner],
    entry: Entry,
    reviews: Sequence[Review],
    said: Mapping[str, Sequence[Said]],
) -> Heard:
    """What reviewers say about `entry`. `reviews` are the milestone's, `said` comments by the issue's id."""
    known = entry.signatures
    given = [pair for one in open_at(reviews, entry) if (pair := _answer(one, said)) is not None]
    fresh = sorted((sign for sign, _ in given if sign not in known), key=lambda sign: (sign.at, sign.comment))
    signatures = (*known, *fresh)
    approving = {one.by.lower() for one in signatures if one.peer and one.said == "approve"}
    refused = any(one.said == "changes" for one in fresh) or entry.sent_back
    asked = reviewers_of(cohort, stage, entry.learner, roster, reviews, approving) if approving else ()
    remarks = tuple(remark for _, remark in given if remark.text)
    return Heard(signatures, tuple(fresh), bool(asked) and set(asked) <= approving and not refused, remarks)


def _answer(review: Review, said: Mapping[str, Sequence[Said]]) -> tuple[Signature, Remark] | None:
    """What the reviewer decided where they were asked to, since they were: their last word counts.

    Who asks for changes and approves in one comment asks for changes.
    """
    asked = review.asked
    if asked is None:
        return None
    comments = {one.number: one for one in said.get(asked.issue, ()) if one.number > asked.comment}
    given = [one for one in orders(comments.values()) if is_by(one, review) and one.kind in _DECIDING]
    if not given:
        return None
    last = max(given, key=lambda one: (one.comment, one.kind is Kind.CHANGES))
    sign = Signature(
        by=last.author, said="approve" if last.kind is Kind.APPROVE else "changes", at=last.at,
        comment=last.comment, peer=True,
    )  # fmt: skip
    if review.opened.blind:
        return sign, Remark(YOURS, _COMMAND.sub("", comments[last.comment].body).strip())
    return sign, Remark(last.author, last.text)


def is_by(order: Order, review: Review) -> bool:
    """Whether the review's reviewer wrote the command."""
    return order.author.lower() == review.reviewer


def astray(review: Review, said: Iterable[Said]) -> Iterator[str]:
    """Commands in a blind copy that count for nothing: by somebody else, or in a comment that was edited."""
    place = review.opened.place
    for comment in said:
        for order in of(comment):
            if comment.edited and is_by(order, review):
                yield f"/{order.kind} by {order.author} in {place} was edited; it was ignored"
            elif not is_by(order, review):
                yield f"/{order.kind} by {order.author}, who is not asked in {place}, was ignored"


def unread(holding: Holding, stage: Stage, ledger: Ledger, reviews: Reviews, page: int) -> str:
    """The id of the issue whose comments have to be read in full, for an answer may hide there; or nothing.

    The sweep sees the newest `page` comments. While the oldest of them came after the asking, there are more.
    """
    entry, thread = entry_at_head(holding, stage, ledger), holding.threads.get(stage.id)
    if entry is None or thread is None or len(thread.comments) < page:
        return ""
    asked = [one.asked for one in open_at(reviews.of(holding.learner, stage.id), entry) if one.asked]
    oldest = thread.comments[0].number
    return thread.id if any(one.issue == thread.id and one.comment < oldest for one in asked) else ""
