"""Find what is to be judged: who claims what, since when the forge has it, and what people ordered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from cohort_bot import calendar
from cohort_bot.forge.claims import Claims, Holding, Push
from cohort_bot.forge.reviews import Lending
from cohort_bot.ledger import Entry, Ledger, Signature
from cohort_bot.model import Learner, Stage
from cohort_bot.result import fingerprint
from cohort_bot.reviews import peer_check
from cohort_bot.verify import peers, verdicts
from cohort_bot.verify.court import Court
from cohort_bot.verify.listening import Answers, listen
from cohort_bot.verify.orders import Kind, Order, of, orders, unanswered
from cohort_bot.verify.papers import Task
from cohort_bot.verify.peers import Heard

MARK = "cohort-bot/"
FORCING = (Kind.APPROVE, Kind.RECHECK)


@dataclass(frozen=True)
class Gathered:
    """What the sweep found, by login in lower case and milestone.

    `orders`: the open commands of people who may decide, oldest first. `heard`: what reviewers said.
    `put_off`: what could not be checked and is not tried now, in words.
    """

    holdings: Mapping[str, Holding]
    orders: Mapping[tuple[str, str], tuple[Order, ...]]
    heard: Mapping[tuple[str, str], Heard] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    oddities: tuple[str, ...] = ()
    put_off: tuple[str, ...] = ()


@dataclass
class _Case:
    """One learner's repo while it is looked at; how its branch moved is asked for at most once."""

    court: Court
    claims: Claims
    learner: Learner
    holding: Holding
    ledger: Ledger
    answers: Answers
    put_off: list[str] = field(default_factory=list)
    _pushes: tuple[Push, ...] | None = field(default=None, repr=False)

    def pushes(self) -> tuple[Push, ...]:
        head = self.holding.head
        if self._pushes is None:
            self._pushes = self.claims.pushes(self.holding.path, head.branch) if head else ()
        return self._pushes

    def heard(self, stage: Stage) -> Heard:
        """What reviewers said about the newest commit."""
        entry = peers.entry_at_head(self.holding, stage, self.ledger)
        if entry is None or peer_check(stage) is None:
            return Heard(entry.signatures if entry else ())
        court, answers, login = self.court, self.answers, self.learner.github
        known = answers.reviews.of(login, stage.id)
        return peers.hear(court.cohort, stage, court.everybody, entry, known, answers.said)


def gather(court: Court, claims: Claims, lending: Lending, ledger: Ledger) -> Gathered:
    """Sweep everybody, and make a task of each claim that the ledger knows nothing of."""
    names = {court.cohort.repo_of(learner.github): learner.github for learner in court.learners}
    holdings = claims.sweep(court.cohort.org, names)
    answers = listen(court, claims, lending, holdings, ledger)
    open_orders: dict[tuple[str, str], tuple[Order, ...]] = {}
    heard: dict[tuple[str, str], Heard] = {}
    tasks: list[Task] = []
    oddities: list[str] = [*answers.oddities]
    put_off: list[str] = []
    for learner in court.learners:
        holding = holdings.get(learner.github.lower())
        if holding is None or holding.archived:
            continue
        case = _Case(court, claims, learner, holding, ledger, answers)
        for stage in court.roadmap.stages:
            key = (learner.github.lower(), stage.id)
            heard[key] = case.heard(stage)
            open_orders[key], odd = _ordered(case, stage, heard[key])
            oddities += odd
            tasks += _tasks(case, stage, open_orders[key], heard[key])
        put_off += case.put_off
        oddities += _forged(case, judged=any(task.learner == learner.github for task in tasks))
    return Gathered(holdings, open_orders, heard, tuple(tasks), tuple(oddities), tuple(put_off))


def _ordered(case: _Case, stage: Stage, heard: Heard) -> tuple[tuple[Order, ...], list[str]]:
    """The open commands on a milestone's issue that come from people who may give them, and remarks."""
    thread = case.holding.threads.get(stage.id)
    if thread is None:
        return (), []
    taken = {
        sign.comment for entry in case.ledger.of(case.learner.github, stage.id) for sign in _peers(entry)
    }
    taken |= {sign.comment for sign in heard.news}
    found = [order for order in unanswered(thread.comments) if order.comment not in taken]
    good = tuple(order for order in found if _may(case, order))
    remarks = [f"{_who(case)}: {_ignored(case, stage, order)}" for order in found if order not in good]
    edited = {order: None for said in thread.comments if said.edited for order in of(said)}
    remarks += [f"{_who(case)}: /{one.kind} by {one.author} was edited; it was ignored" for one in edited]
    return good, remarks


def _peers(entry: Entry) -> Iterator[Signature]:
    return (signature for signature in entry.signatures if signature.peer)


def _ignored(case: _Case, stage: Stage, order: Order) -> str:
    """Why a command counts for nothing."""
    author = order.author.lower()
    if author == case.learner.github.lower():
        return f"the learner wrote /{order.kind}; it was ignored"
    if any(review.reviewer == author for review in case.answers.reviews.of(case.learner.github, stage.id)):
        return f"/{order.kind} by {order.author} is not about a commit that they were asked about; ignored"
    return f"/{order.kind} by {order.author}, who may not decide, was ignored"


def _may(case: _Case, order: Order) -> bool:
    """Nobody decides about their own work, whatever they may write to."""
    if not order.author or order.author.lower() == case.learner.github.lower() or not case.court.cohort_repo:
        return False
    return case.claims.may_decide(case.court.cohort_repo, order.author)


def _tasks(case: _Case, stage: Stage, ordered: Sequence[Order], heard: Heard) -> Iterator[Task]:
    """What is to be judged: the newest commit, the last one in time, and what could not be checked before."""
    forced = case.court.retry or heard.ready or any(order.kind in FORCING for order in ordered)
    holding = case.holding
    judged = verdicts.to_judge(holding, stage, case.ledger, ordered, signed=heard.ready)
    off, again = _tries(case, stage, claimed=judged, forced=forced)
    yield from again
    if holding.head is None or not judged or holding.head.commit in off:
        return
    otherwise = holding.pushed_at or case.court.now
    at = verdicts.received(case.pushes(), holding.head.commit, otherwise)
    make = partial(_task, case, stage)
    approvals = (*_approvals(case, stage, at), *(("peer",) if heard.approved else ()))
    signatures = tuple(dict.fromkeys([*heard.signatures, *signatures_of(ordered)]))
    yield make(holding.head.commit, at, approvals, _reason(ordered, heard), signatures)
    due = calendar.due_on(case.court.cohort, stage.span[1], case.learner)
    earlier = verdicts.on_time(case.pushes(), due) if at > due else None
    done = off | {task.sha for task in again}
    if earlier is not None and earlier.sha not in done and not _known(case, stage, earlier.sha):
        yield make(earlier.sha, verdicts.received(case.pushes(), earlier.sha, earlier.at))


def _tries(case: _Case, stage: Stage, *, claimed: bool, forced: bool) -> tuple[set[str], list[Task]]:
    """Commits that could not be checked: those that are not tried now, and older ones that are.

    The newest matters while it is `claimed`, an older one if it came in time and nothing passed in time.
    """
    court, login, off, again = case.court, case.learner.github, set(), []
    head = case.holding.head.commit if case.holding.head else ""
    due = calendar.due_on(court.cohort, stage.span[1], case.learner)
    best = case.ledger.best_pass(login, stage.id, due)
    for tries in case.ledger.undecided(login, stage.id):
        last, at = tries[-1], verdicts.again_at(tries)
        older = last.sha != head
        in_time = last.pushed_at <= due and (best is None or best.pushed_at > due)
        if last.spec_sha256 != fingerprint(stage.milestone.checks) or not (in_time if older else claimed):
            continue
        if not forced and (at is None or at > court.now):
            off.add(last.sha)
            when = f"tried again after {at:%Y-%m-%d %H:%M} UTC" if at else "waiting for /approve"
            case.put_off.append(f"{login} · {stage.id} at {last.sha[:10]}: {last.status}, {when}")
        elif older:
            again.append(_task(case, stage, last.sha, last.pushed_at))
    return off, again


def _known(case: _Case, stage: Stage, sha: str) -> bool:
    known = case.ledger.verdict(case.learner.github, (stage.id, sha, fingerprint(stage.milestone.checks)))
    return known is not None and known.decided


def _task(
    case: _Case,
    stage: Stage,
    sha: str,
    at: datetime,
    approvals: tuple[str, ...] = (),
    reason: str = "",
    signatures: tuple[Signature, ...] = (),
) -> Task:
    return Task.model_validate(
        {
            "learner": case.learner.github, "repo": case.holding.path, "url": case.holding.url,
            "milestone": stage.id, "sha": sha, "spec_sha256": fingerprint(stage.milestone.checks),
            "pushed_at": at, "approvals": approvals, "reason": reason, "signatures": signatures,
        }
    )  # fmt: skip


def signatures_of(ordered: Sequence[Order]) -> tuple[Signature, ...]:
    """What organisers decided by commands, as the ledger keeps it."""
    said = {Kind.APPROVE: "approve", Kind.CHANGES: "changes"}
    return tuple(
        Signature(by=order.author, said=said[order.kind], at=order.at, comment=order.comment)
        for order in ordered
        if order.kind in said
    )


def _approvals(case: _Case, stage: Stage, pushed: datetime) -> tuple[str, ...]:
    """The roles that signed off what was there when they did: a later push is another piece of work."""
    given = [
        order
        for order in orders(case.holding.threads[stage.id].comments)
        if order.kind in (Kind.APPROVE, Kind.CHANGES) and order.at > pushed and _may(case, order)
    ]
    return ("organiser",) if given and given[-1].kind is Kind.APPROVE else ()


def _reason(ordered: Sequence[Order], heard: Heard) -> str:
    """Why it is judged anew, for the ledger. Reviewers are named by their signatures alone."""
    words = {Kind.APPROVE: "approved by", Kind.RECHECK: "checked again for", Kind.CHANGES: "looked at by"}
    told = [f"{words[order.kind]} {order.author}" for order in ordered if order.kind in words]
    return "; ".join([*told, *(["approved by peers"] if heard.ready else [])])[:500]


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
