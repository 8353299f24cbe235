"""Trip-wires and commands: what the organiser hears of, and whose word counts as one."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from cohort_bot.forge.claims import Said
from cohort_bot.verify.likeness import likeness, prints
from cohort_bot.verify.orders import Kind, answering, orders, unanswered
from cohort_bot.verify.papers import MOST_PRINTS, Traces
from cohort_bot.verify.wires import changed, owners, same_work

TEMPLATE = {".github/workflows/cohort-check.yml": "1" * 40, "work/start.onnx": "2" * 40}
AT = datetime(2026, 10, 1, tzinfo=UTC)


def program(seed: int, functions: int = 30) -> str:
    """Some code that is like no other seed's."""
    chance = Random(seed)
    lines = []
    for number in range(functions):
        lines.append(f"def step_{number}(data, rate={chance.random():.2f}):")
        for _ in range(chance.randint(3, 9)):
            operator = chance.choice("+-*/%")
            other = chance.choice(["rate", "len(data)", "data[0]", "3"])
            lines.append(
                chance.choice(
                    [
                        f"    data = [one {operator} {other} for one in data if one > {other}]",
                        f"    while rate {operator} {other} < 10:\n        rate = rate {operator} 2",
                        f"    if {other} in data and not rate:\n        return {other} {operator} rate",
                        f"    total = sum(data[{chance.randint(0, 9)}:]) {operator} {other}",
                    ]
                )
            )
        lines.append("    return data")
    return "\n".join(lines) + "\n"


def of(text: str, path: str = "work/train.py") -> tuple[int, ...]:
    return prints({path: text}, MOST_PRINTS)


def test_renaming_and_new_comments_do_not_hide_a_copy() -> None:
    mine = program(1)
    disguised = mine.replace("data", "values").replace("rate", "speed").replace("step_", "stage_")
    disguised = "# my own work\n" + disguised.replace(":\n", ":  # here\n").replace("3", "7")
    assert likeness(of(mine), of(disguised)) > 0.95


def test_a_copy_with_more_around_it_is_found() -> None:
    assert likeness(of(program(1)), of(program(1) + program(2))) > 0.9


def test_other_code_is_not_like_it() -> None:
    assert likeness(of(program(1)), of(program(2))) < 0.5


def test_short_code_is_never_accused() -> None:
    assert likeness(of("print(1)\n"), of("print(1)\n")) == 0


def test_what_cannot_be_read_is_no_reason_to_stop() -> None:
    assert of("def broken(:\n") == of("def broken(:\n")
    assert of("{}", "work/book.ipynb") == ()
    assert of('{"cells": 3}', "work/book.ipynb") == ()


def test_protected_files_are_compared_with_the_template() -> None:
    theirs = {".github/workflows/cohort-check.yml": "3" * 40, ".github/workflows/mine.yml": "4" * 40}
    told = list(changed(Traces(protected=theirs), {".github/workflows/cohort-check.yml": "1" * 40}))
    assert told == [
        "a protected file was changed: '.github/workflows/cohort-check.yml'",
        "a protected file that the template does not have: '.github/workflows/mine.yml'",
    ]
    assert list(changed(Traces(), {".github/a": "1" * 40})) == ["a protected file was removed: '.github/a'"]


def test_the_same_model_has_an_owner_and_the_templates_files_have_none() -> None:
    ada = Traces(files={"work/model.onnx": "a" * 40, "work/start.onnx": "2" * 40})
    bob = Traces(files={"work/other-name.onnx": "a" * 40, "work/start.onnx": "2" * 40})
    eve = Traces(files={"work/start.onnx": "2" * 40})
    known = {"ada": ada, "eve": eve}
    assert owners("bob", bob, known, TEMPLATE) == ("ada",)
    assert owners("ada", ada, {"ada": ada}, TEMPLATE) == ()
    assert list(same_work("bob", bob, known, TEMPLATE)) == [
        "the very same file as ada's: 'work/other-name.onnx'"
    ]


def test_the_same_source_is_told_with_whose_it_is() -> None:
    ada = Traces(files={"work/train.py": "a" * 40}, prints=of(program(1)))
    exact = Traces(files={"work/x.py": "a" * 40}, prints=of(program(1)))
    near = Traces(files={"work/x.py": "b" * 40}, prints=of(program(1) + "print(1)\n"))
    assert list(same_work("bob", exact, {"ada": ada}, {})) == ["the very same source as ada's"]
    (told,) = same_work("bob", near, {"ada": ada}, {})
    assert told.startswith("source like ada's: ")


def said(body: str, number: int = 1, *, ours: bool = False) -> Said:
    return Said(number, "grace", ours, AT, body)


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("/approve", [Kind.APPROVE]),
        ("Well done.\n\n/approve\n", [Kind.APPROVE]),
        ("/changes Say why.\n/recheck", [Kind.CHANGES, Kind.RECHECK]),
        ("/extend 3d", [Kind.EXTEND]),
        ("I would /approve this", []),
        ("> /approve", []),
        ("/approved", []),
        ("    /approve", []),
    ],
)
def test_a_command_is_a_line_of_its_own(body: str, kinds: list[Kind]) -> None:
    assert [order.kind for order in orders([said(body)])] == kinds


@pytest.mark.parametrize(("text", "days"), [("3d", 3), ("10 days", 10), ("3", 0), ("9999d", 0), ("d", 0)])
def test_an_extension_is_a_number_of_days(text: str, days: int) -> None:
    (order,) = orders([said(f"/extend {text}")])
    assert order.days == days


def test_a_command_is_answered_by_us_alone() -> None:
    order, answer = said("/recheck", 7), answering([7])
    assert [one.comment for one in unanswered([order])] == [7]
    assert unanswered([order, said(answer, 8, ours=True)]) == ()
    assert [one.comment for one in unanswered([order, said(answer, 8)])] == [7]
