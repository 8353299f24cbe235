"""What is wrong with a ledger: damage, contradictions, strangers, disorder. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePath

from cohort_bot.errors import Problem
from cohort_bot.ledger.entry import Entry, Key
from cohort_bot.ledger.records import Ledger, Record

_BY_HAND = "Lines are only ever added, by cohort-bot; look at the file's history in git."


def check(ledger: Ledger, milestones: Collection[str], learners: Collection[str]) -> list[Problem]:
    """Every problem of `ledger`, in file order.

    `milestones` are the ids of the roadmap's stages, `learners` the logins of the roster, in any case.
    """
    known = {login.lower() for login in learners}
    problems = list(ledger.damage)
    for login, records in ledger.records.items():
        if login not in known and records:
            problems.append(
                _at(records[0], f"{login} is not on the roster", "Correct the roster or the file's name.")
            )
        problems += _of_file(login, records, milestones)
    return sorted(problems)


def _of_file(login: str, records: Sequence[Record], milestones: Collection[str]) -> Iterator[Problem]:
    before: Record | None = None
    decided: dict[Key, Record] = {}
    for record in records:
        entry = record.entry
        yield from _alone(login, record, milestones)
        if before is not None and entry.judged_at < before.entry.judged_at:
            yield _at(record, f"judged before line {before.line}, yet written after it", _BY_HAND)
        earlier = decided.get(entry.key)
        if earlier is not None and entry.decided:
            yield from _again(earlier, record)
        if entry.decided:
            decided[entry.key] = record
        before = record


def _alone(login: str, record: Record, milestones: Collection[str]) -> Iterator[Problem]:
    entry = record.entry
    if entry.learner.lower() != login:
        yield _at(record, f"a line of {entry.learner} in the file of {login}", _BY_HAND)
    if entry.milestone not in milestones:
        cure = "Give the stage its old id back in roadmap.yaml, or keep the line as history."
        yield _at(record, f"the roadmap has no stage `{entry.milestone}`", cure)
    if entry.judged_at < entry.pushed_at:
        yield _at(record, "judged before it was pushed", "Look at the clock of the machine that judged.")


def _again(earlier: Record, record: Record) -> Iterator[Problem]:
    ours, theirs = record.entry, earlier.entry
    if ours.status is theirs.status and not set(ours.signatures) <= set(theirs.signatures):
        return
    if ours.status is theirs.status:
        yield _at(record, f"{_name(ours)}: the same verdict as on line {earlier.line}", _BY_HAND)
    elif not ours.reason:
        message = (
            f"{_name(ours)}: {ours.status}, but {theirs.status} on line {earlier.line}, for no stated reason"
        )
        yield _at(record, message, "Judge the commit again and keep the line that is right.")


def _name(entry: Entry) -> str:
    return f"{entry.milestone} at {entry.sha[:12]}"


def _at(record: Record, message: str, cure: str) -> Problem:
    return Problem(str(PurePath(record.file)), record.line, 1, message, cure)
