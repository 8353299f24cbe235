"""Desired − actual = changes, for one repo at a time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cohort_bot import calendar, owned
from cohort_bot.change import Action, Change, Thing
from cohort_bot.state import Access, Board, Issue, Milestone, Repo


def template_changes(desired: Repo, actual: Repo | None) -> Iterator[Change]:
    """What makes the cohort's template repo and its board, or brings them up to date."""
    name = desired.name
    if actual is None:
        yield Change(Action.CREATE, Thing.REPO, name, new=desired)
    elif not actual.template:
        yield Change(Action.UPDATE, Thing.REPO, name, "", actual, desired, "not marked as a template")
    lacking = desired.files.missing_from(actual.files if actual else None) if desired.files else None
    if lacking:
        action = Action.UPDATE if actual and actual.files else Action.CREATE
        yield Change(action, Thing.FILES, name, "", actual.files if actual else None, lacking)
    if desired.board:
        yield from _template_board_changes(name, desired.board, actual.board if actual else None)


def _template_board_changes(repo: str, desired: Board, actual: Board | None) -> Iterator[Change]:
    if actual is None:
        yield Change(Action.CREATE, Thing.BOARD, repo, new=desired)
    # A new board comes with one view, a table.
    have = actual.layouts if actual else frozenset({"table"})
    for layout in sorted(desired.layouts - have):
        yield Change(Action.CREATE, Thing.VIEW, repo, layout, new=desired)
    if actual is None or not actual.template:
        yield Change(Action.UPDATE, Thing.BOARD, repo, "template", actual, desired, "to copy boards from")


def learner_changes(desired: Repo, actual: Repo | None, orphan: Board | None = None) -> Iterator[Change]:
    """What makes a learner's repo, or mends it, in the order in which one thing stands on another.

    `orphan`: the board that is left of it where the repo is gone.
    """
    have = actual or Repo(desired.name, filled=False, board=orphan)
    name = desired.name
    if actual is None:
        yield Change(Action.CREATE, Thing.REPO, name, new=desired)
    if desired.board and have.board is None:
        yield Change(Action.CREATE, Thing.BOARD, name, new=desired.board)
    for key, label in desired.labels.items():
        if key not in have.labels:
            yield Change(Action.CREATE, Thing.LABEL, name, key, new=label)
    for key, milestone in desired.milestones.items():
        yield from _milestone_changes(name, milestone, have.milestones.get(key), have.issues.get(key))
    for key, issue in desired.issues.items():
        copies = [copy for copy in have.copies if copy.key == key]
        yield from _issue_changes(name, issue, have.issues.get(key), copies)
    if not have.filled:
        yield Change(Action.CREATE, Thing.FILES, name, why="" if actual is None else "the repo is empty")
    elif desired.files and (lacking := desired.files.missing_from(have.files)):
        why = "the roadmap has changed, or somebody has changed them"
        yield Change(Action.UPDATE, Thing.OURS, name, "", have.files, lacking, why)
    yield from _people_changes(desired, have)


def _milestone_changes(
    repo: str, desired: Milestone, actual: Milestone | None, issue: Issue | None
) -> Iterator[Change]:
    if actual is None:
        yield Change(Action.CREATE, Thing.MILESTONE, repo, desired.key, new=desired)
        return
    reasons = []
    new = actual
    if owned.digest_of(actual.description) != owned.digest_of(desired.description):
        new = replace(new, title=desired.title, description=desired.description)
        reasons.append("the roadmap has changed")
    if not calendar.same_due(desired.due_on, actual.due_on):
        new = replace(new, due_on=desired.due_on)
        reasons.append(f"due {_day(desired)} instead of {_day(actual)}")
    if actual.closed and not (issue and issue.closed):
        new = replace(new, closed=False)
        reasons.append("closed while its issue is open")
    if reasons:
        yield Change(Action.UPDATE, Thing.MILESTONE, repo, desired.key, actual, new, "; ".join(reasons))


def _day(milestone: Milestone) -> str:
    return milestone.due_on.date().isoformat() if milestone.due_on else "never"


def _issue_changes(
    repo: str, desired: Issue, actual: Issue | None, copies: Sequence[Issue]
) -> Iterator[Change]:
    if actual is None:
        yield Change(Action.CREATE, Thing.ISSUE, repo, desired.key, new=desired)
        return
    reasons = []
    title, body = owned.merge((actual.title, actual.body), (desired.title, desired.body))
    if (title, body) != (actual.title, actual.body):
        reasons.append("the roadmap has changed")
    for copy in copies:
        if (joined := owned.absorb(body, copy.body)) != body:
            body = joined
            reasons.append(f"takes in what is written in its second copy #{copy.number}")
    if actual.milestone != desired.milestone:
        reasons.append("not under its milestone")
    if reasons:
        new = replace(actual, title=title, body=body, milestone=desired.milestone)
        yield Change(Action.UPDATE, Thing.ISSUE, repo, desired.key, actual, new, "; ".join(reasons))
    if desired.on_board and not actual.on_board:
        yield Change(Action.CREATE, Thing.CARD, repo, desired.key, actual, replace(actual, on_board=True))
    for copy in copies:
        new = replace(
            copy,
            title=f"Second copy of #{actual.number}",
            body=owned.disown(copy.body, actual.number),
            milestone="",
            on_board=False,
            closed=True,
        )
        why = f"#{copy.number} was made beside #{actual.number}"
        yield Change(Action.UPDATE, Thing.COPY, repo, f"{desired.key}#{copy.number}", copy, new, why)


def _people_changes(desired: Repo, actual: Repo) -> Iterator[Change]:
    name = desired.name
    if actual.access is Access.NONE:
        yield Change(Action.CREATE, Thing.INVITATION, name, desired.learner, new=Access.INVITED)
    elif actual.access is Access.EXPIRED:
        why = "expired before it was accepted"
        yield Change(
            Action.UPDATE, Thing.INVITATION, name, desired.learner, actual.access, Access.INVITED, why
        )
    if desired.board and not (actual.board and actual.board.linked):
        yield Change(Action.CREATE, Thing.LINK, name, new=desired.board)
    for spare in actual.spare_boards:
        why = "two runs made one each"
        yield Change(
            Action.UPDATE, Thing.SPARE, name, str(spare.number), spare, replace(spare, linked=False), why
        )
    if actual.access is Access.JOINED:
        yield from welcome_changes(desired, actual)


def welcome_changes(desired: Repo, actual: Repo) -> Iterator[Change]:
    """What a learner gets on being in: the board opened to them, and their open issues assigned."""
    login = desired.learner.lower()
    waiting = [i for i in actual.issues.values() if not i.closed and login not in i.assignees]
    if waiting and desired.board:
        yield Change(Action.CREATE, Thing.GRANT, desired.name, desired.learner, new=desired.board)
    for issue in waiting:
        new = replace(issue, assignees=issue.assignees | {login})
        yield Change(Action.CREATE, Thing.ASSIGNMENT, desired.name, issue.key, issue, new)
