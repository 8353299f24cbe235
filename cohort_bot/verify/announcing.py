"""Tell everybody whom a verdict concerns, once, however often this is run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from cohort_bot import calendar, ledger
from cohort_bot.errors import CohortError
from cohort_bot.forge import announce
from cohort_bot.forge.claims import Claims, Said
from cohort_bot.ledger import Signature
from cohort_bot.model import Learner, Stage
from cohort_bot.result import Document
from cohort_bot.reviews import reviewers_of
from cohort_bot.verdict import Standing
from cohort_bot.verify import verdicts, words
from cohort_bot.verify.court import WORK, Court, Settled
from cohort_bot.verify.extending import Extender
from cohort_bot.verify.gathering import MARK, Gathered, signatures_of
from cohort_bot.verify.orders import Kind
from cohort_bot.verify.peers import Heard, Remark
from cohort_bot.verify.verdicts import Notice


@dataclass(frozen=True)
class _Due:
    """A notice that is due, and all that its words need."""

    learner: Learner
    stage: Stage
    notice: Notice
    document: Document | None
    path: str
    repo_id: str
    asked: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


def announce_all(
    court: Court,
    gathered: Gathered,
    claims: Claims,
    announcer: announce.Announcer,
    settled: Iterable[Settled],
) -> list[str]:
    """Bring issues and commits in line with the ledger; what could not be written, in words."""
    done = list(settled)
    _record(court, gathered)
    extended, problems = _extend(court, gathered)
    due = [*_due(court, gathered, done), *extended]
    if not due:
        return problems
    problems += _write(court, due, claims, announcer)
    told = {(each.learner.github, each.stage.id, each.notice.entry.sha) for each in due if each.notice.entry}
    for one in done:
        entry = one.entry
        if entry is not None and entry.decided and (entry.learner, entry.milestone, entry.sha) in told:
            problems += _mark(court, one, announcer)
    return problems


def _record(court: Court, gathered: Gathered) -> None:
    """What was decided and needs no judging: changes, or an approval while others are waited for."""
    books = ledger.read(court.books)
    for (login, milestone), heard in gathered.heard.items():
        holding = gathered.holdings[login]
        entries = [e for e in books.of(login, milestone) if holding.head and e.sha == holding.head.commit]
        entry = next((entry for entry in reversed(entries) if entry.decided), None)
        orders = gathered.orders.get((login, milestone), ())
        wanted = signatures_of([order for order in orders if order.kind is Kind.CHANGES])
        # Where all have approved, the milestone was judged, and what came of it has their signatures.
        news = () if heard.ready or (entry and entry.passed) else heard.news
        if entry is not None and (
            new := tuple(one for one in (*news, *wanted) if one not in entry.signatures)
        ):
            update = {
                "status": Standing.NEEDS_WORK, "reason": _because(new), "judged_at": court.now,
                "signatures": (*entry.signatures, *new),
            }  # fmt: skip
            ledger.append(court.books, entry.model_copy(update=update))


def _because(new: Sequence[Signature]) -> str:
    """Why the ledger has another line. Reviewers are named by their signatures alone."""
    who = [f"{'changes asked for by' if one.said == 'changes' else 'approved by'} "
           f"{'a reviewer' if one.peer else one.by}" for one in new]  # fmt: skip
    return "; ".join(dict.fromkeys(who))[:1000]


def _extend(court: Court, gathered: Gathered) -> tuple[list[_Due], list[str]]:
    """`/extend`: more days in the roster; the dates on the forge follow with the next `enroll`."""
    extender = Extender(court.roster, court.books / WORK / "extensions.json")
    done, problems = [], []
    for learner in court.learners:
        for stage in court.roadmap.stages:
            login = learner.github.lower()
            for order in gathered.orders.get((login, stage.id), ()):
                if order.kind is not Kind.EXTEND:
                    continue
                try:
                    extender.extend(learner.github, order)
                except CohortError as failure:
                    problems.append(f"{learner.github}: {failure.message}")
                    continue
                holding = gathered.holdings[login]
                notice = Notice(holding.threads[stage.id], "extended", answers=(order.comment,))
                asked = (f"{order.days} more days",)
                done.append(_Due(learner, stage, notice, None, holding.path, holding.id, asked))
    return done, problems


def _due(court: Court, gathered: Gathered, settled: Sequence[Settled]) -> list[_Due]:
    books = ledger.read(court.books)
    documents = {
        (one.task.learner.lower(), one.task.milestone, one.task.sha): one.report.document
        for one in settled
        if one.report is not None
    }
    grace = timedelta(hours=court.cohort.policies.grace_hours)
    found = []
    for learner in court.learners:
        login = learner.github.lower()
        holding = gathered.holdings.get(login)
        if holding is None or holding.archived:
            continue
        for stage in court.roadmap.stages:
            given = gathered.orders.get((login, stage.id), ())
            orders = tuple(order for order in given if order.kind is not Kind.EXTEND)
            heard = gathered.heard.get((login, stage.id), Heard())
            by_peers = verdicts.ByPeers(_asks_peers(court, stage, learner), heard.changes)
            notice = verdicts.notice(holding, stage, books, orders, court.now, grace, by_peers)
            if notice is not None:
                sha = notice.entry.sha if notice.entry else ""
                asked = tuple(order.text for order in orders if order.kind is Kind.CHANGES and order.text)
                document = documents.get((login, stage.id, sha))
                repo = (holding.path, holding.id)
                found.append(_Due(learner, stage, notice, document, *repo, asked, heard.remarks))
    return found


def _asks_peers(court: Court, stage: Stage, learner: Learner) -> bool:
    """Whether there is a review by peers, and anybody who could give it."""
    return bool(reviewers_of(court.cohort, stage, learner.github, court.everybody))


def _write(court: Court, due: Sequence[_Due], claims: Claims, announcer: announce.Announcer) -> list[str]:
    ids = announcer.label_ids(sorted({each.repo_id for each in due}))
    said = claims.comments([each.notice.thread.id for each in due if each.notice.why])
    notices = [_notice(court, each, ids.get(each.repo_id, {}), said) for each in due]
    asked = [
        (each, notice)
        for each, notice in zip(due, notices, strict=True)
        if notice != announce.Notice(notice.issue_id)
    ]
    replies = announcer.write([notice for _, notice in asked])
    return [
        f"{each.path}: {reply.error}" for (each, _), reply in zip(asked, replies, strict=True) if reply.error
    ]


def _notice(
    court: Court, each: _Due, labels: Mapping[str, str], said: Mapping[str, Sequence[Said]]
) -> announce.Notice:
    notice = each.notice
    before = said.get(notice.thread.id, ())
    told = not notice.why or (not notice.answers and verdicts.is_told(tuple(before), notice))
    date = calendar.due_on(court.cohort, each.stage.span[1], each.learner)
    return announce.Notice(
        issue_id=notice.thread.id,
        comment=""
        if told
        else words.comment(notice, each.stage, each.document, date, each.asked, each.remarks),
        add=tuple(labels[key] for key in sorted(notice.add) if key in labels),
        remove=tuple(labels[key] for key in sorted(notice.remove) if key in labels),
        closed=notice.closed,
    )


def _mark(court: Court, one: Settled, announcer: announce.Announcer) -> list[str]:
    entry = one.entry
    if entry is None:
        return []
    stage = court.roadmap.stage(entry.milestone)
    points = f"{entry.points.earned} of {entry.points.possible} points"
    title = f"{'Verified' if entry.passed else 'Needs work'}: {points}"
    summary = f"{stage.milestone.title}, judged by your organiser. The milestone's issue says more."
    try:
        announcer.mark(
            announce.Mark(entry.repo, entry.sha, f"{MARK}{entry.milestone}", entry.passed, title, summary)
        )
    except CohortError as failure:
        return [f"{entry.repo}: {failure.message}"]
    return []
