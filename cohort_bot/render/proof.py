"""Trying an organiser's templates before any learner sees them: every problem of every file at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import TemplateError, meta, nodes

from cohort_bot import calendar
from cohort_bot.errors import ConfigError, Problem
from cohort_bot.model import Stage
from cohort_bot.render import sample
from cohort_bot.render.names import nearest
from cohort_bot.render.renderer import (
    DESCRIPTION,
    EACH_STAGE,
    ISSUE,
    README,
    STARTER,
    Renderer,
    common_values,
    stage_values,
)
from cohort_bot.render.sample_comment import COMMENTS
from cohort_bot.render.sample_digest import DIGESTS
from cohort_bot.render.views import moment
from cohort_bot.shipped import TEMPLATES

CHECKS = "issues/checks"
PARTS = "parts"
"""Folder for pieces of the organiser's own, to include from other templates."""
_ELSEWHERE = "cohort"  # what `init` lays out: no template of a running cohort
_LINE = "`- [ ] {{ deliverable.text }} <!-- deliverable: {{ deliverable.id }} -->`"
_LARGEST = 256_000  # bytes of one template file


def problems(folder: Path) -> list[Problem]:
    """What is wrong with the template overrides in `folder`: nothing, where there is no such folder."""
    if not folder.is_dir():
        return []
    renderer = Renderer(folder)
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted({problem for name in names for problem in _of(renderer, folder, name)})


def known() -> frozenset[str]:
    """The names of all shipped templates that a cohort can override, starter files apart."""
    names = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.j2")}
    return frozenset(name for name in names if name.partition("/")[0] not in {_ELSEWHERE, STARTER})


def _of(renderer: Renderer, folder: Path, name: str) -> Iterator[Problem]:
    file = folder / name
    top = name.partition("/")[0]
    if top not in {STARTER, PARTS} and name not in known():
        if not file.name.startswith((".", "README")):
            cure = f"{nearest(name, known())} Files of your own go into {PARTS}/ or {STARTER}/.".strip()
            yield Problem(str(file), 0, 0, "no template has this name, so nothing reads this file", cure)
    elif not name.endswith(".j2"):
        return
    elif file.stat().st_size > _LARGEST:
        yield Problem(
            str(file), 0, 0, f"a template of more than {_LARGEST:,} bytes", "Split it up or shorten it."
        )
    else:
        yield from _tried(renderer, name)


def _tried(renderer: Renderer, name: str) -> Iterator[Problem]:
    """What comes of compiling the template and of rendering it for the sample."""
    contexts = list(_contexts(name))
    try:
        text = renderer.read(name)
        tree = renderer.environment.parse(text, name, renderer.file(name))
        renderer.environment.get_template(name)
        unknown = list(_unknown(tree, renderer.file(name), contexts))
    except ConfigError as error:
        yield from error.problems
        return
    except (TemplateError, ValueError, RecursionError) as error:
        yield renderer.explain(name, error)
        return
    yield from unknown or _rendered(renderer, name, contexts)


def _rendered(renderer: Renderer, name: str, contexts: list[dict[str, Any]]) -> Iterator[Problem]:
    for values in contexts:
        try:
            text = renderer.render(name, **values)
        except ConfigError as error:
            yield from error.problems
            return
        if name == ISSUE:
            yield from _unticked(renderer.file(name), text, values["stage"])


def _unticked(file: str, text: str, stage: Stage) -> Iterator[Problem]:
    lines = text.splitlines()
    for each in stage.milestone.deliverables:
        end = f"<!-- deliverable: {each.id} -->"
        if not any(line.startswith("- [ ] ") and line.endswith(end) for line in lines):
            cure = f"Write a line for each: {_LINE}"
            yield Problem(file, 0, 0, "the checklist misses a deliverable, so it could never be ticked", cure)
            return


def _unknown(tree: nodes.Template, file: str, contexts: list[dict[str, Any]]) -> Iterator[Problem]:
    """Names that nothing defines, in every branch. Where it extends another, that one may define them."""
    if not contexts or tree.find(nodes.Extends):
        return
    stored = {each.name for each in tree.find_all(nodes.Name) if each.ctx == "store"}  # blocks see them too
    stored |= {each.name for each in tree.find_all(nodes.Macro)}
    lacking = meta.find_undeclared_variables(tree) - {*contexts[0], *stored, *_asked_for(tree)}
    for used in tree.find_all(nodes.Name):
        if used.name in lacking:
            yield Problem(
                file, used.lineno, 1, f"`{used.name}` is not known here", nearest(used.name, contexts[0])
            )


def _asked_for(tree: nodes.Template) -> Iterator[str]:
    """Names that the template itself handles when they are not there: `x is defined`, `x | default(…)`."""
    for each in tree.find_all((nodes.Test, nodes.Filter)):
        asks = each.name in {"defined", "undefined", "default", "d"}
        if asks and isinstance(each.node, nodes.Name):
            yield each.node.name


def _contexts(name: str) -> Iterator[dict[str, Any]]:
    """The sample values that template `name` is rendered with; none for parts, which see their includer's."""
    yield from (*DIGESTS.get(name, ()), *COMMENTS.get(name, ()))
    roadmap, cohort = sample.roadmap(), sample.COHORT
    common = common_values(cohort, roadmap)
    of_stage = name.startswith(f"{STARTER}/{EACH_STAGE}/")
    if name == README or (name.startswith(f"{STARTER}/") and not of_stage):
        yield common
    for stage in roadmap.stages:
        place = stage_values(roadmap, stage)
        issue = {"cohort": cohort, "learner": sample.LEARNER, "due": _due(stage), **place}
        if of_stage:
            yield {**common, **place}
        elif name == DESCRIPTION:
            yield place
        elif name == ISSUE:
            yield issue
        elif name.startswith(f"{CHECKS}/"):
            kind = name.removeprefix(f"{CHECKS}/").removesuffix(".md.j2")
            yield from ({**issue, "check": check} for check in stage.milestone.checks if check.kind == kind)


def _due(stage: Stage) -> str:
    return moment(calendar.due_on(sample.COHORT, stage.span[1], sample.LEARNER), sample.COHORT.timezone)
