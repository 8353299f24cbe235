"""What must hold between the parts of a roadmap.

The rules look at the document, not at the model, so that a slip in one place hides nothing in another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from cohort_bot.config import review_rules, slips
from cohort_bot.config.document import Node
from cohort_bot.config.source import Source
from cohort_bot.errors import Problem
from cohort_bot.model.roadmap import WEEKS

_PATHS = ("file", "path", "model", "data", "context", "dockerfile", "workdir", "examples")
_PATH_LISTS = ("all_of", "any_of", "stores")


def problems(root: Node, source: Source) -> Iterator[Problem]:
    """Every broken rule of the roadmap in `root`."""
    stages = list(root.get("stages"))
    milestones = [stage.get("milestone") for stage in stages]
    yield from _weeks(stages, source)
    yield from repeated(stages, "id", "stage", source)
    yield from repeated(stages, "title", "stage", source)
    yield from repeated(milestones, "title", "milestone", source)
    yield from repeated(milestones, "folder", "milestone", source)
    for milestone in milestones:
        yield from _milestone(milestone, source)


def repeated(nodes: list[Node], key: str, what: str, source: Source) -> Iterator[Problem]:
    """A problem for each of `nodes` whose `key` an earlier one has too, whatever the case of its letters."""
    seen: dict[str, Node] = {}
    for node in nodes:
        value = node.get(key)
        word = value.words().casefold()
        if word and word in seen:
            line, column = seen[word].place
            message = (
                f"two {what}s have the {key} `{slips.show(value.words())}`; the first is at {line}:{column}"
            )
            yield source.problem(value.place, message, "Change one of the two.")
        elif word:
            seen[word] = value


def _weeks(stages: list[Node], source: Source) -> Iterator[Problem]:
    """Weeks start at 1 and go on from stage to stage, without a gap and without an overlap."""
    expected: int | None = 1
    for stage in stages:
        node = stage.get("weeks")
        match = WEEKS.match(node.words())
        if match is None:
            expected = None  # Said elsewhere; what follows cannot be held against it.
            continue
        first = int(match[1] or match[3])
        last = int(match[2] or first)
        wrong = _wrong_weeks(first, last, expected)
        if wrong:
            yield source.problem(node.place, *wrong)
        expected = max(first, last, (expected or 1) - 1) + 1


def _wrong_weeks(first: int, last: int, expected: int | None) -> tuple[str, str] | None:
    if first < 1:
        return f"week {first} does not exist", "Count weeks from 1."
    if last < first:
        return f"the weeks {first}-{last} run backwards", f"Did you mean `{last}-{first}`?"
    cure = f"Start this stage in week {expected}."
    if expected is None or first == expected:
        return None
    if expected == 1:
        return f"the first stage starts in week {first}, not in week 1", cure
    if first < expected:
        return f"week {first} already belongs to a stage above", cure
    missing = f"week {expected} belongs" if first == expected + 1 else f"weeks {expected}-{first - 1} belong"
    return f"{missing} to no stage", f"{cure[:-1]}, or put a holiday into cohort.yaml as a break."


def _milestone(milestone: Node, source: Source) -> Iterator[Problem]:
    deliverables, checks = list(milestone.get("deliverables")), list(milestone.get("checks"))
    yield from repeated(deliverables, "id", "deliverable", source)
    yield from repeated(checks, "id", "check", source)
    yield from _outside(milestone.get("folder"), source)
    known = [check.get("id").words() for check in checks]
    for deliverable in deliverables:
        yield from _unknown(deliverable.get("checks"), known, source)
    for check in checks:
        yield from _unknown(check.get("needs"), known, source)
        yield from _patterns(check, source)
        for path in [
            *(check.get(key) for key in _PATHS),
            *(p for key in _PATH_LISTS for p in check.get(key)),
        ]:
            yield from _outside(path, source)
    yield from _circle(checks, source)
    yield from review_rules.problems(checks, source)


def _unknown(names: Node, known: list[str], source: Source) -> Iterator[Problem]:
    for name in names:
        if name.words() and name.words() not in known:
            message = f"this milestone has no check `{slips.show(name.words())}`"
            yield source.problem(name.place, message, slips.one_of(name.words(), filter(None, known)))


def _circle(checks: list[Node], source: Source) -> Iterator[Problem]:
    """Checks that wait for one another, so that none of them could ever run."""
    needs = {check.get("id").words(): [need.words() for need in check.get("needs")] for check in checks}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        at = next(check for check in checks if check.get("id").words() == circle[0])
        chain = " → ".join(f"`{slips.show(name)}`" for name in reversed(circle))
        yield source.problem(
            at.get("needs").place, f"these checks need one another: {chain}", "Remove one of these `needs`."
        )


def _outside(path: Node, source: Source) -> Iterator[Problem]:
    """A path that would leave the submission, or reach into its .git folder."""
    parts = path.words().replace("\\", "/").split("/")
    absolute = path.words().startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:", path.words())
    if absolute or ".." in parts or ".git" in (part.casefold() for part in parts):
        yield source.problem(
            path.place,
            f"`{slips.show(path.words())}` leads out of its folder",
            "Write a path inside it, or inside checks/ for `data`.",
        )


def _patterns(check: Node, source: Source) -> Iterator[Problem]:
    """Regular expressions that do not compile, or lack the group that holds the answer."""
    for key, groups in (("loss_pattern", 1), ("pattern", 0)):
        node = check.get(key)
        try:
            compiled = re.compile(node.text or "")
        except (re.error, OverflowError, RecursionError) as error:
            message = f"`{key}` is not a regular expression: {slips.show(str(error))}"
            yield source.problem(
                node.place, message, "Put a backslash before a character that stands for itself."
            )
            continue
        if node.words() and compiled.groups < groups:
            yield source.problem(
                node.place, f"`{key}` has no group", "Put ( ) around the part that is the loss."
            )
