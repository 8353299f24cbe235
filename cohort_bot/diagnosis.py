"""What will work, what will not, and how to mend it: the facts of a set-up as findings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cohort_bot.config.schedules import Schedule
from cohort_bot.forge.facts import Facts
from cohort_bot.forge.reader import SCOPES
from cohort_bot.model import Cohort

# Plans on which people from outside, invited ones included, take up paid seats in private repos
# (https://docs.github.com/en/billing/concepts/product-billing/github-licenses).
PAID = {"team", "business", "business_plus", "enterprise"}
LOW = 0.2
# Our reusable workflows that are of use on a schedule only, and what they do.
SCHEDULED = {"verify": "the judge", "weekly-digest": "the digest"}


class Health(StrEnum):
    """How a finding stands."""

    GOOD = "good"
    LOOK = "look"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `cure` for what is not good."""

    health: Health
    text: str
    cure: str = ""


def diagnose(facts: Facts, cohort: Cohort, learners: int, schedules: Sequence[Schedule]) -> list[Finding]:
    """Findings in the order in which things have to work."""
    return [
        *_token(facts),
        *_organisation(facts, cohort),
        *_actions(facts, cohort),
        *_seats(facts, cohort, learners),
        *_limits(facts),
        *_schedules(schedules),
    ]


def _token(facts: Facts) -> Iterator[Finding]:
    yield Finding(Health.GOOD, f"the token is {facts.login}'s" if facts.login else "the token is an App's")
    missing = SCOPES - facts.scopes if facts.scopes is not None else frozenset()
    if facts.scopes is None:
        cure = "It needs to administer repos, write workflows and organisation projects; enroll will tell."
        yield Finding(Health.LOOK, "the token does not say what it may do", cure)
    elif missing:
        names = ", ".join(sorted(missing))
        yield Finding(
            Health.BAD, f"the token lacks the scope {names}", f"Make one with {', '.join(sorted(SCOPES))}."
        )
    else:
        yield Finding(Health.GOOD, f"the token has the scopes it needs: {', '.join(sorted(SCOPES))}")
    yield from (Finding(Health.BAD, f"GitHub refuses to show something: {said}") for said in facts.refusals)


def _organisation(facts: Facts, cohort: Cohort) -> Iterator[Finding]:
    org = cohort.org
    if not facts.org_seen:
        cure = "Check `org:` in cohort.yaml, and whose token it is."
        yield Finding(Health.BAD, f"the organisation {org} does not exist, or the token may not see it", cure)
        return
    yield Finding(Health.GOOD, f"the organisation {org} is there")
    if facts.may_create:
        yield Finding(Health.GOOD, f"repos can be made in {org}")
    else:
        cure = "Use an owner's token, or let members create repositories in the organisation's settings."
        yield Finding(Health.BAD, f"the token may not create repositories in {org}", cure)
    if cohort.board.enabled and not facts.boards_seen:
        yield Finding(
            Health.BAD, "boards cannot be seen", "Give the token the scope project, or allow projects."
        )
    if not facts.template:
        cure = "`cohort-bot enroll` makes it." if facts.may_create else ""
        yield Finding(Health.LOOK, f"there is no template {cohort.template} yet", cure)


def _actions(facts: Facts, cohort: Cohort) -> Iterator[Finding]:
    """Whether the workflow in a learner's repo may run. Only an owner's token can see that."""
    where = f"in the settings of {cohort.org} under Actions, General"
    needed = f"actions/checkout, actions/setup-python and {cohort.action}"
    if facts.actions == "none":
        yield Finding(Health.BAD, "Actions are switched off: no push will be checked", f"Allow them {where}.")
    elif facts.actions == "selected":
        text = "Actions run in chosen repos only, so not in those that are made for learners"
        yield Finding(Health.BAD, text, f"Allow them for all repos {where}.")
    elif facts.actions and facts.allowed == "local_only":
        yield Finding(
            Health.BAD, "only Actions of the organisation's own may run", f"Allow {needed} {where}."
        )
    elif facts.actions and facts.allowed == "selected":
        yield Finding(
            Health.LOOK, "only chosen Actions may run", f"See that {needed} are among them, {where}."
        )
    elif facts.actions:
        yield Finding(Health.GOOD, "Actions may run")


def _schedules(schedules: Sequence[Schedule]) -> Iterator[Finding]:
    """Whether judge and digest run by themselves, and at times when GitHub does not drop them."""
    for one in schedules:
        if one.problem:
            yield Finding(Health.BAD, f"{one.file} is not YAML: {one.problem}", "Mend it; it cannot run.")
        for cron in one.crons:
            if {"0", "*"} & set("".join(cron.split()[:1]).split(",")):
                text = f"{one.file} runs on the hour ({cron}), when GitHub delays or drops schedules"
                yield Finding(Health.LOOK, text, "Choose another minute, such as 17.")
    for name, does in SCHEDULED.items():
        if not any(one.calls == name and one.crons for one in schedules):
            cure = "`cohort-bot init` elsewhere shows the workflows that do; or run it yourself."
            yield Finding(Health.LOOK, f"nothing here runs {does} on a schedule", cure)
    if schedules and all(any(one.calls == name and one.crons for one in schedules) for name in SCHEDULED):
        text = (
            "judge and digest are scheduled; in a public repo GitHub stops that after 60 days without a push"
        )
        yield Finding(Health.GOOD, text)


def _seats(facts: Facts, cohort: Cohort, learners: int) -> Iterator[Finding]:
    if facts.plan in PAID and cohort.visibility == "private" and learners:
        text = f"on the {facts.plan} plan each of {learners} invited learners may take a paid seat"
        yield Finding(Health.LOOK, text, "Make the repos public, or use a free organisation.")


def _limits(facts: Facts) -> Iterator[Finding]:
    if facts.limits is None:
        yield Finding(Health.GOOD, "this server has its rate limits switched off")
        return
    for name in ("core", "graphql"):
        limit = facts.limits.get(name) or {}
        left, most = limit.get("remaining", 0), limit.get("limit", 0)
        text = f"{left:,} of {most:,} {name} requests are left this hour"
        if most and left < most * LOW:
            again = datetime.fromtimestamp(limit.get("reset", 0), UTC).strftime("%H:%M UTC")
            yield Finding(Health.LOOK, text, f"There will be more at {again}.")
        else:
            yield Finding(Health.GOOD, text)
