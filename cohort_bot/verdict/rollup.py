"""From judgements to results, and from results to a milestone's verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from cohort_bot.evidence import Awaited, Fault, Place, Unavailable
from cohort_bot.model.checks import CheckSpec
from cohort_bot.verdict.finding import Finding, Judgement, clean, code, tail


class Outcome(StrEnum):
    """What became of one check. `error` is a failure that is not the learner's."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


class Standing(StrEnum):
    """What became of a milestone."""

    PASSED = "passed"
    NEEDS_WORK = "needs_work"
    COULD_NOT_CHECK = "could_not_check"


@dataclass(frozen=True)
class Result:
    """One check's result, as the result document tells it.

    `root` is the check to mend first when this one was skipped because of it. `awaited` is true for what is
    not judged in this place at all; such a check neither earns points nor stands in the way.
    """

    id: str
    kind: str
    title: str
    status: Outcome
    required: bool
    points: int
    needs: tuple[str, ...] = ()
    hidden: bool = False
    fault: Fault | None = None
    found: str = ""
    expected: str = ""
    why: str = ""
    next: str = ""
    reproduce: str = ""
    where: tuple[Place, ...] = ()
    also: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)
    log_tail: str = ""
    duration_ms: int = 0
    root: str = ""
    awaited: bool = False


@dataclass(frozen=True)
class Points:
    """What was earned of what could be earned here. What could not be judged is in neither."""

    earned: int
    possible: int


@dataclass(frozen=True)
class Verdict:
    """A milestone's outcome, rolled up from its results."""

    status: Standing
    points: Points
    results: tuple[Result, ...]


def result(spec: CheckSpec, judgement: Judgement, seconds: float = 0.0) -> Result:
    """The result of a check that was judged."""
    passed = _blank(spec, Outcome.PASSED, seconds)
    passed = replace(passed, advice=judgement.advice, evidence=judgement.facts)
    if not judgement.findings:
        return passed
    first, *others = judgement.findings
    failed = replace(
        passed,
        status=Outcome.FAILED if first.fault is Fault.LEARNER else Outcome.ERROR,
        also=tuple(f"{other.found}; expected {other.expected}" for other in others),
        log_tail=tail(judgement.log),
    )
    return _tell(failed, first)


def unavailable(spec: CheckSpec, reason: Unavailable, seconds: float = 0.0) -> Result:
    """The result of a check that could not be carried out. It costs the learner nothing."""
    finding = Finding(
        f"{reason.found}: {code(reason.detail)}" if reason.detail else reason.found,
        "that this check can be carried out",
        "This is not about your work, and it costs you nothing.",
        reason.next,
        fault=reason.fault,
    )
    return _tell(_blank(spec, Outcome.ERROR, seconds), finding)


def awaited(spec: CheckSpec, reason: Awaited, *, judging: bool) -> Result:
    """A check that is decided elsewhere: by the organiser's judge, or by a person.

    Where the judging is done for good, a check still waited for keeps the milestone from passing.
    """
    return replace(_blank(spec, Outcome.SKIPPED), found=reason.reason, awaited=not judging)


def skipped(spec: CheckSpec, before: Mapping[str, Result]) -> Result | None:
    """The result of a check that one of `before` keeps from running; None when nothing does.

    The root cause is followed through checks that were themselves skipped, so that it is named once.
    """
    for need in spec.needs:
        cause = before.get(need)
        if cause is None:
            return _misplaced(spec, need)
        if cause.status is not Outcome.PASSED:
            root = before.get(cause.root, cause)
            return replace(
                _blank(spec, Outcome.SKIPPED),
                fault=root.fault,
                root=root.id,
                awaited=root.awaited,
                found=f"not run, because {code(root.title)} comes first",
            )
    return None


def roll_up(results: Sequence[Result]) -> Verdict:
    """The milestone's verdict: passed only when every required check that is judged here passed."""
    counted = [one for one in results if not one.awaited and not _ours(one)]
    earned = sum(one.points for one in counted if one.status is Outcome.PASSED)
    points = Points(earned, sum(one.points for one in counted))
    return Verdict(
        _standing(one for one in results if one.required and not one.awaited), points, tuple(results)
    )


def _standing(required: Iterable[Result]) -> Standing:
    open_ones = [one for one in required if one.status is not Outcome.PASSED]
    if any(not _ours(one) for one in open_ones):
        return Standing.NEEDS_WORK
    return Standing.COULD_NOT_CHECK if open_ones else Standing.PASSED


def _ours(one: Result) -> bool:
    """Whether the result is a failure that is not the learner's, or was skipped because of one."""
    return one.fault in (Fault.COURSE, Fault.RUNNER)


def _misplaced(spec: CheckSpec, need: str) -> Result:
    found = f"the check {code(spec.id)} needs {code(need)}, which does not come before it"
    return unavailable(
        spec, Unavailable(Fault.COURSE, found, "Tell your organiser: the roadmap's checks need mending.")
    )


def _blank(spec: CheckSpec, status: Outcome, seconds: float = 0.0) -> Result:
    return Result(
        id=spec.id,
        kind=spec.kind,
        title=spec.title,
        status=status,
        required=spec.required,
        points=spec.points,
        needs=spec.needs,
        hidden=spec.hidden,
        duration_ms=round(seconds * 1000),
    )


def _tell(blank: Result, finding: Finding) -> Result:
    return replace(
        blank,
        fault=finding.fault,
        found=finding.found,
        expected=finding.expected,
        why=finding.why,
        next=finding.next,
        reproduce=" ".join(clean(finding.reproduce).split()),
        where=finding.where,
    )
