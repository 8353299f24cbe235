"""What `validate` says about reviews by peers in roadmap.yaml and cohort.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cohort_folder import COHORT, ROADMAP, loaded, told

SEED = "reviews:\n  seed: 7205759403792793\n"


def roadmap(*more: str, key: str = "seen", before: str = ROADMAP) -> str:
    """The test roadmap, whose last milestone gets a `manual` check with these further entries."""
    entries = ", ".join([f"id: {key}", "kind: manual", f"title: Seen {key}", "asks: Is it good?", *more])
    return f"{before}        - {{{entries}}}\n"


def test_reviews_by_peers_are_read(tmp_path: Path) -> None:
    text = roadmap("approvers: [peer]", "reviewers: 2", "blind: true")
    found = loaded(tmp_path, cohort=COHORT + SEED, roadmap=text)
    check = found.roadmap.stages[-1].milestone.checks[-1]
    assert check.kind == "manual"
    assert (check.approvers, check.reviewers, check.blind) == (("peer",), 2, True)
    assert (found.cohort.reviews.seed, found.cohort.reviews.days) == (7205759403792793, 5)


@pytest.mark.parametrize(
    ("cohort", "more", "message"),
    [
        ("", ["blind: true"], "`blind` is for reviews by peers, and no peer is asked here"),
        ("", ["blind: on", "approvers: [organiser]"], "`blind` is for reviews by peers"),
        ("", ["reviewers: 2"], "`reviewers` says how many peers are asked, and no peer is asked here"),
        ("", ["approvers: [peer]", "required: false"], "`required: false` lets the milestone pass before"),
        ("", ["approvers: [peer]", "blind: true"], "`reviews.seed` can be guessed"),
        ("reviews: {seed: 7}\n", ["approvers: [peer]", "blind: yes"], "`reviews.seed` can be guessed"),
        ("", ["approvers: [peer]", "reviewers: 4"], "`reviewers`"),
        ("", ["approvers: [peer]", "reviewers: 0"], "`reviewers`"),
        ("reviews: {days: 0}\n", ["approvers: [peer]"], "`days`"),
    ],
)
def test_slips_are_named_with_place_and_cure(
    tmp_path: Path, cohort: str, more: list[str], message: str
) -> None:
    (line,) = told(tmp_path, cohort=COHORT + cohort, roadmap=roadmap(*more))
    assert message in line
    assert line.startswith(
        "cohort.yaml:" if "seed" in message or cohort == "reviews: {days: 0}\n" else "road"
    )
    assert line.split(" | ")[1] or "must be at" in line


def test_nothing_is_blind_in_public(tmp_path: Path) -> None:
    cohort = f"{COHORT}visibility: public\n{SEED}"
    (line,) = told(tmp_path, cohort=cohort, roadmap=roadmap("approvers: [peer]", "blind: true"))
    assert line.startswith("cohort.yaml:6:13: learners' repos are public")


def test_one_review_a_milestone(tmp_path: Path) -> None:
    text = roadmap("approvers: [peer]", key="again", before=roadmap("approvers: [peer]"))
    (line,) = told(tmp_path, roadmap=text)
    assert "a milestone has one review by peers" in line


def test_an_organiser_may_look_beside_a_peer(tmp_path: Path) -> None:
    assert loaded(tmp_path, roadmap=roadmap("approvers: [organiser, peer]")).roadmap
