"""Judge notebooks: run from top to bottom, without errors."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from cohort_bot.evidence import NotebookRead, NotebooksRead, Place
from cohort_bot.model.checks import Notebook
from cohort_bot.verdict.finding import Finding, Judgement, code, count
from cohort_bot.verdict.matchers import match

_TOP_TO_BOTTOM = "Choose “Restart kernel and run all”, look at every cell, save, and push."


def notebook(spec: Notebook, found: NotebooksRead) -> Judgement:
    """Every notebook was run from top to bottom without errors, or can be."""
    if not found.notebooks:
        return Judgement((_no_notebook(spec),))
    findings = [finding for one in found.notebooks for finding in _notebook_findings(spec, one)]
    facts = {
        one.path: {"cells": one.cells, "executed": one.executed, "in_order": one.in_order}
        for one in found.notebooks
    }
    log = next((one.rerun.log for one in found.notebooks if one.rerun and one.rerun_error), "")
    return Judgement(tuple(findings), facts=facts, log=log)


def _no_notebook(spec: Notebook) -> Finding:
    return Finding(
        f"no notebook {code(spec.path)}", "the notebook of this milestone",
        "It shows how you looked at the data before you modelled it.",
        f"Save your notebook as {code(spec.path)} and push it.",
        "git ls-files '*.ipynb'", (Place(spec.path),),
    )  # fmt: skip


def _notebook_findings(spec: Notebook, book: NotebookRead) -> Iterator[Finding]:
    where = (Place(book.path),)
    if book.broken:
        yield Finding(
            f"{code(book.path)} is no notebook that can be read: {code(book.broken)}", "a valid notebook",
            "A merge conflict, or an editor that saved half of it, leaves such a file behind.",
            "Open it in Jupyter, mend or rebuild it, save, and push.", "", where,
        )  # fmt: skip
        return
    if not book.cells:
        yield Finding(
            f"{code(book.path)} has no code", "cells that do something",
            "An empty notebook shows nothing.", "Do the work in it, and push.", "", where,
        )  # fmt: skip
        return
    if book.rerun is not None:
        yield from _rerun_findings(spec, book)
        return
    yield from _saved_findings(spec, book)


def _saved_findings(spec: Notebook, book: NotebookRead) -> Iterator[Finding]:
    where = (Place(book.path),)
    command = f"jupyter execute {shlex.quote(book.path)}"
    if book.executed < spec.executed_fraction * book.cells:
        yield Finding(
            f"{book.executed} of {count(book.cells, 'code cell')} in {code(book.path)} were run; number "
            f"{book.first_not_run} was not",
            "all of them" if spec.executed_fraction == 1 else f"at least {spec.executed_fraction:.0%}",
            "Without its outputs a reader has to believe you, or run it all again.",
            _TOP_TO_BOTTOM, command, where,
        )  # fmt: skip
    elif not book.in_order:
        yield Finding(
            f"the cells of {code(book.path)} were run in the order "
            f"{code(', '.join(map(str, book.counts[:12])))}",
            f"1 to {book.executed}, from top to bottom",
            "What a cell shows may depend on one that was run before it and has changed since.",
            _TOP_TO_BOTTOM, command, where,
        )  # fmt: skip
    if book.errors and not spec.allow_errors:
        first = book.errors[0]
        yield Finding(
            f"code cell {first.cell} of {code(book.path)} ends with {code(f'{first.name}: {first.value}')}",
            "no cell that ends with an error", "Whoever runs it from the top gets no further than this.",
            f"Mend cell {first.cell}, or remove it. {_TOP_TO_BOTTOM}", command, where,
        )  # fmt: skip


def _rerun_findings(spec: Notebook, book: NotebookRead) -> Iterator[Finding]:
    error, ran = book.rerun_error, book.rerun
    if error is None or ran is None or (spec.allow_errors and error.cell and not ran.timed_out):
        return
    at = f"code cell {error.cell} of {code(book.path)}" if error.cell else code(book.path)
    clue = match(f"{error.name}: {error.value}")
    known = {
        "TimeoutError": (
            "It was still running when its time was up.",
            "Make it faster: fewer rows, fewer epochs.",
        ),
        "CellTimeoutError": (
            f"A cell ran for longer than {spec.cell_timeout} s.",
            f"Make cell {error.cell} faster: fewer rows, fewer epochs.",
        ),
        "DeadKernelError": (
            "Python itself died, most likely of too little memory.",
            "Read less data at once.",
        ),
    }.get(error.name, ("It worked for you because of something that only your session had.", f"Mend {at}."))
    why, step = (clue.why, clue.next) if clue else known
    yield Finding(
        f"run from the top, {at} ends with {code(f'{error.name}: {error.value}')}",
        "every cell runs", why, step,
        f"jupyter execute {shlex.quote(book.path)}", (Place(book.path),),
    )  # fmt: skip
