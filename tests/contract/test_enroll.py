"""What `cohort-bot` itself sends and gets while it enrols a cohort, held to GitHub's descriptions."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cohort_bot.furnishing import ORDER
from tests.contract.published import graphql_contract, rest_description
from tests.contract.traffic import assert_flawless
from tests.recorder import Recorder
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.needs("npm")

COHORT = "version: 1\norg: {org}\nslug: ml\nstart: 2026-09-07\ntimezone: Europe/Berlin\n"
ROSTER = "github,name,email,group,start,extension_days,status\n"


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[tuple[SandboxProcess, Recorder]]:
    """A sandbox on the real clock behind a recorder; afterwards all that passed is judged, both ways."""
    with SandboxProcess(tmp_path / "sandbox") as sandbox, Recorder(sandbox.url) as recorder:
        yield sandbox, recorder
        assert recorder.rest()
        assert recorder.graphql()
        rest = (mistake for e in recorder.rest() for mistake in rest_description().judge(e))
        graphql = (mistake for e in recorder.graphql() for mistake in graphql_contract().judge(e))
        assert_flawless([*rest, *graphql])


def run(folder: Path, url: str, token: str, *words: str) -> str:
    """Run the command line as an organiser does; it must succeed. What it prints."""
    command = [sys.executable, "-m", "cohort_bot", "--config", str(folder / "cohort.yaml"), "--api-url", url]
    ended = subprocess.run(
        [*command, *words],
        env={**os.environ, "COHORT_BOT_TOKEN": token},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_cohort_from_its_first_plan_to_its_second_week(
    recorded: tuple[SandboxProcess, Recorder], tmp_path: Path
) -> None:
    sandbox, recorder = recorded

    def cohort_bot(*words: str) -> str:
        return run(tmp_path, recorder.url, sandbox.token, *words)

    learners = {login: sandbox.new_user(login) for login in ("ada", "bob")}
    (tmp_path / "cohort.yaml").write_text(COHORT.format(org=sandbox.org), encoding="utf-8")
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER + "ada,Ada,,,,,active\n", encoding="utf-8")
    cohort_bot("plan")
    cohort_bot("enroll", "--yes")
    cohort_bot("enroll", "--yes")
    token = learners["ada"]
    for invitation in sandbox.api("GET", "/user/repository_invitations", token).json():
        accepted = sandbox.api("PATCH", f"/user/repository_invitations/{invitation['id']}", token)
        assert accepted.status_code == 204
    sandbox.api("PATCH", f"/repos/{sandbox.org}/ml-ada/issues/1", token, json={"state": "closed"})
    roster.write_text(ROSTER + "ada,Ada,,,,7,active\nbob,Bob,,,,,active\n", encoding="utf-8")
    cohort_bot("enroll", "--yes")
    cohort_bot("status", "--format", "json")
    found = sandbox.api("GET", f"/repos/{sandbox.org}/ml-ada/issues/2").json()
    assert [user["login"] for user in found["assignees"]] == ["ada"]
    assert sandbox.api("GET", f"/repos/{sandbox.org}/ml-bob/milestones").json()


def test_repos_furnish_themselves_in_words_that_github_knows(
    recorded: tuple[SandboxProcess, Recorder], tmp_path: Path
) -> None:
    sandbox, recorder = recorded
    (tmp_path / "cohort.yaml").write_text(COHORT.format(org=sandbox.org), encoding="utf-8")
    (tmp_path / "roster.csv").write_text(ROSTER + "ada,Ada,,,,,active\n", encoding="utf-8")
    run(tmp_path, recorder.url, sandbox.token, "enroll", "--yes", "--fan-out")
    repo = f"{sandbox.org}/ml-ada"
    given = sandbox.api("GET", f"/repos/{repo}/contents/{ORDER}").json()["content"]
    order = json.loads(base64.b64decode(given))
    # More than was ordered before: the sandbox's own runner does not pass the recorder, this run does.
    order["labels"].append({"key": "extra", "name": "extra", "color": "ededed", "description": ""})
    order["milestones"][0]["description"] = "Edited.\n<!-- cohort-bot: milestone=foundations text=0 -->"
    order["milestones"].append({**order["milestones"][1], "key": "more", "title": "More", "description": ""})
    order["issues"].append(
        {**order["issues"][1], "key": "more", "title": "More", "body": "", "milestone": "more"}
    )
    (tmp_path / "furnish.json").write_text(json.dumps(order), encoding="utf-8")
    token = sandbox.control("POST", "tokens", kind="actions", repository=repo)["token"]
    told = run(tmp_path, recorder.url, token, "furnish", str(tmp_path / "furnish.json"), "--repo", repo)
    assert "4 of 4 changes done" in told
    # What is missing where an order lies already is made by starting the workflow by hand.
    assert sandbox.api("DELETE", f"/repos/{repo}/labels/claimed").status_code == 204
    run(tmp_path, recorder.url, sandbox.token, "enroll", "--yes", "--fan-out")
    assert sandbox.api("GET", f"/repos/{repo}/labels/claimed").status_code == 200
    passed = b"".join(exchange.sent for exchange in recorder.graphql())
    for operation in ("own", "runs", "createCommitOnBranch", "addProjectV2ItemById", "createLabel"):
        assert operation.encode() in passed
    asked = {(exchange.method, exchange.path.removeprefix(f"/repos/{repo}/")) for exchange in recorder.rest()}
    workflow = "actions/workflows/cohort-furnish.yml/dispatches"
    assert {("POST", "milestones"), ("PATCH", "milestones/1"), ("POST", workflow)} <= asked


BOARD = """
mutation board($made: CreateProjectV2Input!) { createProjectV2(input: $made) { projectV2 { id } } }
"""
OWNER = """
query owner($org: String!) {
  organization(login: $org) { id }
  repository(owner: $org, name: "ml-ada") { id }
}
"""


def test_what_two_runs_made_twice_is_mended_in_words_that_github_knows(
    recorded: tuple[SandboxProcess, Recorder], tmp_path: Path
) -> None:
    sandbox, recorder = recorded
    sandbox.new_user("ada")
    (tmp_path / "cohort.yaml").write_text(COHORT.format(org=sandbox.org), encoding="utf-8")
    (tmp_path / "roster.csv").write_text(ROSTER + "ada,Ada,,,,,active\n", encoding="utf-8")
    run(tmp_path, recorder.url, sandbox.token, "enroll", "--yes")
    first = sandbox.api("GET", f"/repos/{sandbox.org}/ml-ada/issues/1").json()
    twice = {"title": first["title"], "body": first["body"]}
    copy = sandbox.api("POST", f"/repos/{sandbox.org}/ml-ada/issues", json=twice).json()
    ids = sandbox.graphql(OWNER, org=sandbox.org)["data"]
    board = {"ownerId": ids["organization"]["id"], "repositoryId": ids["repository"]["id"], "title": "ml-ada"}
    assert "errors" not in sandbox.graphql(BOARD, made=board)
    run(tmp_path, recorder.url, sandbox.token, "enroll", "--yes")
    put_aside = sandbox.api("GET", f"/repos/{sandbox.org}/ml-ada/issues/{copy['number']}").json()
    assert put_aside["state"] == "closed"
    run(tmp_path, recorder.url, sandbox.token, "plan", "--exit-code")
