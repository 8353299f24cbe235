"""Notebooks: as they were saved, and run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cohort_bot.verdict import Outcome
from tests.checks.work import Work


def cell(source: str, count: int | None = None, **extra: Any) -> Any:
    return new_code_cell(source, execution_count=count, **extra)


def save(work: Work, *cells: Any, path: str = "a.ipynb") -> None:
    work.write(path, nbformat.writes(new_notebook(cells=[new_markdown_cell("# Hello"), *cells])))


def test_run_from_top_to_bottom(work: Work) -> None:
    save(work, cell("1", 1), cell("  "), cell("2", 2))
    one = work.judge("notebook", path="a.ipynb")
    assert one.status is Outcome.PASSED
    assert one.evidence["a.ipynb"] == {"cells": 2, "executed": 2, "in_order": True}


def test_never_run(work: Work) -> None:
    save(work, cell("1"), cell("2"))
    one = work.judge("notebook", path="a.ipynb")
    assert one.status is Outcome.FAILED
    assert one.found == "0 of 2 code cells in `a.ipynb` were run; number 1 was not"
    assert "run all" in one.next


def test_run_in_another_order(work: Work) -> None:
    save(work, cell("1", 3), cell("2", 1), cell("3", 7))
    one = work.judge("notebook", path="*.ipynb")
    assert one.found == "the cells of `a.ipynb` were run in the order `3, 1, 7`"
    assert one.expected == "1 to 3, from top to bottom"


def test_an_error_in_a_cell(work: Work) -> None:
    error = new_output("error", ename="KeyError", evalue="'price'", traceback=["x"])
    save(work, cell("1", 1), cell("df['price']", 2, outputs=[error]))
    one = work.judge("notebook", path="a.ipynb")
    assert one.status is Outcome.FAILED
    assert "code cell 2" in one.found
    assert "`KeyError: 'price'`" in one.found
    assert work.judge("notebook", path="a.ipynb", allow_errors=True).status is Outcome.PASSED


@pytest.mark.parametrize(
    "cell",
    [{"cell_type": "code"}, {}, [], 3, {"cell_type": "code", "source": "x", "outputs": [3], "metadata": 5}],
)
def test_cells_of_no_known_shape(work: Work, cell: object) -> None:
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    work.write("a.ipynb", json.dumps(book))
    assert work.judge("notebook", path="a.ipynb").status is Outcome.FAILED


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', "<<<<<<< HEAD\n{}", "[" * 100_000, "\x00"])
def test_what_is_no_notebook(work: Work, text: str) -> None:
    work.write("a.ipynb", text)
    one = work.judge("notebook", path="a.ipynb")
    assert one.status is Outcome.FAILED
    assert "a.ipynb" in one.found


def test_no_notebook(work: Work) -> None:
    assert work.judge("notebook", path="a.ipynb").found == "no notebook `a.ipynb`"


def test_run_again(work: Work) -> None:
    save(work, cell("import os; x = 1"), cell("open('made.txt', 'w').write(str(x))"), path="nb/a.ipynb")
    one = work.judge("notebook", path="nb/a.ipynb", rerun=True)
    assert one.status is Outcome.PASSED, one
    assert (work.root / "nb/made.txt").read_text() == "1"


def test_run_again_to_an_error(work: Work) -> None:
    save(work, cell("1", 1), cell("import no_such_package", 2), cell("2", 3))
    one = work.judge("notebook", path="a.ipynb", rerun=True)
    assert one.status is Outcome.FAILED
    assert "code cell 2" in one.found
    assert "no_such_package" in one.next


def test_a_notebook_that_asks_for_input_is_told_so(work: Work) -> None:
    save(work, cell("name = input('Who are you? ')"))
    one = work.judge("notebook", path="a.ipynb", rerun=True)
    assert one.status is Outcome.FAILED
    assert "input()" in one.why


def test_a_cell_that_never_ends(work: Work) -> None:
    save(work, cell("import time\nwhile True: time.sleep(1)"))
    one = work.judge("notebook", path="a.ipynb", rerun=True, cell_timeout=2)
    assert one.status is Outcome.FAILED
    assert "2 s" in one.found
    assert one.duration_ms < 30_000
    kernels = [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(work.scratch).encode() in read(p)]
    assert kernels == []


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
