"""What `digest`, `status` and `dashboard` send and get, held to GitHub's published GraphQL schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.published import graphql_contract
from tests.contract.traffic import assert_flawless
from tests.recorder import Recorder
from tests.sandbox_process import SandboxProcess
from tests.school import COHORT, LOGINS, ROSTER, School

pytestmark = pytest.mark.needs("npm")


def test_a_weeks_mail_is_as_github_describes_it(tmp_path: Path) -> None:
    with SandboxProcess(tmp_path / "sandbox") as sandbox, Recorder(sandbox.url) as recorder:
        school = School(tmp_path, sandbox, {}, address=recorder.url)
        settings = COHORT.format(org=sandbox.org) + "digest: {summary_repo: cohort}\n"
        (tmp_path / "cohort.yaml").write_text(settings, encoding="utf-8")
        (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
        sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json={"name": "cohort", "private": True})
        assert school.run("enroll", "--yes").returncode == 0
        school.join(*LOGINS)
        recorder.clear()
        for words in (["digest"], ["digest"], ["status"], ["dashboard", "--out", str(tmp_path / "site")]):
            ended = school.run(*words)
            assert ended.returncode == 0, ended.stderr
        week = school.this_week()
        school.say("ada", 1, f"{week.mark}\na double of the same account's")
        assert "Doubles removed: 1." in school.run("digest").stderr
        assert len(recorder.graphql()) >= 8
        assert_flawless([mistake for e in recorder.graphql() for mistake in graphql_contract().judge(e)])
