"""A week's letters: what is due, and delivering it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from cohort_bot.conversation import Comment as OwnComment
from cohort_bot.conversation import Conversation
from cohort_bot.digest import Heard, Letter, Posted, Skip, Week, doubles, letter, plan
from cohort_bot.digest.board import board_status
from cohort_bot.errors import PartialError
from cohort_bot.feedback import said
from cohort_bot.forge.comments import Answer, Comment, Correspondence, Threads
from cohort_bot.forge.connection import UnclearError
from cohort_bot.ledger import Ledger
from cohort_bot.standing import Progress, Standing, Survey

LEARNER = "digest/learner.md.j2"
BOARD = "digest/board.md.j2"
# A comment and a board status each for this many learners make one request: 40 mutations, quick ones.
LEARNERS_A_REQUEST = 20
REMOVALS_A_REQUEST = 50


class Texts(Protocol):
    """What a renderer offers."""

    def render(self, name: str, **values: Any) -> str:
        """The template `name` with `values`."""


@dataclass(frozen=True)
class BoardUpdate:
    """A new status for a board."""

    to: str
    board_id: str
    status: str
    body: str


@dataclass(frozen=True)
class Mail:
    """What a round comes to: letters, board statuses, comments to take away, and who gets nothing and why."""

    week: Week
    letters: tuple[Letter, ...] = ()
    updates: tuple[BoardUpdate, ...] = ()
    extra: tuple[str, ...] = ()
    skipped: Mapping[str, Skip] = field(default_factory=dict)


@dataclass
class Delivery:
    """What became of it. `failed`: login → why; `stopped`: why the rest was not tried, empty where it was."""

    posted: list[str] = field(default_factory=list)
    updated: int = 0
    removed: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    stopped: str = ""


def prepare(seen: Threads, survey: Survey, ledger: Ledger, texts: Texts, week: Week) -> Mail:
    """The letters of `week` that are not on the forge yet, board statuses that have changed, and doubles."""
    posted = {repo: posted_in(comments) for repo, comments in seen.comments.items()}
    round_ = plan(survey, posted, week)
    letters = (_letter(standing, survey, ledger, texts, week, seen) for standing in round_.due)
    updates = (_update(standing, survey, seen.statuses, texts) for standing in survey.standings)
    extra = [double.id for found in posted.values() for double in doubles(found)]
    return Mail(week, tuple(letters), tuple(filter(None, updates)), tuple(extra), round_.skipped)


def deliver(mail: Mail, forge: Correspondence) -> Delivery:
    """Carry out `mail`. A refusal that concerns one learner fails that learner; the others go on."""
    done = Delivery()
    try:
        _remove(mail.extra, forge, done)
        for letters, updates in _batches(mail):
            _send(letters, updates, mail.week, forge, done)
        _look_again(mail, forge, done)
    except PartialError as stop:
        done.stopped = stop.message
    return done


def posted_in(comments: Iterable[Comment]) -> list[Posted]:
    """The digests among our comments."""
    weeks = ((comment, Week.marked(comment.body)) for comment in comments)
    return [Posted(c.at, c.number, c.id, c.issue_id, week) for c, week in weeks if week is not None]


def heard(answers: Iterable[Answer]) -> Heard | None:
    """What the learner's own checks last answered, of their workflow's comments on an issue."""
    told = [(each, said(Conversation("", "", "", comment=OwnComment("", each.body)))) for each in answers]
    found = [(each, one) for each, one in told if one.status]
    if not found:
        return None
    newest, last = max(found, key=lambda pair: pair[0].at)
    return Heard(last.status, newest.at, newest.url)


def _letter(
    standing: Standing, survey: Survey, ledger: Ledger, texts: Texts, week: Week, seen: Threads
) -> Letter:
    assert standing.current is not None  # noqa: S101 - the finished get none
    answer = heard(seen.answers.get(standing.current.issue_id, ()))
    text = texts.render(LEARNER, **letter(standing, survey, ledger, week, answer))
    body = f"{week.mark}\n{text.strip()}\n"
    return Letter(standing.learner.github, standing.repo_id, standing.current.issue_id, body)


def _update(
    standing: Standing, survey: Survey, statuses: Mapping[str, str], texts: Texts
) -> BoardUpdate | None:
    status = board_status(standing, survey.cohort)
    if status is None or statuses.get(standing.board_id) == status:
        return None
    current = standing.current
    values = {
        "finished": standing.finished,
        "done": standing.count(Progress.VERIFIED),
        "milestones": len(standing.steps),
        "current": {
            "title": current.title,
            "due": current.due.astimezone(ZoneInfo(survey.cohort.timezone)).date(),
            "waiting": current.progress is Progress.CLAIMED,
        }
        if current
        else {},
    }
    text = texts.render(BOARD, **values).strip()
    return BoardUpdate(standing.learner.github, standing.board_id, status.value, text)


def _batches(mail: Mail) -> Iterable[tuple[list[Letter], list[BoardUpdate]]]:
    """Letters and board statuses, those of the same twenty learners together."""
    people = list(dict.fromkeys([*(each.to for each in mail.letters), *(each.to for each in mail.updates)]))
    for first in range(0, len(people), LEARNERS_A_REQUEST):
        some = set(people[first : first + LEARNERS_A_REQUEST])
        yield [each for each in mail.letters if each.to in some], [e for e in mail.updates if e.to in some]


def _send(
    letters: Sequence[Letter],
    updates: Sequence[BoardUpdate],
    week: Week,
    forge: Correspondence,
    done: Delivery,
) -> None:
    try:
        _write(letters, updates, forge, done)
    except UnclearError:
        there = forge.again([each.repo_id for each in letters])
        lost = [each for each in letters if not _has(there.get(each.repo_id, ()), week)]
        done.posted += [each.to for each in letters if each not in lost]
        _write(lost, (), forge, done)


def _write(
    letters: Sequence[Letter], updates: Sequence[BoardUpdate], forge: Correspondence, done: Delivery
) -> None:
    replies = forge.write(
        [(each.issue_id, each.body) for each in letters],
        [(each.board_id, each.status, each.body) for each in updates],
    )
    everything: list[Letter | BoardUpdate] = [*letters, *updates]
    for each, reply in zip(everything, replies, strict=True):
        if reply.error:
            done.failed[each.to] = reply.error
        elif isinstance(each, Letter):
            done.posted.append(each.to)
        else:
            done.updated += 1


def _look_again(mail: Mail, forge: Correspondence, done: Delivery) -> None:
    """Remove what another run has posted at the same time, or we have; whichever is younger.

    What was called a failure but is there after all counts as posted.
    """
    tried = {*done.posted, *done.failed}
    written = {each.repo_id: each.to for each in mail.letters if each.to in tried}
    if not written:
        return
    there = forge.again(list(written))
    for repo_id, to in written.items():
        if to in done.failed and _has(there.get(repo_id, ()), mail.week):
            del done.failed[to]
            done.posted.append(to)
    _remove([double.id for found in there.values() for double in doubles(posted_in(found))], forge, done)


def _remove(ids: Sequence[str], forge: Correspondence, done: Delivery) -> None:
    for first in range(0, len(ids), REMOVALS_A_REQUEST):
        replies = forge.remove(ids[first : first + REMOVALS_A_REQUEST])
        done.removed += sum(not reply.error for reply in replies)


def _has(comments: Iterable[Comment], week: Week) -> bool:
    return any(found.week == week for found in posted_in(comments))
