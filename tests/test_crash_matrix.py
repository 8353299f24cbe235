"""Struck anywhere, run again: as if nothing had happened. A sample here; all of it by `make crash-matrix`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import crash_matrix
from tests.sandbox_process import SandboxProcess

COHORT = "version: 1\norg: {org}\nslug: ml\nstart: 2026-09-07\ntimezone: Europe/Berlin\n"
ROSTER = "github,name,email,group,start,extension_days,status\nada,,,,,0,active\nbob,,,,,0,active\n"


@pytest.mark.timeout(300)
def test_every_sampled_case_ends_as_an_undisturbed_run() -> None:
    stories = [story for story in crash_matrix.STORIES if not story.wish.fan_out]
    count, wrong = crash_matrix.run(sample=19, stories=stories)
    assert wrong == []
    assert count >= 30


@pytest.mark.timeout(300)
def test_so_does_every_sampled_case_where_repos_furnish_themselves() -> None:
    stories = [story for story in crash_matrix.STORIES if story.wish.fan_out]
    count, wrong = crash_matrix.run(sample=61, stories=stories)
    assert wrong == []
    assert count >= 10


def test_the_matrix_notices_what_is_not_equal() -> None:
    right = {"repos": {"a": {"issues": [1, 2]}}, "boards": []}
    found = {"repos": {"a": {"issues": [1, 2, 2]}, "b": {}}, "boards": []}
    assert crash_matrix.differences(right, found) == [
        "/repos/a/issues: [1, 2] became [1, 2, 2]",
        "/repos/b: None became {}",
    ]
    assert crash_matrix.differences(right, right) == []


@pytest.mark.parametrize("request_number", [9, 16])
def test_the_program_itself_is_killed_and_run_again(tmp_path: Path, request_number: int) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        (tmp_path / "cohort.yaml").write_text(COHORT.format(org=sandbox.org), encoding="utf-8")
        command = [sys.executable, "-m", "cohort_bot", "--config", str(tmp_path / "cohort.yaml")]
        command += ["--api-url", sandbox.url, "enroll", "--yes"]
        env = {**os.environ, "COHORT_BOT_TOKEN": sandbox.token}
        # The answer to this request is held back: the write has taken effect, and nobody has been told.
        sandbox.control("POST", "faults", kind="slow", seconds=20, nth=request_number)
        with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as struck:
            while not sandbox.control("GET", "faults")[0]["hits"]:
                assert struck.poll() is None, "it ended before it was struck"
            struck.kill()
        again = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert again.returncode == 0, again.stdout + again.stderr
        for login in ("ada", "bob"):
            repo = f"/repos/{sandbox.org}/ml-{login}"
            issues = sandbox.api("GET", f"{repo}/issues?state=all").json()
            assert len({issue["title"] for issue in issues}) == len(issues) == 5
            assert len(sandbox.api("GET", f"{repo}/milestones").json()) == 5
        third = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert "Nothing to change" in third.stderr
