"""Results that leave the tool: read back by the rules of those who import them."""

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import icalendar
import pytest
from rich.console import Console

from cohort_bot.ledger import append
from cohort_bot.reports import exports, status
from cohort_bot.standing import Survey
from tests import cohort_folder
from tests.cohort_in_progress import NOW, ROSTER, example, roadmap
from tests.ledger_entries import entry


def rows(text: str) -> list[list[str]]:
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text, newline="")))


def named(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def canvas(text: str) -> tuple[dict[str, Decimal], dict[str, dict[str, str]]]:
    """Points possible and scores by login, read as Canvas's own importer reads them.

    Its rules (lib/gradebook_importer.rb): the first column's header holds `Student`, the second's `ID`; SIS
    ids may follow; the column before the first assignment is `Section`; a row with `Points Possible` in its
    first cell is about assignments; digits in brackets at the end of a title are an assignment's id.
    """
    header, *rest = rows(text)
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert [re.sub(r"\s+", " ", name) for name in header[2:4]] == ["SIS User ID", "SIS Login ID"]
    assert "Section" in header[4]
    titles = header[5:]
    assert len(set(titles)) == len(titles)
    assert not any(re.search(r"\(\d+\)\s*$", title) for title in titles)
    reserved = r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)"
    assert not any(re.search(reserved, title) for title in titles)
    (possible,) = [row for row in rest if "Points Possible" in row[0]]
    scores = {row[3]: dict(zip(titles, row[5:], strict=True)) for row in rest if row is not possible}
    return dict(zip(titles, map(Decimal, possible[5:]), strict=True)), scores


def test_canvas_reads_points_by_login() -> None:
    possible, scores = canvas(exports.as_canvas(example()))
    assert set(possible.values()) == {Decimal(5)}
    assert scores["ada@example.org"]["1. Show one"] == "3"
    assert scores["bob@example.org"]["2. Show two"] == ""
    assert set(scores["gil"].values()) == {"3"}
    assert "fay" not in scores


def test_canvas_does_not_take_a_year_for_an_assignments_id() -> None:
    road = roadmap(["one"])
    stage = road.stages[0]
    titled = stage.milestone.model_copy(update={"title": "The show (2026)"})
    road = road.model_copy(update={"stages": (stage.model_copy(update={"milestone": titled}),)})
    possible, _ = canvas(exports.as_canvas(replace(example(), roadmap=road, standings=())))
    assert list(possible) == ["1. The show [2026]"]


def test_moodle_reads_grade_and_feedback_by_email_or_id() -> None:
    found = {row["ID number"]: row for row in named(exports.as_moodle(example()))}
    assert found["ada"]["Email address"] == "ada@example.org"
    for row in found.values():
        for title in ("1. Show one", "5. Show five"):
            grade = row[f"{title} (Real)"]
            assert grade == "-" or Decimal(grade) >= 0
            assert bool(row[f"{title} (Feedback)"]) == (grade != "-")
    assert found["gil"]["1. Show one (Feedback)"] == "Verified, pushed 2026-09-12 (UTC)"


def test_csv_has_a_row_for_every_learner_and_milestone() -> None:
    found = named(exports.as_csv(example()))
    assert len(found) == 5 * len(ROSTER)
    bob = [row for row in found if row["github"] == "bob"]
    assert [row["progress"] for row in bob] == ["verified", "open", "open", "open", "open"]
    assert datetime.fromisoformat(bob[1]["due"]) == datetime.fromisoformat("2026-10-18T23:59:59+02:00")


@pytest.mark.parametrize("form", ["csv", "canvas", "moodle"])
def test_a_name_is_never_a_formula(form: str) -> None:
    cells = [cell for row in rows(exports.FORMATS[form](example())) for cell in row]
    assert "'=cmd()" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@")) or re.match(r"-[^\d]", cell)]


def events(found: Survey) -> dict[str, Any]:
    """Summary → event, as an iCalendar parser reads them."""
    text = exports.as_calendar(found)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    calendar = icalendar.Calendar.from_ical(text)
    assert calendar["version"] == "2.0"
    events = list(calendar.walk("VEVENT"))
    assert len({str(event["uid"]) for event in events}) == len(events)
    assert all(event["dtstamp"].dt == NOW for event in events)
    assert not any(event.errors for event in events)
    return {str(event["summary"]): event for event in events}


def test_the_calendar_holds_every_date_and_the_personal_ones() -> None:
    found = events(example())
    assert len(found) == 10
    assert found["Due: 2. Show two"]["dtstart"].dt == date(2026, 10, 11)
    assert found["Due (bob): 2. Show two"]["dtstart"].dt == date(2026, 10, 18)
    assert found["Due (bob): 2. Show two"]["dtend"].dt == date(2026, 10, 19)


def test_a_learners_calendar_holds_their_dates_only() -> None:
    seen = example()
    for login, prefix, day in (("bob", "Due (bob): ", 18), ("ada", "Due: ", 11)):
        alone = replace(seen, standings=tuple(s for s in seen.standings if s.learner.github == login))
        found = events(alone)
        assert len(found) == 5
        assert found[f"{prefix}2. Show two"]["dtstart"].dt == date(2026, 10, day)


def test_a_calendar_survives_what_people_write() -> None:
    road = roadmap(["one"])
    stage = road.stages[0]
    odd = 'Semi; comma, back\\slash "quotes" — and ünïcode ' + "x" * 180
    milestone = stage.milestone.model_copy(update={"title": odd, "summary": "BEGIN:VEVENT\nEND:VCALENDAR"})
    road = road.model_copy(update={"stages": (stage.model_copy(update={"milestone": milestone}),)})
    found = events(replace(example(), roadmap=road, standings=()))
    assert list(found) == [f"Due: 1. {odd}"]
    assert str(found[f"Due: 1. {odd}"]["description"]).startswith("BEGIN:VEVENT\nEND:VCALENDAR")


def test_json_says_which_of_open_claimed_and_verified() -> None:
    found = json.loads(status.as_json(example()))
    assert found["sums"] == {
        "active": 5, "at_risk": 2, "due_not_verified": 4, "open": 16, "claimed": 1, "verified": 8,
    }  # fmt: skip
    first = found["learners"][0]
    assert (first["github"], first["standing"], first["finished"]) == ("cy", "late by 22 days", False)
    assert [risk["rule"] for risk in first["at_risk"]] == ["late", "idle"]
    assert {step["progress"] for step in first["milestones"]} == {"open"}


def test_the_table_shows_who_is_stuck_first_and_learner_text_as_text() -> None:
    console = Console(width=200, file=io.StringIO(), color_system=None)
    seen = example()
    odd = replace(
        seen.standings[0], learner=seen.standings[0].learner.model_copy(update={"github": "[bold]x"})
    )
    console.print(status.as_rich(replace(seen, standings=(odd, *seen.standings[1:]))))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert lines[0].startswith("5 active learners, 2 at risk. Milestones: 8 verified, 1 claimed, 16 open")
    assert lines[4].startswith("cy")
    assert "overdue by 22 days; no push for 25 days" in lines[4]
    assert any(line.startswith("[bold]x") and "●●◐○○" in line for line in lines)


def test_an_empty_cohort_has_an_empty_report() -> None:
    nobody = replace(example(), standings=())
    for form, make in exports.FORMATS.items():
        assert make(nobody), form
    assert "0 active learners" in status.headline(nobody)


def test_the_commands_work_from_the_ledger_alone(tmp_path: Path) -> None:
    config = cohort_folder.write(tmp_path)
    append(tmp_path / "ledger", entry())

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "cohort_bot", "--config", str(config), *words, "--offline"]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()

    (learner,) = json.loads(run("status", "--format", "json"))["learners"]
    assert [step["progress"] for step in learner["milestones"]] == ["verified", "open"]
    assert "1 active learner" in run("status")
    for form in exports.FORMATS:
        assert run("export", "--format", form)
    run("export", "--format", "ics", "--out", str(tmp_path / "dates.ics"), "--only", "ADA")
    assert icalendar.Calendar.from_ical((tmp_path / "dates.ics").read_bytes()).walk("VEVENT")


def test_a_stranger_is_named(tmp_path: Path) -> None:
    config = cohort_folder.write(tmp_path)
    command = [
        sys.executable,
        "-m",
        "cohort_bot",
        "--config",
        str(config),
        "status",
        "--only",
        "zed",
        "--offline",
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "zed is not in the roster" in told.stderr
