"""What must and must not be in the repo."""

from __future__ import annotations

import os

import pytest

from cohort_bot.checks.glob import matching
from cohort_bot.verdict import Outcome
from tests.checks.work import Work


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("README.md", "README.md", True),
        ("README.md", "docs/README.md", False),
        ("*.py", "a.py", True),
        ("*.py", "src/a.py", False),
        ("**/*.py", "a.py", True),
        ("**/*.py", "src/deep/a.py", True),
        ("src/**", "src/a/b", True),
        ("src/", "src/a/b", True),
        ("**/venv/**", "venv/bin/python", True),
        ("**/venv/**", "myvenv/bin/python", False),
        ("data?.csv", "data1.csv", True),
        ("data[0-9].csv", "datax.csv", False),
        ("data[!0-9].csv", "datax.csv", True),
        ("a+b(c).txt", "a+b(c).txt", True),
        ("./a.txt", "a.txt", True),
    ],
)
def test_patterns(glob: str, path: str, *, matches: bool) -> None:
    assert bool(matching(glob, [path])) is matches


def test_everything_there(work: Work) -> None:
    work.write("models/a.skops")
    work.write("tests/test_a.py")
    one = work.judge("files", all_of=["models/*.skops"], any_of=["tests/**/test_*.py"], forbid=["**/.env"])
    assert one.status is Outcome.PASSED
    assert one.fault is None


def test_what_is_missing_is_named_with_its_nearest_neighbour(work: Work) -> None:
    work.write("model/pipeline.skops")
    one = work.judge("files", all_of=["models/pipeline.skops", "requirements.txt"])
    assert one.status is Outcome.FAILED
    assert one.fault == "learner"
    assert "models/pipeline.skops" in one.found
    assert "requirements.txt" in one.found
    assert one.next == "Move `model/pipeline.skops` to `models/pipeline.skops` and push."


def test_what_tools_keep_for_themselves_is_no_neighbour(work: Work) -> None:
    work.write("mlruns/0/m/artifacts/requirements.txt")
    work.write("deep/down/requirement.txt")
    work.write("requirement.txt")
    assert "Move `requirement.txt`" in work.judge("files", all_of=["requirements.txt"]).next


def test_a_file_that_gitignore_keeps_out_is_missing_and_the_reason_is_given(work: Work) -> None:
    work.write(".gitignore", "*.pkl\n")
    work.write("model.pkl", "x")
    work.commit()
    one = work.judge("files", all_of=["model.pkl"])
    assert one.status is Outcome.FAILED
    assert ".gitignore" in one.why
    assert "git add -f" in one.next


def test_an_ignored_environment_on_the_learners_disk_is_nobodys_business(work: Work) -> None:
    work.write(".gitignore", ".venv/\n")
    work.write(".venv/bin/activate", "x")
    work.commit()
    assert work.judge("files", forbid=["**/.venv/**"]).status is Outcome.PASSED


def test_a_committed_environment_and_secret(work: Work) -> None:
    work.write("venv/lib/a.py")
    work.write("config/.env", "KEY=1")
    work.commit()
    one = work.judge("files", forbid=["**/venv/**", "**/.env"])
    assert one.status is Outcome.FAILED
    assert {place.path for place in one.where} == {"venv/lib/a.py", "config/.env"}
    assert "git rm -r --cached" in one.next


def test_a_file_of_two_gigabytes_is_told_and_not_read(work: Work) -> None:
    with work.write("data.csv").open("wb") as file:
        file.truncate(2_000_000_000)
    one = work.judge("files", max_mb=50)
    assert one.status is Outcome.FAILED
    assert "2,000.0 MB" in one.found
    assert one.duration_ms < 20_000


def test_a_link_out_of_the_repo_is_not_followed(work: Work) -> None:
    work.write("real.txt", "x")
    (work.root / "inside").symlink_to("real.txt")
    (work.root / "outside").symlink_to("/etc/passwd")
    one = work.judge("files", all_of=["inside"])
    assert one.status is Outcome.FAILED
    assert "`outside`" in one.found
    assert work.submission().text("outside") is None
    assert work.submission().text("inside") == "x"


def test_links_in_a_circle_do_no_harm(work: Work) -> None:
    (work.root / "a").symlink_to("b")
    (work.root / "b").symlink_to("a")
    os.symlink(work.root, work.root / "self")
    assert work.submission().text("a") is None
    assert work.judge("files", all_of=["x"]).status is Outcome.FAILED


def test_several_faults_are_all_told_but_one_step_is_given(work: Work) -> None:
    work.write(".env", "x")
    one = work.judge("files", all_of=["a.txt"], forbid=[".env"])
    assert one.next == "Add `a.txt` and push it."
    assert len(one.also) == 1
    assert ".env" in one.also[0]


def test_a_repo_without_commits_and_one_with_a_submodule(work: Work) -> None:
    work.git("init", "-q")
    work.write("a.txt")
    assert work.judge("files", all_of=["a.txt"]).status is Outcome.PASSED
    work.git("init", "-q", "sub")
    work.git("-C", "sub", "commit", "-q", "--allow-empty", "-m", "Inside")
    work.commit()
    assert work.git("ls-files", "-s", "sub").startswith("160000")
    assert work.judge("files", all_of=["a.txt"], max_mb=1).status is Outcome.PASSED
