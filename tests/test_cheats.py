"""Every cheat of the catalogue is tried, and gains nothing: no pass, no token, no held-out row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cheats.on_paper import CHEATS
from tests.cheats.school import Run, School, stage
from tests.sandbox_process import SandboxProcess

SECRET = "zebra-of-the-held-out-rows"
STAGES = [
    stage(
        "plain", "1-40",
        {"id": "there", "kind": "files", "title": "It is there", "all_of": ["plain/work.md"]},
    ),
    stage(
        "write", "41-42",
        {"id": "report", "kind": "sections", "title": "A report", "file": "write/report.md",
         "headings": ["Trade-offs"], "min_words": 5},
    ),
    stage(
        "sign", "43-44",
        {"id": "work", "kind": "files", "title": "It is there", "all_of": ["sign/work.md"]},
        {"id": "seen", "kind": "manual", "title": "Looked at", "asks": "Is it good?", "needs": ["work"]},
    ),
    stage(
        "guess", "45-46",
        {"id": "score", "kind": "model_eval", "title": "Good on new rows", "model": "guess/predictions.csv",
         "format": "predictions", "data": "guess.csv", "metric": "accuracy", "min": 0.9},
    ),
]  # fmt: skip
TRUTH = [(str(number), "yes" if number % 3 else "no") for number in range(10)]


@dataclasses.dataclass(frozen=True)
class Court:
    """The school after every cheat was tried and judged, twice."""

    school: School
    runs: tuple[Run, Run]

    @property
    def out(self) -> str:
        return "\n".join(run.out for run in self.runs)


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    folder = tmp_path_factory.mktemp("cheats")
    with SandboxProcess(folder / "sandbox") as sandbox:
        school = School(folder, sandbox, STAGES, {"grace_hours": 0})
        (folder / "checks").mkdir()
        rows = "".join(f"{number},{answer}\n" for number, answer in TRUTH)
        (folder / "checks" / "guess.csv").write_text(f"id,label\n{rows}", encoding="utf-8")
        answer = f"# {SECRET}\n\n## Trade-offs\n\nFive words and some more.\n"
        (folder / "checks" / "model-answer.md").write_text(answer, encoding="utf-8")
        (folder / "checks" / "work.md").write_text(SECRET, encoding="utf-8")
        school.open("honest", *CHEATS)
        work = "".join(f"{number},{answer}\n" for number, answer in TRUTH)
        school.push("honest", {"plain/work.md": "work", "guess/predictions.csv": f"id,prediction\n{work}"})
        school.claim("honest", 1)
        school.claim("honest", 4)
        for name, cheat in CHEATS.items():
            cheat(school, name)
        repo = f"{sandbox.org}/cohort"
        made = sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json={"name": "cohort", "private": True})
        assert made.status_code == 201, made.text
        runs = tuple(school.verify("--cohort-repo", repo) for _ in range(2))
        yield Court(school, (runs[0], runs[1]))


def test_the_honest_learner_passes(court: Court) -> None:
    assert court.school.passes("honest") == 2
    assert court.school.issue("honest")["state"] == "closed"
    assert "verified" in court.school.labels("honest")


@pytest.mark.parametrize("name", CHEATS)
def test_no_cheat_gains_a_pass(court: Court, name: str) -> None:
    assert court.school.entries(name), "it was not judged at all"
    assert court.school.passes(name) == 0
    assert all("verified" not in court.school.labels(name, number) for number in range(1, 5))


@pytest.mark.parametrize("name", CHEATS)
def test_no_cheat_is_told_a_secret(court: Court, name: str) -> None:
    told = court.school.everything_said(name)
    for secret in (SECRET, court.school.sandbox.token, str(court.school.folder)):
        assert secret not in told


def test_no_token_is_on_the_disk_or_on_the_screen(court: Court) -> None:
    token = court.school.sandbox.token
    for run in court.runs:
        assert token not in run.out + run.err
    places = [court.school.folder / name for name in ("ledger", ".cohort-bot", "checks")]
    files = [file for place in places for file in place.rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if token.encode() in file.read_bytes()]


WIRES = {
    "forged-comment": "a comment of forged-comment pretends to be a verdict",
    "forged-comment-of-actions": "a comment of github-actions[bot] pretends to be a verdict",
    "forged-status": "forged-status put a mark of the judge's on the commit",
    "forged-check-run": "github-actions put a mark of the judge's on the commit",
    "edited-workflow": "a protected file was changed: '.github/workflows/cohort-check.yml'",
    "edited-roadmap-copy": "a protected file was changed: '.github/cohort/roadmap.json'",
    "removed-workflow": "a protected file was removed: '.github/workflows/cohort-check.yml'",
    "own-approval": "the learner wrote /approve; it was ignored",
    "friends-approval": "/approve by friend-of-friends-approval, who may not decide, was ignored",
    "linked-file": "a symbolic link: 'write/report.md'",
    "copied-predictions": "the very same file as honest's: 'guess/predictions.csv'",
}


@pytest.mark.parametrize(("name", "wire"), WIRES.items(), ids=list(WIRES))
def test_the_organiser_is_told_privately(court: Court, name: str, wire: str) -> None:
    lines = [line for line in court.out.splitlines() if line.strip().startswith(name)]
    assert any(wire in line for line in lines), court.out
    assert wire not in court.school.everything_said(name)


def test_what_was_closed_without_a_pass_is_open_again_with_a_reason(court: Court) -> None:
    assert court.school.issue("closed-by-hand")["state"] == "open"
    assert [said for said in court.school.comments("closed-by-hand") if "open again" in said]
    assert court.school.labels("forged-labels") == {"milestone"}


def test_nothing_is_said_twice(court: Court) -> None:
    for name in ("honest", *CHEATS):
        for number in range(1, 5):
            said = court.school.comments(name, number)
            assert len(said) == len(set(said)), said


def test_what_learners_write_stays_words(court: Court) -> None:
    said = "\n".join(court.school.everything_said(name) for name in ("template-syntax", "mentions-everyone"))
    assert "1337" not in said
    plain = "".join(part for number, part in enumerate(said.split("`")) if number % 2 == 0)
    assert "@everyone" not in plain
    assert "@organiser" not in plain
    assert not [line for line in court.out.splitlines() if line.lstrip().startswith("::")]


def test_git_ran_nothing_of_theirs(court: Court) -> None:
    assert court.school.passes("filters-and-hooks") == 0
    assert list(Path("/tmp").glob("cohort-bot-cheat-*")) == []
