"""Who stands where, who is at risk and why, and what the cohort's sums are."""

from datetime import UTC, datetime, timedelta

import pytest

from cohort_bot.ledger import Signature
from cohort_bot.model import Cohort, Learner
from cohort_bot.model.checks import Manual
from cohort_bot.standing import Progress, Rule, Standing, stand
from cohort_bot.state import Access, Head
from tests.cohort_in_progress import COHORT, NOW, ROADMAP, STAGES, example, ledger, repo
from tests.ledger_entries import entry, sha

SIGN_OFF = {"id": "seen", "kind": "manual", "title": "Seen", "asks": "Is it good?"}
OPEN, CLAIMED, VERIFIED = Progress.OPEN, Progress.CLAIMED, Progress.VERIFIED


def of(login: str) -> Standing:
    return next(found for found in example().standings if found.learner.github == login)


def where(standing: Standing) -> list[Progress]:
    return [step.progress for step in standing.steps]


def test_verified_comes_from_the_ledger_claimed_from_the_forge() -> None:
    assert where(of("ada")) == [VERIFIED, VERIFIED, CLAIMED, OPEN, OPEN]
    assert where(of("bob")) == [VERIFIED, OPEN, OPEN, OPEN, OPEN]


def test_a_label_that_says_verified_proves_nothing() -> None:
    theirs = repo("ada")
    issue = theirs.issues["one"]
    forged = repo("ada", issues={"one": type(issue)("one", "", "", "one", labels=frozenset({"verified"}))})
    standing = stand(COHORT, ROADMAP, Learner(github="ada"), ledger(), forged, NOW)
    assert standing.steps[0].progress is CLAIMED


def test_a_pass_taken_back_leaves_the_milestone_claimed() -> None:
    books = ledger(entry(), entry(status="needs_work", reason="copied"))
    standing = stand(COHORT, ROADMAP, Learner(github="ada"), books, repo("ada", ["one"]), NOW)
    assert standing.steps[0].progress is CLAIMED


@pytest.mark.parametrize(
    ("status", "newest", "progress"),
    [
        ("needs_work", "a", OPEN),
        ("needs_work", "pushed since", CLAIMED),
        ("could_not_check", "a", CLAIMED),
        ("passed", "a", VERIFIED),
    ],
)
def test_who_claims_a_commit_that_needs_work_waits_for_nothing(
    status: str, newest: str, progress: Progress
) -> None:
    books = ledger(entry(status=status, results=[{"id": "tests", "status": "failed"}]))
    claimed = repo("ada", ["one"], head=Head("main", sha(newest)))
    assert where(stand(COHORT, ROADMAP, Learner(github="ada"), books, claimed, NOW))[0] is progress


def test_who_waits_for_a_sign_off_still_waits() -> None:
    checks = [*ROADMAP.stages[0].milestone.checks[:1], Manual.model_validate(SIGN_OFF)]
    first = ROADMAP.stages[0]
    milestone = first.milestone.model_copy(update={"checks": tuple(checks)})
    stages = (first.model_copy(update={"milestone": milestone}), *ROADMAP.stages[1:])
    road = ROADMAP.model_copy(update={"stages": stages})
    claimed = repo("ada", ["one"], head=Head("main", sha("a")))
    results = [{"id": "tests", "status": "passed"}, {"id": "seen", "status": "skipped"}]
    waiting = entry(status="needs_work", results=results)
    assert where(stand(COHORT, road, Learner(github="ada"), ledger(waiting), claimed, NOW))[0] is CLAIMED
    sent_back = waiting.model_copy(
        update={"signatures": (Signature(by="organiser", said="changes", at=NOW, comment=1),)}
    )
    books = ledger(waiting, sent_back)
    assert where(stand(COHORT, road, Learner(github="ada"), books, claimed, NOW))[0] is OPEN


def test_without_the_forge_only_the_ledger_speaks() -> None:
    standing = stand(COHORT, ROADMAP, Learner(github="ada"), ledger(entry()), None, NOW)
    assert where(standing) == [VERIFIED, OPEN, OPEN, OPEN, OPEN]
    assert standing.access is None


def test_current_is_the_first_open_one_then_the_first_that_waits() -> None:
    current = of("ada").current
    assert current is not None
    assert current.stage == "four"
    waiting = stand(COHORT, ROADMAP, Learner(github="ada"), ledger(entry()), repo("ada", STAGES), NOW)
    assert waiting.current is not None
    assert waiting.current.stage == "two"
    assert of("gil").current is None
    assert of("gil").finished


def test_days_are_those_of_the_calendar_in_the_cohorts_zone() -> None:
    # Stage one ends on 20 September, 23:59:59 in Berlin.
    for instant, left in (
        (datetime(2026, 9, 20, 21, 59, tzinfo=UTC), 0),
        (datetime(2026, 9, 20, 22, 1, tzinfo=UTC), -1),
        (datetime(2026, 9, 13, 22, 1, tzinfo=UTC), 6),
    ):
        step = stand(COHORT, ROADMAP, Learner(github="ada"), ledger(), None, instant).steps[0]
        assert (step.days_left, step.overdue_days) == (left, max(-left, 0))


def test_extensions_breaks_and_personal_starts_move_the_dates() -> None:
    assert of("ada").steps[1].due == datetime(2026, 10, 11, 21, 59, 59, tzinfo=UTC)  # a week of break
    assert of("bob").steps[1].due == datetime(2026, 10, 18, 21, 59, 59, tzinfo=UTC)  # and seven days
    late = stand(
        COHORT, ROADMAP, Learner.model_validate({"github": "x", "start": "2026-10-19"}), ledger(), None, NOW
    )
    assert not late.begun
    assert late.steps[0].due == datetime(2026, 11, 1, 22, 59, 59, tzinfo=UTC)


def test_late_is_when_the_push_came_after_the_date() -> None:
    # Stage one is due 13 days, 13 hours after the entries' zero.
    books = ledger(entry(commit="a", day=15), entry(commit="b", day=16))
    plain = stand(COHORT, ROADMAP, Learner(github="ada"), books, None, NOW).steps[0]
    assert timedelta(days=1) < plain.late_by < timedelta(days=2)
    extended = stand(COHORT, ROADMAP, Learner(github="ada", extension_days=7), books, None, NOW).steps[0]
    assert extended.late_by == timedelta(0)
    assert extended.counted is not None
    assert extended.counted.sha == entry(commit="b").sha
    assert extended.passed_at == entry(commit="a", day=15).pushed_at


def test_those_at_risk_are_named_with_the_rule_the_gravest_first() -> None:
    assert [(s.learner.github, [risk.rule for risk in s.risks]) for s in example().at_risk] == [
        ("cy", [Rule.LATE, Rule.IDLE]),
        ("dee", [Rule.LATE, Rule.INVITATION]),
    ]
    assert [risk.text for risk in of("cy").risks] == ["overdue by 22 days", "no push for 25 days"]


def test_days_of_a_break_are_not_idle_days() -> None:
    assert [r.number for r in of("cy").risks if r.rule is Rule.IDLE] == [32 - 7]


def test_needing_work_again_and_again_is_a_risk() -> None:
    tries = [entry(commit=str(n), day=30 + n / 10, status="needs_work") for n in range(5)]
    books = ledger(*tries)
    standing = stand(COHORT, ROADMAP, Learner(github="ada"), books, repo("ada"), NOW)
    assert Rule.TRIES in {risk.rule for risk in standing.risks}
    books = ledger(*tries[:4])
    standing = stand(COHORT, ROADMAP, Learner(github="ada"), books, repo("ada"), NOW)
    assert Rule.TRIES not in {risk.rule for risk in standing.risks}


@pytest.mark.parametrize("rule", ["late_days", "idle_days", "invitation_days"])
def test_a_rule_is_off_at_nought_and_tunable(rule: str) -> None:
    raw = COHORT.model_dump(mode="json", exclude_none=True)
    off = Cohort.model_validate(
        {**raw, "policies": {"at_risk": dict.fromkeys(["late_days", "idle_days", "invitation_days"], 0)}}
    )
    strict = Cohort.model_validate({**raw, "policies": {"at_risk": {rule: 1}}})
    theirs = repo("ada", pushed=30, access=Access.INVITED if rule == "invitation_days" else Access.JOINED)
    learner = Learner(github="ada", extension_days=0 if rule == "late_days" else 100)
    now = NOW + timedelta(days=-19 if rule == "late_days" else 0)
    assert stand(off, ROADMAP, learner, ledger(), theirs, now).risks == ()
    assert len(stand(strict, ROADMAP, learner, ledger(), theirs, now).risks) == 1


def test_paused_withdrawn_and_finished_learners_are_never_at_risk() -> None:
    assert [of(login).risks for login in ("eve", "fay", "gil")] == [(), (), ()]


def test_work_that_waits_for_the_judge_is_not_idle() -> None:
    standing = stand(COHORT, ROADMAP, Learner(github="ada"), ledger(), repo("ada", STAGES, pushed=0), NOW)
    assert standing.risks == ()


def test_the_sums_are_those_of_active_learners() -> None:
    found = example()
    assert len(found.active) == 5
    assert [found.count(progress) for progress in (OPEN, CLAIMED, VERIFIED)] == [16, 1, 8]
    assert found.count(VERIFIED, "one") == 3
    assert [s.learner.github for s in found.outside] == ["dee"]
    assert found.behind == 4  # cy and dee: one and two; what bob owes is not due yet


def test_the_burn_up_counts_what_is_due_and_what_is_verified_by_each_week() -> None:
    series = example().series
    assert [point.planned for point in series] == [0, 0, 4, 5, 5, 9, 10, 14, 15, 19, 20, 24, 25]
    assert [point.verified for point in series] == [0, 1, 4, 6, 8, 8, *[None] * 7]
    assert series[0].at == datetime(2026, 9, 6, 22, tzinfo=UTC)
    assert series[8].at == datetime(2026, 11, 1, 23, tzinfo=UTC)  # the clocks went back


def test_lead_times_run_from_pass_to_pass() -> None:
    first, *_, last = example().leads
    assert [round(days, 1) for days in first.days] == [5.5, 8.5, 19.5]
    assert first.median == pytest.approx(8.46, abs=0.01)
    assert [round(days, 1) for days in last.days] == [4.0]


def test_who_needs_most_comes_first() -> None:
    assert [s.learner.github for s in example().by_need] == ["cy", "dee", "bob", "ada", "gil", "eve", "fay"]
