"""What `doctor` says of good and of broken set-ups, and that it writes nothing."""

from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess
from tests.test_enroll import Organiser, Run


@pytest.fixture
def organiser(tmp_path: Path, sandbox: SandboxProcess) -> Organiser:
    found = Organiser(tmp_path, sandbox)
    found.write("ada,,,,,0,active")
    return found


def doctor(organiser: Organiser, token: str = "") -> Run:
    run = organiser.run("doctor", token=token)
    assert organiser.writes_since(0) == []
    return run


def test_a_good_set_up(organiser: Organiser) -> None:
    run = doctor(organiser)
    assert run.code == 0, run.err
    assert "✓ the token is organiser's" in run.out
    assert "✓ the token has the scopes it needs: project, repo, workflow" in run.out
    assert f"✓ the organisation {organiser.sandbox.org} is there" in run.out
    assert "! there is no template ml-template yet" in run.out
    assert "✓ this server has its rate limits switched off" in run.out


def test_a_narrow_token(organiser: Organiser) -> None:
    run = doctor(organiser, organiser.sandbox.new_token("organiser", "repo", "project"))
    assert run.code == 4
    assert "✗ the token lacks the scope workflow" in run.out


def test_somebody_elses_token(organiser: Organiser) -> None:
    run = doctor(organiser, organiser.sandbox.new_user("stranger"))
    assert run.code == 4
    assert "✗ the token may not create repositories" in run.out


def test_no_such_organisation(organiser: Organiser) -> None:
    organiser.write("ada,,,,,0,active", org="no-such-org")
    run = doctor(organiser)
    assert run.code == 4
    assert "✗ the organisation no-such-org does not exist" in run.out
