"""Fan-out: what a learner's repo makes for itself, by its own workflow and token. Pure.

GitHub limits what one account creates in an hour; a repo's own token has a limit of its own. So the organiser
commits an order, the repo's workflow carries it out with `furnish`, and only what that token cannot do is
left to the organiser: repo, board and cards, invitation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from cohort_bot.change import Action, Change, Thing
from cohort_bot.desired import blob_id
from cohort_bot.state import Access, Files, Issue, Label, Milestone, Repo

ORDER = ".github/cohort/furnish.json"
WORKFLOW = "cohort-furnish"
# Boards are out of reach of a repo's own token (https://docs.github.com/en/actions/concepts/security/github_token),
# and so is closing the second copy of an issue, whose card has to go with it.
MADE_THERE = {Thing.LABEL, Thing.MILESTONE, Thing.ISSUE}


@dataclass(frozen=True)
class _Label:
    key: str
    name: str
    color: str
    description: str


@dataclass(frozen=True)
class _Milestone:
    key: str
    title: str
    description: str
    due_on: datetime


@dataclass(frozen=True)
class _Issue:
    key: str
    title: str
    body: str
    milestone: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class _Order:
    version: int
    repo: str
    labels: tuple[_Label, ...]
    milestones: tuple[_Milestone, ...]
    issues: tuple[_Issue, ...]


_ORDERS = TypeAdapter(_Order)
_NEXT = ",\n"


def order(repo: Repo) -> bytes:
    """What `repo` is to be furnished with, as the file ORDER says it: JSON, one thing a line."""
    things = {
        "labels": [_line(_Label, label) for label in repo.labels.values()],
        "milestones": [_line(_Milestone, milestone) for milestone in repo.milestones.values()],
        "issues": [_line(_Issue, issue) for issue in repo.issues.values()],
    }
    lists = (f'"{name}": [\n{_NEXT.join(lines)}\n]' for name, lines in things.items())
    return (
        "{\n" + _NEXT.join(('"version": 1', f'"repo": {json.dumps(repo.name)}', *lists)) + "\n}\n"
    ).encode()


def read(text: bytes) -> Repo:
    """The repo that an order asks for. Raises pydantic's ValidationError for what is no order."""
    found = _ORDERS.validate_json(text)
    return Repo(
        found.repo,
        labels={one.key: Label(**vars(one)) for one in found.labels},
        milestones={one.key: Milestone(**vars(one)) for one in found.milestones},
        issues={one.key: Issue(**vars(one) | {"labels": frozenset(one.labels)}) for one in found.issues},
        # Somebody else invites.
        access=Access.INVITED,
    )


def handed_over(repo: Repo, found: Repo | None, changes: Sequence[Change]) -> Iterator[Change]:
    """`changes` of a repo, with an order for those that it can make for itself, which are then waited for.

    Second copies of issues are merged by the organiser, and what they are merged into with them.
    """
    due = [change for change in changes if change.thing in MADE_THERE]
    if not due or (found and found.copies):
        yield from changes
        return
    kept = [change for change in changes if change.thing not in MADE_THERE]
    yield from (change for change in kept if change.thing is not Thing.OURS)
    yield _start(repo, found, next((change for change in kept if change.thing is Thing.OURS), None))
    for change in due:
        yield replace(change, there=True, why="; ".join(filter(None, (change.why, "by its own workflow"))))
    fresh = (change.new for change in due if change.thing is Thing.ISSUE and change.action is Action.CREATE)
    for issue in fresh:
        if isinstance(issue, Issue) and issue.on_board:
            yield Change(Action.CREATE, Thing.CARD, repo.name, issue.key, new=issue)


def _start(repo: Repo, found: Repo | None, ours: Change | None) -> Change:
    """What sets the repo's workflow going: its order, or where that lies there already, a start by hand."""
    wanted = {ORDER: blob_id(order(repo))}
    there = found.files.blobs.get(ORDER) if found and found.files else None
    lacking = ours.new.blobs if ours and isinstance(ours.new, Files) else {}
    if there == wanted[ORDER] and not lacking:
        why = "ordered before, and not done yet"
        return Change(Action.CREATE, Thing.START, repo.name, WORKFLOW, why=why)
    action = Action.UPDATE if there else Action.CREATE
    why = "; ".join(filter(None, (ours.why if ours else "", "an order for its own workflow")))
    return Change(action, Thing.OURS, repo.name, "", None, Files({**lacking, **wanted}), why)


def _line(kind: type[Any], thing: Label | Milestone | Issue) -> str:
    names = tuple(kind.__dataclass_fields__)
    return _json(names, tuple(getattr(thing, name) for name in names))


@lru_cache(maxsize=4096)  # learners with the same dates share their texts
def _json(names: tuple[str, ...], values: tuple[object, ...]) -> str:
    plain = (sorted(value) if isinstance(value, frozenset) else value for value in values)
    told = dict(zip(names, plain, strict=True))
    return json.dumps(told, ensure_ascii=False, default=datetime.isoformat)
