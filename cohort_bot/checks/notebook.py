"""Gather how a notebook was run, from the file itself and, where asked for, by running it again."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cohort_bot.checks.bench import attempt
from cohort_bot.checks.inside import FOLDER
from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import CellError, Fault, NotebookRead, NotebooksRead, Ran, Unavailable
from cohort_bot.model.checks import Notebook

_READ_BYTES = 100_000_000
_MANY = 20


def gather(spec: Notebook, submission: Submission) -> NotebooksRead | Unavailable:
    """Read every notebook that `spec.path` matches."""
    paths = [path for path in submission.match(spec.path) if ".ipynb_checkpoints" not in path][:_MANY]
    if not paths:
        return NotebooksRead(())
    if find_spec("nbformat") is None:
        return missing_package("nbformat")
    books = []
    for path in paths:
        read = _saved(path, submission.text(path, _READ_BYTES) or "")
        again = _rerun(spec, submission, path, read) if spec.rerun and not read.broken else read
        if isinstance(again, Unavailable):
            return again
        books.append(again)
    return NotebooksRead(tuple(books))


def _saved(path: str, text: str) -> NotebookRead:
    """The notebook as it was saved; `broken` when the text is none, in whatever way."""
    import nbformat  # takes 0.1 s, and most milestones have no notebook

    try:
        return _read(path, nbformat.reads(text, as_version=4))
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, ValueError, KeyError, AttributeError,
            TypeError, RecursionError) as problem:  # fmt: skip
        return NotebookRead(path, broken=f"{type(problem).__name__}: {problem}"[:200])


def missing_package(name: str) -> Unavailable:
    """What to say when one of the packages that checks need is not installed."""
    return Unavailable(
        Fault.RUNNER,
        f"the package `{name}` is not installed here",
        "Install cohort-bot with what its checks need: `pip install 'cohort-bot[check]'`.",
    )


def _read(path: str, book: Any) -> NotebookRead:
    cells = [cell for cell in book.cells if cell.cell_type == "code" and str(cell.source).strip()]
    counts = [cell.get("execution_count") for cell in cells]
    run = [number for number in counts if isinstance(number, int)]
    not_run = [number for number, count in enumerate(counts, 1) if not isinstance(count, int)]
    return NotebookRead(
        path=path,
        cells=len(cells),
        executed=len(run),
        in_order=run == list(range(1, len(run) + 1)),
        counts=tuple(run[:_MANY]),
        first_not_run=not_run[0] if not_run else 0,
        errors=tuple(_errors(cells)),
    )


def _errors(cells: list[Any]) -> list[CellError]:
    return [
        CellError(number, str(output.get("ename", "")), str(output.get("evalue", "")))
        for number, cell in enumerate(cells, 1)
        for output in cell.get("outputs", [])
        if output.get("output_type") == "error" and "raises-exception" not in cell.metadata.get("tags", [])
    ]


def _rerun(
    spec: Notebook, submission: Submission, path: str, read: NotebookRead
) -> NotebookRead | Unavailable:
    answer = submission.scratch / f"notebook-{uuid.uuid4().hex}.json"
    notebook = submission.locate(path)
    argv = [
        submission.bench.python, "-I", str(FOLDER / "run_notebook.py"), str(notebook), str(spec.cell_timeout),
        str(answer),
    ]  # fmt: skip
    # Every cell may take its whole time, but a notebook of many slow cells must still come to an end.
    longest = min(spec.cell_timeout * max(read.cells, 1), 3600) + 60
    command = f"jupyter execute {path}"
    ran, _ = attempt(submission.bench, command, argv, cwd=notebook.parent, timeout=longest)
    told = _told(answer)
    if told is None and "ModuleNotFoundError: No module named 'nb" in ran.log:
        return missing_package("nbclient")
    return _with_rerun(read, ran, told)


def _told(answer: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _with_rerun(read: NotebookRead, ran: Ran, told: dict[str, Any] | None) -> NotebookRead:
    error = None
    if told is None:
        error = CellError(
            0, "TimeoutError" if ran.timed_out else "RunEnded", "the run ended without an answer"
        )
    elif told["name"]:
        error = CellError(int(told["cell"]), str(told["name"]), str(told["value"]))
    return replace(read, rerun=ran, rerun_error=error)
