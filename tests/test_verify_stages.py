"""The stages of judging: killed, by themselves, fed with lies, without Docker, without secrets in sight."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cheats.school import School, stage
from tests.judged_school import PLAIN, SIGN, WORK
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        yield School(tmp_path, sandbox, [PLAIN, SIGN])


@pytest.mark.parametrize("moment", [1, 3, 6, 8, 9, 10, "judged"])
def test_killed_at_any_moment_and_run_again(tmp_path: Path, moment: int | str) -> None:
    """SIGKILL when so many requests have come in, or when the first verdict is there."""
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        school = School(tmp_path, sandbox, [PLAIN]).open("ada", "bob")
        school.push("ada", WORK)
        for login in ("ada", "bob"):
            school.claim(login)
        _killed(school, moment)
        school.verify()
        school.verify()
        assert [str(entry.status) for entry in school.entries("ada")] == ["passed"]
        assert [str(entry.status) for entry in school.entries("bob")] == ["needs_work"]
        assert len(school.comments("ada")) == len(school.comments("bob")) == 1
        assert school.labels("ada") == {"milestone", "verified"}
        assert school.run("ledger", "check").code == 0


def _killed(school: School, moment: int | str) -> None:
    mark = school.mark()
    command = [sys.executable, "-m", "cohort_bot", "--config", str(school.folder / "cohort.yaml")]
    with subprocess.Popen(
        [*command, "--api-url", school.sandbox.url, "verify", "--jobs", "1"],
        env=school.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as judge:  # fmt: skip
        assert judge.stderr is not None
        if moment == "judged":
            for line in judge.stderr:
                if line.startswith("judged"):
                    break
        else:
            while judge.poll() is None and len(school.sandbox.requests(mark)) < int(moment):
                pass
        judge.send_signal(signal.SIGKILL)
        judge.stderr.close()


def test_stages_by_themselves_and_each_with_no_more_than_it_needs(school: School) -> None:
    school.open("ada")
    school.push("ada", WORK)
    school.claim("ada")
    reader = school.sandbox.new_token("organiser", "repo")
    desk = str(school.folder / "desk")
    mark = school.mark()
    school.verify("--stage", "fetch", "--desk", desk, env={"COHORT_BOT_TOKEN": reader})
    assert school.since(mark)[1] == []
    mark = school.mark()
    nothing = {"COHORT_BOT_TOKEN": "", "GH_TOKEN": "", "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    school.verify("--stage", "run", "--desk", desk, env=nothing)
    school.verify("--stage", "settle", "--desk", desk, env=nothing)
    assert school.since(mark) == ([], [])
    assert school.passes("ada") == 1
    assert school.comments("ada") == []
    school.verify("--stage", "publish", "--desk", desk)
    assert len(school.entries("ada")) == 1
    assert len(school.comments("ada")) == 1


def _other_commit(report: dict[str, Any]) -> None:
    report["document"]["commit"] = "0" * 40


def _other_learner(report: dict[str, Any]) -> None:
    report["document"]["repo"] = "sandbox-academy/ml-eve"


def _bare_status(report: dict[str, Any]) -> None:
    report["document"]["status"] = "passed"


def _fewer_checks(report: dict[str, Any]) -> None:
    report["document"] |= {"checks": [], "status": "passed", "points": {"earned": 0, "possible": 0}}


def _no_longer_required(report: dict[str, Any]) -> None:
    report["document"]["checks"][0]["required"] = False
    report["document"]["status"] = "passed"


def _awaited(report: dict[str, Any]) -> None:
    report["document"]["checks"][0]["awaited"] = True
    report["document"] |= {"status": "passed", "points": {"earned": 0, "possible": 0}}


def _more(report: dict[str, Any]) -> None:
    report["ledger"] = "write this"


def _endless(report: dict[str, Any]) -> None:
    report["document"]["title"] = "x" * 3_000_000


TAMPERED = (
    _other_commit, _other_learner, _bare_status, _fewer_checks, _no_longer_required, _awaited, _more, _endless
)  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda tamper: tamper.__name__.strip("_"))
def test_a_report_is_believed_only_as_far_as_it_answers(
    judged_school: School, tamper: Callable[[dict[str, Any]], None]
) -> None:
    """The machine that ran learners' code sends whatever it likes."""
    school = judged_school
    (report,) = (school.folder / "desk" / "reports").glob("*.json")
    told = json.loads(report.read_text(encoding="utf-8"))
    honest = json.dumps(told)
    tamper(told)
    report.write_text(json.dumps(told), encoding="utf-8")
    ended = school.verify("--stage", "settle", "--desk", str(school.folder / "desk"))
    report.write_text(honest, encoding="utf-8")
    assert (ended.code, school.entries("ada")) == (5, ())
    assert "its report was refused" in ended.out


def test_a_report_that_is_a_link_is_not_read(judged_school: School) -> None:
    school = judged_school
    (report,) = (school.folder / "desk" / "reports").glob("*.json")
    kept = report.with_suffix(".kept")
    report.rename(kept)
    report.symlink_to(kept)
    ended = school.verify("--stage", "settle", "--desk", str(school.folder / "desk"))
    report.unlink()
    kept.rename(report)
    assert (ended.code, school.entries("ada")) == (5, ())


@pytest.fixture(scope="module")
def judged_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """Judged, not settled: the work of ada does not pass."""
    folder = tmp_path_factory.mktemp("judged")
    with SandboxProcess(folder / "sandbox") as sandbox:
        school = School(folder, sandbox, [PLAIN]).open("ada")
        school.claim("ada")
        for name in ("fetch", "run"):
            school.verify("--stage", name, "--desk", str(folder / "desk"))
        yield school


def test_without_docker_nothing_runs_and_nobody_pays(school: School) -> None:
    school.stages = [
        stage(
            "code", "1-40",
            {"id": "adds", "kind": "blackbox", "title": "It adds", "command": "touch /tmp/ran-on-the-host",
             "inputs": [{"stdin": "", "expect": ""}]},
        )
    ]  # fmt: skip
    school.open("ada")
    school.push("ada", {"code/x": "x"})
    school.claim("ada")
    nowhere = {"PATH": f"{Path(sys.executable).parent}:{_without_docker(school.folder)}"}
    ended = school.verify(env=nowhere)
    assert ended.code == 5
    assert "Docker" in ended.out
    assert [str(entry.status) for entry in school.entries("ada")] == ["could_not_check"]
    assert not Path("/tmp/ran-on-the-host").exists()
    assert school.comments("ada") == []
    assert school.issue("ada")["state"] == "closed"


def _without_docker(folder: Path) -> Path:
    tools = folder / "tools"
    tools.mkdir()
    for name in ("git", "sh", "env"):
        (tools / name).symlink_to(str(shutil.which(name)))
    return tools


def test_the_token_is_in_no_argument(school: School, tmp_path: Path) -> None:
    """A git that writes down how it is called, and what it is told by its environment's names."""
    school.open("ada")
    school.push("ada", WORK)
    school.claim("ada")
    log = tmp_path / "calls"
    spy = tmp_path / "spy"
    spy.mkdir()
    (spy / "git").write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {shutil.which("git")} "$@"\n')
    (spy / "git").chmod(0o755)
    school.verify(env={"PATH": f"{spy}:{Path(sys.executable).parent}:/usr/bin:/bin"})
    calls = log.read_text(encoding="utf-8")
    assert "fetch" in calls
    assert school.passes("ada") == 1
    for secret in (school.sandbox.token, "x-access-token", "Authorization"):
        assert secret not in calls
