"""The reusable workflow that enrols: what it may do, how it is called, and how it numbers its parts."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cohort_bot import scaffold

TOP = Path(__file__).parent.parent
TEXT = (TOP / ".github" / "workflows" / "enroll.yml").read_text(encoding="utf-8")
# BaseLoader: YAML 1.1 would read the key `on` as true.
WORKFLOW: dict[str, Any] = yaml.load(TEXT, Loader=yaml.BaseLoader)
JOBS = WORKFLOW["jobs"]


def test_it_may_only_read_here_and_no_part_is_cut_short() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert WORKFLOW["concurrency"]["cancel-in-progress"] == "false"
    assert JOBS["enroll"]["strategy"]["fail-fast"] == "false"
    assert int(JOBS["enroll"]["timeout-minutes"]) < 360


def test_the_thin_caller_gives_what_it_takes_and_waits_for_another_group() -> None:
    answers = scaffold.Answers("acme", "ml", "2026-09-07", "Europe/Berlin")
    caller = yaml.load(scaffold.files(answers)[".github/workflows/enroll.yml"], Loader=yaml.BaseLoader)
    (job,) = caller["jobs"].values()
    taken = WORKFLOW["on"]["workflow_call"]
    assert job["uses"].partition("@")[0].endswith("/.github/workflows/enroll.yml")
    assert set(job["with"]) <= set(taken["inputs"])
    assert set(job["secrets"]) <= set(taken["secrets"])
    assert caller["concurrency"]["group"] != WORKFLOW["concurrency"]["group"]


def test_actions_are_pinned_and_nothing_is_pasted_into_scripts() -> None:
    for step in (step for job in JOBS.values() for step in job["steps"]):
        if "uses" in step:
            assert len(step["uses"].partition("@")[2]) == 40
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [("1", 0, "shards=[1]\n"), ("3", 0, "shards=[1,2,3]\n"), ("0", 2, ""), ("257", 2, ""), ("two", 2, "")],
)
def test_parts_are_numbered(tmp_path: Path, asked: str, code: int, told: str) -> None:
    output = tmp_path / "output"
    output.touch()
    (step,) = JOBS["parts"]["steps"]
    ended = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        env={**os.environ, "SHARDS": asked, "GITHUB_OUTPUT": str(output)},
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, output.read_text(encoding="utf-8")) == (code, told)
