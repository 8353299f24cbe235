"""The history of a submission."""

from __future__ import annotations

import subprocess

from cohort_bot.verdict import Outcome
from tests.checks.work import Work


def test_work_on_several_days(work: Work) -> None:
    for day in ("2026-01-05", "2026-01-06", "2026-01-06", "2026-01-09"):
        work.write("a.txt", day)
        work.commit(day=day)
    one = work.judge("git", min_commit_days=3, min_commits=3, path="a.txt")
    assert one.status is Outcome.PASSED
    assert one.evidence["days"] == ["2026-01-05", "2026-01-06", "2026-01-09"]


def test_a_day_that_no_calendar_has_is_none(work: Work) -> None:
    work.write("a.txt")
    work.commit()
    commit = work.git("cat-file", "commit", "HEAD").replace(
        "author Ada <ada@example.org> ", "author A <a@b> 9"
    )
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"], cwd=work.root, input=commit,
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    work.git("update-ref", "HEAD", made)
    one = work.judge("git", min_commit_days=1)
    assert one.status in (Outcome.PASSED, Outcome.FAILED)


def test_all_in_one_day(work: Work) -> None:
    work.write("a.txt")
    work.commit()
    one = work.judge("git", min_commit_days=12)
    assert one.status is Outcome.FAILED
    assert one.found == "commits on 1 day"
    assert "12" in one.expected


def test_what_the_organiser_keeps_current_is_no_work(work: Work) -> None:
    work.write("a.txt")
    work.commit(day="2026-01-05")
    work.write(".github/cohort/roadmap.json", "{}")
    work.commit(day="2026-01-06")
    assert work.judge("git", min_commit_days=2).found == "commits on 1 day"


def test_only_commits_under_the_path_count(work: Work) -> None:
    work.write("other/a.txt")
    work.commit()
    one = work.judge("git", min_commits=1, path="stage-5")
    assert one.found == "0 commits under `stage-5`"


def test_a_repo_without_commits(work: Work) -> None:
    work.git("init", "-q")
    one = work.judge("git")
    assert one.status is Outcome.FAILED
    assert one.found == "a repo without a single commit"
    assert one.also == ()


def test_no_repo_at_all(work: Work) -> None:
    assert work.judge("git").found == "this folder is not a git repo"


def test_the_wrong_branch(work: Work) -> None:
    work.write("a.txt")
    work.commit()
    work.git("checkout", "-q", "-b", "try")
    work.write("b.txt")
    work.commit()
    one = work.judge("git")
    assert one.status is Outcome.FAILED
    assert "`try`" in one.found
    assert "Merge" in one.next


def test_a_detached_head_of_the_branch_will_do(work: Work) -> None:
    work.write("a.txt")
    work.commit()
    work.git("checkout", "-q", "--detach")
    assert work.judge("git").status is Outcome.PASSED


def test_a_shallow_clone_is_the_courses_fault(work: Work) -> None:
    for day in ("2026-01-05", "2026-01-06"):
        work.write("a.txt", day)
        work.commit(day=day)
    work.git("clone", "-q", "--depth", "1", f"file://{work.root}", str(work.root / "shallow"))
    (work.root / ".git").rename(work.scratch / "full")
    (work.root / "shallow" / ".git").rename(work.root / ".git")
    one = work.judge("git", min_commit_days=2)
    assert one.status is Outcome.ERROR
    assert one.fault == "course"
    assert "fetch-depth: 0" in one.next


def test_a_huge_file_in_the_commit(work: Work) -> None:
    with work.write("big.bin").open("wb") as file:
        file.truncate(3_000_000)
    work.commit()
    one = work.judge("git", max_file_mb=2)
    assert one.status is Outcome.FAILED
    assert "big.bin (3.0 MB)" in one.found


def test_names_in_the_history_have_no_power(work: Work) -> None:
    work.write("a\nb`@everyone`.txt", "x" * 2_000_001)
    work.commit()
    one = work.judge("git", max_file_mb=2)
    assert one.found == "`a b'@everyone'.txt (2.0 MB)`"
