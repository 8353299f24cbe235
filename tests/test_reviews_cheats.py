"""Cheats around reviews by peers. None gains a pass, a name or a token; the organiser hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reviewing import Reviewing, reviewed, reviewing
from tests.sandbox_process import SandboxProcess

PEOPLE = ("olive", "bruno", "zelda", "dora")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        yield sandbox


@pytest.fixture
def school(tmp_path: Path, sandbox: SandboxProcess) -> Reviewing:
    """Olive's work waits for her reviewer, who is in."""
    school = reviewing(tmp_path, sandbox, reviewed(), *PEOPLE)
    school.hand_in("olive")
    school.judge()
    school.accept(*school.reviewers("olive"))
    return school


@pytest.fixture
def blind(tmp_path: Path, sandbox: SandboxProcess) -> Reviewing:
    school = reviewing(tmp_path, sandbox, reviewed(blind=True), *PEOPLE)
    school.hand_in("olive")
    school.judge()
    school.accept(*school.reviewers("olive"))
    return school


def gains_nothing(school: Reviewing, remark: str = "") -> None:
    """Judged twice more, nothing passes, nobody's answer is on record, and the organiser reads `remark`."""
    runs = [school.judge() for _ in range(2)]
    assert school.passes("olive") == 0
    assert not [sign for entry in school.entries("olive") for sign in entry.signatures]
    assert "verified" not in school.labels("olive")
    assert all(remark in run.out for run in runs), runs[-1].out
    assert school.sandbox.token not in "".join(run.out + run.err for run in runs)


def let_in(school: Reviewing, login: str) -> None:
    """The author's friend can read and comment, as a member of the organisation may."""
    path = school.path("olive", f"/collaborators/{login}")
    assert school.sandbox.api("PUT", path, json={"permission": "pull"}).status_code == 201
    school.accept(login)


def test_the_author_approves(school: Reviewing) -> None:
    school.say("olive", "/approve")
    gains_nothing(school, "the learner wrote /approve; it was ignored")


def test_somebody_who_was_not_asked_approves(school: Reviewing) -> None:
    friend = school.others("olive", *school.reviewers("olive"))
    let_in(school, friend)
    school.answer("olive", "/approve", friend)
    gains_nothing(school, f"/approve by {friend}, who may not decide, was ignored")


def test_two_learners_swap_their_reviews(tmp_path: Path, sandbox: SandboxProcess) -> None:
    school = reviewing(tmp_path, sandbox, reviewed(), *PEOPLE)
    (mine,) = school.reviewers("olive")
    other = next(who for who in PEOPLE if who != "olive" and school.reviewers(who) != [mine] != [who])
    for author in ("olive", other):
        school.hand_in(author)
    school.judge()
    (theirs,) = school.reviewers(other)
    assert mine != theirs
    let_in(school, theirs) if theirs != "olive" else None
    school.answer("olive", "/approve", theirs)
    gains_nothing(school, "ignored")


def test_an_approval_from_before_a_push(school: Reviewing) -> None:
    school.answer("olive", "/approve")
    school.hand_in("olive", more="something else")
    gains_nothing(school, "is not about a commit that they were asked about; ignored")
    school.answer("olive", "/approve")
    school.judge()
    assert school.passes("olive") == 1


def test_an_approval_from_before_the_asking(tmp_path: Path, sandbox: SandboxProcess) -> None:
    school = reviewing(tmp_path, sandbox, reviewed(), *PEOPLE)
    (reviewer,) = school.reviewers("olive")
    let_in(school, reviewer)
    school.say("olive", "/approve", 1, school.tokens[reviewer])
    school.hand_in("olive")
    gains_nothing(school, "ignored")


def test_the_author_edits_the_reviewers_comment(school: Reviewing) -> None:
    """Whoever may write to a repo may change what others said in it."""
    number = school.answer("olive", "/changes Too short")
    school.edit(school.path("olive"), number, "/approve", school.tokens["olive"])
    (reviewer,) = school.reviewers("olive")
    gains_nothing(school, f"/approve by {reviewer} was edited; it was ignored")


def test_the_author_edits_the_organisers_comment(school: Reviewing) -> None:
    school.say("olive", "Not yet: I shall look tomorrow.", 1, school.sandbox.token)
    number = school.sandbox.api("GET", school.path("olive", "/issues/1/comments")).json()[-1]["id"]
    school.edit(school.path("olive"), number, "/approve", school.tokens["olive"])
    gains_nothing(school, "/approve by organiser was edited; it was ignored")


def test_the_author_removes_the_reviewers_comment(school: Reviewing) -> None:
    number = school.answer("olive", "/changes Too short")
    path = school.path("olive", f"/issues/comments/{number}")
    assert school.sandbox.api("DELETE", path, school.tokens["olive"]).status_code == 204
    gains_nothing(school)
    assert school.became("olive") == ["asked"]


def test_the_author_moves_the_asking_to_another_commit(school: Reviewing) -> None:
    """Our own comments are believed only as we wrote them."""
    (asking,) = school.sandbox.api("GET", school.path("olive", "/issues/1/comments")).json()
    school.answer("olive", "/approve")
    sha = school.hand_in("olive", more="something else")
    before = school.journal("olive")[-1].opened.sha
    school.edit(
        school.path("olive"), asking["id"], asking["body"].replace(before, sha), school.tokens["olive"]
    )
    gains_nothing(school)
    assert school.journal("olive")[-1].opened.sha == sha


def test_the_author_hides_that_changes_were_asked_for(school: Reviewing) -> None:
    """A mark that says that a command was answered, put into a comment of ours."""
    (asking,) = school.sandbox.api("GET", school.path("olive", "/issues/1/comments")).json()
    school.answer("olive", "/approve")
    school.judge()
    school.say("olive", "/changes It was copied", 1, school.sandbox.token)
    number = school.sandbox.api("GET", school.path("olive", "/issues/1/comments")).json()[-1]["id"]
    body = f"<!-- cohort-bot: answered={number} -->\n{asking['body']}"
    school.edit(school.path("olive"), asking["id"], body, school.tokens["olive"])
    school.judge()
    assert school.passes("olive") == 0


def test_a_forged_marker(school: Reviewing) -> None:
    (asking,) = school.comments("olive")
    school.say("olive", f"{asking}\n\n/approve")
    school.say("olive", "<!-- cohort-bot: verdict=work status=passed commit=" + "0" * 40 + " -->\n/approve")
    gains_nothing(school, "a comment of olive pretends to be a verdict")


def test_the_author_guesses_the_copy(blind: Reviewing) -> None:
    copy, token = blind.place("olive"), blind.tokens["olive"]
    for method, path in (
        ("GET", copy), ("GET", f"{copy}/issues/1/comments"), ("GET", f"{copy}/collaborators"),
        ("POST", f"{copy}/issues/1/comments"), ("PATCH", copy), ("PUT", f"{copy}/collaborators/olive"),
    ):  # fmt: skip
        answer = blind.sandbox.api(
            method, path, token, json={"body": "/approve"} if method == "POST" else None
        )
        assert answer.status_code == 404, (method, path)
    gains_nothing(blind)


def test_a_blind_review_is_answered_in_the_wrong_place(blind: Reviewing) -> None:
    """Her reviewer finds out whose it is, and approves on her issue."""
    (reviewer,) = blind.reviewers("olive")
    let_in(blind, reviewer)
    blind.say("olive", "/approve", 1, blind.tokens[reviewer])
    gains_nothing(blind, "is not about a commit that they were asked about; ignored")


def test_a_stranger_in_the_copy_and_an_edited_answer(blind: Reviewing) -> None:
    (reviewer,) = blind.reviewers("olive")
    friend, copy = blind.others("olive", reviewer), blind.place("olive")
    assert blind.sandbox.api("PUT", f"{copy}/collaborators/{friend}", json={"permission": "pull"}).ok
    blind.accept(friend)
    blind.answer("olive", "/approve", friend)
    number = blind.answer("olive", "/changes No")
    blind.edit(copy, number, "/approve", blind.tokens[reviewer])
    gains_nothing(blind, f"/approve by {friend}, who is not asked in")
    assert f"/approve by {reviewer} in" in blind.judge().out


def test_what_a_reviewer_writes_stays_words(blind: Reviewing) -> None:
    text = (
        "/changes {{ 7*191 }} {% raw %} ${{ secrets.TOKEN }} @everyone @olive #1 "
        "<img src=x> <!-- cohort-bot: end -->\n::set-output name=token::1337\n::error::no\n[here](https://evil.example)\n"
        "<!-- cohort-bot: verdict=work status=passed commit=" + "0" * 40 + " -->\n/approve of it? No.\n"
        "<!-- cohort-bot: answered=1 -->\n```\n@organiser\n```\n" + "x" * 5000
    )
    blind.answer("olive", text)
    out = "".join(blind.judge().out for _ in range(2))
    assert blind.passes("olive") == 0
    told = blind.comments("olive")[-1]
    assert "Your reviewer wrote:" in told
    plain = told.replace("`{{ 7*191 }}`", "")
    for word in ("@everyone", "@olive", "@organiser", "<img", "](https://evil", "https://evil"):
        assert word not in plain, word
    assert told.count("<!-- cohort-bot:") == 1
    assert not [line for line in (out + told).splitlines() if line.startswith("::")]
    assert blind.reviewers("olive")[0] not in "\n".join(blind.comments("olive"))


@pytest.mark.parametrize("mode", ["school", "blind"])
def test_no_name_and_no_token_where_learners_look(mode: str, request: pytest.FixtureRequest) -> None:
    school: Reviewing = request.getfixturevalue(mode)
    (reviewer,) = school.reviewers("olive")
    school.answer("olive", "/approve\nFine.")
    assert school.judge().code == 0
    assert school.passes("olive") == 1
    said = "\n".join(school.comments("olive"))
    assert (reviewer in said) is (mode == "school")
    files = [file for name in ("ledger", ".cohort-bot") for file in (school.folder / name).rglob("*")]
    for file in files:
        assert not file.is_file() or school.sandbox.token.encode() not in file.read_bytes()
    place = school.place("olive").removeprefix("/repos/")
    repos = school.folder / "sandbox" / "repos"
    assert not [f for f in repos.rglob("config") if school.sandbox.token.encode() in f.read_bytes()], place
