"""Going as fast as GitHub allows and no faster, on a clock of the test's own."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from github import Auth

from cohort_bot.errors import PartialError
from cohort_bot.forge.answers import Answer, Kind
from cohort_bot.forge.batch import Batch
from cohort_bot.forge.connection import Connection, UnreachableError
from cohort_bot.forge.pace import Ask, Pace
from tests.rig import Wish, rigged

READ, WRITE, MAKE = Ask(), Ask(write=True), Ask(write=True, makes=1)
HEADERS = {"x-ratelimit-remaining": "4000", "x-ratelimit-reset": "9999", "x-ratelimit-resource": "core"}


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def seconds(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def paced(time: Time, **more: object) -> Pace:
    pace = Pace(time.seconds, time.sleep, **more)  # type: ignore[arg-type]
    pace.after(READ, HEADERS)
    return pace


def go(pace: Pace, ask: Ask) -> None:
    pace.before(ask)
    pace.after(ask, HEADERS)


def test_writes_are_a_second_apart_and_reads_are_not() -> None:
    time = Time()
    pace = paced(time)
    for ask in (READ, READ, WRITE, WRITE, READ):
        go(pace, ask)
    assert time.now == 1001.0


def test_a_forge_without_limits_is_not_paced() -> None:
    time = Time()
    pace = Pace(time.seconds, time.sleep)
    for _ in range(700):
        pace.before(MAKE)
        pace.after(MAKE, {})
    assert time.slept == []


def test_five_hundred_creations_an_hour_and_not_one_more() -> None:
    time = Time()
    pace = paced(time)
    made = []
    for _ in range(1200):
        go(pace, MAKE)
        made.append(time.now)
    assert max(sum(1 for at in made if start <= at < start + 3600) for start in made) == 500
    assert made[-1] - made[0] < 2 * 3600 + 300


def test_nine_hundred_points_a_minute() -> None:
    time = Time()
    pace = paced(time)
    for _ in range(1000):
        go(pace, READ)
    assert 60 <= time.now - 1000 < 62


def test_an_exhausted_budget_is_waited_for_and_the_other_one_goes_on() -> None:
    time = Time()
    pace = paced(time)
    pace.after(READ, HEADERS | {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1300"})
    pace.before(Ask("graphql"))
    assert time.now == 1000
    pace.before(READ)
    assert time.now == 1300


def test_the_server_says_how_long_or_the_wait_doubles() -> None:
    time = Time()
    pace = paced(time)
    for attempt in range(3):
        pace.refused(MAKE, {}, attempt)
        pace.before(MAKE)
    assert time.slept == [60, 120, 240]
    pace.refused(MAKE, {"retry-after": "7"}, 3)
    pace.before(MAKE)
    assert time.slept[-1] == 7


def test_a_wait_that_is_too_long_ends_the_run_and_says_until_when() -> None:
    pace = paced(Time())
    pace.refused(READ, {"retry-after": "7200"}, 0)
    with pytest.raises(PartialError) as stop:
        pace.before(READ)
    assert "in 120 min, at 02:16 UTC" in stop.value.hint


def test_a_budget_of_requests_says_when_to_go_on() -> None:
    time = Time()
    pace = paced(time, most=500)
    for _ in range(500):
        go(pace, MAKE)
    with pytest.raises(PartialError) as stop:
        pace.before(MAKE)
    assert "--max-requests" in stop.value.message
    assert "in 52 min" in stop.value.hint


def test_somebody_is_told_before_a_long_wait() -> None:
    time, told = Time(), list[str]()
    pace = paced(time, tell=told.append)
    pace.refused(READ, {"retry-after": "600"}, 0)
    pace.before(READ)
    assert len(told) == 1
    assert "in 10 min" in told[0]


def test_being_refused_teaches_that_every_object_counts() -> None:
    time = Time()
    pace = paced(time)
    batch = Ask("graphql", write=True, makes=30)
    for _ in range(3):
        go(pace, batch)
    assert not pace.each
    pace.refused(batch, {}, 0)
    assert pace.each
    mark = time.now
    for _ in range(20):
        go(pace, batch)
    assert time.now - mark > 3000, "23 × 30 objects are more than 500"


def test_a_refusal_that_counting_otherwise_does_not_explain_teaches_nothing() -> None:
    pace = paced(Time())
    pace.refused(MAKE, {"retry-after": "9"}, 0)
    assert not pace.each


def test_batches_halve_and_grow_back() -> None:
    batch = Batch(30)
    sizes = []
    for answered in (False, False, False, False, False, True, True, True, True, True, True):
        batch.grow() if answered else batch.shrink(30)
        sizes.append(batch.size)
    assert sizes == [15, 7, 3, 1, 1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize("counts", ["requests", "objects"])
def test_an_enrolment_keeps_to_limits_however_they_are_counted(tmp_path: Path, counts: str) -> None:
    with rigged(tmp_path / "rig", limits="real") as rig:
        rig.control("POST", "limits", content_counts=counts, content_an_hour=60, content_a_minute=30)
        wish = Wish(logins=tuple(f"learner-{number}" for number in range(12)))
        assert rig.enroll(wish).how == "done"
        refused = [entry for entry in rig.sandbox.log.since(0) if entry["status"] == 403]
        assert len(refused) <= 6
        rig.calm()
        assert not rig.plan(wish)


def test_a_query_too_heavy_for_the_forge_is_asked_in_halves(tmp_path: Path) -> None:
    with rigged(tmp_path / "rig") as rig:
        wish = Wish(logins=tuple(f"learner-{number}" for number in range(9)))
        assert rig.enroll(wish).how == "done"
        rig.calm()
        rig.strike(kind="502", operation="learners", times=2)
        mark = rig.mark()
        assert not rig.plan(wish)
        asked = [e["status"] for e in rig.sandbox.log.since(mark) if e["operation"] == "learners"]
        assert asked == [502, 502, 200, 200, 200], "nine, four, then two, four and three"


def answer(status: int, body: object, graphql: bool = True, **headers: str) -> Kind:
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, text, graphql
    ).kind


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (answer(200, {"data": {"a": 1}}), Kind.GOOD),
        (answer(200, {"data": None, "errors": [{"type": "NOT_FOUND", "message": "x"}]}), Kind.GOOD),
        (answer(200, {"data": None, "errors": [{"type": "RATE_LIMITED", "message": "x"}]}), Kind.LIMITED),
        (answer(200, {"errors": [{"message": "You have exceeded a secondary rate limit."}]}), Kind.LIMITED),
        (answer(200, {"data": None, "errors": [{"message": "Something went wrong while"}]}), Kind.BROKEN),
        (answer(200, "<html>"), Kind.BROKEN),
        (answer(200, '{"data": {'), Kind.BROKEN),
        (answer(200, "[]"), Kind.BROKEN),
        (answer(200, "[]", graphql=False), Kind.GOOD),
        (answer(204, "", graphql=False), Kind.GOOD),
        (answer(200, '"text"', graphql=False), Kind.BROKEN),
        (answer(307, {"url": "x"}, graphql=False), Kind.BROKEN),
        (answer(304, "", graphql=False), Kind.GOOD),
        (answer(403, {"message": "Must have admin rights"}, graphql=False), Kind.REFUSED),
        (answer(403, {"message": "You have exceeded a secondary rate limit"}), Kind.LIMITED),
        (answer(403, "<html>", retry_after="60"), Kind.LIMITED),
        (answer(429, {"message": "slow down"}, x_ratelimit_remaining="0"), Kind.LIMITED),
        (answer(401, {"message": "Bad credentials"}), Kind.REFUSED),
        (answer(502, "<html>"), Kind.BROKEN),
        (answer(0, "ConnectionError"), Kind.BROKEN),
    ],
)
def test_every_answer_is_taken_for_what_it_is(found: Kind, kind: Kind) -> None:
    assert found is kind


def test_a_wrong_address_is_told_at_once_and_a_lost_one_is_waited_for(tmp_path: Path) -> None:
    time = Time()
    gone = Connection("http://127.0.0.1:9", Auth.Token("t"), Pace(time.seconds, time.sleep))
    with pytest.raises(UnreachableError) as wrong:
        gone.rest("GET", "/user")
    gone.close()
    assert "cannot be reached" in wrong.value.message
    assert time.slept == [1]
    with rigged(tmp_path / "rig") as rig:
        assert rig.enroll(Wish(logins=("ada",))).how == "done"
        rig.strike(kind="drop-before", nth=2, times=3)
        assert rig.enroll(Wish(logins=("ada",), words="Other words.")).how == "done"
