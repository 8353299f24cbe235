"""What people may order by comments on a milestone: approve, change, check again, more time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cheats.school import School, stage
from tests.judged_school import PLAIN, SIGN, cohort_repo, later
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        yield School(tmp_path, sandbox, [PLAIN, SIGN])


def test_an_organiser_approves_and_asks_for_changes(school: School) -> None:
    school.open("ada")
    repo = cohort_repo(school)
    school.push("ada", {"sign/work.md": "work"})
    school.claim("ada", 2)
    school.verify("--cohort-repo", repo)
    assert school.passes("ada") == 0
    assert "a person looks at it" in school.comments("ada", 2)[-1]
    assert "claimed" in school.labels("ada", 2)
    mark = school.mark()
    school.verify("--cohort-repo", repo)
    assert school.since(mark)[1] == [], "waiting is told once"
    later(school)
    school.say("ada", "Well argued!\n\n/approve", 2, school.sandbox.token)
    school.verify("--cohort-repo", repo)
    assert school.passes("ada") == 1
    assert school.entries("ada")[-1].reason == "approved by organiser"
    later(school)
    school.say("ada", "/changes Say why you chose this, @ada <b>", 2, school.sandbox.token)
    school.verify("--cohort-repo", repo)
    assert school.passes("ada") == 0
    assert school.entries("ada")[-1].reason == "changes asked for by organiser"
    mark = school.mark()
    school.verify("--cohort-repo", repo)
    assert school.since(mark)[1] == []


def test_rechecking_is_ordered_once(school: School) -> None:
    school.open("ada")
    repo = cohort_repo(school)
    school.claim("ada")
    school.verify("--cohort-repo", repo)
    school.say("ada", "/recheck", 1, school.sandbox.token)
    told = school.verify("--cohort-repo", repo)
    assert "ada · plain" in told.out
    assert len(school.entries("ada")) == 1
    assert "answered=" in school.comments("ada")[-1]
    assert "Nothing to judge" in school.verify("--cohort-repo", repo).out


def test_a_copy_is_held_until_an_organiser_approves(school: School) -> None:
    school.stages = [
        stage(
            "guess", "1-40",
            {"id": "score", "kind": "model_eval", "title": "Good on new rows", "min": 0.9,
             "metric": "accuracy", "model": "guess/predictions.csv", "format": "predictions",
             "data": "guess.csv"},
        )
    ]  # fmt: skip
    (school.folder / "checks").mkdir()
    (school.folder / "checks" / "guess.csv").write_text("id,label\na,yes\nb,no\n", encoding="utf-8")
    school.open("ada", "bob")
    repo = cohort_repo(school)
    for login in ("ada", "bob"):
        school.push(login, {"guess/predictions.csv": "id,prediction\na,yes\nb,no\n"})
        school.claim(login)
        later(school)
    assert "held until an organiser approves: the very same model as ada" in school.verify().out
    assert (school.passes("ada"), school.passes("bob")) == (1, 0)
    assert school.comments("bob") == [], "a suspicion is for the organiser alone"
    school.say("bob", "/approve", 1, school.sandbox.token)
    school.verify("--cohort-repo", repo)
    assert school.passes("bob") == 1
    # A whole word: a commit's sha may well have these three letters in it.
    assert not re.search(r"\bada\b", school.comments("bob")[-1])


def test_more_time_is_given_once(school: School) -> None:
    school.open("ada", "bob")
    repo = cohort_repo(school)
    school.say("ada", "/extend 3d", 1)
    school.say("bob", "/extend 3d", 1, school.sandbox.token)
    told = school.verify("--cohort-repo", repo)
    roster = school.folder / "roster.csv"
    assert "the learner wrote /extend; it was ignored" in told.out
    assert roster.read_text(encoding="utf-8").splitlines()[1:] == ["ada,,,,,0,active", "bob,,,,,3,active"]
    assert "3 more days" in school.comments("bob")[-1]
    school.verify("--cohort-repo", repo)
    assert roster.read_text(encoding="utf-8").splitlines()[2] == "bob,,,,,3,active"
