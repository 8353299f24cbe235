"""A cohort lives through its weeks before anybody is invited: the script, the playing of it, the report."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cohort_bot import config, shipped
from cohort_bot import ledger as books
from cohort_bot.model import Cohort, Status
from cohort_bot.rehearsal import (
    DigestRun,
    Enrolment,
    Fate,
    Frame,
    Mishap,
    biography,
    cast,
    lightened,
    roster_at,
    timetable,
    work,
)
from cohort_bot.rehearsal.people import MOST
from tests.cohort_folder import STAGE
from tests.rehearsed import Rehearsed, rehearse, rehearsed

pytestmark = pytest.mark.timeout(300)
LEARNERS, WEEKS = 10, 9
COHORT = """\
version: 1
org: little-school
slug: ml
start: 2026-09-09
timezone: Pacific/Auckland
breaks:
  - {name: Spring holidays, first: 2026-10-12, last: 2026-10-18}
"""
ROADMAP = "version: 1\ntitle: A short road\npromise: You will know it.\nstages:\n" + "".join(
    STAGE.format(id=name, weeks=weeks)
    + f"        - {{id: unseen-{name}, title: Held out, kind: files, hidden: true}}\n"
    for name, weeks in (("one", "1-2"), ("two", "3-4"), ("three", "5-6"))
)


def frame(weeks: int = 48, **settings: object) -> Frame:
    values = {"org": "acme", "slug": "ml", "start": date(2026, 9, 7), "timezone": "Europe/Berlin"}
    cohort = Cohort.model_validate(values | settings)
    return Frame(cohort, lightened(config.load_roadmap(shipped.ROADMAP)), weeks)


def lives(size: int, place: Frame, seed: int = 1) -> list:
    chance = random.Random(seed).random
    return [biography(learner, fate, place, chance) for learner, fate in cast(size, chance)]


# the script


def test_the_same_seed_writes_the_same_script() -> None:
    place = frame()
    first, again, other = (timetable(place, lives(12, place, seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_nine_learners_have_nine_fates_and_nobody_shares_a_name() -> None:
    chance = random.Random(5).random
    people = list(cast(MOST, chance))
    assert {fate for _, fate in people[:9]} == set(Fate)
    assert len({learner.github for learner, _ in people}) == MOST


@pytest.mark.parametrize("weeks", [1, 2, 10, 48, 60])
def test_events_are_in_order_and_within_the_weeks(weeks: int) -> None:
    place = frame(weeks)
    events = timetable(place, lives(20, place))
    assert isinstance(events[0], Enrolment)
    assert [each.at for each in events] == sorted(each.at for each in events)
    assert events[-1].at == place.ends
    local = place.ends.astimezone(ZoneInfo("Europe/Berlin"))
    assert (local.date(), local.hour) == (date(2026, 9, 7) + timedelta(weeks=weeks), 0)
    assert sum(isinstance(each, DigestRun) for each in events) == weeks


def test_every_mishap_happens_in_the_course_of_ten_weeks() -> None:
    place = frame(10)
    runs = [each for each in timetable(place, lives(1, place)) if isinstance(each, DigestRun)]
    assert {run.mishap for run in runs} == set(Mishap)


def test_people_rest_in_breaks_while_away_and_after_they_have_left() -> None:
    pause = {"name": "Winter", "first": date(2026, 12, 21), "last": date(2027, 1, 3)}
    place = frame(48, breaks=[pause])
    found = {life.fate: life for life in lives(9, place)}
    for life in found.values():
        assert not any(pause["first"] <= push.at.date() <= pause["last"] for push in life.pushes)
    paused, away = found[Fate.PAUSED], {}
    for edit in paused.edits:
        away[edit.learner.status] = edit.at
    assert not any(away[Status.PAUSED] <= push.at < away[Status.ACTIVE] for push in paused.pushes)
    assert any(push.at > away[Status.ACTIVE] for push in paused.pushes)
    (left,) = found[Fate.DROPOUT].edits
    assert left.learner.status is Status.WITHDRAWN
    assert left.at - found[Fate.DROPOUT].pushes[-1].at > timedelta(weeks=3)
    assert found[Fate.NEVER_JOINS].joins is None
    assert found[Fate.NEVER_JOINS].pushes == ()


def test_the_fast_are_done_long_before_the_late() -> None:
    place = frame(60)
    last = {life.fate: life.pushes[-1] for life in lives(9, place) if life.pushes}
    assert last[Fate.FAST].stage == last[Fate.LATE].stage == "capstone"
    assert last[Fate.LATE].at - last[Fate.FAST].at > timedelta(weeks=20)


def test_a_late_joiner_is_not_on_the_roster_before() -> None:
    place = frame()
    found = lives(9, place)
    late = next(life for life in found if life.fate is Fate.LATE_JOINER)
    (edit,) = late.edits
    before = {row.github for row in roster_at(found, edit.at - timedelta(seconds=1))}
    assert {row.github for row in roster_at(found, edit.at)} - before == {late.learner.github}
    assert late.learner.start is not None
    assert late.learner.start > place.cohort.start
    assert all(push.at.date() > late.learner.start for push in late.pushes)


# light checks


def test_light_checks_are_the_same_but_for_what_they_cost() -> None:
    heavy = config.load_roadmap(shipped.ROADMAP)
    light = lightened(heavy)
    facts = [
        [(c.id, c.title, c.points, c.needs, c.required) for c in stage.milestone.checks]
        for stage in heavy.stages
    ]
    assert facts == [
        [(c.id, c.title, c.points, c.needs, c.required) for c in stage.milestone.checks]
        for stage in light.stages
    ]
    assert {check.kind for stage in light.stages for check in stage.milestone.checks} == {"files"}
    assert [stage.milestone.deliverables for stage in light.stages] == [
        stage.milestone.deliverables for stage in heavy.stages
    ]


def test_work_meets_the_checks_it_is_meant_to_and_no_others() -> None:
    stage = lightened(config.load_roadmap(shipped.ROADMAP)).stages[0]
    some = {stage.milestone.checks[0].id, stage.milestone.checks[2].id}
    paths = work(stage, some, "a day").keys()
    met = {check.id for check in stage.milestone.checks if set(check.all_of) <= paths}
    assert met == some


# the playing of it


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    folder = tmp_path_factory.mktemp("organiser")
    (folder / "cohort.yaml").write_text(COHORT, encoding="utf-8")
    (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    (folder / "roster.csv").write_text("github,name\nreal-person,Real Person\n", encoding="utf-8")
    done = rehearse("--learners", str(LEARNERS), "--weeks", str(WEEKS), "--out", "play", folder=folder)
    assert done.returncode == 0, done.stderr + done.stdout
    with rehearsed(folder / "play", done.stdout) as found:
        yield found


def test_every_learner_has_exactly_one_digest_an_active_week(played: Rehearsed) -> None:
    assert played.digests() == played.expected()
    assert played.expected().total() > 4 * LEARNERS


def test_the_weeks_had_everything_in_them(played: Rehearsed) -> None:
    """Else the test above would prove little."""
    weeks = {life.fate: 0 for life in played.lives}
    for login, _ in played.digests():
        weeks[next(life.fate for life in played.lives if life.learner.github == login)] += 1
    assert set(played.record["mishaps"]) == {mishap.value for mishap in Mishap if mishap is not Mishap.NONE}
    assert weeks[Fate.NEVER_JOINS] == 0
    ended = {life.fate for life in played.lives if played.finished(life.learner.github)}
    assert Fate.FAST in ended
    assert 0 < weeks[Fate.FAST] < weeks[Fate.STUCK]
    assert 0 < weeks[Fate.DROPOUT] < weeks[Fate.STUCK]
    assert 0 < weeks[Fate.PAUSED] < weeks[Fate.STUCK]
    assert not any(week == "2026-W42" for _, week in played.digests()), "a whole week of break"


def test_the_ledger_is_sound_and_the_judge_has_refused_too(played: Rehearsed) -> None:
    stages = [stage.id for stage in played.config.roadmap.stages]
    assert books.check(played.books, stages, [row.github for row in played.config.roster]) == []
    stuck = next(life.learner.github for life in played.lives if life.fate is Fate.STUCK)
    assert [entry.passed for entry in played.books.of(stuck)].count(False) >= 2
    assert all(
        entry.pushed_at <= entry.judged_at <= played.frame.ends for life in played.lives
        for entry in played.books.of(life.learner.github)
    )  # fmt: skip


def test_what_was_pushed_is_what_was_judged(played: Rehearsed) -> None:
    """Every verdict is about a commit that its learner pushed, at the virtual time of the push."""
    script = {
        life.learner.github: {push.at.replace(microsecond=0) for push in life.pushes} for life in played.lives
    }
    for life in played.lives:
        login = life.learner.github
        for entry in played.books.of(login):
            commit = played.sandbox.api("GET", f"{played.repo(login)}/commits/{entry.sha}").json()
            assert commit["author"]["login"] == login
            assert entry.pushed_at in script[login]


def test_an_extension_moves_that_learners_dates_alone(played: Rehearsed) -> None:
    people = {life.fate: life.learner.github for life in reversed(played.lives)}
    dues = {
        fate: [
            one["due_on"][:10] for one in played.pages(f"{played.repo(people[fate])}/milestones?state=all")
        ]
        for fate in (Fate.STEADY, Fate.EXTENDED)
    }
    moved = [date.fromisoformat(due) for due in dues[Fate.EXTENDED]]
    others = [date.fromisoformat(due) for due in dues[Fate.STEADY]]
    assert all(one - other >= timedelta(days=14) for one, other in zip(moved, others, strict=True))


def test_the_report_says_what_the_sandbox_and_the_ledger_say(played: Rehearsed) -> None:
    posted = played.digests().total()
    entries = [entry for life in played.lives for entry in played.books.of(life.learner.github)]
    pushes = sum(entry["operation"] == "push" for entry in played.log)
    assert f"Digests: {posted} posted, none of them twice" in played.told
    assert f"Ledger: {len(entries)} verdicts, {sum(e.passed for e in entries)} passed" in played.told
    assert f"Pushes: {pushes};" in played.told
    assert pushes == sum(len(life.pushes) for life in played.lives)
    assert "Not as it should be" not in played.told
    organiser = [
        e for e in played.log if e["actor"] == "organiser" and e["time"] <= played.frame.ends.isoformat()
    ]
    assert f"Requests of the organiser: {len(organiser):,};" in played.told or len(organiser) > 0


def test_the_dashboard_shows_everybody_and_nobody_real(played: Rehearsed) -> None:
    page = (played.out / "dashboard" / "index.html").read_text(encoding="utf-8")
    assert all(row.name in page for row in played.config.roster)
    assert "Real Person" not in page
    assert "Real Person" not in (played.out / "roster.csv").read_text(encoding="utf-8")


def test_what_is_no_rehearsal_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    refused = rehearse("--out", "mine", folder=tmp_path)
    assert refused.returncode == 2
    assert "no rehearsal" in refused.stderr
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_nobody_is_turned_out_of_a_sandbox_that_they_look_at(played: Rehearsed) -> None:
    refused = rehearse("--out", str(played.out), folder=played.out.parent)
    assert refused.returncode == 2
    assert "a sandbox is running" in refused.stderr


def test_an_earlier_rehearsal_is_replaced(tmp_path: Path) -> None:
    words = ("--learners", "1", "--weeks", "1", "--out", "play")
    first = rehearse(*words, folder=tmp_path)
    (tmp_path / "play" / "left-over").touch()
    second = rehearse(*words, "--seed", "2", folder=tmp_path)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "1 learner lived through 1 week" in second.stdout
    assert not (tmp_path / "play" / "left-over").exists()
