"""Open and close reviews by peers: whom to ask, what they may read meanwhile, and when that ends.

The journal is written before the forge, each write to the forge can be repeated, and a second run on the same
folder waits for the first: so each reviewer is asked once, and a run that was killed is gone on with.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cohort_bot import git, ledger
from cohort_bot.desired import enrolled
from cohort_bot.errors import CohortError
from cohort_bot.forge import announce
from cohort_bot.forge.claims import Claims, Holding, Thread
from cohort_bot.forge.reviews import Copy, Lending
from cohort_bot.ledger import Entry, Ledger
from cohort_bot.ledger.reviews import REPLACED, Review, Reviews, Step, alone, note, read_reviews
from cohort_bot.model import Learner, Stage
from cohort_bot.model.checks import Manual
from cohort_bot.reviews import copy_name, overdue, peer_check, reviewers_of, signed, until
from cohort_bot.reviews.pairs import keyed
from cohort_bot.verify import peers, review_words
from cohort_bot.verify.court import BUNDLES, Court
from cohort_bot.verify.gathering import Gathered

_DESCRIPTION = "A piece of work to be reviewed"


@dataclass(frozen=True)
class Desk:
    """What reviews are carried out with."""

    court: Court
    claims: Claims
    lending: Lending
    announcer: announce.Announcer


@dataclass(frozen=True)
class _Case:
    """A milestone that waits for its reviewers, and who they are."""

    learner: Learner
    stage: Stage
    check: Manual
    holding: Holding
    thread: Thread
    entry: Entry
    reviewers: tuple[str, ...]


@dataclass(frozen=True)
class Carried:
    """What could not be done, and what an organiser should look after: both in words."""

    problems: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def carry_reviews(desk: Desk, gathered: Gathered, *, closing: bool) -> Carried:
    """Ask whoever is to be asked, and (with `closing`) end what is decided; see `Carried`."""
    court = desk.court
    if not any(peer_check(stage) for stage in court.roadmap.stages) and not read_reviews(court.books).records:
        return Carried()
    with alone(court.books):
        books = ledger.read(court.books)
        cases = list(_cases(court, gathered, books))
        problems = _begin(desk, cases)
        problems += _ask(desk, cases)
        if closing:
            problems += _end(desk, books)
        waiting = _waiting(court, cases, read_reviews(court.books))
    return Carried(tuple(problems), tuple(waiting))


def _cases(court: Court, gathered: Gathered, books: Ledger) -> Iterator[_Case]:
    reviews = read_reviews(court.books)
    for learner in court.learners:
        holding = gathered.holdings.get(learner.github.lower())
        for stage in court.roadmap.stages if holding and not holding.archived else ():
            check, thread = peer_check(stage), holding.threads.get(stage.id) if holding else None
            entry = peers.entry_at_head(holding, stage, books) if holding else None
            if not (check and thread and holding and entry) or books.passes(learner.github, stage.id):
                continue
            if peers.awaits_peers(stage, entry):
                who = _reviewers(court, books, reviews, entry, stage)
                yield _Case(learner, stage, check, holding, thread, entry, who)


def _reviewers(court: Court, books: Ledger, reviews: Reviews, entry: Entry, stage: Stage) -> tuple[str, ...]:
    """Who reviews `entry`: those who approve it already, those who were asked before, then the next ones."""
    known = books.verdict(entry.learner, entry.key) or entry
    answered = {sign.by.lower() for sign in known.signatures if sign.peer and sign.said == "approve"}
    begun = reviews.of(entry.learner, stage.id)
    return reviewers_of(court.cohort, stage, entry.learner, court.everybody, begun, answered)


def _begin(desk: Desk, cases: Sequence[_Case]) -> list[str]:
    """Write down who is to be asked and was not yet."""
    reviews, problems = read_reviews(desk.court.books), []
    for case in cases:
        begun = [one for one in reviews.of(case.learner.github, case.stage.id) if one.key == case.entry.key]
        there = {one.reviewer for one in begun if one.open}
        done = {sign.by.lower() for sign in case.entry.signatures if sign.peer}
        for reviewer in case.reviewers:
            if reviewer in there | done:
                continue
            times = next((one.times for one in begun if one.reviewer == reviewer), 0)
            try:
                note(desk.court.books, _opening(desk, case, reviewer, times))
            except CohortError as failure:
                problems.append(f"{case.holding.path}: {failure.message}")
    return problems


def _opening(desk: Desk, case: _Case, reviewer: str, times: int) -> Step:
    """The first line of a review. Access that somebody has already is not ours to take away."""
    court, entry = desk.court, case.entry
    place, granted = case.holding.path, False
    if case.check.blind:
        work = (entry.milestone, entry.sha, entry.spec_sha256, reviewer, str(times))
        place = f"{court.cohort.org}/{copy_name(court.cohort, entry.learner, work)}"
    elif not case.holding.public:
        granted = desk.claims.permission(place, reviewer) in ("none", "read")
    return Step(
        what="opened", learner=entry.learner, milestone=entry.milestone, sha=entry.sha,
        spec_sha256=entry.spec_sha256, reviewer=reviewer, at=court.now, place=place,
        blind=case.check.blind, granted=granted,
    )  # fmt: skip


def _ask(desk: Desk, cases: Sequence[_Case]) -> list[str]:
    """Do what is still missing before a reviewer can look, and tell them."""
    reviews = read_reviews(desk.court.books)
    unasked = [
        (case, one)
        for case in cases
        for one in reviews.of(case.learner.github, case.stage.id)
        if one.open and not one.asked and one.key == case.entry.key
    ]
    copies = desk.lending.copies([one.opened.place for _, one in unasked if one.opened.blind])
    ready: list[tuple[_Case, Review, str]] = []
    problems = []
    for case, one in unasked:
        try:
            ready.append((case, one, _lend(desk, case, one, copies)))
        except CohortError as failure:
            problems.append(f"{one.opened.place}: {failure.message}")
    return [*problems, *_tell(desk, ready)] if ready else problems


def _lend(desk: Desk, case: _Case, review: Review, copies: Mapping[str, Copy]) -> str:
    """Let the reviewer see the work; the id of the issue that they are to answer on."""
    place, reviewer = review.opened.place, review.reviewer
    if not review.opened.blind:
        if review.opened.granted and desk.claims.permission(place, reviewer) == "none":
            desk.lending.lend(place, reviewer)
        return case.thread.id
    copy = copies.get(place) or desk.lending.make(place, _DESCRIPTION)
    if not copy.filled:
        _fill(desk, case, copy)
    issue = next((one.id for one in copy.issues if one.ours), "")
    if not issue:
        by = until(desk.court.cohort, desk.court.now)
        issue = desk.lending.open_issue(copy, *review_words.of_copy(case.stage, case.check, by))
    desk.lending.lend(place, reviewer)
    return issue


def _fill(desk: Desk, case: _Case, copy: Copy) -> None:
    """Put the very files that were judged into the copy, without history and workflows."""
    sha, target = case.entry.sha, f"{copy.url}.git"
    fetched = desk.court.desk / BUNDLES / f"{case.learner.github.lower()}.{sha[:16]}.bundle"
    with tempfile.TemporaryDirectory(prefix="cohort-bot-") as folder:
        if not fetched.exists():
            fetched = Path(folder) / "work.bundle"
            git.fetch(f"{case.holding.url}.git", sha, desk.lending.token, fetched)
        git.publish(fetched, sha, ".github", target, desk.lending.token)


def _tell(desk: Desk, ready: Sequence[tuple[_Case, Review, str]]) -> list[str]:
    """One comment a milestone that says who was asked; and note that they were."""
    threads = list(dict.fromkeys(case.thread.id for case, _, _ in ready))
    known = _told(desk, threads)
    notices = []
    for thread in threads:
        new = [
            (case, one)
            for case, one, _ in ready
            if case.thread.id == thread and _key(desk, one) not in known[thread]
        ]
        if new:
            notices.append(announce.Notice(thread, _comment(desk, new)))
    replies = desk.announcer.write(notices)
    if notices:
        known = _told(desk, threads)
    for case, one, issue in ready:
        if (number := known[case.thread.id].get(_key(desk, one))) is not None:
            number = 0 if one.opened.blind else number
            note(desk.court.books, one.step("asked", desk.court.now, issue=issue, comment=number))
    return [f"a review could not be told: {reply.error}" for reply in replies if reply.error]


def _told(desk: Desk, threads: Sequence[str]) -> dict[str, Mapping[str, int]]:
    said = desk.claims.comments(threads)
    return {thread: review_words.told(said.get(thread, ())) for thread in threads}


def _comment(desk: Desk, new: Sequence[tuple[_Case, Review]]) -> str:
    case = new[0][0]
    marks = "\n".join(review_words.mark(_key(desk, one)) for _, one in new)
    if case.check.blind:
        text = review_words.unnamed(case.check, case.entry.sha, len(new))
    else:
        names = {one.github.lower(): one.github for one in desk.court.everybody}
        who = [names.get(one.reviewer, one.reviewer) for _, one in new]
        by = until(desk.court.cohort, desk.court.now)
        text = review_words.named(case.check, (case.holding.url, case.entry.sha), who, by)
    return f"{marks}\n\n{text}"


def _key(desk: Desk, review: Review) -> str:
    """What stands for a review in a comment; without the seed nobody can tell whose it is."""
    words = ("told", review.opened.learner.lower(), *review.key, review.reviewer, str(review.times))
    return keyed(desk.court.cohort, *words)[:16]


def _end(desk: Desk, books: Ledger) -> list[str]:
    """Take back what was lent for reviews that are over."""
    court, problems = desk.court, []
    reviews = read_reviews(court.books)
    here = {learner.github.lower() for learner in court.learners}
    inactive = set(reviews.records) - {one.github.lower() for one in enrolled(court.everybody)}
    ended = [
        (one, why)
        for author in sorted(here | inactive)
        for one in reviews.of(author)
        if one.open and (why := "left" if author in inactive else _over(court, books, reviews, one))
    ]
    copies = desk.lending.copies([one.opened.place for one, _ in ended if one.opened.blind])
    left = [one for one in reviews.open if one not in [over for over, _ in ended]]
    for one, why in ended:
        kept = {(other.opened.place, other.reviewer) for other in left}
        try:
            _take_back(desk, one, copies, shared=(one.opened.place, one.reviewer) in kept)
        except CohortError as failure:
            problems.append(f"{one.opened.place}: {failure.message}")
        else:
            note(court.books, one.step("closed", court.now, why=why))
    return problems


def _take_back(desk: Desk, review: Review, copies: Mapping[str, Copy], *, shared: bool) -> None:
    place = review.opened.place
    if review.opened.blind:
        copy = copies.get(place)
        if copy is not None and not copy.archived:
            desk.lending.take_back(place, review.reviewer)
            desk.lending.archive(place)
    elif review.opened.granted and not shared:
        desk.lending.take_back(place, review.reviewer)


def _over(court: Court, books: Ledger, reviews: Reviews, review: Review) -> str:
    """Why the review is over; empty while it goes on."""
    author, milestone = review.opened.learner, review.opened.milestone
    if (sign := signed(books, review)) is not None:
        return sign.said
    stage = next((stage for stage in court.roadmap.stages if stage.id == milestone), None)
    if stage is None or peer_check(stage) is None:
        return "superseded"
    entry = books.verdict(author, review.key)
    if books.passes(author, milestone) or entry is None or entry.sent_back:
        return "decided"
    if review.reviewer not in _reviewers(court, books, reviews, entry, stage):
        return REPLACED
    after = reviews.of(author, milestone)
    newer = after[after.index(review) + 1 :]
    return "superseded" if any(one.open and one.key != review.key for one in newer) else ""


def _waiting(court: Court, cases: Sequence[_Case], reviews: Reviews) -> Iterator[str]:
    """What an organiser should look after: reviews that take too long, or that nobody else can give."""
    for case in cases:
        who = f"{case.learner.github} · {case.stage.id}"
        if not case.reviewers:
            issue = f"{case.holding.url}/issues/{case.thread.number}"
            yield f"{who}: nobody else takes part, so the review is yours: {issue}"
        for one in peers.open_at(reviews.of(case.learner.github, case.stage.id), case.entry):
            if overdue(court.cohort, one, court.now):
                yield f"{who}: {one.reviewer} was asked on {one.asked_at:%Y-%m-%d} and has not answered"
