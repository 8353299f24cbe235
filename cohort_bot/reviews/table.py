"""What has become of everybody's reviews, from the organiser's files alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from cohort_bot import calendar
from cohort_bot.ledger import Ledger, Signature
from cohort_bot.ledger.reviews import Review, Reviews
from cohort_bot.model import Cohort, Learner, Roadmap, Stage, Status
from cohort_bot.reviews.pairs import peer_check, reviewers_of
from cohort_bot.standing.risk import study_days


class Became(StrEnum):
    """What has become of a review. `ORGANISER`: nobody else takes part, so an organiser has to look."""

    NOT_YET = "not yet"
    ASKED = "asked"
    OVERDUE = "overdue"
    APPROVED = "approved"
    CHANGES = "changes"
    CLOSED = "closed"
    ORGANISER = "organiser"


@dataclass(frozen=True)
class Row:
    """One reviewer's review of one learner's milestone; `reviewer` is empty where an organiser has to look.

    `days`: study days since the reviewer was asked. `place`: the repo `owner/name` that they look at.
    """

    milestone: str
    learner: str
    reviewer: str
    blind: bool
    became: Became
    sha: str = ""
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    days: int = 0
    place: str = ""


@dataclass(frozen=True)
class Shelf:
    """What the organiser's files say."""

    cohort: Cohort
    roadmap: Roadmap
    roster: tuple[Learner, ...]
    ledger: Ledger
    reviews: Reviews


def table(shelf: Shelf, now: datetime, milestone: str = "") -> tuple[Row, ...]:
    """Every review that there is or will be, of one milestone or all: by milestone, then in roster order."""
    return tuple(
        row
        for stage in shelf.roadmap.stages
        if milestone in ("", stage.id) and peer_check(stage) is not None
        for learner in shelf.roster
        for row in _rows(shelf, stage, learner, now)
    )


def overdue(cohort: Cohort, review: Review, now: datetime) -> bool:
    """Whether the day by which an answer was hoped for is over."""
    return review.asked_at is not None and study_days(review.asked_at, now, cohort) > cohort.reviews.days


def until(cohort: Cohort, now: datetime) -> date:
    """The day by which somebody who is asked at `now` is hoped to answer, in the cohort's zone."""
    today = now.astimezone(ZoneInfo(cohort.timezone)).date()
    return calendar.study_day(today, cohort.reviews.days + 1, cohort.breaks)


def signed(ledger: Ledger, review: Review) -> Signature | None:
    """What its reviewer has decided, by the ledger."""
    entry = ledger.verdict(review.opened.learner, review.key)
    given = [
        one for one in (entry.signatures if entry else ()) if one.peer and one.by.lower() == review.reviewer
    ]
    return given[-1] if given else None


def _rows(shelf: Shelf, stage: Stage, learner: Learner, now: datetime) -> Iterator[Row]:
    check = peer_check(stage)
    begun = shelf.reviews.of(learner.github, stage.id)
    active = learner.status is Status.ACTIVE
    if check is None or not (active or begun):
        return
    newest = {review.reviewer: review for review in begun}
    last = begun[-1].key if begun else None
    answered = {who for who, one in newest.items() if one.key == last and signed(shelf.ledger, one)}
    names = {one.github.lower(): one.github for one in shelf.roster}
    reviewers = reviewers_of(shelf.cohort, stage, learner.github, shelf.roster, begun, answered)
    for who in reviewers if active else newest:
        review = newest.get(who)
        if review is not None:
            yield _row(shelf, learner, review, names.get(who, who), now)
        else:
            yield Row(stage.id, learner.github, names.get(who, who), check.blind, Became.NOT_YET)
    if active and not reviewers:
        yield Row(stage.id, learner.github, "", check.blind, Became.ORGANISER)


def _row(shelf: Shelf, learner: Learner, review: Review, reviewer: str, now: datetime) -> Row:
    opened, signature = review.opened, signed(shelf.ledger, review)
    asked, became = review.asked_at, _became(shelf.cohort, review, signature, now)
    return Row(
        opened.milestone, learner.github, reviewer, opened.blind, became,
        sha=opened.sha, asked_at=asked, answered_at=signature.at if signature else None,
        days=study_days(asked, now, shelf.cohort) if asked else 0, place=opened.place,
    )  # fmt: skip


def _became(cohort: Cohort, review: Review, signature: Signature | None, now: datetime) -> Became:
    if signature is not None:
        return Became.APPROVED if signature.said == "approve" else Became.CHANGES
    if not review.open:
        return Became.CLOSED
    return Became.OVERDUE if overdue(cohort, review, now) else Became.ASKED


def late(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows that an organiser should look after, those that wait longest first."""
    found = [row for row in rows if row.became is Became.OVERDUE]
    return tuple(sorted(found, key=lambda row: (-row.days, row.milestone, row.learner.lower())))
