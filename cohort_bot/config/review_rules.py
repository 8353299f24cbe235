"""What must hold where learners review each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cohort_bot.config.document import Node
from cohort_bot.config.source import Source
from cohort_bot.errors import Problem
from cohort_bot.model import Cohort, Roadmap

# What nobody tries out: a blind review whose seed is guessed is blind no more.
LEAST_SEED = 2**32
_ON, _OFF = ("true", "yes", "on"), ("false", "no", "off")


def problems(checks: Sequence[Node], source: Source) -> Iterator[Problem]:
    """Every broken rule of the sign-offs among a milestone's checks."""
    first: Node | None = None
    for check in checks:
        if check.get("kind").words() != "manual":
            continue
        if "peer" not in [who.words() for who in check.get("approvers")]:
            yield from _without_peers(check, source)
            continue
        required = check.get("required")
        if required.words().casefold() in _OFF:
            message = "a peer is asked, but `required: false` lets the milestone pass before anybody answers"
            yield source.problem(required.place, message, "Remove `required`, or let an organiser look.")
        if first is not None:
            line, column = first.place
            message = f"a milestone has one review by peers, and there is one at {line}:{column} already"
            yield source.problem(check.get("approvers").place, message, "Put both questions into one `asks`.")
        first = first or check.get("approvers")


def _without_peers(check: Node, source: Source) -> Iterator[Problem]:
    blind, reviewers = check.get("blind"), check.get("reviewers")
    cure = "Write `approvers: [peer]`, or remove this line."
    if blind.words().casefold() in _ON:
        yield source.problem(blind.place, "`blind` is for reviews by peers, and no peer is asked here", cure)
    if reviewers.words() not in ("", "1"):
        message = "`reviewers` says how many peers are asked, and no peer is asked here"
        yield source.problem(reviewers.place, message, cure)


def blind_problems(cohort: Cohort, roadmap: Roadmap, tree: Node, source: Source) -> Iterator[Problem]:
    """What would give blind reviews away. `tree` is that of cohort.yaml."""
    blind = [
        stage.id
        for stage in roadmap.stages
        for check in stage.milestone.checks
        if check.kind == "manual" and check.blind
    ]
    if blind and cohort.reviews.seed < LEAST_SEED:
        yield source.problem(
            tree.get("reviews").get("seed").place,
            f"`reviews.seed` can be guessed, and with it who reviews whom in `{blind[0]}`, blind as it is",
            "Write a number of ten digits or more that nobody else knows, such as "
            '`python -c "import secrets; print(secrets.randbits(56))"` prints.',
        )
    if blind and cohort.visibility == "public":
        yield source.problem(
            tree.get("visibility").place,
            f"learners' repos are public, so anybody can look up whose work it is that `{blind[0]}` hides",
            "Write `visibility: private`, or take `blind` out of the roadmap.",
        )
