"""The Action and the learner's workflow: what they may do, what reaches a script, who holds the token."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cohort_bot.render import Renderer, sample

ROOT = Path(__file__).parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
FLOW = (
    Renderer().starter_files(sample.COHORT, sample.roadmap())[".github/workflows/cohort-check.yml"].decode()
)
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")


def step(name: str) -> dict[str, Any]:
    return next(each for each in STEPS if each["name"] == name)


def test_it_is_a_composite_action_as_github_describes_them() -> None:
    assert ACTION.keys() <= {"name", "description", "author", "branding", "inputs", "outputs", "runs"}
    assert ACTION["runs"]["using"] == "composite"
    known = {"id", "name", "if", "shell", "env", "run", "uses", "with", "working-directory"}
    assert all(each.keys() <= known for each in STEPS)
    assert all(each["shell"] == "bash" for each in STEPS if "run" in each)
    assert all(each["description"] for each in [*ACTION["inputs"].values(), *ACTION["outputs"].values()])


def test_inputs_are_in_kebab_case_and_have_defaults() -> None:
    for name, described in ACTION["inputs"].items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
        assert isinstance(described["default"], str)


def test_every_input_is_used_and_every_used_one_exists() -> None:
    used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert used == set(ACTION["inputs"])


@pytest.mark.parametrize("each", STEPS, ids=lambda each: each["name"])
def test_no_expression_stands_in_a_script(each: dict[str, Any]) -> None:
    assert not EXPRESSION.search(each["run"])


def test_the_token_is_where_no_learners_code_runs_and_nowhere_else() -> None:
    with_token = [
        each["name"] for each in STEPS if "github-token" in str(each) or "github.token" in str(each)
    ]
    assert with_token == ["See which milestones are concerned", "Answer in the issue"]
    running = [each["name"] for each in STEPS if re.search(r"cohort_bot check\b", each["run"])]
    assert running == ["Check the work"]
    assert "secrets." not in str(ACTION)


def test_it_installs_from_its_own_path_and_uses_no_action_of_others() -> None:
    assert '"${GITHUB_ACTION_PATH}[check]"' in step("Install cohort-bot")["run"]
    assert not any("uses" in each for each in STEPS)


def test_our_code_is_never_taken_from_the_learners_folder() -> None:
    calls = [line for each in STEPS for line in each["run"].splitlines() if " -m " in line]
    assert len(calls) == 4
    assert all(" -I -m " in line for line in calls)


def test_the_workflow_may_do_little_and_pins_what_it_uses() -> None:
    flow = yaml.safe_load(FLOW)
    assert flow["permissions"] == {"contents": "read", "issues": "write"}
    (job,) = flow["jobs"].values()
    assert "permissions" not in job
    others = [each["uses"] for each in job["steps"] if each["uses"] != sample.COHORT.action]
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", name) for name in others)
    assert not any("run" in each for each in job["steps"])
    assert not EXPRESSION.search(FLOW)
    assert job["timeout-minutes"] <= 60
