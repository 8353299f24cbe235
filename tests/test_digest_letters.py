"""Who gets a digest, what it says, and what it costs for a thousand. Nothing here touches a forge."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cohort_bot.digest import Heard, Posted, Skip, Week, doubles, letter, plan, summary
from cohort_bot.digest.board import board_status
from cohort_bot.digest.picture import bar
from cohort_bot.errors import UsageError
from cohort_bot.forge.comments import Answer, Correspondence
from cohort_bot.ledger import Ledger
from cohort_bot.model import Cohort, Learner
from cohort_bot.post import deliver, prepare
from cohort_bot.post.letters import heard
from cohort_bot.post.summary import summary_text
from cohort_bot.render import Renderer
from cohort_bot.render.proof import problems
from cohort_bot.render.sample_digest import DIGESTS
from cohort_bot.standing import Standing, Survey, stand, survey
from tests.cohort_in_progress import COHORT, NOW, ROADMAP, STAGES, example, ledger, repo, roadmap, state
from tests.ledger_entries import entry

WEEK = Week.at(NOW, "Europe/Berlin")
NASTY = (
    "<img src=x onerror=alert(1)> @everyone #1 [x](http://evil) {{ cohort }} **b** ````\n--> <!-- " + "x" * 99
)


def words(
    standing: Standing, books: Ledger | None = None, seen: Survey | None = None, answer: Heard | None = None
) -> str:
    values = letter(standing, seen or example(), books or ledger(), WEEK, answer)
    return Renderer().render("digest/learner.md.j2", **values)


def of(login: str, seen: Survey | None = None) -> Standing:
    return next(s for s in (seen or example()).standings if s.learner.github == login)


def test_everybody_who_is_on_the_road_gets_one_and_nobody_else() -> None:
    found = plan(example(), {}, WEEK)
    assert [standing.learner.github for standing in found.due] == ["ada", "bob", "cy"]
    assert found.skipped == {
        "dee": Skip.OUTSIDE,
        "eve": Skip.NOT_TAKING_PART,
        "fay": Skip.NOT_TAKING_PART,
        "gil": Skip.FINISHED,
    }


def test_a_digest_on_any_issue_of_the_repo_counts() -> None:
    posted = {"R_ada": [Posted("2026-10-12T08:00:00Z", 7, "IC_7", "I_ada_one", WEEK)]}
    assert plan(example(), posted, WEEK).skipped["ada"] is Skip.POSTED
    assert "ada" not in plan(example(), posted, Week(2026, 43)).skipped


def test_a_week_that_is_a_break_as_a_whole_has_no_digest() -> None:
    assert plan(example(), {}, Week(2026, 40)).due == ()
    assert plan(example(), {}, Week(2026, 41)).due != ()


def test_whoever_starts_later_or_has_no_issue_waits() -> None:
    later = Learner.model_validate({"github": "ada", "start": date(2026, 11, 2)})
    bare = Learner(github="bob")
    seen = survey(COHORT, ROADMAP, (later, bare), ledger(), state(repo("ada"), repo("bob", issues={})), NOW)
    assert plan(seen, {}, WEEK).skipped == {"ada": Skip.NOT_BEGUN, "bob": Skip.NO_ISSUE}


def test_the_oldest_of_each_week_stays() -> None:
    made = [Posted(f"2026-10-1{at}", number, f"IC_{number}", "", Week(2026, week)) for at, number, week in
            ((2, 9, 42), (2, 5, 42), (3, 1, 42), (2, 2, 41))]  # fmt: skip
    assert [double.id for double in doubles(made)] == ["IC_9", "IC_1"]


@pytest.mark.parametrize(
    ("instant", "zone", "week"),
    [
        ("2026-11-22T22:59:59Z", "Europe/Berlin", "2026-W47"),
        ("2026-11-22T23:00:00Z", "Europe/Berlin", "2026-W48"),
        ("2026-11-22T23:00:00Z", "America/New_York", "2026-W47"),
        ("2027-01-03T12:00:00Z", "UTC", "2026-W53"),
        ("2026-03-29T22:00:00Z", "Europe/Berlin", "2026-W14"),
    ],
)
def test_weeks_are_those_of_the_cohorts_zone(instant: str, zone: str, week: str) -> None:
    found = Week.at(datetime.fromisoformat(instant), zone)
    assert str(found) == week
    assert Week.read(week) == found == Week.marked(f"{found.mark}\nHello")


@pytest.mark.parametrize("text", ["2026-47", "W47", "2025-W53", "2026-W00", "2026-W54", "next", "2026-W47x"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no week"):
        Week.read(text)


def test_ordinals_grow_by_one_a_week_over_the_end_of_a_year() -> None:
    assert Week(2027, 1).ordinal - Week(2026, 53).ordinal == 1


def test_the_letter_says_where_what_and_what_next() -> None:
    text = words(of("ada"))
    assert "### Week 5 of 10" in text  # the sixth, less a week of break
    assert "● 1. Show one" in text
    assert re.search(r"◐ 3. Show three +claimed", text)
    assert re.search(r"◉ 4. Show four +you are here", text)
    assert "**Show four** (#4), due on Sunday 8 November 2026: 27 days to go." in text
    assert "**Next step.** The code." in text


def test_the_letter_tells_what_moved_and_what_the_last_check_asked_for() -> None:
    failed = [{"id": "tests", "status": "failed"}, {"id": "held-out", "status": "failed"}]
    points = {"earned": 1, "possible": 5}
    verdict = entry("bob", "two", "b2", 33, status="needs_work", points=points, results=failed)
    text = words(of("bob"), ledger(verdict))
    assert "- Show two: judged, 1 of 5 points so far." in text
    assert "- Tests pass\n" in text
    assert "1 check that only your organiser's judge runs" in text
    assert "Secret rows" not in text


def test_the_letter_leads_to_what_the_learners_own_checks_answered() -> None:
    body = "<!-- cohort-bot: feedback=four status=needs_work commit=abc note= ticked= -->\n### Nearly there"
    old = Answer(body.replace("needs_work", "could_not_check"), NOW - timedelta(days=9), "https://x/1")
    new = Answer(body, NOW - timedelta(days=2), "https://x/2")
    text = words(of("ada"), answer=heard([new, old, Answer("no answer", NOW, "https://x/3")]))
    told = "Your own checks last answered on Saturday 10 October 2026: some of it needs work. "
    assert f"{told}[Read the answer](https://x/2)." in text
    assert "nothing of yours was judged" not in text
    assert "nothing of yours was judged" in words(of("ada"), answer=heard([old]))
    assert heard([]) is None


def test_the_next_step_is_what_the_last_verdict_found_wanting() -> None:
    road = roadmap()
    first = road.stages[0]
    more = [{"id": "notes", "text": "The notes"}, {"id": "one-code", "text": "The code", "checks": ["tests"]}]
    milestone = type(first.milestone).model_validate(first.milestone.model_dump() | {"deliverables": more})
    road = road.model_copy(
        update={"stages": (first.model_copy(update={"milestone": milestone}), *road.stages[1:])}
    )
    failed = [{"id": "tests", "status": "failed"}]
    for books, step in (
        (ledger(), "The notes"),
        (ledger(entry(status="needs_work", results=failed)), "The code"),
    ):
        seen = survey(COHORT, road, (Learner(github="ada"),), books, state(repo("ada")), NOW)
        assert letter(seen.standings[0], seen, books, WEEK)["next"] == step


def test_being_late_is_told_kindly_and_in_a_public_repo_not_at_all() -> None:
    private = words(of("cy"))
    assert "was 22 days ago" in private
    assert "no reason to rush" in private
    public = words(replace(of("cy"), public=True))
    assert "22" not in public
    assert "ago" not in public
    assert "September" not in public


def test_no_letter_names_another_learner() -> None:
    seen = example()
    names = {s.learner.github: s.learner.name for s in seen.standings}
    for standing in plan(seen, {}, WEEK).due:
        text = words(standing)
        others = {n for login, n in names.items() if login != standing.learner.github and n}
        assert not [name for name in others if name in text]


def test_what_people_wrote_shows_as_text() -> None:
    road = roadmap()
    stages = [
        stage.model_copy(
            update={"milestone": stage.milestone.model_copy(update={"title": f"{NASTY[:60]} {stage.id}"})}
        )
        for stage in road.stages
    ]
    road = road.model_copy(update={"stages": tuple(stages), "tips": ("<!-- tip -->",)})
    learner = Learner(github="ada", name=NASTY.replace("\n", " ")[:200])
    seen = survey(COHORT, road, (learner,), ledger(), state(repo("ada")), NOW)
    text = words(seen.standings[0], seen=seen)
    outside = re.sub(r"````text\n.*?\n````", "", text, flags=re.S)
    assert text.count("````") == 2
    assert "<!--" not in outside
    greeting = outside[outside.index("Hello") : outside.index("You are working")]
    assert "<img" not in greeting
    assert not re.search(r"@everyone|#1\b|\]\(", greeting)
    assert "<!--" not in summary_text(seen, Renderer(), WEEK)


def test_the_summary_counts_names_and_explains() -> None:
    text = summary_text(example(), Renderer(), WEEK)
    assert "5 active learners, 1 finished. Of 25 milestones 8 are verified, 1 claimed, 16 open." in text
    assert "| overdue by 22 days; no push for 25 days |" in text
    assert "#### Invitations pending: 1" in text
    assert "- bob" not in text, "no shout-outs unless asked for"
    loud = example()
    cohort = loud.cohort.model_copy(
        update={"digest": loud.cohort.digest.model_copy(update={"shout_outs": True})}
    )
    passed = replace(loud, cohort=cohort, now=datetime(2026, 10, 3, tzinfo=UTC))
    assert "- ada: Show two" in summary_text(passed, Renderer(), WEEK)


def test_overrides_are_tried_with_just_the_values_that_a_digest_has() -> None:
    seen = example()
    for name, values in (
        ("digest/learner.md.j2", letter(of("bob"), seen, ledger(), WEEK)),
        ("digest/summary.md.j2", summary(seen, WEEK)),
    ):
        for tried in DIGESTS[name]:
            assert tried.keys() == values.keys()
            for key, value in values.items():
                if isinstance(value, dict):
                    assert tried[key].keys() == value.keys(), key
                if isinstance(value, list) and value and isinstance(value[0], dict) and tried[key]:
                    assert tried[key][0].keys() == value[0].keys(), key


def test_a_slip_in_an_override_is_found_before_any_week(tmp_path: Path) -> None:
    (tmp_path / "digest").mkdir()
    (tmp_path / "digest" / "learner.md.j2").write_text("Hello {{ helo }}, {{ current.titel }}")
    (tmp_path / "digest" / "summary.md.j2").write_text("{{ at_risk[0].why | upper }}")
    found = problems(tmp_path)
    first = found[0]
    assert (Path(first.file).name, first.message) == ("learner.md.j2", "`helo` is not known here")
    assert "hello" in first.cure


def test_the_tip_changes_weekly_and_is_the_same_for_all() -> None:
    seen = example()
    tips = {
        number: {letter(of(login), seen, ledger(), Week(2026, number))["tip"] for login in ("ada", "bob")}
        for number in range(40, 43)
    }
    assert all(len(found) == 1 for found in tips.values())
    assert len(set.union(*tips.values())) == 3


def test_a_template_can_be_overridden_block_by_block(tmp_path: Path) -> None:
    own = tmp_path / "digest" / "learner.md.j2"
    own.parent.mkdir()
    own.write_text('{% extends "shipped/digest/learner.md.j2" %}{% block tip %}Drink water.{% endblock %}')
    values = letter(of("ada"), example(), ledger(), WEEK)
    text = Renderer(tmp_path).render("digest/learner.md.j2", **values)
    assert "Drink water." in text
    assert "Tip of the week" not in text
    assert "you are here" in text


@pytest.mark.parametrize(
    ("part", "whole", "full"), [(0, 5, 0), (1, 1000, 1), (999, 1000, 9), (5, 5, 10), (0, 0, 0)]
)
def test_a_bar_is_never_full_before_the_end(part: int, whole: int, full: int) -> None:
    assert bar(part, whole, 10) == "█" * full + "░" * (10 - full)


def test_boards_say_on_track_at_risk_off_track_complete() -> None:
    seen = example()
    assert {s.learner.github: board_status(s, COHORT) for s in seen.standings if s.board_id} == {
        "ada": "ON_TRACK", "bob": "ON_TRACK", "cy": "OFF_TRACK", "dee": "OFF_TRACK", "gil": "COMPLETE",
    }  # fmt: skip
    early = stand(
        COHORT, ROADMAP, Learner(github="cy"), ledger(), repo("cy"), datetime(2026, 9, 22, tzinfo=UTC)
    )
    assert board_status(early, COHORT) == "AT_RISK"
    public = Cohort.model_validate(
        {**COHORT.model_dump(mode="json", exclude_none=True), "board": {"public": True}}
    )
    assert board_status(of("cy"), public) is None


class Counting:
    """A connection to a forge of a thousand learners that counts what it is asked."""

    def __init__(self) -> None:
        self.reads = self.writes = 0

    def graphql(
        self, text: str, variables: dict[str, Any], *, write: bool, **_: object
    ) -> tuple[dict[str, Any], list[Any]]:
        self.reads, self.writes = self.reads + (not write), self.writes + write
        if write:
            return {f"m{i}": {"made": {"id": "x"}} for i in range(len(variables))}, []
        if "ids" in variables:
            return {"nodes": [{"id": each, "issues": {"nodes": []}} for each in variables["ids"]]}, []
        names = re.findall(r'r(\d+): repository\(owner: \$org, name: "ml-([^"]+)"', text)
        return {f"r{number}": self.repo(login) for number, login in names}, []

    def repo(self, login: str) -> dict[str, Any]:
        page = {"hasNextPage": False, "hasPreviousPage": False, "endCursor": None, "startCursor": None}
        body = "<!-- cohort-bot: milestone={} text=abc -->\n- [ ] The code <!-- deliverable: x -->"
        issues = [
            {"id": f"I_{login}_{key}", "number": number, "title": key, "body": body.format(key),
             "closed": False, "viewerDidAuthor": True, "labels": {"nodes": []},
             "comments": {"pageInfo": page, "nodes": []}}
            for number, key in enumerate(STAGES, 1)
        ]  # fmt: skip
        board = {
            "id": f"P_{login}",
            "number": 1,
            "title": f"ml-{login}",
            "url": "",
            "statusUpdates": {"nodes": []},
        }
        return {
            "id": f"R_{login}", "nameWithOwner": f"acme/ml-{login}", "url": f"https://github.com/acme/ml-{login}",
            "visibility": "PRIVATE", "isArchived": False, "createdAt": "2026-09-01T00:00:00Z",
            "defaultBranchRef": None, "pushedAt": "2026-10-10T00:00:00Z", "projectsV2": {"nodes": [board]},
            "issues": {"pageInfo": page, "nodes": issues},
            "collaborators": {"nodes": [{"id": "U", "login": login}]},
        }  # fmt: skip


def test_a_thousand_learners_cost_40_reads_and_a_write_for_ten_at_most() -> None:
    connection = Counting()
    roster = tuple(Learner(github=f"learner-{number}") for number in range(1000))
    forge = Correspondence(connection, 5, WEEK.start("Europe/Berlin"))  # type: ignore[arg-type]
    seen = forge.read("acme", {COHORT.repo_of(learner.github): learner.github for learner in roster})
    found = survey(COHORT, ROADMAP, roster, ledger(), seen.state, NOW)
    done = deliver(prepare(seen, found, ledger(), Renderer(), WEEK), forge)
    assert (len(done.posted), done.updated) == (1000, 1000)
    assert connection.reads <= 30
    assert connection.writes == 50
