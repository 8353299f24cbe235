"""What the judge sends and gets, held to GitHub's descriptions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cheats.school import School, stage
from tests.contract.published import graphql_contract, rest_description
from tests.contract.traffic import assert_flawless
from tests.recorder import Recorder
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.needs("npm")
STAGES = [
    stage(
        "plain", "1-40", {"id": "there", "kind": "files", "title": "It is there", "all_of": ["plain/work.md"]}
    ),
    stage("other", "41-42", {"id": "there", "kind": "files", "title": "There", "all_of": ["other/work.md"]}),
]


def test_verdicts_are_told_in_words_that_github_knows(tmp_path: Path) -> None:
    with SandboxProcess(tmp_path / "sandbox") as sandbox, Recorder(sandbox.url) as recorder:
        school = School(tmp_path, sandbox, STAGES, {"grace_hours": 0}).open("ada", "bob")
        made = sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json={"name": "cohort", "private": True})
        assert made.status_code == 201
        school.via = recorder.url
        school.push("ada", {"plain/work.md": "work"})
        for login, number in (("ada", 1), ("ada", 2), ("bob", 1)):
            school.claim(login, number)
        school.say("bob", "/recheck", 2, sandbox.token)
        school.say("bob", "/approve", 2)
        for _ in range(2):
            school.verify("--cohort-repo", f"{sandbox.org}/cohort")
        assert (school.passes("ada"), school.passes("bob")) == (1, 0)
        assert [school.issue(login)["state"] for login in ("ada", "bob")] == ["closed", "open"]
        rest = [mistake for one in recorder.rest() for mistake in rest_description().judge(one)]
        graphql = [mistake for one in recorder.graphql() for mistake in graphql_contract().judge(one)]
        assert {one.target.partition("?")[0].rpartition("/")[2] for one in recorder.rest()} >= {"activity"}
        assert len(recorder.graphql()) > 3
        assert_flawless([*rest, *graphql])
