"""What could not be checked is tried again, ever more rarely; nothing is lost, and people can hurry it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cohort_bot.ledger import Entry, append, read
from cohort_bot.verify.verdicts import HELD, again_at
from tests.cheats.school import School, stage
from tests.judged_school import WORK, cohort_repo, later
from tests.ledger_entries import entry
from tests.sandbox_process import SandboxProcess

CODE = stage(
    "plain", "1-40",
    {"id": "adds", "kind": "model_eval", "title": "Good on new rows", "min": 0.9, "metric": "accuracy",
     "model": "plain/predictions.csv", "format": "predictions", "data": "truth.csv"},
)  # fmt: skip
TRUTH = "id,label\na,yes\nb,no\n"
ANSWERS = {"plain/predictions.csv": "id,prediction\na,yes\nb,no\n"}


def tries(count: int) -> tuple[Entry, ...]:
    return tuple(entry(status="could_not_check", day=0, reason="") for _ in range(count))


def test_tries_grow_rarer_up_to_a_day() -> None:
    hours = [again_at(tries(count)) for count in range(1, 12)]
    judged = tries(1)[0].judged_at
    assert [(at - judged) / timedelta(hours=1) for at in hours if at] == [
        0,
        1,
        2,
        4,
        8,
        16,
        24,
        24,
        24,
        24,
        24,
    ]


def test_what_is_held_is_not_tried_again() -> None:
    held = entry(status="could_not_check", reason=f"{HELD}: the very same model as bob")
    assert again_at([held]) is None


def test_a_try_is_in_the_record_once_and_another_one_an_hour_later_too(tmp_path: Path) -> None:
    first = entry(status="could_not_check")
    for minutes, new in ((0, True), (10, False), (59, False), (60, True), (70, False)):
        at = first.judged_at + timedelta(minutes=minutes)
        assert append(tmp_path, first.model_copy(update={"judged_at": at})) is new
    assert append(tmp_path, first.model_copy(update={"reason": f"{HELD}: like bob's"}))
    assert len(read(tmp_path).undecided("ada", "one")[0]) == 3
    assert append(tmp_path, entry())
    assert read(tmp_path).undecided("ada", "one") == ()
    assert not append(tmp_path, first.model_copy(update={"judged_at": datetime(2027, 1, 1, tzinfo=UTC)}))


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    """The held-out rows are missing: nothing of ada's can be checked, three times already."""
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        school = School(tmp_path, sandbox, [CODE]).open("ada")
        school.push("ada", ANSWERS)
        school.claim("ada")
        assert school.verify().code == 5
        (first,) = school.entries("ada")
        for minutes in (60, 120):
            at = first.judged_at + timedelta(minutes=minutes)
            assert append(tmp_path / "ledger", first.model_copy(update={"judged_at": at}))
        yield school


def mend(school: School) -> None:
    (school.folder / "checks").mkdir()
    (school.folder / "checks" / "truth.csv").write_text(TRUTH, encoding="utf-8")


def test_it_waits_and_says_so(school: School) -> None:
    mend(school)
    mark = school.mark()
    ended = school.verify()
    assert "ada · plain" in ended.out
    assert "could_not_check, tried again after " in ended.out
    assert ended.code == 5
    assert (len(school.since(mark)[0]), school.since(mark)[1]) == (1, [])
    assert school.passes("ada") == 0


def test_the_organiser_hurries_it_on_the_command_line(school: School) -> None:
    mend(school)
    assert school.verify("--retry").code == 0
    assert school.passes("ada") == 1


def test_the_organiser_hurries_it_by_a_comment(school: School) -> None:
    mend(school)
    repo = cohort_repo(school)
    school.say("ada", "/recheck", 1, school.sandbox.token)
    assert school.verify("--cohort-repo", repo).code == 0
    assert school.passes("ada") == 1


def test_another_push_is_judged_at_once(school: School) -> None:
    mend(school)
    later(school)
    school.push("ada", ANSWERS | WORK)
    school.claim("ada")
    school.verify()
    assert school.passes("ada") == 1


def test_an_older_try_is_not_forgotten(school: School) -> None:
    """It came in time; what was pushed since was judged and needs work."""
    school.push("ada", {"plain/predictions.csv": "id,prediction\na,no\nb,yes\n"})
    mend(school)
    school.claim("ada")
    school.verify()
    assert school.entries("ada")[-1].decided
    assert "tried again after" in school.verify().out
    school.verify("--retry")
    assert school.passes("ada") == 1
