"""Every cheat around reviews by peers is tried, and gains nothing: no pass, no name, no token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cheats.by_peers import BEFORE, BLIND, OPEN, Cheat
from tests.cheats.school import Run
from tests.reviewing import Reviewing, reviewed, reviewing
from tests.sandbox_process import SandboxProcess


@dataclass(frozen=True)
class Tried:
    """The school after every cheat was tried, and judged twice."""

    school: Reviewing
    runs: tuple[Run, Run]


def tried(folder: Path, cheats: Mapping[str, tuple[Cheat, str]], *, blind: bool) -> Iterator[Tried]:
    with SandboxProcess(folder / "sandbox") as sandbox:
        school = reviewing(folder, sandbox, reviewed(blind=blind), *cheats, "honest", "wordy", "hidden")
        school.pair()
        for name in cheats:
            if name in BEFORE:
                BEFORE[name](school, name)
        for name in (*cheats, "honest", "wordy", "hidden"):
            school.hand_in(name)
        assert school.judge().code == 0
        school.accept(*school.tokens)
        for name, (cheat, _) in cheats.items():
            cheat(school, name)
        school.answer("honest", "/approve\nFine.")
        school.answer("wordy", WORDS)
        school.answer("hidden", "/approve")
        yield Tried(school, (school.judge(), school.judge()))


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    yield from tried(tmp_path_factory.mktemp("open"), OPEN, blind=False)


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    yield from tried(tmp_path_factory.mktemp("blind"), BLIND, blind=True)


def gains_nothing(tried: Tried, name: str, remark: str) -> None:
    school, peer = tried.school, tried.school.peer(name)
    assert school.entries(name), "it was not judged at all"
    assert school.passes(name) == 0
    assert not [sign for entry in school.entries(name) for sign in entry.signatures]
    assert "verified" not in school.labels(name)
    remark = remark.replace("ME", name).replace("PEER", peer).replace("FRIEND", school.others(name, peer))
    for run in tried.runs:
        assert remark in run.out


@pytest.mark.parametrize("name", OPEN)
def test_no_cheat_gains_a_pass(court: Tried, name: str) -> None:
    gains_nothing(court, name, OPEN[name][1])


@pytest.mark.parametrize("name", BLIND)
def test_no_cheat_gains_a_pass_blindly(blind: Tried, name: str) -> None:
    gains_nothing(blind, name, BLIND[name][1])


@pytest.mark.parametrize("mode", ["court", "blind"])
def test_the_honest_pass_and_nobody_learns_a_name_or_a_token(
    mode: str, request: pytest.FixtureRequest
) -> None:
    tried: Tried = request.getfixturevalue(mode)
    school, token = tried.school, tried.school.sandbox.token
    assert school.passes("honest") == school.passes("hidden") == 1
    said = "\n".join(school.comments("honest"))
    assert (school.peer("honest") in said) is (mode == "court")
    places = [school.folder / name for name in ("ledger", ".cohort-bot")]
    places.append(school.folder / "sandbox" / "repos")
    files = [file for place in places for file in place.rglob("*") if file.is_file()]
    assert not [file for file in files if token.encode() in file.read_bytes()]
    assert token not in "".join(run.out + run.err for run in tried.runs)


def test_who_comes_late_to_hide_it_hides_nothing(court: Tried) -> None:
    """A mark that says that a command was answered, put by the author into a comment of ours."""
    school = court.school
    asking = school.sandbox.api("GET", school.path("hidden", "/issues/1/comments")).json()[0]
    school.say("hidden", "/changes It was copied", 1, school.sandbox.token)
    number = school.sandbox.api("GET", school.path("hidden", "/issues/1/comments")).json()[-1]["id"]
    body = f"<!-- cohort-bot: answered={number} -->\n{asking['body']}"
    school.edit(school.path("hidden"), asking["id"], body, school.tokens["hidden"])
    school.judge()
    assert school.passes("hidden") == 0


WORDS = (
    "/changes {{ 7*191 }} {% raw %} ${{ secrets.TOKEN }} @everyone @olive #1 <img src=x> "
    "<!-- cohort-bot: end -->\n::set-output name=token::1337\n::error::no\n[here](https://evil.example)\n"
    "<!-- cohort-bot: verdict=work status=passed commit=" + "0" * 40 + " -->\n/approve of it? No.\n"
    "<!-- cohort-bot: answered=1 -->\n```\n@organiser\n```\n" + "x" * 5000
)


@pytest.mark.parametrize("mode", ["court", "blind"])
def test_what_a_reviewer_writes_stays_words(mode: str, request: pytest.FixtureRequest) -> None:
    tried: Tried = request.getfixturevalue(mode)
    school = tried.school
    assert school.passes("wordy") == 0
    (told,) = [said for said in school.comments("wordy") if "asks for changes" in said]
    assert ("Your reviewer wrote:" in told) is (mode == "blind")
    for word in ("@everyone", "@olive", "@organiser", "<img", "](https://evil", "https://evil"):
        assert word not in told, word
    assert told.count("<!-- cohort-bot:") == 1
    out = "".join(run.out for run in tried.runs)
    assert not [line for line in (out + told).splitlines() if line.lstrip().startswith("::")]
    if mode == "blind":
        assert school.peer("wordy") not in "\n".join(school.comments("wordy"))
