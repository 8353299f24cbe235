"""A plan and its outcome in words: for the terminal, for a job summary, for other programs. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from cohort_bot.apply import Became, Outcome
from cohort_bot.change import Action, Change, Thing
from cohort_bot.plan import Plan

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
PLURALS = {
    Thing.REPO: "repos",
    Thing.FILES: "sets of files",
    Thing.OURS: "sets of cohort files",
    Thing.START: "workflow starts",
    Thing.BOARD: "boards",
    Thing.VIEW: "board views",
    Thing.LABEL: "labels",
    Thing.MILESTONE: "milestones",
    Thing.ISSUE: "issues",
    Thing.COPY: "second copies of issues",
    Thing.CARD: "cards",
    Thing.INVITATION: "invitations",
    Thing.LINK: "links from repo to board",
    Thing.SPARE: "second boards",
    Thing.GRANT: "boards opened to learners",
    Thing.ASSIGNMENT: "assignments",
}


def text(plan: Plan) -> str:
    """The whole plan for a terminal: every learner, every change, then the sums."""
    lines: list[str] = []
    for repo, group in groupby(plan.changes, key=lambda change: change.repo):
        lines += [repo, *(f"  {line}" for line in _lines(list(group)))]
    return "\n".join([*lines, *([""] if lines else []), summary(plan)])


def summary(plan: Plan) -> str:
    """The sums of a plan: what, at what cost, under which checksum."""
    lines = [f"note: {note}" for note in plan.notes]
    if not plan:
        return "\n".join([*lines, "Nothing to change: the cohort is as it should be."]) + "\n"
    lines += [f"  {SIGNS[action]} {count} {_plural(thing, count)}" for action, thing, count in _counts(plan)]
    if there := sum(change.there for change in plan.changes):
        lines.append(f"  {there} of these are made by the repos' own workflows")
    learners = f"{len(plan.learners)} learner{'' if len(plan.learners) == 1 else 's'}"
    lines += [f"{len(plan.changes)} changes for {learners}, checksum {plan.checksum}", cost(plan)]
    return "\n".join(lines) + "\n"


def cost(plan: Plan) -> str:
    """One line: requests, content creations and the time that GitHub's limits make of them."""
    price = plan.cost
    return (
        f"{price.requests} requests, {price.content} of them creating content: "
        f"{duration(price.seconds)} at GitHub's limits"
    )


def duration(seconds: float) -> str:
    """A time a person can plan with: seconds, minutes, or hours and minutes."""
    if seconds < 90:
        return f"about {round(seconds)} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} min"
    return f"about {minutes // 60} h {minutes % 60:02} min"


def as_json(plan: Plan) -> str:
    """The plan as one JSON document."""
    price = plan.cost
    return (
        json.dumps(
            {
                "schema": 1,
                "checksum": plan.checksum,
                "changes": [_fact(change) for change in plan.changes],
                "counts": [
                    {"action": action, "thing": thing, "count": count}
                    for action, thing, count in _counts(plan)
                ],
                "cost": {
                    "requests": price.requests,
                    "content_creations": price.content,
                    "seconds": round(price.seconds, 1),
                },
                "notes": list(plan.notes),
            },
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )


def markdown(plan: Plan) -> str:
    """The plan for a job summary or a comment."""
    lines = ["## Enrolment plan", ""]
    if plan:
        lines += ["| | what | how many |", "|---|---|---:|"]
        lines += [f"| {a.value} | {_plural(t, n)} | {n} |" for a, t, n in _counts(plan)]
        lines += [
            "",
            f"{cost(plan)}. Checksum `{plan.checksum}`.",
            "",
            "<details><summary>Every change</summary>",
        ]
        lines += ["", *(f"- {SIGNS[c.action]} {c}" for c in plan.changes), "", "</details>"]
    else:
        lines.append("Nothing to change: the cohort is as it should be.")
    lines += [f"\n> {note}" for note in plan.notes]
    return "\n".join(lines) + "\n"


FORMATS: Mapping[str, Callable[[Plan], str]] = {"text": text, "json": as_json, "markdown": markdown}


def outcome_text(outcomes: Sequence[Outcome]) -> str:
    """What became of a plan: sums, and every learner for whom something is left, with the reason."""
    became = Counter(outcome.became for outcome in outcomes)
    lines = [f"{became[Became.DONE]} of {len(outcomes)} changes done."]
    for repo, group in groupby(
        (o for o in outcomes if o.became is not Became.DONE), key=lambda o: o.change.repo
    ):
        lines.append(f"  {repo}: {_reason(list(group))}")
    if len(lines) > 1:
        lines.append("Run the same command again to go on from here.")
    return "\n".join(lines) + "\n"


def _reason(outcomes: list[Outcome]) -> str:
    first = next((o for o in outcomes if o.became is Became.FAILED), outcomes[0])
    left = f" ({len(outcomes)} changes left)" if len(outcomes) > 1 else ""
    return f"{first.change.thing.value}: {first.reason}{left}"


def _lines(changes: list[Change]) -> Iterable[str]:
    """One line a change, or one for several alike."""
    for (action, thing), group in groupby(changes, key=lambda c: (c.action, c.thing)):
        alike = list(group)
        names = [change.key for change in alike if change.key]
        if len(alike) > 1:
            yield f"{SIGNS[action]} {len(alike)} {PLURALS[thing]}: {', '.join(names)}"
        else:
            yield f"{SIGNS[action]} {thing.value}{' ' + names[0] if names else ''}"
        for why in dict.fromkeys(change.why for change in alike if change.why):
            yield f"    {why}"


def _counts(plan: Plan) -> list[tuple[Action, Thing, int]]:
    order = list(Thing)
    rows = [(action, thing, count) for (action, thing), count in plan.counts.items()]
    return sorted(rows, key=lambda row: (order.index(row[1]), row[0]))


def _plural(thing: Thing, count: int) -> str:
    return thing.value if count == 1 else PLURALS[thing]


def _fact(change: Change) -> dict[str, str]:
    return {
        "action": change.action,
        "thing": change.thing,
        "repo": change.repo,
        "key": change.key,
        "why": change.why,
    }
