"""Reviews are opened and closed once each, whenever a run is killed and however many run at once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reviewing import Reviewing, reviewed, reviewing
from tests.sandbox_process import SandboxProcess


def start(school: Reviewing) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cohort_bot", "--config", str(school.folder / "cohort.yaml")]
    command += ["--api-url", school.sandbox.url, "verify", "--cohort-repo", f"{school.sandbox.org}/cohort"]
    return subprocess.Popen(
        command,
        env=school.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def killed(school: Reviewing, moment: int) -> None:
    """SIGKILL as soon as the API has seen so many requests of a run of the judge."""
    mark = school.mark()
    with start(school) as judge:
        while judge.poll() is None and sum(map(len, school.since(mark))) < moment:
            pass
        judge.send_signal(signal.SIGKILL)


def asked_once(school: Reviewing, blind: bool) -> None:
    """One review is open, told once, and its reviewer has been invited once."""
    (review,) = school.journal("olive")
    assert review.open
    assert review.asked
    assert len(school.comments("olive")) == 1
    place = f"/repos/{review.opened.place}"
    (invitation,) = school.sandbox.api("GET", f"{place}/invitations").json()
    assert invitation["permissions"] == "read"
    repos = school.sandbox.api("GET", f"/orgs/{school.sandbox.org}/repos?per_page=100").json()
    copies = [repo for repo in repos if "-review-" in repo["name"]]
    assert len(copies) == int(blind)
    if blind:
        assert len(school.sandbox.api("GET", f"{place}/issues").json()) == 1
        assert len(school.sandbox.api("GET", f"{place}/commits").json()) == 1


def closed_once(school: Reviewing, blind: bool) -> None:
    (review,) = school.journal("olive")
    assert not review.open
    assert school.passes("olive") == 1
    assert len([said for said in school.comments("olive") if "<!-- cohort-bot:" in said]) == 2
    assert school.sandbox.api("GET", f"/repos/{review.opened.place}").json()["archived"] is blind
    assert school.status(f"/repos/{review.opened.place}", review.reviewer) == 404
    assert len([one for one in school.entries("olive") if one.passed]) == 1
    assert school.run("ledger", "check").code == 0


@pytest.mark.parametrize("blind", [False, True], ids=["open", "blind"])
@pytest.mark.parametrize("moment", [6, 8, 10, 12, 14])
def test_killed_at_any_moment_and_run_again(tmp_path: Path, moment: int, blind: bool) -> None:
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        school = reviewing(tmp_path, sandbox, reviewed(blind=blind))
        school.hand_in("olive")
        killed(school, moment)
        school.judge()
        asked_once(school, blind)
        school.accept(*school.reviewers("olive"))
        school.answer("olive", "/approve")
        killed(school, moment)
        school.judge()
        mark = school.mark()
        school.judge()
        assert school.since(mark)[1] == []
        closed_once(school, blind)


@pytest.mark.parametrize("blind", [False, True], ids=["open", "blind"])
def test_two_at_once_ask_once(tmp_path: Path, blind: bool) -> None:
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        school = reviewing(tmp_path, sandbox, reviewed(blind=blind))
        school.hand_in("olive")
        for running in [start(school), start(school)]:
            assert running.wait(60) in (0, 5)
        school.judge()
        asked_once(school, blind)


def test_stages_by_themselves(tmp_path: Path) -> None:
    """As in a workflow: the last stage has nothing that the first one fetched."""
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        school = reviewing(tmp_path, sandbox, reviewed(blind=True))
        school.hand_in("olive")
        for answer in ("", "/approve"):
            if answer:
                school.accept(*school.reviewers("olive"))
                school.answer("olive", answer)
            desk = school.folder / "desk"
            mark = school.mark()
            school.judge("--stage", "fetch", "--desk", str(desk))
            assert school.since(mark)[1] == []
            school.judge("--stage", "run", "--desk", str(desk))
            for bundle in (desk / "bundles").glob("*"):
                bundle.unlink()
            school.judge("--stage", "settle", "--desk", str(desk))
            school.judge("--stage", "publish", "--desk", str(desk))
            for file in desk.rglob("*.json"):
                file.unlink()
        assert school.passes("olive") == 1
        assert [one.open for one in school.journal("olive")] == [False]
