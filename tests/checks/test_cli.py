"""`cohort-bot check` from the outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.checks.work import Work

ROADMAP = {
    "title": "A short one",
    "promise": "You will see.",
    "stages": [
        {
            "id": name,
            "title": name.title(),
            "weeks": str(number),
            "aim": "To learn.",
            "concepts": ["a"],
            "resources": [{"kind": "docs", "title": "Docs", "url": "https://example.org/"}],
            "milestone": {
                "title": f"The {name} milestone",
                "summary": "Do it.",
                "folder": f"stage-{name}",
                "deliverables": [{"id": "file", "text": "A file", "checks": [f"{name}-files"]}],
                "checks": checks,
            },
        }
        for number, (name, checks) in enumerate(
            {
                "one": [
                    {"id": "one-files", "kind": "files", "title": "A file", "all_of": ["stage-one/a.txt"]},
                ],
                "two": [
                    {"id": "two-files", "kind": "files", "title": "A file", "all_of": ["stage-two/a.txt"]},
                    {
                        "id": "two-git",
                        "kind": "git",
                        "title": "Days",
                        "min_commit_days": 2,
                        "path": "stage-two",
                    },
                ],
            }.items(),
            1,
        )
    ],
}


@pytest.fixture
def course(work: Work, tmp_path: Path) -> Path:
    """A roadmap of two stages, and work that passes the first one."""
    work.write("stage-one/a.txt")
    work.commit()
    roadmap = tmp_path / "roadmap.yaml"
    roadmap.write_text(yaml.safe_dump(ROADMAP))
    return roadmap


def check(work: Work, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cohort_bot", "check", "--path", str(work.root), *arguments]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(work.scratch), **settings}
    return subprocess.run(
        command, cwd=work.scratch, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_work_that_passes_ends_with_0(work: Work, course: Path) -> None:
    done = check(work, "one", "--roadmap", str(course), "--format", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["milestone"], told["status"]) == ("one", "passed")
    assert told["commit"] == work.git("rev-parse", "HEAD").strip()


def test_without_a_name_the_milestones_whose_folders_are_there_are_judged(work: Work, course: Path) -> None:
    assert json.loads(check(work, "--roadmap", str(course), "--format", "json").stdout)["milestone"] == "one"
    work.write("stage-two/b.txt")
    done = check(work, "--roadmap", str(course), "--format", "json")
    assert done.returncode == 1
    assert [one["status"] for one in json.loads(done.stdout)] == ["passed", "needs_work"]


def test_what_could_not_be_checked_ends_with_5(work: Work, course: Path) -> None:
    work.write("stage-two/a.txt")
    work.commit()
    work.git("clone", "-q", "--depth", "1", f"file://{work.root}", "shallow")
    shallow = Work.__new__(Work)
    shallow.root, shallow.scratch = work.root / "shallow", work.scratch
    done = check(shallow, "stage-two/", "--roadmap", str(course))
    assert done.returncode == 5, done.stdout
    assert "could not be checked" in done.stdout
    assert "fetch-depth: 0" in done.stdout


def test_the_result_can_go_to_a_file(work: Work, course: Path, tmp_path: Path) -> None:
    out = tmp_path / "result.xml"
    done = check(work, "one", "--roadmap", str(course), "--format", "junit", "--out", str(out))
    assert (done.returncode, done.stdout) == (0, "")
    assert out.read_text().startswith("<?xml")


def test_wrong_usage_ends_with_2(work: Work, course: Path) -> None:
    for arguments in (["three", "--roadmap", str(course)], ["--format", "pdf"], ["--path", "/no/where"]):
        done = check(work, *arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert "the roadmap has: one, two" in check(work, "three", "--roadmap", str(course)).stderr


def test_a_folder_with_no_milestone_in_it(work: Work) -> None:
    work.write("other/a.txt")
    done = check(work)
    assert done.returncode == 2
    assert "stage-1-classical-ml" in done.stderr


def test_a_broken_roadmap_ends_with_3(work: Work, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("title: [")
    done = check(work, "--roadmap", str(broken))
    assert done.returncode == 3
    assert "broken.yaml:1:" in done.stderr


def test_the_shipped_roadmap_judges_an_empty_folder_without_a_bug(work: Work) -> None:
    work.write("README.md")
    names = ["foundations", "deep-learning", "specialization", "mlops", "capstone"]
    done = check(work, *names, "--format", "json")
    assert done.returncode == 1, done.stderr
    assert [one["status"] for one in json.loads(done.stdout)] == ["needs_work"] * 5
    assert not any(one["fault"] == "runner" for told in json.loads(done.stdout) for one in told["checks"])


def test_in_actions_the_summary_is_written(work: Work, course: Path, tmp_path: Path) -> None:
    summary, output = tmp_path / "summary", tmp_path / "output"
    done = check(
        work, "two", "--roadmap", str(course), "--format", "github",
        GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(output), GITHUB_REPOSITORY="o/r",
    )  # fmt: skip
    assert done.returncode == 1
    assert "::error file=stage-two/a.txt" in done.stdout
    assert "The two milestone: needs work" in summary.read_text()
    assert "status<<" in output.read_text()


def test_its_own_overhead_is_small(work: Work, course: Path) -> None:
    check(work, "one", "--roadmap", str(course))
    done = check(work, "one", "--roadmap", str(course), "--format", "json")
    assert sum(one["duration_ms"] for one in json.loads(done.stdout)["checks"]) < 500
