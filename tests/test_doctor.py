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


def test_what_the_organisation_lets_actions_do(organiser: Organiser) -> None:
    rules = f"/orgs/{organiser.sandbox.org}/actions/permissions"
    assert "✓ Actions may run" in doctor(organiser).out
    for chosen, told in (
        ({"enabled_repositories": "none"}, "✗ Actions are switched off"),
        ({"enabled_repositories": "selected"}, "✗ Actions run in chosen repos only"),
        ({"enabled_repositories": "all", "allowed_actions": "local_only"}, "✗ only Actions of the organisa"),
        ({"enabled_repositories": "all", "allowed_actions": "selected"}, "! only chosen Actions may run"),
    ):
        assert organiser.sandbox.api("PUT", rules, json=chosen).status_code == 204
        run = organiser.run("doctor")
        assert told in run.out
        assert run.code == (4 if "✗" in told else 0)
    narrow = organiser.sandbox.new_token("organiser", "repo", "project", "workflow")
    assert "Actions" not in organiser.run("doctor", token=narrow).out


def test_schedules(organiser: Organiser) -> None:
    assert "! nothing here runs the judge on a schedule" in doctor(organiser).out
    place = organiser.folder / ".github" / "workflows"
    place.mkdir(parents=True)
    job = "jobs:\n  it:\n    uses: cohort-bot/cohort-bot/.github/workflows/{}.yml@v1\n"
    for name, cron in (("verify", "0 * * * *"), ("weekly-digest", "7 9 * * 1")):
        text = f"on:\n  schedule:\n    - cron: '{cron}'\n" + job.format(name)
        (place / f"{name}.yml").write_text(text, encoding="utf-8")
    (place / "torn.yml").write_text("on: [\n", encoding="utf-8")
    (place / "other.yml").write_text("- just a list\n", encoding="utf-8")
    run = organiser.run("doctor")
    assert "! verify.yml runs on the hour (0 * * * *)" in run.out
    assert "weekly-digest.yml runs" not in run.out
    assert "✗ torn.yml is not YAML" in run.out
    assert "✓ judge and digest are scheduled" in run.out
    assert run.code == 4
