"""Reviews by peers, end to end: who is asked, what they may see, what their answer does, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reviewing import Reviewing, reviewed, reviewing
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        yield sandbox


@pytest.fixture
def school(tmp_path: Path, sandbox: SandboxProcess) -> Reviewing:
    return reviewing(tmp_path, sandbox, reviewed())


@pytest.fixture
def blind(tmp_path: Path, sandbox: SandboxProcess) -> Reviewing:
    return reviewing(tmp_path, sandbox, reviewed(blind=True))


def test_a_peer_is_asked_once_sees_the_work_and_approves_it(school: Reviewing) -> None:
    sha = school.hand_in("olive")
    (bob,) = school.reviewers("olive")
    assert school.became("olive") == ["not yet"]
    assert school.status(school.path("olive"), bob) == 404
    assert school.judge().code == 0
    (said,) = school.comments("olive")
    for word in (f"@{bob}", "Does it {{ hold }}", sha[:10], "/approve", "/changes"):
        assert word in said
    assert school.became("olive") == ["asked"]
    mark = school.mark()
    assert school.judge().code == 0
    reads, writes = school.since(mark)
    assert (len(reads), writes) == (1, [])
    school.accept(bob)
    assert school.status(school.path("olive"), bob) == 200
    number = school.answer("olive", "Well argued!\n\n/approve")
    assert school.judge().code == 0
    entry = school.entries("olive")[-1]
    assert (entry.passed, entry.sha, entry.reason) == (True, sha, "approved by peers")
    (sign,) = entry.signatures
    assert (sign.by, sign.said, sign.comment, sign.peer) == (bob, "approve", number, True)
    assert school.labels("olive") == {"milestone", "verified"}
    assert school.issue("olive")["state"] == "closed"
    assert school.status(school.path("olive"), bob) == 404, "what was lent is taken back"
    assert school.became("olive") == ["approved"]
    mark = school.mark()
    school.judge()
    assert (len(school.since(mark)[0]), school.since(mark)[1]) == (1, [])
    assert school.run("ledger", "check").code == 0


def test_a_peer_asks_for_changes_and_is_asked_again_after_a_push(school: Reviewing) -> None:
    school.hand_in("olive")
    (bob,) = school.reviewers("olive")
    school.judge()
    school.accept(bob)
    school.answer("olive", "/changes Say why, @everyone {{ 7*191 }} <!-- cohort-bot: end -->")
    assert school.judge().code == 0
    assert school.passes("olive") == 0
    assert school.issue("olive")["state"] == "open", "a person said no: nobody waits for the grace time"
    assert school.labels("olive") == {"milestone"}
    told = school.comments("olive")[-1]
    assert "asks for changes" in told
    assert "@everyone" not in told.replace("@\u2060everyone", "")
    assert "1337" not in told
    assert told.count("<!-- cohort-bot: end") == 0
    assert school.became("olive") == ["changes"]
    assert school.status(school.path("olive"), bob) == 404
    mark = school.mark()
    school.judge()
    assert school.since(mark)[1] == []
    school.hand_in("olive", more="more")
    school.judge()
    assert [one.reviewer for one in school.journal("olive")] == [bob, bob]
    school.accept(bob)
    school.answer("olive", "/approve")
    school.judge()
    assert school.passes("olive") == 1


def test_two_peers_have_to_approve_and_one_can_say_no(tmp_path: Path, sandbox: SandboxProcess) -> None:
    school = reviewing(tmp_path, sandbox, reviewed(2), "olive", "bruno", "zelda", "dora")
    school.hand_in("olive")
    school.judge()
    one, two = school.reviewers("olive")
    assert len(school.comments("olive")) == 1
    for login in (one, two):
        school.accept(login)
    school.answer("olive", "/approve", one)
    school.judge()
    assert school.passes("olive") == 0
    assert school.became("olive") == ["approved", "asked"]
    assert school.status(school.path("olive"), one) == 404
    mark = school.mark()
    school.judge()
    assert school.since(mark)[1] == []
    school.answer("olive", "/approve", two)
    school.judge()
    assert school.passes("olive") == 1
    assert {sign.by for sign in school.entries("olive")[-1].signatures} == {one, two}


def test_an_organiser_overrules_either_way(school: Reviewing) -> None:
    school.hand_in("olive")
    school.judge()
    (bob,) = school.reviewers("olive")
    school.accept(bob)
    school.answer("olive", "/changes I do not like it")
    school.judge()
    school.say("olive", "/approve", 1, school.sandbox.token)
    school.judge()
    assert school.passes("olive") == 1
    school.say("olive", "/changes It is not yours", 1, school.sandbox.token)
    school.judge()
    assert school.passes("olive") == 0
    assert [sign.said for sign in school.entries("olive")[-1].signatures] == ["changes", "approve", "changes"]


def test_an_organiser_sends_back_what_waits_for_a_peer(school: Reviewing) -> None:
    school.hand_in("olive")
    school.judge()
    (bob,) = school.reviewers("olive")
    school.say("olive", "/changes Too short", 1, school.sandbox.token)
    school.judge()
    assert "Too short" in school.comments("olive")[-1]
    assert school.issue("olive")["state"] == "open"
    assert [one.closed.why if one.closed else "" for one in school.journal("olive")] == ["decided"]
    assert school.sandbox.api("GET", school.path("olive", "/invitations")).json() == []
    assert school.status(school.path("olive"), bob) == 404


def test_who_leaves_is_replaced_and_who_joins_changes_nothing(school: Reviewing) -> None:
    school.hand_in("olive")
    school.judge()
    (bob,) = school.reviewers("olive")
    school.accept(bob)
    roster = school.folder / "roster.csv"
    text = roster.read_text(encoding="utf-8")
    roster.write_text(text + "".join(f"new-{n},,,,,0,active\n" for n in range(9)), encoding="utf-8")
    assert school.reviewers("olive") == [bob]
    roster.write_text(text.replace(f"{bob},,,,,0,active", f"{bob},,,,,0,paused"), encoding="utf-8")
    school.judge()
    (cy,) = school.reviewers("olive")
    assert cy == school.others("olive", bob)
    assert f"@{cy}" in school.comments("olive")[-1]
    assert school.status(school.path("olive"), bob) == 404
    school.accept(cy)
    school.answer("olive", "/approve")
    school.judge()
    assert school.passes("olive") == 1


def test_who_leaves_is_not_reviewed_any_more(school: Reviewing) -> None:
    """Once plainly; once with a repo that was archived, where nobody's access can be changed."""
    for author in ("olive", "bruno"):
        school.hand_in(author)
    school.judge()
    for author in ("olive", "bruno"):
        school.accept(*school.reviewers(author))
    reviewer = school.journal("olive")[0].reviewer
    assert school.sandbox.api("PATCH", school.path("bruno"), json={"archived": True}).status_code == 200
    roster = school.folder / "roster.csv"
    text = roster.read_text(encoding="utf-8")
    for author in ("olive", "bruno"):
        text = text.replace(f"{author},,,,,0,active", f"{author},,,,,0,withdrawn")
    roster.write_text(text, encoding="utf-8")
    assert school.judge().code == 0
    for author in ("olive", "bruno"):
        assert [one.closed.why if one.closed else "" for one in school.journal(author)] == ["left"]
    assert school.status(school.path("olive"), reviewer) == 404
    mark = school.mark()
    school.judge()
    assert school.since(mark)[1] == []


def test_a_review_that_takes_too_long_is_named(school: Reviewing) -> None:
    school.hand_in("olive")
    school.judge()
    journal = school.folder / "ledger" / "reviews" / "olive.jsonl"
    today = f'"at":"{school.journal("olive")[0].opened.at:%Y-%m-%d}'
    text = journal.read_text(encoding="utf-8")
    assert text.count(today) == 2
    journal.write_text(text.replace(today, '"at":"2026-09-10'), encoding="utf-8")
    (bruno,) = school.reviewers("olive")
    assert school.became("olive") == ["overdue"]
    ended = school.judge()
    assert f"olive · work: {bruno} was asked on 2026-09-10 and has not answered" in ended.out
    assert ended.code == 0
    with journal.open("a", encoding="utf-8") as file:
        file.write("nonsense\n")
    assert "this line of the reviews is damaged" in school.run("ledger", "check").out


def test_alone_the_organiser_reviews(tmp_path: Path, sandbox: SandboxProcess) -> None:
    school = reviewing(tmp_path, sandbox, reviewed(), "olive")
    school.hand_in("olive")
    told = school.judge()
    assert "olive · work: nobody else takes part, so the review is yours" in told.out
    assert school.became("olive") == ["organiser"]
    assert "a person looks at it" in school.comments("olive")[-1]
    school.say("olive", "/approve", 1, school.sandbox.token)
    school.judge()
    assert school.passes("olive") == 1


def test_a_blind_review_shows_the_work_and_no_names(blind: Reviewing) -> None:
    sha = blind.hand_in("olive")
    (bob,) = blind.reviewers("olive")
    assert blind.judge().code == 0
    (review,) = blind.journal("olive")
    copy = f"/repos/{review.opened.place}"
    blind.accept(bob)
    assert blind.status(copy, bob) == 200
    assert blind.status(blind.path("olive"), bob) == 404
    for other in ("olive", blind.others("olive", bob)):
        assert blind.status(copy, other) == 404
    tree = blind.sandbox.api("GET", f"{copy}/git/trees/main?recursive=1", blind.tokens[bob]).json()["tree"]
    ours = blind.sandbox.api("GET", blind.path("olive", f"/git/trees/{sha}?recursive=1")).json()["tree"]
    files = {entry["path"]: entry["sha"] for entry in tree if entry["type"] == "blob"}
    assert files == {
        entry["path"]: entry["sha"]
        for entry in ours
        if entry["type"] == "blob" and not entry["path"].startswith(".github/")
    }
    (commit,) = blind.sandbox.api("GET", f"{copy}/commits", blind.tokens[bob]).json()
    seen = [
        commit["commit"],
        blind.sandbox.api("GET", f"{copy}/issues/1", blind.tokens[bob]).json()["body"],
        blind.sandbox.api("GET", copy, blind.tokens[bob]).json()["description"],
    ]
    assert "olive" not in str(seen).lower()
    assert bob not in "\n".join(blind.comments("olive")).lower()
    blind.answer(
        "olive", "I like it, @olive.\n\n/changes `Plot` the **loss** {{ 7*191 }}\nand <b>say</b> why."
    )
    blind.judge()
    told = blind.comments("olive")[-1]
    assert "Your reviewer wrote:" in told
    assert "`Plot`" in told
    assert bob not in "\n".join(blind.comments("olive")).lower()
    assert blind.status(copy, bob) == 404
    assert blind.sandbox.api("GET", copy).json()["archived"]
    assert blind.entries("olive")[-1].signatures[-1].by == bob


def test_a_blind_approval_passes_the_milestone(blind: Reviewing) -> None:
    blind.hand_in("olive")
    blind.judge()
    (bob,) = blind.reviewers("olive")
    blind.accept(bob)
    mark = blind.mark()
    blind.judge()
    reads, writes = blind.since(mark)
    assert (len(reads), writes) == (2, [])
    blind.answer("olive", "/approve\nA pleasure to read.")
    blind.judge()
    assert blind.passes("olive") == 1
    assert "A pleasure to read." in blind.comments("olive")[-1]
    assert bob not in blind.everything_said("olive").lower()
    mark = blind.mark()
    blind.judge()
    assert (len(blind.since(mark)[0]), blind.since(mark)[1]) == (1, [])
