"""Cheats that run code: none gains a pass, gets out of its container, or brings a secret back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.cheats.in_containers import CHEATS, HONEST, SECRET, STAGES
from tests.cheats.school import Run, School
from tests.sandbox_process import SandboxProcess

pytestmark = [pytest.mark.needs("docker"), pytest.mark.timeout(600)]
REPORT = "<testsuites><testsuite><testcase name='a'/><testcase name='b'/></testsuite></testsuites>"


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[School, Run]]:
    folder = tmp_path_factory.mktemp("running")
    with SandboxProcess(folder / "sandbox") as sandbox:
        school = School(folder, sandbox, STAGES)
        checks = folder / "checks"
        checks.mkdir()
        rows = "".join(f"{SECRET},{number},{number % 2}\n" for number in range(20))
        (checks / "rows.csv").write_text(f"secret,value,label\n{rows}", encoding="utf-8")
        (checks / "report.xml").write_text(REPORT, encoding="utf-8")
        school.open("honest", *CHEATS)
        school.push("honest", HONEST)
        for number in (1, 2):
            school.claim("honest", number)
        for name, cheat in CHEATS.items():
            school.push(name, _filled(cheat.files, school))
            school.claim(name, cheat.issue)
        yield school, school.run("verify", "--jobs", "2", timeout=550)


def _filled(files: Mapping[str, str | bytes], school: School) -> dict[str, str | bytes]:
    host, _, port = school.sandbox.url.rpartition("/")[2].partition(":")
    places = {"{checks}": school.folder / "checks", "{folder}": school.folder, "{host}": host, "{port}": port}
    filled: dict[str, str | bytes] = {}
    for name, text in files.items():
        told = text
        for mark, place in places.items():
            told = told.replace(mark, str(place)) if isinstance(told, str) else told
        filled[name] = told
    return filled


def test_the_honest_learner_passes(tried: tuple[School, Run]) -> None:
    assert tried[0].passes("honest") == 2, tried[1].out


@pytest.mark.parametrize("name", CHEATS)
def test_no_cheat_gains_a_pass(tried: tuple[School, Run], name: str) -> None:
    school, run = tried
    assert [str(entry.status) for entry in school.entries(name)] == ["needs_work"], run.out
    assert "verified" not in school.labels(name, CHEATS[name].issue)


@pytest.mark.parametrize("name", CHEATS)
def test_no_cheat_brings_a_secret_back(tried: tuple[School, Run], name: str) -> None:
    school, run = tried
    told = school.everything_said(name) + run.out + run.err
    for secret in (SECRET, school.sandbox.token):
        assert secret not in told


def test_there_is_nothing_to_find_and_nobody_to_tell(tried: tuple[School, Run]) -> None:
    """It looked for tokens, the judge's folders, Docker's socket and git's settings, and for a way out."""
    assert "`SPIED []`" in "".join(tried[0].comments("spies-and-phones-home"))


def test_nothing_got_out_of_its_container(tried: tuple[School, Run]) -> None:
    assert tried[1].code in (0, 5)
    assert list(Path("/tmp").glob("cohort-bot-cheat-*")) == []
    assert not [line for line in tried[1].out.splitlines() if line.lstrip().startswith("::")]
