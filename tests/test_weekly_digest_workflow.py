"""The reusable workflow: what it may do, how it is called, and that it warns before it falls silent."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from cohort_bot import scaffold

TOP = Path(__file__).parent.parent
TEXT = (TOP / ".github" / "workflows" / "weekly-digest.yml").read_text(encoding="utf-8")
# BaseLoader: YAML 1.1 would read the key `on` as true.
WORKFLOW: dict[str, Any] = yaml.load(TEXT, Loader=yaml.BaseLoader)
STEPS = {step["name"]: step for step in WORKFLOW["jobs"]["digest"]["steps"]}


def test_it_may_only_read_and_runs_one_at_a_time() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert WORKFLOW["concurrency"]["cancel-in-progress"] == "false"
    assert "timeout-minutes" in WORKFLOW["jobs"]["digest"]
    (schedule,) = WORKFLOW["on"]["schedule"]
    assert schedule["timezone"] == "Europe/Berlin"
    assert schedule["cron"].split()[0] != "0"


def test_the_thin_caller_gives_what_it_takes_and_waits_for_another_group() -> None:
    answers = scaffold.Answers("acme", "ml", "2026-09-07", "Europe/Berlin")
    caller = yaml.load(scaffold.files(answers)[".github/workflows/digest.yml"], Loader=yaml.BaseLoader)
    (job,) = caller["jobs"].values()
    taken = WORKFLOW["on"]["workflow_call"]
    assert job["uses"].partition("@")[0].endswith("/.github/workflows/weekly-digest.yml")
    assert set(job["with"]) <= set(taken["inputs"])
    assert set(job["secrets"]) <= set(taken["secrets"])
    assert not WORKFLOW["concurrency"]["group"].startswith(f"{caller['concurrency']['group']}-$")
    assert caller["concurrency"]["group"] != WORKFLOW["concurrency"]["group"]


def test_actions_are_pinned_and_nothing_is_pasted_into_scripts() -> None:
    for step in STEPS.values():
        if "uses" in step:
            assert len(step["uses"].partition("@")[2]) == 40
        assert "${{" not in step.get("run", "")


def warned(tmp_path: Path, *, idle: int, expires: str, token: str = "a-token") -> list[str]:
    """The warnings of the step, in a repo whose newest commit is `idle` days old."""
    when = f"{datetime.now(UTC) - timedelta(days=idle, hours=1):%Y-%m-%dT%H:%M:%SZ}"
    dated = {"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when}
    quiet = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], [*quiet, "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, env=os.environ | dated)
    header = f"Github-Authentication-Token-Expiration: {expires}\\r\\n" if expires else ""
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(f"#!/bin/sh\nprintf 'HTTP/2.0 200 OK\\r\\n{header}\\r\\n{{}}\\n'\n")
    gh.chmod(0o755)
    ended = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", STEPS["Warn before schedule or token lapse"]["run"]],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env=os.environ | {"PATH": f"{gh.parent}:{os.environ['PATH']}", "GH_TOKEN": token},
    )  # fmt: skip
    return ended.stdout.splitlines()


def in_days(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days, hours=1):%Y-%m-%d %H:%M:%S UTC}"


@pytest.mark.parametrize(
    ("idle", "expires", "token", "words"),
    [
        (3, 90, "t", []),
        (3, None, "t", []),
        (50, None, "", ["50 days old"]),
        (3, 10, "t", ["ends in 10 days"]),
        (60, 20, "t", ["60 days old", "ends in 20 days"]),
    ],
)
def test_it_warns_before_schedule_or_token_lapse(
    tmp_path: Path, idle: int, expires: int | None, token: str, words: list[str]
) -> None:
    lines = warned(tmp_path, idle=idle, expires=in_days(expires) if expires else "", token=token)
    assert len(lines) == len(words)
    for line, word in zip(lines, words, strict=True):
        assert line.startswith("::warning title=")
        assert word in line
