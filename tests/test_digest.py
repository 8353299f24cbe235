"""The weekly digest against the real sandbox: each stands once, whatever happens in between."""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from github.Auth import Token

from cohort_bot import config
from cohort_bot.digest import Week
from cohort_bot.forge.comments import Comment, Correspondence
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.pace import Pace
from cohort_bot.forge.protocol import Reply
from cohort_bot.ledger import Ledger
from cohort_bot.post import letters, post_summary
from cohort_bot.render import Renderer
from cohort_bot.standing import survey
from tests.sandbox_process import SandboxProcess
from tests.school import COHORT, LOGINS, ROSTER, School


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder = tmp_path_factory.mktemp("school")
    sandbox = SandboxProcess(folder / "sandbox")
    made = School(folder, sandbox, {})
    (folder / "cohort.yaml").write_text(COHORT.format(org=sandbox.org), encoding="utf-8")
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    enrolled = made.run("enroll", "--yes")
    assert enrolled.returncode == 0, enrolled.stderr
    made.join(*LOGINS)
    yield made
    sandbox.stop()


def test_however_often_it_runs_each_digest_stands_once(school: School) -> None:
    week, now = school.week()
    assert sorted(school.post(week, now).posted) == list(LOGINS)
    later = school.post(week, now + timedelta(days=5))
    assert (later.posted, later.removed) == ([], 0)
    assert school.each_once(week)
    ((issue, body),) = school.comments("ada", week)
    assert issue == 1
    assert body.startswith(f"{week.mark}\n### Week 1 of 48")
    assert "Bob" not in body
    for absent in ("dee",):
        assert school.comments(absent, week) == []


def test_whoever_goes_on_to_the_next_issue_is_not_told_twice(school: School) -> None:
    week, now = school.week()
    school.post(week, now)
    school.state("ada", 1, "closed")
    school.post(week, now)
    following, then = school.week()
    school.post(following, then)
    school.state("ada", 1, "open")
    assert [issue for issue, _ in school.comments("ada", week)] == [1]
    assert [issue for issue, _ in school.comments("ada", following)] == [2]


class Together(Correspondence):
    """Waits for another run before it writes, or before it looks again."""

    def __init__(
        self, *facts: Any, before_write: Barrier | None = None, before_look: Barrier | None = None
    ) -> None:
        super().__init__(*facts)
        self._before_write, self._before_look = before_write, before_look

    def write(
        self, comments: Sequence[tuple[str, str]], statuses: Sequence[tuple[str, str, str]]
    ) -> list[Reply]:
        if self._before_write:
            self._before_write.wait(30)
        return super().write(comments, statuses)

    def again(self, repo_ids: Sequence[str]) -> dict[str, tuple[Comment, ...]]:
        if self._before_look:
            self._before_look.wait(30)
        return super().again(repo_ids)


@pytest.mark.parametrize("both_look_late", [False, True])
def test_two_runs_at_once_leave_one(school: School, both_look_late: bool) -> None:
    week, now = school.week()
    written = Barrier(2)
    looks = {"before_look": Barrier(2)} if both_look_late else {}
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(school.post, week, now, Together, before_write=written, **looks) for _ in range(2)
        ]
        done = [run.result(60) for run in runs]
    assert [sorted(run.posted) for run in done] == [list(LOGINS)] * 2, "both have really posted"
    assert school.each_once(week)


class PoweredOff(BaseException):
    """The end of the process, as far as a test in one process can have it."""


class KilledBeforeLooking(Correspondence):
    def again(self, repo_ids: Sequence[str]) -> dict[str, tuple[Comment, ...]]:
        raise PoweredOff


def test_a_double_that_a_killed_run_left_is_removed_by_the_next(school: School) -> None:
    week, now = school.week()
    with pytest.raises(PoweredOff):
        school.post(week, now, KilledBeforeLooking)
    for login in LOGINS:
        school.say(login, 2, f"{week.mark}\nas posted by a run that knew nothing of the first")
    done = school.post(week, now)
    assert (done.posted, done.removed) == ([], 3)
    assert school.each_once(week)
    assert [issue for issue, _ in school.comments("bob", week)] == [1], "the older one stays"


def test_killed_while_it_waits_for_an_answer_it_goes_on(school: School) -> None:
    week, _ = school.week()
    school.fault("slow", operation="addComment.*", seconds=20)
    mark = school.sandbox.requests()[-1]["id"]
    process = subprocess.Popen(
        school.cli("digest", "--week", str(week)), env=school.env,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not any(hit["hits"] for hit in school.sandbox.control("GET", "faults")):
        assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    school.sandbox.control("DELETE", "faults")
    again = school.run("digest", "--week", str(week))
    assert again.returncode == 0, again.stderr
    assert school.each_once(week)
    assert mark < school.sandbox.requests()[-1]["id"]


class Mortal(Correspondence):
    """Dies at its n-th write: before it is sent, or when it has been carried out."""

    def __init__(self, *facts: Any, nth: int, after: bool) -> None:
        super().__init__(*facts)
        self._left, self._after = nth, after

    def write(
        self, comments: Sequence[tuple[str, str]], statuses: Sequence[tuple[str, str, str]]
    ) -> list[Reply]:
        self._left -= 1
        if not self._left and not self._after:
            raise PoweredOff
        replies = super().write(comments, statuses)
        if not self._left:
            raise PoweredOff
        return replies


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_killed_at_any_request_it_goes_on(
    school: School, monkeypatch: pytest.MonkeyPatch, nth: int, after: bool
) -> None:
    monkeypatch.setattr(letters, "LEARNERS_A_REQUEST", 1)
    week, now = school.week()
    with pytest.raises(PoweredOff):
        school.post(week, now, Mortal, nth=nth, after=after)
    done = school.post(week, now)
    assert len(done.posted) == 3 - nth + (not after)
    assert school.each_once(week)


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "502-after", "truncated", "not-json"])
def test_an_answer_that_never_comes_is_looked_for(school: School, kind: str) -> None:
    week, now = school.week()
    school.fault(kind, operation="addComment.*", writes=True)
    done = school.post(week, now)
    school.sandbox.control("DELETE", "faults")
    assert (sorted(done.posted), done.stopped) == (list(LOGINS), "")
    assert school.each_once(week)


def test_one_refusal_fails_one_learner_and_the_next_run_makes_up_for_it(school: School) -> None:
    week, now = school.week()
    school.fault("alias", operation="addComment.*", alias=1, message="no luck")
    done = school.post(week, now)
    assert done.failed == {"bob": "no luck"}
    assert done.posted == ["ada", "cy"]
    assert school.post(week, now).posted == ["bob"]
    assert school.each_once(week)


def test_a_marker_that_somebody_else_wrote_is_not_believed(school: School) -> None:
    week, now = school.week()
    school.say("ada", 1, f"{week.mark}\nI would rather not hear", school.tokens["ada"])
    school.say("bob", 1, f"> {week.mark}\n\nquoted by the organiser")
    done = school.post(week, now)
    assert sorted(done.posted) == list(LOGINS)
    assert len([body for _, body in school.comments("bob", week) if body.startswith(week.mark)]) == 1


def test_a_digest_is_found_below_a_hundred_other_comments(school: School) -> None:
    week, now = school.week()
    school.post(week, now)
    for number in range(125):
        school.say("cy", 1, f"thought {number}", school.tokens["cy"])
    assert school.post(week, now).posted == []
    school.state("cy", 1, "closed")
    assert school.post(week, now).posted == []
    school.state("cy", 1, "open")


def test_the_letter_leads_to_what_the_learners_own_workflow_said(school: School) -> None:
    week, now = school.week()
    workflow = school.sandbox.actions_token(f"{school.sandbox.org}/ml-ada")
    body = "<!-- cohort-bot: feedback=foundations status=needs_work commit=abc note= ticked= -->\n### Almost"
    school.say("ada", 1, body, workflow)
    school.post(week, now)
    ((_, told),) = school.comments("ada", week)
    assert "some of it needs work. [Read the answer](http://" in told
    assert "Read the answer" not in school.comments("bob", week)[0][1]


STATUSES = """query($org: String!) { organization(login: $org) { projectsV2(first: 20) { nodes {
  title statusUpdates(first: 9) { nodes { status body } } } } } }"""


def statuses(school: School, login: str) -> list[str]:
    answer = school.sandbox.graphql(STATUSES, org=school.sandbox.org)
    (board,) = [
        b for b in answer["data"]["organization"]["projectsV2"]["nodes"] if b["title"] == f"ml-{login}"
    ]
    return [update["status"] for update in board["statusUpdates"]["nodes"]]


def test_a_board_gets_a_status_when_it_changes(school: School) -> None:
    before = statuses(school, "ada")
    late = datetime(2026, 3, 10, 8, tzinfo=UTC)  # eight days after stage one was due
    for now in (late - timedelta(days=5), late - timedelta(days=5), late + timedelta(days=1)):
        school.post(Week.at(now, "Europe/Berlin"), now)
    assert statuses(school, "ada")[: len(statuses(school, "ada")) - len(before)] == ["OFF_TRACK", "AT_RISK"]


def summaries(school: School, repo: str) -> list[list[str]]:
    path = f"/repos/{school.sandbox.org}/{repo}"
    issues = school.sandbox.api("GET", f"{path}/issues?state=all").json()
    return [
        [c["body"] for c in school.sandbox.api("GET", f"{path}/issues/{issue['number']}/comments").json()]
        for issue in issues
    ]


def new_repo(school: School, name: str, visibility: str) -> str:
    body = {"name": name, "visibility": visibility, "private": visibility == "private"}
    assert school.sandbox.api("POST", f"/orgs/{school.sandbox.org}/repos", json=body).status_code == 201
    return f"{school.sandbox.org}/{name}"


def summarised(
    school: School, path: str, week: Week, now: datetime, kind: type[Correspondence] = Correspondence
) -> str:
    connection = Connection(
        school.sandbox.url, Token(school.sandbox.token), Pace(lambda: 0.0, lambda _: None)
    )
    settings = config.load(school.folder / "cohort.yaml")
    forge = kind(connection, 5, week.start("Europe/Berlin"))
    seen = forge.read(school.sandbox.org, {f"ml-{login}": login for login in (*LOGINS, "dee")})
    found = survey(settings.cohort, settings.roadmap, settings.roster, Ledger(), seen.state, now)
    return post_summary(path, found, Renderer(), week, forge)


def test_the_summary_is_one_issue_with_one_comment_a_week(school: School) -> None:
    path = new_repo(school, "cohort", "private")
    weeks = [school.week() for _ in range(2)]
    for week, now in weeks:
        assert summarised(school, path, week, now) == f"posted in {path}"
        assert summarised(school, path, week, now) == f"posted already in {path}"
    (comments,) = summaries(school, "cohort")
    assert [body.splitlines()[0] for body in comments] == [week.mark for week, _ in weeks]
    assert "Invitations pending: 1" in comments[0]


def test_two_runs_that_open_the_summary_at_once_go_on_with_one(school: School) -> None:
    path = new_repo(school, "twice", "private")
    week, now = school.week()
    opened = Barrier(2)

    class AtOnce(Correspondence):
        def open_issue(self, repo_id: str, title: str, body: str) -> Reply:
            opened.wait(30)
            made = super().open_issue(repo_id, title, body)
            opened.wait(30)
            return made

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(summarised, school, path, week, now, AtOnce) for _ in range(2)]
        for run in runs:
            run.result(60)
    issues = school.sandbox.api("GET", f"/repos/{path}/issues?state=all").json()
    assert sorted((issue["number"], issue["state"]) for issue in issues) == [(1, "open"), (2, "closed")]
    assert sorted(len(comments) for comments in summaries(school, "twice")) == [0, 1]


def test_a_public_repo_gets_no_summary(school: School) -> None:
    path = new_repo(school, "open-cohort", "public")
    week, now = school.week()
    assert "public" in summarised(school, path, week, now)
    assert summaries(school, "open-cohort") == []


def test_the_command_shows_first_and_posts_then(school: School) -> None:
    week, _ = school.week()
    shown = school.run("digest", "--dry-run", "--week", str(week))
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count(week.mark) == 3
    assert school.comments("ada", week) == []
    posted = school.run("digest", "--week", str(week))
    assert (posted.returncode, "3 posted" in posted.stderr) == (0, True)
    assert school.each_once(week)


def test_an_alias_that_failed_only_in_word_counts_as_posted(school: School) -> None:
    week, now = school.week()

    class Misheard(Correspondence):
        def write(
            self, comments: Sequence[tuple[str, str]], statuses: Sequence[tuple[str, str, str]]
        ) -> list[Reply]:
            replies = super().write(comments, statuses)
            return [Reply(error="Something went wrong", unsure=True), *replies[1:]]

    done = school.post(week, now, Misheard)
    assert (sorted(done.posted), done.failed) == (list(LOGINS), {})
    assert school.each_once(week)


def test_status_and_dashboard_read_the_forge_in_a_request_or_two(school: School, tmp_path: Path) -> None:
    school.state("bob", 1, "closed")
    mark = school.sandbox.requests()[-1]["id"]
    told = school.run("status", "--format", "json")
    assert told.returncode == 0, told.stderr
    learners = {each["github"]: each for each in json.loads(told.stdout)["learners"]}
    assert [step["progress"] for step in learners["bob"]["milestones"]] == ["claimed", *["open"] * 4]
    assert (learners["ada"]["access"], learners["dee"]["access"]) == ("joined", "invited")
    ours = [one for one in school.sandbox.requests(mark) if one["actor"] != "github-actions[bot]"]
    assert [one["operation"] for one in ours] == ["threads"]
    school.state("bob", 1, "open")
    built = school.run("dashboard", "--out", str(tmp_path / "site"))
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "site" / "learners" / "learner-1.html").is_file()


def test_a_week_to_come_is_refused(school: School) -> None:
    refused = school.run("digest", "--week", "2099-W01")
    assert refused.returncode == 2
    assert "2099-W01 has not begun yet" in refused.stderr


def test_everybody_gets_one_every_week(school: School) -> None:
    told: Counter[str] = Counter()
    for number in range(4):
        week, now = school.week()
        if number == 2:
            for issue in range(1, 6):
                school.state("cy", issue, "closed")  # claimed is not finished: the judge has still to come
        told.update(school.post(week, now).posted)
    assert told == {"ada": 4, "bob": 4, "cy": 4}
