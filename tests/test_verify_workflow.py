"""The judge's workflow: who holds what, and that nothing of learners' meets a token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cohort_bot import scaffold

TOP = Path(__file__).parent.parent
# BaseLoader: YAML 1.1 would read the key `on` as true.
WORKFLOW: dict[str, Any] = yaml.load(
    (TOP / ".github" / "workflows" / "verify.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
)
JOBS: dict[str, Any] = WORKFLOW["jobs"]
STEPS = [step for job in JOBS.values() for step in job["steps"]]


def test_only_the_last_job_may_write_and_the_middle_one_holds_nothing() -> None:
    assert WORKFLOW["permissions"] == {}
    permissions = {name: job["permissions"] for name, job in JOBS.items()}
    assert permissions == {"fetch": {"contents": "read"}, "run": {}, "publish": {"contents": "write"}}
    middle = yaml.dump(JOBS["run"])
    for word in ("secrets.", "github.token", "actions/checkout", "COHORT_BOT_TOKEN", "COHORT_BOT_APP"):
        assert word not in middle


def test_learners_code_is_judged_in_the_middle_job_only() -> None:
    judging = [name for name, job in JOBS.items() if "--stage run" in yaml.dump(job)]
    assert judging == ["run"]
    assert JOBS["run"]["strategy"]["fail-fast"] == "false"


def test_the_ledger_is_pushed_before_anybody_is_told() -> None:
    scripts = [step.get("run", "") for step in JOBS["publish"]["steps"]]
    pushing = next(number for number, script in enumerate(scripts) if "git push" in script)
    telling = next(number for number, script in enumerate(scripts) if "--stage publish" in script)
    assert pushing < telling
    assert "ledger check" in scripts[pushing]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["name"])
def test_actions_are_pinned_and_nothing_is_pasted_into_scripts(step: dict[str, Any]) -> None:
    assert "${{" not in step.get("run", "")
    if "uses" in step:
        assert len(step["uses"].partition("@")[2]) == 40


def test_the_thin_caller_gives_what_it_takes_and_waits_for_another_group() -> None:
    answers = scaffold.Answers("acme", "ml", "2026-09-07", "Europe/Berlin")
    caller = yaml.load(scaffold.files(answers)[".github/workflows/verify.yml"], Loader=yaml.BaseLoader)
    (job,) = caller["jobs"].values()
    taken = WORKFLOW["on"]["workflow_call"]
    assert job["uses"].partition("@")[0].endswith("/.github/workflows/verify.yml")
    assert set(job["with"]) <= set(taken["inputs"])
    assert set(job["secrets"]) <= set(taken["secrets"])
    assert caller["permissions"] == {"contents": "write"}
    assert caller["concurrency"]["group"] != WORKFLOW["concurrency"]["group"]


def test_what_it_runs_are_commands_that_there_are() -> None:
    from cohort_bot.cli.verify_command import verify

    (stages,) = [option.type for option in verify.params if option.name == "stage"]
    used = {words.split()[0] for step in STEPS for words in step.get("run", "").split("--stage ")[1:]}
    assert used == set(stages.choices)  # type: ignore[attr-defined]
