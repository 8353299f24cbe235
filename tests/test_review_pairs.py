"""Who reviews whom: properties that hold for every cohort."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from cohort_bot.ledger.reviews import REPLACED, Review, Step
from cohort_bot.model import Cohort, Learner, Stage, Status
from cohort_bot.reviews import circle, copy_name, reviewers_of
from tests.cheats.school import stage as written
from tests.ledger_entries import SPEC, sha

LOGINS = st.sets(st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True), min_size=1, max_size=25)
COUNTS = st.integers(1, 3)
NOW = datetime(2026, 10, 1, tzinfo=UTC)


def cohort(seed: int = 0) -> Cohort:
    return Cohort.model_validate(
        {"org": "acme", "slug": "ml", "start": date(2026, 9, 7), "timezone": "UTC", "reviews": {"seed": seed}}
    )


def stage(count: int = 1, key: str = "one") -> Stage:
    check = {
        "id": "seen", "kind": "manual", "title": "Seen", "asks": "Good?", "approvers": ["peer"],
        "reviewers": count,
    }  # fmt: skip
    return Stage.model_validate(written(key, "1", check))


def roster(logins: set[str], paused: frozenset[str] = frozenset()) -> list[Learner]:
    return [
        Learner(github=login, status=Status.PAUSED if login in paused else Status.ACTIVE) for login in logins
    ]


def pairs(logins: set[str], count: int = 1, seed: int = 0, key: str = "one") -> dict[str, tuple[str, ...]]:
    people = roster(logins)
    return {login: reviewers_of(cohort(seed), stage(count, key), login, people) for login in logins}


def begun(author: str, *reviewers: str, why: str = "") -> list[Review]:
    found = []
    for who in reviewers:
        step = Step(
            what="opened",
            learner=author,
            milestone="one",
            sha=sha("a"),
            spec_sha256=SPEC,
            reviewer=who,
            at=NOW,
        )
        review = Review(step)
        found.append(Review(step, closed=review.step("closed", NOW, why=why)) if why else review)
    return found


@given(LOGINS, COUNTS, st.integers(0, 2**40))
def test_everybody_gives_and_gets_as_many_and_never_their_own(
    logins: set[str], count: int, seed: int
) -> None:
    found = pairs(logins, count, seed)
    most = min(count, len(logins) - 1)
    given_by = Counter(who for reviewers in found.values() for who in reviewers)
    for login, reviewers in found.items():
        assert login not in reviewers
        assert len(set(reviewers)) == len(reviewers) == most
        assert given_by[login] == most


@given(LOGINS, st.integers(0, 2**40))
def test_no_two_review_each_other_where_there_are_three(logins: set[str], seed: int) -> None:
    found = pairs(logins, 1, seed)
    mutual = [one for one, (*others,) in found.items() if any(one in found[other] for other in others)]
    assert not mutual or len(logins) == 2


@given(LOGINS, COUNTS)
def test_neither_order_nor_capitals_nor_those_away_matter(logins: set[str], count: int) -> None:
    people = [
        Learner(github=login.upper(), status=Status.ACTIVE) for login in sorted(logins, reverse=True)
    ] + roster({"away1", "away2"}, frozenset({"away1", "away2"}))
    for login, reviewers in pairs(logins, count).items():
        assert reviewers_of(cohort(), stage(count), login.title(), people) == reviewers


@given(LOGINS, COUNTS, st.from_regex(r"z[a-z0-9]{0,8}-new", fullmatch=True))
def test_who_joins_or_leaves_disturbs_only_those_before_them(logins: set[str], count: int, new: str) -> None:
    before, after = pairs(logins, count), pairs(logins | {new}, count)
    changed = [login for login in logins if before[login] != after[login]]
    assert len(changed) <= count


@given(st.sets(st.from_regex(r"[a-z]{6}", fullmatch=True), min_size=12, max_size=20))
@settings(max_examples=20)
def test_seeds_and_milestones_make_other_circles(logins: set[str]) -> None:
    circles = {circle(cohort(seed), key, logins) for seed in range(4) for key in ("one", "two")}
    assert len(circles) == 8
    assert all(set(found) == logins for found in circles)


@given(LOGINS, COUNTS, st.data())
def test_who_was_asked_stays_asked_while_they_take_part(
    logins: set[str], count: int, data: st.DataObject
) -> None:
    author = data.draw(st.sampled_from(sorted(logins)))
    asked = pairs(logins, count)[author]
    gone = frozenset(
        data.draw(st.sets(st.sampled_from(sorted(logins - {author})))) if len(logins) > 1 else []
    )
    later = roster(logins, gone) + roster({"x1", "x2", "x3"})
    now = reviewers_of(cohort(), stage(count), author, later, begun(author, *asked))
    assert [who for who in asked if who not in gone] == [who for who in now if who in asked]
    assert len(now) == min(count, len(logins - gone - {author}) + 3)
    assert author not in now


def test_who_was_replaced_is_not_asked_again_while_their_place_is_taken() -> None:
    people = {"ada", "bob", "cy", "dee"}
    first = pairs(people)["ada"][0]
    second = next(who for who in circle(cohort(), "one", people) if who not in ("ada", first))
    known = [*begun("ada", first, why=REPLACED), *begun("ada", second)]
    assert reviewers_of(cohort(), stage(), "ada", roster(people), known) == (second,)


def test_an_answer_stands_when_its_reviewer_leaves() -> None:
    people = {"ada", "bob", "cy", "dee"}
    (first,) = pairs(people)["ada"]
    later = roster(people, frozenset({first}))
    assert reviewers_of(cohort(), stage(), "ada", later, begun("ada", first), {first}) == (first,)
    assert first not in reviewers_of(cohort(), stage(), "ada", later, begun("ada", first))


def test_alone_nobody_reviews() -> None:
    assert pairs({"ada"}, 3) == {"ada": ()}


def test_a_copy_is_named_by_the_seed_and_by_nothing_else_that_can_be_read() -> None:
    work = ("one", sha("a"), SPEC, "bob", "0")
    names = {copy_name(cohort(seed), "ada", work) for seed in range(20)}
    assert len(names) == 20
    assert all(re.fullmatch("ml-review-[0-9a-f]{20}", name) for name in names)
    assert copy_name(cohort(1), "Ada", work) == copy_name(cohort(1), "ada", work)
    assert copy_name(cohort(1), "ada", (*work[:-1], "1")) not in names
