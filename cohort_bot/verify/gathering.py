"""Find what is to be judged: who claims what, since when the forge has it, and what people ordered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from cohort_bot import calendar
from cohort_bot.forge.claims import Claims, Holding, Push
from cohort_bot.ledger import Ledger
from cohort_bot.model import Learner, Stage
from cohort_bot.result import fingerprint
from cohort_bot.verify import verdicts
from cohort_bot.verify.court import Court
from cohort_bot.verify.orders import Kind, Order, orders, unanswered
from cohort_bot.verify.papers import Task

MARK = "cohort-bot/"


@dataclass(frozen=True)
class Gathered:
    """What the sweep found. `orders`: login and milestone → the open commands that count, oldest first."""

    holdings: Mapping[str, Holding]
    orders: Mapping[tuple[str, str], tuple[Order, ...]]
    tasks: tuple[Task, ...] = ()
    oddities: tuple[str, ...] = ()


@dataclass
class _Case:
    """One learner's repo while it is looked at; how its branch moved is asked for at most once."""

    court: Court
    claims: Claims
    learner: Learner
    holding: Holding
    ledger: Ledger
    _pushes: tuple[Push, ...] | None = field(default=None, repr=False)

    def pushes(self) -> tuple[Push, ...]:
        head = self.holding.head
        if self._pushes is None:
            self._pushes = self.claims.pushes(self.holding.path, head.branch) if head else ()
        return self._pushes


def gather(court: Court, claims: Claims, ledger: Ledger) -> Gathered:
    """Sweep everybody, and make a task of each claim that the ledger knows nothing of."""
    names = {court.cohort.repo_of(learner.github): learner.github for learner in court.learners}
    holdings = claims.sweep(court.cohort.org, names)
    open_orders: dict[tuple[str, str], tuple[Order, ...]] = {}
    tasks: list[Task] = []
    oddities: list[str] = []
    for learner in court.learners:
        holding = holdings.get(learner.github.lower())
        if holding is None or holding.archived:
            continue
        case = _Case(court, claims, learner, holding, ledger)
        for stage in court.roadmap.stages:
            ordered, odd = _ordered(case, stage)
            oddities += odd
            open_orders[learner.github.lower(), stage.id] = ordered
            tasks += _tasks(case, stage, ordered)
        oddities += _forged(case, judged=any(task.learner == learner.github for task in tasks))
    return Gathered(holdings, open_orders, tuple(tasks), tuple(oddities))


def _ordered(case: _Case, stage: Stage) -> tuple[tuple[Order, ...], list[str]]:
    """The open commands on a milestone's issue that come from people who may give them, and remarks."""
    thread = case.holding.threads.get(stage.id)
    found = unanswered(thread.comments) if thread else ()
    good = tuple(order for order in found if _may(case, order))
    ignored = [
        order for order in found if order not in good and order.author.lower() != case.learner.github.lower()
    ]
    own = [
        order for order in found if order.author.lower() == case.learner.github.lower() and order not in good
    ]
    remarks = [
        f"{_who(case)}: /{order.kind} by {order.author}, who may not decide, was ignored" for order in ignored
    ]
    remarks += [f"{_who(case)}: the learner wrote /{order.kind}; it was ignored" for order in own]
    return good, remarks


def _may(case: _Case, order: Order) -> bool:
    """Nobody decides about their own work, whatever they may write to."""
    if not order.author or order.author.lower() == case.learner.github.lower() or not case.court.cohort_repo:
        return False
    return case.claims.may_decide(case.court.cohort_repo, order.author)


def _tasks(case: _Case, stage: Stage, ordered: Sequence[Order]) -> Iterator[Task]:
    holding = case.holding
    if holding.head is None or not verdicts.to_judge(holding, stage, case.ledger, ordered):
        return
    otherwise = holding.pushed_at or case.court.now
    at = verdicts.received(case.pushes(), holding.head.commit, otherwise)
    make = partial(_task, case, stage)
    yield make(holding.head.commit, at, _approvals(case, stage, at), _reason(ordered))
    due = calendar.due_on(case.court.cohort, stage.span[1], case.learner)
    earlier = verdicts.on_time(case.pushes(), due) if at > due else None
    if earlier is not None and not _known(case, stage, earlier.sha):
        yield make(earlier.sha, verdicts.received(case.pushes(), earlier.sha, earlier.at), (), "")


def _known(case: _Case, stage: Stage, sha: str) -> bool:
    known = case.ledger.verdict(case.learner.github, (stage.id, sha, fingerprint(stage.milestone.checks)))
    return known is not None and known.decided


def _task(case: _Case, stage: Stage, sha: str, at: datetime, approvals: tuple[str, ...], reason: str) -> Task:
    return Task.model_validate(
        {
            "learner": case.learner.github, "repo": case.holding.path, "url": case.holding.url,
            "milestone": stage.id, "sha": sha, "spec_sha256": fingerprint(stage.milestone.checks),
            "pushed_at": at, "approvals": approvals, "reason": reason,
        }
    )  # fmt: skip


def _approvals(case: _Case, stage: Stage, pushed: datetime) -> tuple[str, ...]:
    """The roles that signed off what was there when they did: a later push is another piece of work."""
    given = [
        order
        for order in orders(case.holding.threads[stage.id].comments)
        if order.kind in (Kind.APPROVE, Kind.CHANGES) and order.at > pushed and _may(case, order)
    ]
    return ("organiser",) if given and given[-1].kind is Kind.APPROVE else ()


def _reason(ordered: Sequence[Order]) -> str:
    """Why it is judged anew, for the ledger."""
    words = {Kind.APPROVE: "approved by", Kind.RECHECK: "checked again for", Kind.CHANGES: "looked at by"}
    return "; ".join(f"{words[order.kind]} {order.author}" for order in ordered if order.kind in words)[:500]


def _forged(case: _Case, *, judged: bool) -> list[str]:
    """Signs that somebody pretends to be the judge."""
    said = [comment for thread in case.holding.threads.values() for comment in thread.comments]
    found = [
        f"{_who(case)}: a comment of {who} pretends to be a verdict"
        for who in verdicts.forged_marks(said, ())
    ]
    if judged and case.holding.head:
        me = case.claims.me().removesuffix("[bot]")
        for who in case.claims.vouchers(case.holding.path, case.holding.head.commit, MARK):
            if who.removesuffix("[bot]") != me:
                found.append(f"{_who(case)}: {who} put a mark of the judge's on the commit")
    return found


def _who(case: _Case) -> str:
    return case.learner.github
