"""What the commands of a cohort's later life send and get, held to GitHub's descriptions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.test_enroll import COHORT, ROSTER, recorded, run
from tests.recorder import Recorder
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.needs("npm")
__all__ = ["recorded"]


def test_who_leaves_and_the_end_are_told_in_words_that_github_knows(
    recorded: tuple[SandboxProcess, Recorder],
    tmp_path: Path,
) -> None:
    sandbox, recorder = recorded
    (tmp_path / "cohort.yaml").write_text(COHORT.format(org=sandbox.org), encoding="utf-8")
    (tmp_path / "roster.csv").write_text(ROSTER + "ada,,,,,,active\nbob,,,,,,active\n", encoding="utf-8")
    run(tmp_path, sandbox.url, sandbox.token, "enroll", "--yes")

    def cohort_bot(*words: str) -> str:
        return run(tmp_path, recorder.url, sandbox.token, *words)

    cohort_bot("withdraw", "ada", "--yes")
    cohort_bot("withdraw", "ada", "--archive", "--yes")
    cohort_bot("withdraw", "ada", "--resume", "--yes")
    cohort_bot("archive", "--template", "--yes")
    cohort_bot("archive", "--undo", "--template", "--yes")
    passed = b"".join(exchange.sent for exchange in recorder.graphql())
    for operation in ("query estate", "archiveRepository", "unarchiveRepository", "updateProjectV2"):
        assert operation.encode() in passed
    assert [one.method for one in recorder.rest() if "/invitations" in one.path] == ["GET", "DELETE", "GET"]


def test_clones_and_old_repos_are_asked_for_in_words_that_github_knows(
    recorded: tuple[SandboxProcess, Recorder], tmp_path: Path
) -> None:
    sandbox, recorder = recorded
    (tmp_path / "cohort.yaml").write_text(COHORT.format(org=sandbox.org), encoding="utf-8")
    (tmp_path / "roster.csv").write_text(ROSTER + "ada,,,,,,active\n", encoding="utf-8")
    sandbox.new_user("ada", org_role="member")
    run(tmp_path, sandbox.url, sandbox.token, "enroll", "--yes")
    words = ("clone", "--into", str(tmp_path / "copies"))
    assert "cloned" in run(tmp_path, recorder.url, sandbox.token, *words)
    run(tmp_path, recorder.url, sandbox.token, *words, "--at-deadline", "foundations")
    assert any(one.path.endswith("/activity") for one in recorder.rest())
    for number in range(50):  # more than one page
        sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json={"name": f"other-{number}"})
    told = run(
        tmp_path, recorder.url, sandbox.token, "import", "--repos", "ml", "--to", str(tmp_path / "new")
    )
    assert told == "+ ada\n"
    assert sum(b"query repos" in one.sent for one in recorder.graphql()) == 2
