"""The ledger's files: reading them, and adding a line that neither a second writer nor a kill can spoil."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import FileIO
from pathlib import Path

from pydantic import ValidationError

from cohort_bot.errors import EXIT_CONFIG, CohortError, Problem
from cohort_bot.ledger.entry import Entry
from cohort_bot.ledger.records import Ledger, Record

SUFFIX = ".jsonl"
# Sooner than this after a try that decided nothing, another one is the same try for the record.
ANOTHER_TRY = timedelta(hours=1)


class ContradictionError(CohortError):
    """The same commit, judged by the same checks, would get another verdict for no stated reason."""

    exit_code = EXIT_CONFIG


def read(folder: Path) -> Ledger:
    """Everything in the ledger `folder`, which need not exist. Damaged lines are named in `damage`."""
    records: dict[str, tuple[Record, ...]] = {}
    damage: list[Problem] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        found, wrong = _parsed(path, path.read_bytes())
        records[path.stem.lower()] = tuple(found)
        damage += wrong
    return Ledger(records, tuple(damage))


def append(folder: Path, entry: Entry) -> bool:
    """Add `entry` to its learner's file, made if need be. False where this verdict stands there already.

    The same verdict with a new signature is news. What was decided about a commit and spec stays decided: a
    different verdict needs a `reason` (checked anew, approved by hand, taken back), else ContradictionError
    is raised. Only `could_not_check` gives way freely, and stands there once a try.

    The file is locked while it is read and written, and the line is on the disk before this returns. A line
    that an earlier writer left torn is closed first, so that it can never run into the next one.
    """
    path = folder / f"{entry.learner.lower()}{SUFFIX}"
    return add_line(path, entry.line(), lambda there: _known(_parsed(path, there)[0], entry))


def add_line(path: Path, line: bytes, known: Callable[[bytes], bool] = lambda _: False) -> bool:
    """Add `line` to the file, made if need be, unless it is `known` by what stands there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path) as file:
        file.seek(0)
        there = file.readall()
        if known(there):
            return False
        torn = bool(there) and not there.endswith(b"\n")
        _write(file, (b"\n" if torn else b"") + line)
    _sync_folder(path.parent)
    return True


@contextmanager
def _locked(path: Path) -> Iterator[FileIO]:
    with path.open("a+b", buffering=0) as file:
        # Given back by the system when the process ends, however it ends.
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _write(file: FileIO, line: bytes) -> None:
    while line:
        line = line[file.write(line) :]
    os.fsync(file)


def _sync_folder(folder: Path) -> None:
    """Make a new file's name survive a power cut, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _known(records: list[Record], entry: Entry) -> bool:
    learner = entry.learner.lower()
    found = Ledger({learner: tuple(records)}).verdict(learner, entry.key)
    if found is None or (entry.decided and not found.decided):
        return False
    if not entry.decided:
        again = entry.judged_at - found.judged_at >= ANOTHER_TRY or entry.reason != found.reason
        return found.decided or not again
    if found.status is entry.status:
        return set(entry.signatures) <= set(found.signatures)
    if entry.reason:
        return False
    raise ContradictionError(
        f"{entry.learner} · {entry.milestone} at {entry.sha[:12]}: the ledger says {found.status}, "
        f"now it would be {entry.status}",
        "The same checks on the same commit should agree. If it was judged anew on purpose, give the reason.",
    )


def _parsed(path: Path, content: bytes) -> tuple[list[Record], list[Problem]]:
    records: list[Record] = []
    damage: list[Problem] = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            records.append(Record(Entry.model_validate_json(line), str(path), number))
        except ValidationError as error:
            torn = number == content.count(b"\n") + 1
            damage.append(_damaged(path, number, error, torn=torn))
    return records, damage


def _damaged(path: Path, number: int, error: ValidationError, *, torn: bool) -> Problem:
    first = error.errors(include_url=False, include_input=False)[0]
    if torn:
        message = "the last line is torn: its writer was stopped in the middle"
    elif first["type"] == "json_invalid":
        message = "this line is damaged: it is not JSON"
    else:
        where = ".".join(str(part) for part in first["loc"])
        message = f"this line is damaged: `{where}`: {first['msg']}"
    cure = "Delete the line; the next `cohort-bot verify` judges that commit again."
    return Problem(str(path), number, 1, message, cure)
