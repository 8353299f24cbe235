"""What is to be judged, and what then has to become of a milestone's issue. Pure; time is an argument.

An issue asks for a verdict while it is closed or labelled `claimed`. Once a verdict has been told it asks no
more: a pass leaves it closed and `verified`, anything else takes the claim away. So nothing needs to be
remembered beside the ledger: whatever a killed run left undone is still to be seen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cohort_bot.forge.claims import Holding, Push, Said, Thread
from cohort_bot.ledger import Entry, Ledger
from cohort_bot.ledger.signoffs import awaits
from cohort_bot.model import Stage
from cohort_bot.result import fingerprint
from cohort_bot.verify.orders import Kind, Order
from cohort_bot.verify.peers import entry_at_head

CLAIMED, VERIFIED = "claimed", "verified"
# Why a verdict waits for a person, not for another try.
HELD = "held until an organiser approves"
# How long it takes until the third try; each further one takes twice as long, a day at most.
_PATIENCE, _MOST_PATIENCE = timedelta(hours=1), timedelta(days=1)
_MARK = re.compile(
    r"<!-- cohort-bot: verdict=([a-z0-9-]+) status=([a-z_]+) commit=([0-9a-f]*)(?: closed=\S+)? -->"
)


@dataclass(frozen=True)
class Notice:
    """What to do about one issue. `entry` is the verdict to tell; `answers` the commands that it answers.

    `why` is told first: `pass`, `work`, `waiting`, `changes`, `stands`, `reopened`, `empty`.
    """

    thread: Thread
    why: str = ""
    entry: Entry | None = None
    answers: tuple[int, ...] = ()
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()
    closed: bool | None = None

    @property
    def mark(self) -> str:
        """The hidden line by which the comment is known again, so that it is written once."""
        named = self.entry is None or self.why in ("reopened", "changes")
        status = self.why if self.entry is None or named else str(self.entry.status)
        commit = self.entry.sha if self.entry else ""
        at = self.thread.closed_at
        when = f" closed={at:%Y%m%dT%H%M%SZ}" if self.why in ("reopened", "empty") and at else ""
        return f"<!-- cohort-bot: verdict={self.thread.milestone} status={status} commit={commit}{when} -->"


@dataclass(frozen=True)
class ByPeers:
    """What peers change: whether they are `asked`, and whether one has just asked for `changes`."""

    asked: bool = False
    changes: bool = False


def to_judge(
    holding: Holding, stage: Stage, ledger: Ledger, orders: Sequence[Order], *, signed: bool = False
) -> bool:
    """Whether the milestone is to be judged at the learner's newest commit. `signed`: peers approved it."""
    thread = holding.threads.get(stage.id)
    if thread is None or holding.head is None:
        return False
    ordered = signed or any(order.kind in (Kind.APPROVE, Kind.RECHECK) for order in orders)
    claimed = CLAIMED in thread.labels
    if not (ordered or claimed or thread.closed):
        return False
    known = ledger.verdict(
        holding.learner, (stage.id, holding.head.commit, fingerprint(stage.milestone.checks))
    )
    if known is not None and known.decided:
        return ordered
    return ordered or claimed or not ledger.passes(holding.learner, stage.id)


def again_at(tries: Sequence[Entry]) -> datetime | None:
    """When a commit is tried again of which `tries` decided nothing; None where only a person helps.

    The second try follows with the next run, for most such failures are over by then; after that they grow
    rarer. All of it follows from the ledger.
    """
    last = tries[-1]
    if last.reason.startswith(HELD):
        return None
    if len(tries) == 1:
        return last.judged_at
    return last.judged_at + min(_PATIENCE * (1 << min(len(tries) - 2, 10)), _MOST_PATIENCE)


def on_time(pushes: Sequence[Push], due: datetime) -> Push | None:
    """The last push by `due`: what counts when the newest came too late."""
    return next((push for push in pushes if push.at <= due), None)


def received(pushes: Sequence[Push], sha: str, otherwise: datetime) -> datetime:
    """When the forge first took note of the branch being at `sha`."""
    return min((push.at for push in pushes if push.sha == sha), default=otherwise)


def notice(
    holding: Holding,
    stage: Stage,
    ledger: Ledger,
    orders: Sequence[Order],
    now: datetime,
    grace: timedelta,
    by_peers: ByPeers = ByPeers(),
) -> Notice | None:
    """What has to be done about the milestone's issue; None where all is as it should be."""
    thread = holding.threads.get(stage.id)
    if thread is None:
        return None
    entry = entry_at_head(holding, stage, ledger)
    answers = tuple(order.comment for order in orders) if entry is not None else ()
    passed = _pass_to_tell(holding, stage, ledger, entry)
    if passed is not None:
        return _about_pass(thread, passed, entry, answers)
    overdue = thread.closed and thread.closed_at is not None and thread.closed_at + grace <= now
    if entry is not None:
        return _without_pass(thread, stage, entry, answers, by_peers, overdue=overdue)
    forged = thread.labels & {VERIFIED}
    if overdue and holding.head is None:
        return Notice(thread, "empty", remove=forged, closed=False)
    return Notice(thread, remove=forged) if forged else None


def _without_pass(
    thread: Thread,
    stage: Stage,
    entry: Entry,
    answers: tuple[int, ...],
    by_peers: ByPeers,
    *,
    overdue: bool,
) -> Notice | None:
    """A milestone without a pass, judged at the newest commit."""
    forged = thread.labels & {VERIFIED}
    if entry.sent_back:
        return _about_changes(thread, entry, answers, forged, by_peers)
    if awaits(stage, entry):
        return _about_waiting(thread, entry, answers, forged, by_peers)
    return _about_work(thread, entry, answers, forged, overdue=overdue)


def _pass_to_tell(holding: Holding, stage: Stage, ledger: Ledger, entry: Entry | None) -> Entry | None:
    if entry is not None and entry.passed:
        return entry
    passes = ledger.passes(holding.learner, stage.id)
    return passes[-1] if passes else None


def _about_pass(
    thread: Thread, passed: Entry, entry: Entry | None, answers: tuple[int, ...]
) -> Notice | None:
    """A milestone with a pass that stands, whatever was tried since."""
    if VERIFIED not in thread.labels:
        close = None if thread.closed else True
        return Notice(
            thread, "pass", passed, answers, frozenset({VERIFIED}), thread.labels & {CLAIMED}, close
        )
    if entry is not None and (CLAIMED in thread.labels or answers):
        why = "pass" if entry.passed else "stands"
        return Notice(thread, why, entry, answers, remove=thread.labels & {CLAIMED})
    return None


def _about_changes(
    thread: Thread, entry: Entry, answers: tuple[int, ...], forged: frozenset[str], by_peers: ByPeers
) -> Notice | None:
    """A milestone that a person sent back: nobody need wait for the grace time."""
    if CLAIMED in thread.labels or thread.closed or answers or by_peers.changes:
        claim = thread.labels & {CLAIMED}
        back = False if thread.closed else None
        return Notice(thread, "changes", entry, answers, remove=forged | claim, closed=back)
    return Notice(thread, remove=forged) if forged else None


def _about_waiting(
    thread: Thread, entry: Entry, answers: tuple[int, ...], forged: frozenset[str], by_peers: ByPeers
) -> Notice | None:
    """A milestone that lacks only a person's sign-off. Where peers are asked, that is told elsewhere."""
    told = by_peers.asked or is_told(thread.comments, Notice(thread, "waiting", entry))
    if told and not answers and not forged:
        return None
    return Notice(thread, "" if told and not answers else "waiting", entry, answers, remove=forged)


def _about_work(
    thread: Thread, entry: Entry, answers: tuple[int, ...], forged: frozenset[str], *, overdue: bool
) -> Notice | None:
    """A milestone whose checks do not all pass."""
    claim = thread.labels & {CLAIMED}
    if overdue:
        return Notice(thread, "reopened", entry, answers, remove=forged | claim, closed=False)
    if claim or answers:
        return Notice(thread, "work", entry, answers, remove=forged | claim)
    return Notice(thread, remove=forged) if forged else None


def is_told(comments: Collection[Said], notice: Notice) -> bool:
    """Whether a comment of ours says what `notice` would say."""
    return any(said.ours and not said.edited and notice.mark in said.body for said in comments)


def forged_marks(comments: Collection[Said], bots: Collection[str]) -> tuple[str, ...]:
    """Who wrote comments that pretend to be a verdict of ours."""
    return tuple(
        sorted(
            {
                said.author
                for said in comments
                if not said.ours and said.author not in bots and _MARK.search(said.body)
            }
        )
    )
