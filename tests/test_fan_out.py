"""Fan-out: repos make their own labels, milestones and issues, and it comes to the same as if we had."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from github import Auth
from hypothesis import given
from hypothesis import strategies as st

from cohort_bot import furnishing
from cohort_bot.apply import Became
from cohort_bot.change import Action, Thing
from cohort_bot.forge.comments import Correspondence
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.pace import Pace
from cohort_bot.state import Issue, Label, Milestone, Repo
from tests.crash_matrix import EDITED, differences, lived_in
from tests.rig import FILES, FURNISH, ORG, Ended, Rig, Wish, rigged

FANNED = Wish(fan_out=True)
OWNER = "organiser"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with rigged(tmp_path_factory.mktemp("rig")) as rig:
        yield rig


@pytest.fixture
def rig(running: Rig) -> Rig:
    running.reset()
    return running


def without_orders(state: dict[str, Any]) -> dict[str, Any]:
    """The state, the files that say what to furnish left out."""
    for repo in state["repos"].values():
        kept = {path: sha for path, sha in repo["files"].items() if not path.startswith(".github")}
        repo["files"] = kept | {path: repo["files"].get(path) for path in FILES}
    return state


def enrolled(rig: Rig, wish: Wish) -> dict[str, Any]:
    ended = rig.enroll(wish)
    assert ended.how == "done", [str(outcome) for outcome in ended.outcomes if outcome.reason]
    rig.calm()
    return without_orders(rig.state())


def reasons(ended: Ended) -> dict[str, str]:
    """Repo → why something about it was not done."""
    failed = (outcome for outcome in ended.outcomes if outcome.became is Became.FAILED)
    return {outcome.change.repo: outcome.reason for outcome in failed}


def put(rig: Rig, login: str, path: str, text: bytes) -> None:
    """Write a file into a learner's repo."""
    place = f"/repos/{ORG}/ml-{login}/contents/{path}"
    known = rig.session.get(
        rig.running.url + place, headers={"Authorization": f"Bearer {rig.running.token}"}, timeout=30
    )
    sha = {"sha": known.json()["sha"]} if known.ok else {}
    rig.api("PUT", place, json={"message": "mend", "content": base64.b64encode(text).decode(), **sha})


def test_repos_make_for_themselves_what_the_organiser_would_have_made(rig: Rig) -> None:
    right = enrolled(rig, Wish())
    rig.reset()
    assert differences(right, enrolled(rig, FANNED)) == []
    mark = rig.mark()
    assert rig.enroll(FANNED).how == rig.enroll(Wish()).how == "done"
    assert rig.writes_since(mark) == []


def test_an_edited_roadmap_comes_to_the_same_and_learners_lose_nothing(rig: Rig) -> None:
    lived_in(rig)
    right = enrolled(rig, EDITED)
    assert "My own notes." in str(right)
    rig.reset()
    lived_in(rig)
    assert differences(right, enrolled(rig, replace(EDITED, fan_out=True))) == []


def test_it_costs_the_organiser_less_than_three_requests_a_learner(rig: Rig) -> None:
    enrolled(rig, replace(FANNED, logins=("first",)))
    mark = rig.mark()
    logins = tuple(f"learner-{number}" for number in range(12))
    assert rig.enroll(replace(FANNED, logins=("first", *logins))).how == "done"
    asked = [entry for entry in rig.sandbox.log.since(mark) if entry["actor"] == OWNER]
    assert len(asked) / len(logins) <= 3
    there = [entry for entry in rig.sandbox.log.since(mark) if entry["actor"] != OWNER]
    assert {"createIssue", "createLabel"} <= {entry["operation"] for entry in there}
    assert not any("Project" in (entry["operation"] or "") for entry in there)


def test_the_plan_tells_who_makes_what_and_prices_only_our_part(rig: Rig) -> None:
    enrolled(rig, replace(FANNED, logins=("first",)))
    plan = rig.plan(replace(FANNED, logins=("first", "ada")))
    there = {change.thing for change in plan.changes if change.there}
    assert there == {Thing.LABEL, Thing.MILESTONE, Thing.ISSUE}
    plain = rig.plan(Wish(logins=("first", "ada")))
    assert {(c.action, c.thing, c.key) for c in plan.changes if c.there} <= {
        (c.action, c.thing, c.key) for c in plain.changes
    }
    assert plan.cost.content < plain.cost.content
    assert plan.checksum != plain.checksum
    mark = rig.mark()
    enrolled(rig, replace(FANNED, logins=("first", "ada")))
    made = [entry for entry in rig.writes_since(mark) if entry["actor"] == OWNER]
    looks = 2  # at the files as they arrive, at what was made there
    assert len(made) + looks == plan.cost.requests


def test_a_failed_workflow_is_named_and_started_again(rig: Rig) -> None:
    broken = FILES[FURNISH].replace(b"uses: cohort-bot", b"uses: nobody/nothing #")
    assert broken != FILES[FURNISH]
    wish = Wish(logins=("ada", "bob"), fan_out=True, files={**FILES, FURNISH: broken})
    ended = rig.enroll(wish)
    assert ended.how == "partial"
    assert set(reasons(ended)) == {"ml-ada", "ml-bob"}
    assert all("has failed: http" in why and "/actions/runs/" in why for why in reasons(ended).values())
    rig.calm()
    for login in ("ada", "bob"):
        put(rig, login, FURNISH, FILES[FURNISH])
    mended = replace(wish, files=FILES)
    started = {c.repo for c in rig.plan(mended).changes if c.thing is Thing.START}
    assert started == {"ml-ada", "ml-bob"}
    enrolled(rig, mended)
    mark = rig.mark()
    rig.enroll(mended)
    assert rig.writes_since(mark) == []


def test_a_run_that_failed_before_is_not_taken_for_the_new_one(rig: Rig) -> None:
    rig.strike(kind="401", actor=r"github-actions\[bot\]", times=0)
    ended = rig.enroll(FANNED)
    assert ended.how == "partial"
    assert "has failed: http" in reasons(ended)["ml-ada"]
    rig.calm()
    enrolled(rig, FANNED)


def test_where_no_workflow_runs_it_says_so_and_a_plain_run_makes_the_rest(rig: Rig) -> None:
    right = enrolled(rig, Wish(files={path: FILES[path] for path in FILES if path != FURNISH}))
    rig.reset()
    wish = Wish(fan_out=True, files={path: FILES[path] for path in FILES if path != FURNISH})
    ended = rig.enroll(wish)
    assert ended.how == "partial"
    assert "has not ended" in reasons(ended)["ml-ada"]
    rig.calm()
    assert differences(right, enrolled(rig, replace(wish, fan_out=False))) == []


def test_a_changed_roadmap_reaches_repos_that_are_there_and_no_other_file_does(rig: Rig) -> None:
    enrolled(rig, Wish())
    put(rig, "ada", "a/b.txt", b"my own work\n")
    roadmap = ".github/cohort/roadmap.json"
    wish = Wish(files={**FILES, roadmap: b'{"new": 1}\n', "a/b.txt": b"the template's\n"})
    ours = [change for change in rig.plan(wish).changes if change.thing is Thing.OURS]
    assert {(c.repo, c.action) for c in ours} == {(f"ml-{n}", Action.UPDATE) for n in ("ada", "bob", "eve")}
    before = rig.state()["repos"]["ml-ada"]["files"]
    after = enrolled(rig, wish)["repos"]["ml-ada"]["files"]
    assert before["a/b.txt"] == after["a/b.txt"]
    assert before[roadmap] != after[roadmap] == furnishing.blob_id(b'{"new": 1}\n')
    put(rig, "ada", roadmap, b"{}\n")
    assert "somebody has changed them" in str(rig.plan(wish).changes[0])


def test_a_commit_of_ours_is_no_sign_of_a_learners_work(rig: Rig) -> None:
    enrolled(rig, Wish())
    before = rig.clock.now()
    rig.clock.advance(10 * 86_400)
    enrolled(rig, Wish(files={**FILES, ".github/cohort/roadmap.json": b'{"new": 1}\n'}))
    auth = Auth.Token(rig.running.token)
    connection = Connection(rig.running.url, auth, Pace(lambda: 0.0, lambda _: None))
    read = Correspondence(connection, 2, rig.clock.now()).read(ORG, {"ml-ada": "ada"})
    connection.close()
    at = read.state.repos["ml-ada"].pushed_at
    assert at is not None
    assert at <= before


LABEL = st.builds(Label, st.from_regex("[a-z]{1,9}", fullmatch=True), st.text(), st.text(), st.text())
WHEN = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
KEYS = st.lists(st.from_regex("[a-z]{1,9}", fullmatch=True), unique=True, max_size=4)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(keys=KEYS, labels=st.lists(LABEL, unique_by=lambda one: one.key), when=WHEN, text=TEXT)
def test_an_order_says_all_that_is_to_be_made(
    keys: list[str], labels: list[Label], when: datetime, text: str
) -> None:
    names = frozenset(label.key for label in labels)
    repo = Repo(
        "ml-ada",
        labels={label.key: label for label in labels},
        milestones={key: Milestone(key, text, text, when) for key in keys},
        issues={key: Issue(key, text, text, key, names) for key in keys},
    )
    found = furnishing.read(furnishing.order(repo))
    assert (found.labels, found.milestones, found.issues) == (repo.labels, repo.milestones, repo.issues)
    assert furnishing.order(found) == furnishing.order(repo)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "version"),
        ("not json", "Invalid JSON"),
        (json.dumps({"version": 1, "repo": "x", "labels": 3, "milestones": [], "issues": []}), "labels"),
    ],
)
def test_what_is_no_order_is_refused_in_words(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "furnish.json"
    file.write_text(text, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "cohort_bot", "furnish", str(file), "--repo", "a/b"],
        env={**os.environ, "GITHUB_TOKEN": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert told in ended.stderr
    assert "enroll --fan-out" in ended.stderr
    assert "Traceback" not in ended.stderr
