"""Whatever is found, whatever happens meanwhile: it ends in the right state, and no learner loses a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohort_bot import owned
from cohort_bot.change import Thing
from tests.rig import FILES, ORG, OURS, Rig, Wish, rigged

WISH = Wish(logins=("ada", "bob"))
REPO = f"/repos/{ORG}/ml-ada"
TITLES = {"1. Standing", "2. Walking"}
NODES = """
query nodes($org: String!) {
  organization(login: $org) { id projectsV2(first: 20) { nodes { id title closed } } }
  repository(owner: $org, name: "ml-ada") {
    id
    issues(first: 50) { nodes { id title body projectItems(first: 5) { nodes { id project { id } } } } }
  }
}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with rigged(tmp_path_factory.mktemp("rig")) as rig:
        yield rig


@pytest.fixture
def rig(running: Rig) -> Rig:
    """A rig with two enrolled learners."""
    begin(running)
    return running


def begin(rig: Rig) -> None:
    rig.reset()
    assert rig.enroll(WISH).how == "done"
    rig.calm()


def issues(rig: Rig, state: str = "all") -> list[dict[str, Any]]:
    """The issues of one learner, oldest first."""
    found = rig.api("GET", f"{REPO}/issues?state={state}&per_page=100&sort=created&direction=asc")
    return sorted(found, key=lambda issue: issue["number"])


def ours(rig: Rig) -> list[dict[str, Any]]:
    return [issue for issue in issues(rig) if owned.key_of(issue["body"])]


def nodes(rig: Rig) -> Any:
    return rig.graphql(NODES, org=ORG)


def mutate(rig: Rig, name: str, select: str, **asked: object) -> Any:
    kind = f"{name[0].upper()}{name[1:]}Input"
    text = f"mutation m($input: {kind}!) {{ {name}(input: $input) {{ {select} }} }}"
    return rig.graphql(text, input=asked)[name]


# what may be amiss


def closed_milestone(rig: Rig) -> None:
    rig.api("PATCH", f"{REPO}/milestones/1", json={"state": "closed"})


def wrong_date(rig: Rig) -> None:
    rig.api("PATCH", f"{REPO}/milestones/1", json={"due_on": "2030-01-01T00:00:00Z"})


def unmarked_milestone(rig: Rig) -> None:
    rig.api("PATCH", f"{REPO}/milestones/1", json={"description": "my own words"})


def no_label(rig: Rig) -> None:
    rig.api("DELETE", f"{REPO}/labels/milestone")


def unmarked_label(rig: Rig) -> None:
    rig.api("PATCH", f"{REPO}/labels/claimed", json={"description": "mine now"})


def no_invitation(rig: Rig) -> None:
    for invitation in rig.api("GET", f"{REPO}/invitations"):
        rig.api("DELETE", f"{REPO}/invitations/{invitation['id']}")


def no_card(rig: Rig) -> None:
    for issue in nodes(rig)["repository"]["issues"]["nodes"]:
        for item in issue["projectItems"]["nodes"]:
            asked = {"projectId": item["project"]["id"], "itemId": item["id"]}
            mutate(rig, "deleteProjectV2Item", "deletedItemId", **asked)


def no_board(rig: Rig) -> None:
    for board in boards(rig):
        mutate(rig, "deleteProjectV2", "projectV2 { id }", projectId=board["id"])


def boards(rig: Rig) -> list[dict[str, Any]]:
    found = nodes(rig)["organization"]["projectsV2"]["nodes"]
    return [board for board in found if board["title"] == "ml-ada" and not board["closed"]]


def issue_off_its_milestone(rig: Rig) -> None:
    rig.api("PATCH", f"{REPO}/issues/{ours(rig)[0]['number']}", json={"milestone": None})


def no_repo(rig: Rig) -> None:
    rig.api("DELETE", REPO)


def second_copy(rig: Rig) -> None:
    first = ours(rig)[0]
    asked = {"title": first["title"], "body": first["body"], "labels": ["milestone"], "milestone": 1}
    rig.api("POST", f"{REPO}/issues", json=asked)


def second_board(rig: Rig) -> None:
    found = nodes(rig)
    asked = {"ownerId": found["organization"]["id"], "title": "ml-ada"}
    made = mutate(rig, "createProjectV2", "projectV2 { id }", **asked)["projectV2"]["id"]
    asked = {"projectId": made, "repositoryId": found["repository"]["id"]}
    mutate(rig, "linkProjectV2ToRepository", "repository { id }", **asked)


Damage = Callable[[Rig], None]
DAMAGES: list[tuple[Damage, Thing]] = [
    (closed_milestone, Thing.MILESTONE),
    (wrong_date, Thing.MILESTONE),
    (unmarked_milestone, Thing.MILESTONE),
    (no_label, Thing.LABEL),
    (no_invitation, Thing.INVITATION),
    (no_card, Thing.CARD),
    (no_board, Thing.BOARD),
    (issue_off_its_milestone, Thing.ISSUE),
    (no_repo, Thing.REPO),
    (second_copy, Thing.COPY),
    (second_board, Thing.SPARE),
]


@pytest.mark.parametrize(("damage", "thing"), DAMAGES, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_amiss_is_named_by_plan_and_mended_by_enroll(rig: Rig, damage: Damage, thing: Thing) -> None:
    right = plain(rig.state())
    damage(rig)
    assert thing in {change.thing for change in rig.plan(WISH).changes}
    assert rig.enroll(WISH).how == "done"
    rig.calm()
    assert plain(rig.state()) == right
    assert not rig.plan(WISH)


def plain(state: dict[str, Any]) -> dict[str, Any]:
    """State without what was put aside: closed second copies and boards, and the issues on none of ours."""
    for repo in state["repos"].values():
        found = [i for i in repo["issues"]["nodes"] if not i["title"].startswith("Second copy")]
        for issue in found:
            issue["projectItems"]["nodes"] = [
                item for item in issue["projectItems"]["nodes"] if not item["project"]["closed"]
            ]
            # A label that was deleted is gone from its issues; it is put on new ones only.
            issue.pop("labels")
        repo["issues"]["nodes"] = found
    state["boards"] = [board for board in state["boards"] if not board["closed"]]
    return state


def test_a_second_copy_is_closed_and_what_was_written_there_moves(rig: Rig) -> None:
    second_copy(rig)
    first, _, copy = ours(rig)
    mine = first["body"] + "\nFirst thoughts.\n"
    rig.api("PATCH", f"{REPO}/issues/{first['number']}", json={"body": mine})
    ticked = copy["body"].replace("- [ ]", "- [x]") + "\nSecond thoughts,\n\n```\nwith code\n```\n"
    rig.api("PATCH", f"{REPO}/issues/{copy['number']}", json={"body": ticked})
    assert rig.enroll(WISH).how == "done"
    after = {issue["number"]: issue for issue in issues(rig)}
    kept, put_aside = after[first["number"]], after[copy["number"]]
    assert "- [x] A film" in kept["body"]
    assert "First thoughts." in kept["body"]
    assert "Second thoughts,\n\n```\nwith code\n```" in kept["body"]
    assert put_aside["state"] == "closed"
    assert put_aside["milestone"] is None
    assert f"second copy of #{first['number']}" in put_aside["body"]
    assert "Second thoughts," in put_aside["body"]
    assert owned.key_of(put_aside["body"]) is None
    assert not rig.plan(WISH)


def test_an_issue_whose_marker_was_edited_away_is_known_again_and_keeps_its_text(rig: Rig) -> None:
    first = ours(rig)[0]
    rig.api("PATCH", f"{REPO}/issues/{first['number']}", json={"body": "All mine.\n"})
    assert rig.enroll(WISH).how == "done"
    assert len(issues(rig)) == 2
    body = rig.api("GET", f"{REPO}/issues/{first['number']}")["body"]
    assert owned.key_of(body) == "standing"
    assert "All mine." in body


def test_files_that_stopped_half_way_are_completed(running: Rig) -> None:
    rig = running
    rig.reset()
    rig.control("POST", "arrivals", contents=1e9)
    rig.strike(kind="502", operation="createCommitOnBranch", nth=2, times=0)
    assert rig.enroll(WISH).how == "partial"
    rig.calm()
    assert rig.enroll(WISH).how == "done"
    files = rig.api("GET", f"{REPO}/git/trees/main?recursive=1")["tree"]
    assert {entry["path"] for entry in files} >= {"README.md", ".github/workflows/check.yml", "a/b.txt"}
    assert not rig.plan(WISH)


def test_contents_and_cards_that_come_late_are_waited_for(running: Rig) -> None:
    rig = running
    rig.reset()
    rig.control("POST", "arrivals", contents=20, labels=40, item=50)
    assert rig.enroll(WISH).how == "done"
    rig.clock.advance(60)
    assert not rig.plan(WISH)


def test_two_runs_at_once_end_in_the_right_state(running: Rig) -> None:
    rig = running
    begin(rig)
    right = plain(rig.state())
    rig.reset()
    assert rig.enroll(Wish(logins=("first",))).how == "done"
    with ThreadPoolExecutor(2) as pool:
        ended = [run.result().how for run in [pool.submit(rig.enroll, WISH) for _ in range(2)]]
    assert set(ended) <= {"done", "partial"}
    rig.calm()
    assert rig.enroll(WISH).how == "done"
    rig.calm()
    assert not rig.plan(WISH)
    found = plain(rig.state())
    for name in ("ml-ada", "ml-bob"):
        assert found["repos"][name] == right["repos"][name]
    titles = [board["title"] for board in found["boards"]]
    assert sorted(titles) == ["ml-ada", "ml-bob", "ml-first", "ml-template"]


# sequences of anything

KINDS = (
    "drop-before",
    "drop-after",
    "502",
    "502-after",
    "secondary",
    "graphql-error",
    "truncated",
    "not-json",
)
_words = count()


def note(rig: Rig) -> None:
    """The learner writes below the first issue and ticks it."""
    for issue in ours(rig)[:1]:
        body = issue["body"].replace("- [ ]", "- [x]") + f"\nNote {next(_words)}.\n"
        rig.api("PATCH", f"{REPO}/issues/{issue['number']}", json={"body": body})


def comment(rig: Rig) -> None:
    for issue in ours(rig)[:1]:
        rig.api("POST", f"{REPO}/issues/{issue['number']}/comments", json={"body": f"Comment {next(_words)}"})


def own_issue(rig: Rig) -> None:
    rig.api("POST", f"{REPO}/issues", json={"title": f"Mine {next(_words)}", "body": "My own."})


EDITS: list[Damage] = [damage for damage, _ in DAMAGES if damage is not no_repo] + [note, comment, own_issue]
steps = st.one_of(
    st.sampled_from(EDITS),
    st.builds(lambda words: {"words": words}, st.sampled_from(["Do it.", "Do it well.", "Rest."])),
    st.builds(lambda days: {"extension_days": days}, st.integers(0, 20)),
    st.builds(lambda who: {"logins": who}, st.sampled_from([("ada", "bob"), ("ada", "bob", "eve")])),
    st.builds(lambda fan: {"fan_out": fan}, st.booleans()),
    st.builds(lambda text: {"files": {**FILES, OURS[0]: text}}, st.sampled_from([b"{}\n", b'{"new": 1}\n'])),
    st.tuples(st.sampled_from(KINDS), st.integers(1, 20)),
    st.integers(1, 20),
)


@pytest.mark.timeout(300)
@settings(
    max_examples=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happenings=st.lists(steps, min_size=2, max_size=9))
def test_any_sequence_of_edits_faults_and_runs_converges(running: Rig, happenings: list[Any]) -> None:
    rig, wish = running, WISH
    begin(rig)
    for happening in happenings:
        match happening:
            case dict():
                wish = replace(wish, **happening)
                rig.enroll(wish)
            case (kind, request):
                rig.strike(kind=kind, nth=request, actor="organiser")
                rig.enroll(wish)
            case int():
                rig.enroll(wish, dies=happening, after_it=bool(happening % 2))
            case _:
                with_presence(rig, happening)
    written = own_words(rig)
    rig.calm()
    assert rig.enroll(wish).how == "done"
    rig.calm()
    mark = rig.mark()
    assert rig.enroll(wish).how == "done"
    assert rig.writes_since(mark) == []
    assert {issue["title"] for issue in ours(rig)} == TITLES
    assert len(ours(rig)) == len(TITLES)
    assert written <= own_words(rig)


def with_presence(rig: Rig, edit: Damage) -> None:
    """Edit what is there; a milestone that is not there cannot be edited."""
    try:
        edit(rig)
    except AssertionError as refusal:
        if " 404 " not in str(refusal) and " 422 " not in str(refusal):
            raise


def own_words(rig: Rig) -> set[str]:
    """Every line that a learner wrote, wherever it stands now."""
    texts = [issue["title"] + "\n" + issue["body"] for issue in issues(rig)]
    texts += [comment["body"] for comment in rig.api("GET", f"{REPO}/issues/comments?per_page=100")]
    lines = {line for text in texts for line in text.split("\n")}
    return {line for line in lines if line.startswith(("Note ", "Comment ", "Mine "))}
