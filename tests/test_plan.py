"""What is planned: desired against actual, in order, with its price."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_bot import owned
from cohort_bot.change import Action, Phase, Thing
from cohort_bot.desired import LABELS, blob_id, desired_state
from cohort_bot.model import Cohort, Learner, Status
from cohort_bot.plan import WAVE, Plan, make_plan
from cohort_bot.state import Access, CohortState, Files
from tests.short_words import ROADMAP, Words

COHORT = Cohort.model_validate(
    {"org": "academy", "slug": "ml", "start": date(2026, 9, 7), "timezone": "Europe/Berlin"}
)
FILES = {"README.md": b"hello\n"}


def wanted(*logins: str, words: Words | None = None, cohort: Cohort = COHORT) -> CohortState:
    learners = [Learner(github=login) for login in logins]
    return desired_state(cohort, ROADMAP, learners, words or Words(), FILES)


def made_of(desired: CohortState) -> CohortState:
    """The forge after `desired` has been carried out: everybody invited, nobody in yet."""
    repos = {
        name: replace(
            repo,
            access=Access.INVITED,
            path=f"academy/{name}",
            issues={key: replace(issue, assignees=frozenset()) for key, issue in repo.issues.items()},
        )
        for name, repo in desired.repos.items()
    }
    assert desired.template is not None
    return CohortState(replace(desired.template, path="academy/ml-template"), repos)


def edited(state: CohortState, name: str, **changes: object) -> CohortState:
    repo = replace(state.repos[name], **changes)  # type: ignore[arg-type]
    return replace(state, repos={**state.repos, name: repo})


def things(plan: Plan) -> list[tuple[str, str]]:
    return [(f"{change.action} {change.thing}", change.key) for change in plan.changes]


NOTHING = CohortState(None)


def test_a_new_learner_gets_everything_in_the_order_it_stands_on() -> None:
    plan = make_plan(wanted("ada"), NOTHING)
    learner = [change for change in plan.changes if change.repo == "ml-ada"]
    assert [(c.action, c.thing) for c in learner] == [
        (Action.CREATE, Thing.REPO),
        (Action.CREATE, Thing.BOARD),
        *[(Action.CREATE, Thing.LABEL)] * 4,
        *[(Action.CREATE, Thing.MILESTONE)] * 2,
        *[(Action.CREATE, Thing.ISSUE)] * 2,
        (Action.CREATE, Thing.FILES),
        (Action.CREATE, Thing.INVITATION),
        (Action.CREATE, Thing.LINK),
    ]
    phases = [step.phase for step in plan.steps if step.changes[0].repo == "ml-ada"]
    assert phases == sorted(phases)
    assert plan.changes[0].repo == "ml-template"


def test_what_has_been_made_needs_no_change() -> None:
    desired = wanted("ada", "grace")
    plan = make_plan(desired, made_of(desired))
    assert plan.changes == ()
    assert not plan


def test_paused_and_withdrawn_learners_get_nothing() -> None:
    learners = [
        Learner(github="ada"),
        Learner(github="bob", status=Status.PAUSED),
        Learner(github="eve", status=Status.WITHDRAWN),
    ]
    assert list(desired_state(COHORT, ROADMAP, learners, Words(), FILES).repos) == ["ml-ada"]


def test_names_of_repos_ignore_case_as_github_does() -> None:
    assert list(wanted("AdaLovelace").repos) == ["ml-adalovelace"]


def test_a_roadmap_edit_rewrites_only_the_owned_region() -> None:
    actual = made_of(wanted("ada"))
    issue = actual.repos["ml-ada"].issues["walking"]
    mine = replace(issue, body=owned.tick(issue.body, frozenset({"walking-film"})) + "\nmine\n")
    actual = edited(actual, "ml-ada", issues={**actual.repos["ml-ada"].issues, "walking": mine})
    plan = make_plan(wanted("ada", words=Words("Do it well.")), actual)
    (update,) = [c for c in plan.changes if c.key == "walking"]
    assert update.action is Action.UPDATE
    assert update.existing == mine
    assert update.new is not None
    body = update.new.body  # type: ignore[union-attr]
    assert "Do it well." in body
    assert "- [x] A film" in body
    assert body.endswith("\nmine\n")


def test_a_renamed_label_and_a_renamed_issue_stay() -> None:
    desired = wanted("ada")
    repo = made_of(desired).repos["ml-ada"]
    labels = {**repo.labels, "help": replace(repo.labels["help"], name="SOS", color="ff0000")}
    issues = {**repo.issues, "standing": replace(repo.issues["standing"], title="My way")}
    actual = edited(made_of(desired), "ml-ada", labels=labels, issues=issues)
    assert make_plan(desired, actual).changes == ()


@pytest.mark.parametrize(
    ("damage", "mended"),
    [
        (
            lambda r: {"labels": {}},
            [("create label", key) for key in LABELS],
        ),
        (lambda r: {"issues": {"standing": r.issues["standing"]}}, [("create issue", "walking")]),
        (lambda r: {"milestones": {}}, [("create milestone", "standing"), ("create milestone", "walking")]),
        (lambda r: {"board": None}, [("create board", ""), ("create link", "")]),
        (lambda r: {"board": replace(r.board, linked=False)}, [("create link", "")]),
        (lambda r: {"filled": False}, [("create files", "")]),
        (lambda r: {"access": Access.NONE}, [("create invitation", "ada")]),
        (lambda r: {"access": Access.EXPIRED}, [("update invitation", "ada")]),
        (
            lambda r: {"access": Access.JOINED},
            [
                ("create board access", "ada"),
                ("create assignment", "standing"),
                ("create assignment", "walking"),
            ],
        ),
        (
            lambda r: {
                "milestones": {
                    k: replace(m, due_on=m.due_on + timedelta(days=1)) for k, m in r.milestones.items()
                }
            },
            [("update milestone", "standing"), ("update milestone", "walking")],
        ),
        (
            lambda r: {"milestones": {k: replace(m, closed=True) for k, m in r.milestones.items()}},
            [("update milestone", "standing"), ("update milestone", "walking")],
        ),
        (
            lambda r: {"issues": {k: replace(i, on_board=False) for k, i in r.issues.items()}},
            [("create card", "standing"), ("create card", "walking")],
        ),
        (
            lambda r: {"issues": {k: replace(i, milestone="") for k, i in r.issues.items()}},
            [("update issue", "standing"), ("update issue", "walking")],
        ),
        (lambda r: {"archived": True, "labels": {}, "issues": {}}, []),
    ],
)
def test_whatever_is_amiss_is_named_and_mended(damage: object, mended: list[tuple[str, str]]) -> None:
    desired = wanted("ada")
    repo = made_of(desired).repos["ml-ada"]
    actual = edited(made_of(desired), "ml-ada", **damage(repo))  # type: ignore[operator]
    assert things(make_plan(desired, actual)) == mended


def test_an_issue_closed_with_its_milestone_is_finished_work() -> None:
    desired = wanted("ada")
    repo = made_of(desired).repos["ml-ada"]
    actual = edited(
        made_of(desired),
        "ml-ada",
        access=Access.JOINED,
        milestones={k: replace(m, closed=True) for k, m in repo.milestones.items()},
        issues={k: replace(i, closed=True) for k, i in repo.issues.items()},
    )
    assert make_plan(desired, actual).changes == ()


def test_only_files_that_differ_reach_the_template() -> None:
    desired = wanted("ada")
    actual = made_of(desired)
    assert desired.template is not None
    stale = Files({"README.md": blob_id(b"old\n"), "notes.txt": blob_id(b"the organiser's\n")})
    actual = replace(actual, template=replace(desired.template, files=stale))
    (change,) = make_plan(desired, actual).changes
    assert change.new == Files({"README.md": blob_id(b"hello\n")})


def test_a_boardless_cohort_has_no_boards() -> None:
    cohort = COHORT.model_copy(update={"board": COHORT.board.model_copy(update={"enabled": False})})
    plan = make_plan(wanted("ada", cohort=cohort), NOTHING)
    assert {Thing.BOARD, Thing.VIEW, Thing.LINK, Thing.CARD}.isdisjoint(c.thing for c in plan.changes)


def test_remarks_say_what_no_change_mends() -> None:
    desired = wanted("ada")
    renamed = edited(made_of(desired), "ml-ada", path="academy/adas-work")
    public = edited(made_of(desired), "ml-ada", visibility="public")
    assert "renamed to academy/adas-work" in make_plan(desired, renamed).notes[0]
    assert "is public, the cohort asks for private" in make_plan(desired, public).notes[0]


def test_the_checksum_changes_with_the_plan_alone() -> None:
    first, again = make_plan(wanted("ada"), NOTHING), make_plan(wanted("ada"), NOTHING)
    other = make_plan(wanted("ada", words=Words("Else.")), NOTHING)
    assert first.checksum == again.checksum != other.checksum


def test_moving_most_of_a_cohort_is_large() -> None:
    logins = [f"learner{i}" for i in range(30)]
    moved = COHORT.model_copy(update={"start": date(2026, 10, 5)})
    actual = made_of(wanted(*logins))
    plan = make_plan(wanted(*logins, words=Words("Else."), cohort=moved), actual)
    assert (plan.updates, plan.existing, plan.is_large) == (120, 300, False)
    shrunk = replace(actual, repos={n: replace(r, labels={}, board=None) for n, r in actual.repos.items()})
    assert make_plan(wanted(*logins, words=Words("Else."), cohort=moved), shrunk).is_large


@given(st.integers(0, 3 * WAVE))
def test_every_change_is_in_exactly_one_step_and_waves_do_not_mix(count: int) -> None:
    plan = make_plan(wanted(*(f"l{i}" for i in range(count))), NOTHING)
    carried = [change for step in plan.steps for change in step.changes]
    assert sorted(map(id, carried)) == sorted(map(id, plan.changes))
    seals = 0
    seen: set[str] = set()
    for step in plan.steps:
        repos = {change.repo for change in step.changes} - {"ml-template"}
        if step.phase is Phase.REPO:
            assert len(seen) - seals < WAVE, "a wave begins when the one before is sealed"
            seen |= repos
        if step.phase is Phase.SEAL:
            seals += len(repos)
    assert seals == count


def test_enrolling_thirty_is_priced_within_the_budget() -> None:
    plan = make_plan(wanted(*(f"l{i}" for i in range(30))), NOTHING)
    # Two milestones here instead of the shipped five.
    assert plan.cost.requests / 30 <= 8 - 3
    assert plan.cost.seconds >= plan.cost.requests


def test_a_plan_does_not_depend_on_the_forges_ids() -> None:
    made = made_of(wanted("ada"))
    when = datetime(2026, 9, 1, tzinfo=UTC)
    assert edited(made, "ml-ada", id="R_1", url="https://example.org", created_at=when).repos == made.repos
