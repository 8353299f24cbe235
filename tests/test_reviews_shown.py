"""What the organiser sees of reviews by peers: on the screen, for other tools, in the weekly summary."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cohort_bot.cli.failures import ended_by
from cohort_bot.cli.group import cohort_bot
from cohort_bot.digest import Week
from cohort_bot.ledger import Entry, Signature
from cohort_bot.ledger.reviews import Review, Reviews, Step, note, read_reviews
from cohort_bot.model import Cohort, Learner, Roadmap, Status
from cohort_bot.post.summary import summary_text
from cohort_bot.render import Renderer
from cohort_bot.reports import reviews as report
from cohort_bot.reviews import Became, Row, Shelf, late, overdue, table, until
from cohort_bot.standing import survey
from cohort_bot.state import CohortState
from tests import cohort_folder
from tests.cohort_in_progress import ledger
from tests.ledger_entries import SPEC, START, entry, sha
from tests.reviewing import reviewed

COHORT = Cohort.model_validate(
    {
        "org": "acme", "slug": "ml", "start": date(2026, 9, 7), "timezone": "Europe/Berlin",
        "breaks": [{"first": date(2026, 9, 20), "last": date(2026, 9, 21)}],
    }
)  # fmt: skip
ROADMAP = Roadmap.model_validate({"title": "A road", "promise": "Known.", "stages": [reviewed()]})
PEOPLE = tuple(Learner(github=login) for login in ("Olive", "bruno", "zelda"))


def opened(learner: str, reviewer: str, day: float = 10, *, asked: bool = True, why: str = "") -> Review:
    at = START + timedelta(days=day)
    step = Step(
        what="opened", learner=learner, milestone="work", sha=sha("a"), spec_sha256=SPEC, reviewer=reviewer,
        at=at, place=f"acme/ml-{learner}",
    )  # fmt: skip
    review = Review(step)
    return Review(
        step, review.step("asked", at) if asked else None, review.step("closed", at, why=why) if why else None
    )


def rows(
    days: float, *reviews: Review, people: Sequence[Learner] = PEOPLE, entries: Sequence[Entry] = ()
) -> tuple[Row, ...]:
    journal: dict[str, tuple[Review, ...]] = {}
    for one in reviews:
        journal[one.opened.learner.lower()] = (*journal.get(one.opened.learner.lower(), ()), one)
    shelf = Shelf(COHORT, ROADMAP, tuple(people), ledger(*entries), Reviews(journal))
    return table(shelf, START + timedelta(days=days))


def test_everybody_has_a_row_before_anything_happens() -> None:
    found = rows(0)
    assert [row.learner for row in found] == ["Olive", "bruno", "zelda"]
    assert {row.reviewer for row in found} == {"Olive", "bruno", "zelda"}
    assert {row.became for row in found} == {Became.NOT_YET}


@pytest.mark.parametrize(
    ("day", "became"), [(12, Became.ASKED), (17.5, Became.ASKED), (18.5, Became.OVERDUE)]
)
def test_a_review_is_overdue_after_its_days_and_breaks_do_not_count(day: float, became: Became) -> None:
    found = rows(day, opened("Olive", "zelda", 10))
    assert (found[0].reviewer, found[0].became) == ("zelda", became)
    assert [row.learner for row in late(found)] == (["Olive"] if became is Became.OVERDUE else [])


def test_the_day_that_is_hoped_for_is_the_last_before_it_is_overdue() -> None:
    asked = opened("Olive", "zelda", 10)
    assert until(COHORT, START + timedelta(days=10)) == date(2026, 9, 24)
    assert not overdue(COHORT, asked, datetime(2026, 9, 24, 21, tzinfo=UTC))
    assert overdue(COHORT, asked, datetime(2026, 9, 24, 23, tzinfo=UTC))


@pytest.mark.parametrize(("said", "became"), [("approve", Became.APPROVED), ("changes", Became.CHANGES)])
def test_answers_are_those_of_the_ledger(said: str, became: Became) -> None:
    signs = [Signature.model_validate({"by": "Zelda", "said": said, "at": START, "comment": 7, "peer": True})]
    given = entry("Olive", "work", "a", status="needs_work", signatures=signs)
    (row, *_) = rows(30, opened("Olive", "zelda", 10, why=said), entries=[given])
    assert (row.became, row.answered_at) == (became, START)


def test_alone_and_away() -> None:
    assert [row.became for row in rows(0, people=PEOPLE[:1])] == [Became.ORGANISER]
    away = Learner(github="Olive", status=Status.WITHDRAWN)
    found = rows(12, opened("Olive", "zelda", 10, why="left"), people=[away, *PEOPLE[1:]])
    assert [row.became for row in found] == [Became.CLOSED, Became.NOT_YET, Became.NOT_YET]


def test_the_forms_say_the_same() -> None:
    found = rows(12, opened("Olive", "zelda", 10))
    told = json.loads(report.as_json(found))
    assert told["schema"] == 1
    lines = list(csv.DictReader(io.StringIO(report.as_csv(found))))
    assert [row["became"] for row in told["reviews"]] == [line["became"] for line in lines]
    assert lines[0]["reviewer"] == "zelda"
    assert report.headline(found) == "2 not yet, 1 asked."


def test_the_weekly_summary_names_what_takes_too_long() -> None:
    now = START + timedelta(days=20)
    seen = survey(COHORT, ROADMAP, PEOPLE, ledger(), CohortState(None), now)
    week = Week.at(now, COHORT.timezone)
    found = late(rows(20, opened("Olive", "zelda", 10)))
    text = summary_text(seen, Renderer(), week, found)
    assert "#### Reviews that take too long: 1" in text
    assert "zelda was asked 8 days ago to review work of Olive" in text
    assert "Reviews" not in summary_text(seen, Renderer(), week)


def test_the_journal_says_what_is_damaged_and_goes_on(tmp_path: Path) -> None:
    note(tmp_path, opened("Olive", "zelda").opened)
    with (tmp_path / "reviews" / "olive.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"torn')
    note(tmp_path, opened("Olive", "bruno").opened)
    found = read_reviews(tmp_path)
    assert [one.reviewer for one in found.of("OLIVE")] == ["zelda", "bruno"]
    assert [(one.line, one.message) for one in found.damage] == [(2, "this line of the reviews is damaged")]


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def ran(*words: str) -> tuple[int, str, str]:
        code = ended_by(cohort_bot, ["--config", str(tmp_path / "cohort.yaml"), "reviews", *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    cohort_folder.write(tmp_path)
    assert ran() == (0, "No milestone of this roadmap is reviewed by peers.\n", "")
    check: dict[str, Any] = {"kind": "manual", "title": "Seen", "asks": "Good?", "approvers": "[peer]"}
    entries = ", ".join(f"{key}: {value}" for key, value in {"id": "seen", **check}.items())
    cohort_folder.write(tmp_path, roadmap=f"{cohort_folder.ROADMAP}        - {{{entries}}}\n")
    code, out, _ = ran("two")
    assert code == 0
    assert "needs an organiser" in out
    code, _, err = ran("one")
    assert code == 2
    assert "Reviewed by peers are: two." in err
