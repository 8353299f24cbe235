"""Cheats around reviews by peers: functions of the school and of the author whose work waits for a reviewer.

`BEFORE` are carried out before the work is handed in, `OPEN` when its reviewer has been asked and is in,
`BLIND` likewise where the review is blind. With each goes what the organiser has to be told; `ME` is the
author, `PEER` who was asked, `FRIEND` somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.reviewing import Reviewing

Cheat = Callable[[Reviewing, str], object]
NO_COMMIT = "0" * 40


def nothing(school: Reviewing, me: str) -> None:
    """Wait."""


def let_in(school: Reviewing, me: str, login: str) -> None:
    """Somebody can read and comment, as members of an organisation may."""
    path = school.path(me, f"/collaborators/{login}")
    assert school.sandbox.api("PUT", path, json={"permission": "pull"}).status_code in (201, 204)
    school.accept(login)


def last(school: Reviewing, me: str) -> int:
    found = school.sandbox.api("GET", school.path(me, "/issues/1/comments?per_page=100")).json()
    return int(found[-1]["id"])


def own_approval(school: Reviewing, me: str) -> None:
    school.say(me, "/approve")


def friends_approval(school: Reviewing, me: str) -> None:
    friend = school.others(me, school.peer(me))
    let_in(school, me, friend)
    school.answer(me, "/approve", friend)


def swapped_reviews(school: Reviewing, me: str) -> None:
    """My reviewer's own reviewer answers in their place, and has been asked, though about other work."""
    other = school.peer(school.peer(me))
    let_in(school, me, other)
    school.answer(me, "/approve", other)


def before_a_push(school: Reviewing, me: str) -> None:
    school.answer(me, "/approve")
    school.hand_in(me, more="something else")


def before_the_asking(school: Reviewing, me: str) -> None:
    let_in(school, me, school.peer(me))
    school.say(me, "/approve", 1, school.tokens[school.peer(me)])


def edited_answer(school: Reviewing, me: str) -> None:
    """Whoever may write to a repo may change what others said in it."""
    number = school.answer(me, "/changes Too short")
    school.edit(school.path(me), number, "/approve", school.tokens[me])


def edited_organiser(school: Reviewing, me: str) -> None:
    school.say(me, "Not yet: I shall look tomorrow.", 1, school.sandbox.token)
    school.edit(school.path(me), last(school, me), "/approve", school.tokens[me])


def removed_answer(school: Reviewing, me: str) -> None:
    number = school.answer(me, "/changes Too short")
    path = school.path(me, f"/issues/comments/{number}")
    assert school.sandbox.api("DELETE", path, school.tokens[me]).status_code == 204


def moved_asking(school: Reviewing, me: str) -> None:
    """Our own comments are believed only as we wrote them."""
    asking = school.sandbox.api("GET", school.path(me, "/issues/1/comments")).json()[0]
    school.answer(me, "/approve")
    before = school.journal(me)[-1].opened.sha
    sha = school.hand_in(me, more="something else")
    school.edit(school.path(me), asking["id"], asking["body"].replace(before, sha), school.tokens[me])


def forged_marker(school: Reviewing, me: str) -> None:
    school.say(me, f"{school.comments(me)[0]}\n\n/approve")
    school.say(me, f"<!-- cohort-bot: verdict=work status=passed commit={NO_COMMIT} -->\n/approve")


def guessed_copy(school: Reviewing, me: str) -> None:
    copy = school.place(me)
    for method, path in (
        ("GET", copy), ("GET", f"{copy}/issues/1/comments"), ("GET", f"{copy}/collaborators"),
        ("POST", f"{copy}/issues/1/comments"), ("PATCH", copy), ("PUT", f"{copy}/collaborators/{me}"),
    ):  # fmt: skip
        body = {"body": "/approve"} if method == "POST" else None
        answer = school.sandbox.api(method, path, school.tokens[me], json=body)
        assert answer.status_code == 404, (method, path)


def wrong_place(school: Reviewing, me: str) -> None:
    """The reviewer finds out whose work it is, and approves it there."""
    let_in(school, me, school.peer(me))
    school.say(me, "/approve", 1, school.tokens[school.peer(me)])


def stranger_in_the_copy(school: Reviewing, me: str) -> None:
    friend, copy = school.others(me, school.peer(me)), school.place(me)
    assert school.sandbox.api("PUT", f"{copy}/collaborators/{friend}", json={"permission": "pull"}).ok
    school.accept(friend)
    school.answer(me, "/approve", friend)


def edited_in_the_copy(school: Reviewing, me: str) -> None:
    peer = school.peer(me)
    school.edit(school.place(me), school.answer(me, "/changes No"), "/approve", school.tokens[peer])


BEFORE: Mapping[str, Cheat] = {"before-the-asking": before_the_asking}
OPEN: Mapping[str, tuple[Cheat, str]] = {
    "own-approval": (own_approval, "ME: the learner wrote /approve; it was ignored"),
    "friends-approval": (friends_approval, "ME: /approve by FRIEND, who may not decide, was ignored"),
    "swapped-reviews": (swapped_reviews, "who may not decide, was ignored"),
    "before-a-push": (before_a_push, "ME: /approve by PEER is not about a commit that they were asked about"),
    "before-the-asking": (nothing, "ME: /approve by PEER is not about a commit that they were asked about"),
    "edited-answer": (edited_answer, "ME: /approve by PEER was edited; it was ignored"),
    "edited-organiser": (edited_organiser, "ME: /approve by organiser was edited; it was ignored"),
    "removed-answer": (removed_answer, ""),
    "moved-asking": (moved_asking, "ME: /approve by PEER is not about a commit that they were asked about"),
    "forged-marker": (forged_marker, "ME: a comment of ME pretends to be a verdict"),
}
BLIND: Mapping[str, tuple[Cheat, str]] = {
    "guessed-copy": (guessed_copy, ""),
    "wrong-place": (wrong_place, "ME: /approve by PEER is not about a commit that they were asked about"),
    "stranger-in-the-copy": (stranger_in_the_copy, "ME: /approve by FRIEND, who is not asked in"),
    "edited-in-the-copy": (edited_in_the_copy, "ME: /approve by PEER in"),
}
