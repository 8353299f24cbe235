"""The organiser's folder, read: YAML and CSV become models, and every slip a problem with its place.

`load` is the door. It reads every file before it complains: one run names everything there is to mend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cohort_bot import shipped
from cohort_bot.config import cohort_rules, explain, review_rules, roadmap_rules
from cohort_bot.config.document import Node, parse
from cohort_bot.config.roster import login_of
from cohort_bot.config.roster import read as read_roster
from cohort_bot.config.schema import KINDS, Kind, schema
from cohort_bot.config.slips import show
from cohort_bot.config.source import Place, Source, read_text
from cohort_bot.errors import ConfigError, Problem
from cohort_bot.model import Cohort, Learner, Roadmap

__all__ = [
    "KINDS",
    "Config",
    "Kind",
    "answer_problems",
    "load",
    "load_cohort",
    "load_roadmap",
    "login_of",
    "read_roster",
    "schema",
]

Result = TypeVar("Result")


@dataclass(frozen=True)
class Config:
    """Everything the organiser wrote. Paths are as they were reached from the cohort file's own path."""

    cohort: Cohort
    roadmap: Roadmap
    roster: tuple[Learner, ...]
    folder: Path
    cohort_file: Path
    roadmap_file: Path
    roster_file: Path
    learner_places: Mapping[str, Place]

    @property
    def templates(self) -> Path:
        """The folder of overrides for the shipped templates; it need not exist."""
        return self.folder / self.cohort.templates

    def problem(self, login: str, message: str, cure: str = "") -> Problem:
        """A problem with the learner `login`, standing where the roster names them."""
        return Problem(str(self.roster_file), *self.learner_places[login.lower()], message, cure)


def load(cohort_yaml: Path) -> Config:
    """The configuration that starts at `cohort_yaml`. Raises ConfigError with every problem of every file."""
    problems: list[Problem] = []
    folder = cohort_yaml.parent
    source = read_text(cohort_yaml)
    parsed = _gather(problems, parse, source)
    tree, odd = parsed or (Node((1, 1)), [])
    problems += odd
    cohort = _cohort(tree, source, folder, problems) if parsed else None
    roadmap_file = _roadmap_file(folder, tree)
    roadmap = _gather(problems, load_roadmap, roadmap_file) if roadmap_file else None
    roster_file = _beside(folder, tree.get("roster").words() or "roster.csv")
    roster = _gather(problems, read_roster, roster_file) if roster_file else None
    problems = [_where_named(problem, tree, source, folder) for problem in problems]
    if cohort and roadmap:
        problems += review_rules.blind_problems(cohort, roadmap, tree, source)
    problems += _templates(tree, source, folder)
    if problems or not (cohort and roadmap and roster and roadmap_file and roster_file):
        raise ConfigError(problems)
    return Config(
        cohort=cohort,
        roadmap=roadmap,
        roster=roster.learners,
        folder=folder,
        cohort_file=cohort_yaml,
        roadmap_file=roadmap_file,
        roster_file=roster_file,
        learner_places=roster.places,
    )


def load_cohort(cohort_yaml: Path) -> Cohort:
    """The cohort file alone, for what comes before there is a roster. Raises ConfigError."""
    source = read_text(cohort_yaml)
    tree, odd = parse(source)
    problems = list(odd)
    cohort = _cohort(tree, source, cohort_yaml.parent, problems)
    if cohort is None or problems:
        raise ConfigError(problems)
    return cohort


def load_roadmap(path: Path) -> Roadmap:
    """The roadmap in the file `path`. Raises ConfigError with every problem in it."""
    source = read_text(path)
    tree, odd = parse(source)
    roadmap, wrong = explain.validate(Roadmap, tree, source)
    problems = [*odd, *wrong, *roadmap_rules.problems(tree, source)]
    if roadmap is None or problems:
        raise ConfigError(problems)
    return roadmap


def answer_problems(answers: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What is wrong with single values for cohort.yaml: key → message and cure. Other keys are not missed."""
    nodes = {key: Node((line, 1), text, text) for line, (key, text) in enumerate(answers.items(), 1)}
    tree, source = Node((0, 0), entries=nodes), Source("", "")
    _, wrong = explain.validate(Cohort, tree, source)
    wrong += cohort_rules.problems(tree, source, Path())
    keys = list(answers)
    return {keys[each.line - 1]: (each.message, each.cure) for each in wrong if each.line}


def _cohort(tree: Node, source: Source, folder: Path, problems: list[Problem]) -> Cohort | None:
    cohort, wrong = explain.validate(Cohort, tree, source)
    problems += [*wrong, *cohort_rules.problems(tree, source, folder)]
    return cohort


def _roadmap_file(folder: Path, tree: Node) -> Path | None:
    """The roadmap that cohort.yaml names, or roadmap.yaml beside it, or the shipped one."""
    if named := tree.get("roadmap").words():
        return _beside(folder, named)
    own = folder / shipped.ROADMAP.name
    return own if own.exists() else shipped.ROADMAP


def _beside(folder: Path, name: str) -> Path | None:
    """The file `name` in `folder`, or None when it would be elsewhere: that has been reported."""
    return folder / name if cohort_rules.inside(folder, name) else None


def _templates(tree: Node, source: Source, folder: Path) -> list[Problem]:
    """What is wrong with the templates that this cohort overrides; a folder that is named must be there."""
    node = tree.get("templates")
    overrides = _beside(folder, node.words() or "templates")
    if overrides is None:
        return []
    if overrides.is_dir():
        # Only here: most cohorts override nothing, and need not wait for Jinja to be imported.
        from cohort_bot import render

        return render.problems(overrides)
    if node.words() or overrides.exists():
        message = f"`templates` is `{show(str(node.words() or overrides.name))}`, which is no folder"
        return [source.problem(node.place, message, "Make the folder, or remove the line.")]
    return []


def _where_named(problem: Problem, tree: Node, source: Source, folder: Path) -> Problem:
    """A problem with a whole file that cohort.yaml names stands where it is named."""
    for key in ("roadmap", "roster"):
        node = tree.get(key)
        if not problem.line and node.words() and problem.file == str(folder / node.words()):
            message = f"`{key}` is `{show(node.words())}`: {problem.message}"
            return source.problem(node.place, message, problem.cure)
    return problem


def _gather(problems: list[Problem], step: Callable[..., Result], *args: Any) -> Result | None:
    """What `step` returns, or None with its problems added to `problems`."""
    try:
        return step(*args)
    except ConfigError as error:
        problems += error.problems
        return None
