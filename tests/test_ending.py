"""Learners who leave, pause and come back, and the end of a cohort: shown, asked, undone, repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from cohort_bot import ending
from cohort_bot.errors import PartialError
from cohort_bot.forge.connection import UnclearError
from cohort_bot.forge.estate import Board, Home
from cohort_bot.forge.protocol import Reply
from tests.cohort_life import enrolled, school
from tests.test_enroll import Organiser

__all__ = ["enrolled", "school"]
BOARDS = (
    "query($org: String!) { organization(login: $org) { projectsV2(first: 20) { nodes { title closed } } } }"
)


def roster(school: Organiser) -> list[str]:
    return (school.folder / "roster.csv").read_text(encoding="utf-8").splitlines()[1:]


def closed_boards(school: Organiser) -> set[str]:
    nodes = school.sandbox.graphql(BOARDS, org=school.sandbox.org)["data"]["organization"]["projectsV2"][
        "nodes"
    ]
    return {node["title"] for node in nodes if node["closed"]}


def archived(school: Organiser) -> set[str]:
    answer = school.sandbox.api("GET", f"/orgs/{school.sandbox.org}/repos?per_page=100").json()
    return {repo["name"] for repo in answer if repo["archived"]}


# withdraw


def test_who_leaves_keeps_everything_but_the_open_invitation(school: Organiser) -> None:
    before = school.issues("bob")
    shown = school.run("withdraw", "ada", "bob", "--dry-run")
    assert shown.code == 0
    assert shown.out.splitlines() == [
        "~ ada: active → withdrawn in the roster",
        "~ bob: active → withdrawn in the roster",
        f"- {school.sandbox.org}/ml-bob: the invitation of bob is taken back",
    ]
    mark = school.mark()
    assert school.run("withdraw", "ada", "bob").code == 2, "nobody is there to ask"
    assert (roster(school)[0], school.writes_since(mark)) == ("ada,,,,,0,active", [])
    assert school.run("withdraw", "ada", "bob", "--yes").code == 0
    assert roster(school) == ["ada,,,,,0,withdrawn", "bob,,,,,0,withdrawn", "cy,,,,,0,paused"]
    assert school.repo("bob", "/invitations") == []
    assert school.repo("ada", "/collaborators/ada/permission")["permission"] == "write"
    assert (school.issues("bob"), archived(school), closed_boards(school)) == (before, set(), set())
    mark = school.mark()
    again = school.run("withdraw", "ada", "bob")
    assert (again.code, school.writes_since(mark)) == (0, [])
    assert "Nothing to change" in again.err
    assert school.run("plan", "--exit-code").code == 0, "enroll leaves them alone"


def test_a_withdrawn_learners_repo_can_be_archived_and_comes_back(school: Organiser) -> None:
    assert school.run("withdraw", "bob", "--archive", "--yes").code == 0
    assert (archived(school), closed_boards(school)) == ({"ml-bob"}, {"ml-bob"})
    assert school.repo("bob", "/invitations") == []
    back = school.run("withdraw", "bob", "--resume", "--yes")
    assert back.code == 0
    assert f"{school.sandbox.org}/ml-bob: unarchived, its board opened" in back.out
    assert (archived(school), closed_boards(school)) == (set(), set())
    assert roster(school)[1] == "bob,,,,,0,active"
    assert school.enroll().code == 0
    assert [one["invitee"]["login"] for one in school.repo("bob", "/invitations")] == ["bob"]
    assert len(school.issues("bob")) == 5


def test_a_pause_is_a_word_in_the_roster(school: Organiser) -> None:
    mark = school.mark()
    assert school.run("withdraw", "bob", "--pause").code == 0
    assert (roster(school)[1], school.sandbox.requests(mark)) == ("bob,,,,,0,paused", [])
    assert school.run("withdraw", "bob", "--resume").code == 0
    assert roster(school)[1] == "bob,,,,,0,active"


def test_a_learner_without_a_repo_leaves_on_paper(school: Organiser) -> None:
    assert school.run("withdraw", "cy").code == 0
    assert roster(school)[2] == "cy,,,,,0,withdrawn"
    assert school.run("withdraw", "ada", "--offline").code == 0
    assert roster(school)[0] == "ada,,,,,0,withdrawn"


def test_slips_of_withdrawing_are_told(school: Organiser) -> None:
    told = school.run("withdraw", "adda")
    assert (told.code, "Did you mean ada?" in told.err) == (2, True)
    told = school.run("withdraw", "ada", "--pause", "--resume")
    assert (told.code, "exclude each other" in told.err) == (2, True)


def test_an_invitation_that_stays_is_told_and_tried_again(school: Organiser) -> None:
    school.sandbox.control("POST", "faults", kind="502", method="DELETE")
    told = school.run("withdraw", "bob", "--yes")
    assert (told.code, "the invitation stays" in told.err) == (5, True)
    assert school.run("withdraw", "bob", "--yes").code == 0
    assert school.repo("bob", "/invitations") == []


# archive


def test_a_cohort_ends_and_can_be_opened_again(school: Organiser) -> None:
    shown = school.run("archive", "--dry-run")
    org = school.sandbox.org
    assert shown.out.splitlines() == [
        f"archive {org}/ml-ada, close its board",
        f"archive {org}/ml-bob, close its board",
    ]
    assert "cohort-bot export" in shown.err
    assert "1 have no repo" in shown.err
    assert school.run("archive").code == 2, "nobody is there to ask"
    assert archived(school) == set()
    mark = school.mark()
    done = school.run("archive", "--yes")
    assert (done.code, done.out.splitlines()[-1]) == (0, "2 archived.")
    assert len(school.sandbox.requests(mark)) == 2, "one look, one write"
    assert archived(school) == closed_boards(school) == {"ml-ada", "ml-bob"}
    mark = school.mark()
    assert school.run("archive").code == 0
    assert school.writes_since(mark) == []
    assert school.run("archive", "--undo", "--yes").out.splitlines()[-1] == "2 opened."
    assert archived(school) == closed_boards(school) == set()
    assert school.run("plan", "--exit-code").code == 0


def test_the_template_and_single_learners_are_archived_when_asked_for(school: Organiser) -> None:
    assert school.run("archive", "--only", "ada", "--template", "--yes").code == 0
    assert archived(school) == closed_boards(school) == {"ml-ada", "ml-template"}


def test_a_learners_own_board_stays_open(school: Organiser) -> None:
    ids = school.sandbox.graphql(
        "query($org: String!) { organization(login: $org) { id } "
        'repository(owner: $org, name: "ml-ada") { id } }',
        org=school.sandbox.org,
    )["data"]
    made = {
        "ownerId": ids["organization"]["id"],
        "repositoryId": ids["repository"]["id"],
        "title": "My plans",
    }
    create = "mutation($made: CreateProjectV2Input!) { createProjectV2(input: $made) { projectV2 { id } } }"
    assert "errors" not in school.sandbox.graphql(create, made=made)
    assert school.run("archive", "--yes").code == 0
    assert "My plans" not in closed_boards(school)


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "502"])
def test_an_answer_that_stays_away_is_settled_by_looking(school: Organiser, kind: str) -> None:
    school.sandbox.control("POST", "faults", kind=kind, operation="archiveRepository")
    assert school.run("archive", "--yes").code == 0
    assert archived(school) == closed_boards(school) == {"ml-ada", "ml-bob"}


def test_a_budget_stops_it_and_the_next_run_goes_on(school: Organiser) -> None:
    told = school.run("archive", "--yes", "--max-requests", "1")
    assert told.code == 5
    assert "2 are left" in told.err
    assert archived(school) == set()
    assert school.run("archive", "--yes").code == 0


def test_a_token_that_may_not_is_told(school: Organiser) -> None:
    told = school.run("archive", "--yes", token=school.sandbox.new_user("ada"))
    assert told.code in (4, 5)
    assert "Traceback" not in told.err
    assert archived(school) == set()


# the loop beneath


class Paper:
    """An estate on paper, whose answers can be spoilt."""

    def __init__(self, count: int) -> None:
        self.homes = {
            f"ml-{n}": Home(f"ml-{n}", str(n), f"o/ml-{n}", "", str(n), boards=(Board(f"b{n}", False),))
            for n in range(count)
        }
        self.mishaps: list[PartialError | None] = []
        self.refused: set[str] = set()
        self.writes: list[int] = []

    def look(self, org: str, learners: Mapping[str, str], *, boards: bool = True) -> dict[str, Home]:
        return {name: self.homes[name] for name in learners}

    def shut(self, homes: Sequence[Home]) -> list[Reply]:
        return self._turn(homes, to=True)

    def reopen(self, homes: Sequence[Home]) -> list[Reply]:
        return self._turn(homes, to=False)

    def _turn(self, homes: Sequence[Home], *, to: bool) -> list[Reply]:
        self.writes.append(len(homes))
        mishap = self.mishaps.pop(0) if self.mishaps else None
        if isinstance(mishap, PartialError) and not isinstance(mishap, UnclearError):
            raise mishap
        for home in homes:
            if home.name not in self.refused:
                boards = tuple(replace(board, closed=to) for board in home.boards)
                self.homes[home.name] = replace(home, archived=to, boards=boards)
        if mishap:
            raise mishap
        return [Reply(error="no") if home.name in self.refused else Reply() for home in homes]


def test_many_are_shut_in_batches_and_one_refusal_fails_alone() -> None:
    paper = Paper(50)
    paper.refused = {"ml-7"}
    ended = ending.carry_out(paper, "o", list(paper.homes.values()))
    assert (paper.writes, ended.failed, len(ended.done), ended.left) == ([20, 20, 10], {"ml-7": "no"}, 49, [])
    assert not ended.whole


def test_a_limit_leaves_what_it_did_not_come_to() -> None:
    paper = Paper(50)
    paper.mishaps = [None, PartialError("The limit is used up", "Later.")]
    ended = ending.carry_out(paper, "o", list(paper.homes.values()))
    assert (len(ended.done), len(ended.left), ended.stopped) == (20, 30, "The limit is used up. Later.")
    paper.mishaps = []
    assert ending.carry_out(paper, "o", list(paper.homes.values())).whole
    assert ending.due(paper.homes.values()) == []
    assert len(ending.due(paper.homes.values(), undo=True)) == 50


def test_answers_that_never_come_end_the_run() -> None:
    paper = Paper(1)
    paper.refused = {"ml-0"}
    paper.mishaps = [UnclearError("no clear answer", "")] * ending.LOOKS
    ended = ending.carry_out(paper, "o", list(paper.homes.values()))
    assert (ended.left, paper.writes) == (["ml-0"], [1] * ending.LOOKS)
    assert "unclear" in ended.stopped
