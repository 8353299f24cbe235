"""The judge, end to end: what it tells, when work counts, and what it costs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cohort_bot.ledger import read
from tests.cheats.school import School, is_write, stage
from tests.judged_school import DATABASE, PLAIN, SIGN, WORK, copies
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        yield School(tmp_path, sandbox, [PLAIN, SIGN])


def test_a_pass_is_told_everywhere_once(school: School) -> None:
    school.open("ada")
    sha = school.push("ada", WORK)
    school.claim("ada")
    assert school.verify().code == 0
    (entry,) = school.entries("ada")
    assert (entry.sha, entry.passed, entry.milestone) == (sha, True, "plain")
    assert school.labels("ada") == {"milestone", "verified"}
    assert school.issue("ada")["state"] == "closed"
    (said,) = school.comments("ada")
    assert "**Verified.**" in said
    statuses = school.sandbox.api("GET", school.path("ada", f"/commits/{sha}/statuses")).json()
    assert [(one["context"], one["state"]) for one in statuses] == [("cohort-bot/plain", "success")]
    mark = school.mark()
    assert school.verify().code == 0
    reads, writes = school.since(mark)
    assert (len(reads), writes) == (1, [])


def test_an_order_to_furnish_the_repo_is_no_changed_file_of_the_learners(school: School) -> None:
    school.open("ada")
    school.push("ada", {**WORK, ".github/cohort/furnish.json": "{}", ".github/cohort/odd.json": "{}"})
    school.claim("ada")
    told = school.verify().out
    assert ".github/cohort/odd.json" in told
    assert "furnish.json" not in told


def test_what_does_not_pass_is_told_with_what_to_do(school: School) -> None:
    school.open("ada")
    school.claim("ada")
    assert school.verify().code == 0
    assert school.issue("ada")["state"] == "closed", "within the grace time it stays as the learner left it"
    assert school.labels("ada") == {"milestone"}
    (said,) = school.comments("ada")
    assert "plain/work.md" in said
    school.push("ada", WORK)
    school.claim("ada")
    assert school.verify().code == 0
    assert school.passes("ada") == 1
    assert len(school.comments("ada")) == 2


def test_a_pass_stands_when_something_else_is_pushed_over_it(school: School) -> None:
    school.open("ada")
    first = school.push("ada", WORK)
    school.claim("ada")
    school.verify()
    school.git("ada", "rm", "--quiet", "plain/work.md")
    school.push("ada", {}, "Take it away", "--force")
    school.claim("ada")
    school.verify()
    assert [(entry.sha == first, str(entry.status)) for entry in school.entries("ada")] == [
        (True, "passed"), (False, "needs_work"),
    ]  # fmt: skip
    assert "stands all the same" in school.comments("ada")[-1]
    assert school.issue("ada")["state"] == "closed"


def test_late_is_what_the_forge_received_late(school: School) -> None:
    """The commit says that it was in time; the forge's clock says otherwise."""
    school.start = "2024-01-01"
    school.open("ada")
    day = "2024-02-01T12:00:00Z"
    school.push("ada", WORK, "Work", GIT_AUTHOR_DATE=day, GIT_COMMITTER_DATE=day)
    school.claim("ada")
    school.verify()
    (entry,) = school.entries("ada")
    assert entry.passed
    assert entry.pushed_at.year >= 2026
    assert "pushed after the date" in school.comments("ada")[-1]


def test_the_last_push_in_time_is_judged_beside_a_late_one(school: School) -> None:
    school.stages = [
        stage(
            "plain", "1", {"id": "there", "kind": "files", "title": "It is there", "all_of": ["plain/*.md"]}
        )
    ]
    school.open("ada")
    first = school.push("ada", WORK)
    school.push("ada", {"plain/more.md": "more"})
    school.claim("ada")
    school.sandbox.stop()
    due = "2026-09-13T21:59:59Z"  # the end of week 1 in Berlin
    books = sqlite3.connect(school.folder / "sandbox" / DATABASE)
    books.execute("UPDATE pushes SET created_at = ? WHERE after = ?", ("2026-09-12T10:00:00Z", first))
    books.commit()
    books.close()
    school.sandbox.start()
    school.verify()
    found = {entry.sha: entry for entry in school.entries("ada")}
    assert len(found) == 2
    assert found[first].pushed_at.isoformat() < due
    best = read(school.folder / "ledger").best_pass("ada", "plain", found[first].pushed_at)
    assert best is not None
    assert best.sha == first


def test_only_and_shard_leave_the_others_alone(school: School) -> None:
    school.open("ada", "bob")
    for login in ("ada", "bob"):
        school.push(login, WORK)
        school.claim(login)
    school.verify("--only", "bob")
    assert (school.passes("ada"), school.passes("bob")) == (0, 1)
    school.verify("--shard", "1/2")
    assert school.passes("ada") == 1


def test_a_thousand_learners_without_news_cost_twelve_reads(tmp_path: Path) -> None:
    """One learner is enrolled, judged and told; the others are copies in the sandbox's books."""
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        school = School(tmp_path, sandbox, [PLAIN]).open("ada")
        school.push("ada", WORK)
        school.claim("ada")
        school.verify()
        sandbox.stop()
        logins = [f"learner-{number}" for number in range(999)]
        copies(tmp_path / "sandbox", "ml-ada", [f"ml-{login}" for login in logins])
        rows = "".join(f"{login},,,,,0,active\n" for login in logins)
        with (tmp_path / "roster.csv").open("a", encoding="utf-8") as roster:
            roster.write(rows)
        line = (tmp_path / "ledger" / "ada.jsonl").read_text(encoding="utf-8")
        for login in logins:
            told = line.replace('"learner":"ada"', f'"learner":"{login}"').replace("/ml-ada", f"/ml-{login}")
            (tmp_path / "ledger" / f"{login}.jsonl").write_text(told, encoding="utf-8")
        sandbox.start()
        mark = school.mark()
        assert "Nothing to judge" in school.verify().out
        seen = [one for one in sandbox.requests(mark) if one["actor"] == "organiser"]
        assert len(seen) <= 12
        assert not [one for one in seen if is_write(one)]
        assert {one["operation"] for one in seen} == {"claims"}
