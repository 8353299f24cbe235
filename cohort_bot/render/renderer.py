"""Templates and models in, finished texts out. Reads template files; touches nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    PrefixLoader,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.exceptions import SecurityError

from cohort_bot import calendar
from cohort_bot.errors import ConfigError, Problem
from cohort_bot.model import Cohort, Learner, Roadmap, Stage
from cohort_bot.render.guard import LIMIT, Budget, GuardedEnvironment
from cohort_bot.render.names import nearest
from cohort_bot.render.views import FILTERS, View, Watched, fields, moment, view
from cohort_bot.shipped import TEMPLATES

ISSUE = "issues/milestone.md.j2"
DESCRIPTION = "issues/milestone-description.md.j2"
README = "readme.md.j2"
STARTER = "starter"
EACH_STAGE = "each-stage"
SHARED = ".github/cohort"
"""Where a learner's repo keeps what its checks need of the cohort: the roadmap, the words of answers."""
ANSWERS = ("comments", "parts")
FILE_LIMIT = 500_000
"""The longest file made from a template, in characters."""
LONGEST_TITLE = 255
"""GitHub has been seen to refuse titles of more than 256 characters; it does not document a limit."""
_MARKER = "<!-- cohort-bot:"
_UNKNOWN = re.compile(r"`(\w+)` is not known here")
_NO_FILTER = re.compile(r"No filter named '(.*)'")
# What an expression in a template can raise when it asks for something that makes no sense.
_FAILURES = (
    *(TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError),
    *(RecursionError, MemoryError),
)


class Renderer:
    """The cohort's words. Templates in `overrides` come before the shipped ones, which stay reachable as
    `shipped/…`, so that an override can extend the one it replaces. Every failure is a `ConfigError`."""

    def __init__(self, overrides: Path | None = None) -> None:
        self.overrides = overrides if overrides is not None and overrides.is_dir() else None
        shipped = FileSystemLoader(TEMPLATES)
        own = [FileSystemLoader(self.overrides)] if self.overrides else []
        loader = ChoiceLoader([*own, shipped, PrefixLoader({"shipped": shipped})])
        self.environment = GuardedEnvironment(loader, FILTERS)
        self._views: dict[int, tuple[object, View]] = {}
        self._texts: dict[tuple[object, ...], str] = {}

    def render(self, name: str, **values: Any) -> str:
        """The template `name` with `values` (models are turned into views), if it is not too long."""
        limit = FILE_LIMIT if name.startswith((README, f"{STARTER}/")) else LIMIT
        try:
            self.environment.budget = Budget()
            parts: list[str] = []
            size = 0
            for part in self.environment.get_template(name).generate(**self._seen(values)):
                size += len(part)
                if size > limit:
                    raise ConfigError([self._too_large(name, limit)])
                parts.append(part)
            return "".join(parts)
        except _FAILURES as error:
            raise ConfigError([self.explain(name, error, values)]) from None

    def read(self, name: str) -> str:
        """The source of template `name`. Raises TemplateNotFound, and UnicodeDecodeError if not UTF-8."""
        assert self.environment.loader is not None  # noqa: S101 - given in __init__
        return self.environment.loader.get_source(self.environment, name)[0]

    def milestone_title(self, roadmap: Roadmap, stage: Stage) -> str:
        """The title of the GitHub milestone and of its issue: `Milestone 2: …`."""
        title = f"Milestone {_number(roadmap, stage)}: {stage.milestone.title}"
        return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"

    def milestone_description(self, roadmap: Roadmap, stage: Stage) -> str:
        """One or two lines for the GitHub milestone."""
        self._seen({"roadmap": roadmap})  # keeps it alive, and so its id unique
        key = (id(roadmap), stage.id)
        if key not in self._texts:
            self._texts[key] = self.render(DESCRIPTION, **stage_values(roadmap, stage)).strip()
        return self._texts[key]

    def milestone_body(
        self, roadmap: Roadmap, stage: Stage, due: datetime, cohort: Cohort, learner: Learner
    ) -> str:
        """The milestone issue's text, without the markers that make it ours. `due` is an aware instant.

        Learners with the same dates get the same text, unless the template looks at `learner`; so it is
        rendered once for all of them.
        """
        key = (id(roadmap), id(cohort), stage.id, due)
        if key not in self._texts:
            self._seen({"roadmap": roadmap, "cohort": cohort})  # keeps both alive, and so their ids unique
            person = Watched(**fields(learner))
            body = self._body(roadmap, stage, due, cohort, person)
            if vars(person).get("_seen"):
                return body
            self._texts[key] = body
        return self._texts[key]

    def starter_files(self, cohort: Cohort, roadmap: Roadmap) -> dict[str, bytes]:
        """Path → content of everything that the cohort's template repo holds, in path order."""
        common = common_values(cohort, roadmap)
        files = {"README.md": self.render(README, **common).encode()}
        for path, source in starters(self.overrides).items():
            name = f"{STARTER}/{path}"
            inside = PurePosixPath(path)
            if inside.parts[0] != EACH_STAGE:
                files[bare(path)] = self._content(name, source, common)
                continue
            for stage in roadmap.stages:
                target = PurePosixPath(stage.milestone.folder, *inside.parts[1:])
                values = {**common, **stage_values(roadmap, stage)}
                files[bare(str(target))] = self._content(name, source, values)
        return dict(sorted((files | self._shared(roadmap)).items()))

    def explain(self, name: str, error: BaseException, values: Iterable[str] = ()) -> Problem:
        """What went wrong in template `name`, with the file and line of the innermost template at fault."""
        message, _, cure = str(error).partition("\n")
        if isinstance(error, RecursionError):
            message, cure = "this goes too deep", "A macro or template calls itself without end."
        elif isinstance(error, MemoryError):
            message, cure = "this needs more memory than there is", "Make the loops or texts smaller."
        elif isinstance(error, UnicodeDecodeError):
            message, cure = "this file is not text in UTF-8", "Save it as UTF-8."
        elif isinstance(error, SecurityError):
            cure = cure or "Templates may only read data; `{{ text | upper }}` and other filters change it."
        elif isinstance(error, TemplateNotFound):
            message, cure = f"there is no template `{error.name}`", nearest(str(error.name), self._names())
        elif odd := _NO_FILTER.match(message):
            cure = nearest(odd[1], (each for each in self.environment.filters if each.isidentifier()))
        elif unknown := _UNKNOWN.fullmatch(message):
            cure = nearest(unknown[1], values)
        file, line = self._where(error)
        return Problem(file or self.file(name), line, 1 if line else 0, message or type(error).__name__, cure)

    def file(self, name: str) -> str:
        """The file that template `name` is read from."""
        own = self.overrides / name if self.overrides else None
        return str(own if own is not None and own.is_file() else TEMPLATES / name)

    def _body(self, roadmap: Roadmap, stage: Stage, due: datetime, cohort: Cohort, person: Watched) -> str:
        when = moment(due, cohort.timezone)
        values = {"cohort": cohort, "learner": person, "due": when, **stage_values(roadmap, stage)}
        body = self.render(ISSUE, **values)
        if _MARKER in body:
            cure = f"Leave out `{_MARKER}`: cohort-bot finds its own text by it."
            raise ConfigError([Problem(self.file(ISSUE), 0, 0, "the text holds a cohort-bot marker", cure)])
        return body

    def _shared(self, roadmap: Roadmap) -> dict[str, bytes]:
        """What the checks in a learner's repo go by. JSON is YAML, too, so the roadmap reads as written."""
        written = roadmap.model_dump_json(exclude_unset=True, indent=1)
        files = {f"{SHARED}/roadmap.json": f"{written}\n".encode()}
        for path in sorted(self.overrides.rglob("*.j2")) if self.overrides else ():
            inside = path.relative_to(self.overrides).as_posix() if self.overrides else ""
            if inside.partition("/")[0] in ANSWERS:
                files[f"{SHARED}/templates/{inside}"] = path.read_bytes()
        return files

    def _content(self, name: str, source: Path, values: Mapping[str, Any]) -> bytes:
        return self.render(name, **values).encode() if name.endswith(".j2") else source.read_bytes()

    def _seen(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value if isinstance(value, View) else self._view(value) for key, value in values.items()}

    def _view(self, value: Any) -> Any:
        if not isinstance(value, Roadmap | Cohort | Stage):
            return view(value)
        if id(value) not in self._views:
            self._views[id(value)] = (value, view(value))
        return self._views[id(value)][1]

    def _too_large(self, name: str, limit: int) -> Problem:
        message = f"the text grows beyond {limit:,} characters, the most that is taken here"
        return Problem(self.file(name), 0, 0, message, "Shorten it, or let it link to a page of your own.")

    def _where(self, error: BaseException) -> tuple[str, int]:
        if isinstance(error, TemplateSyntaxError):
            return error.filename or "", error.lineno
        roots = tuple(str(root) for root in (self.overrides, TEMPLATES) if root)
        found = ("", 0)
        trace = error.__traceback__
        while trace is not None:  # Jinja gives each frame of a template the template's own file and line
            if trace.tb_frame.f_code.co_filename.startswith(roots):
                found = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
            trace = trace.tb_next
        return found

    def _names(self) -> list[str]:
        return self.environment.list_templates(extensions=["j2"])


def starters(overrides: Path | None) -> dict[str, Path]:
    """Path below `starter/` → the file to read: the organiser's own before the shipped one."""
    found: dict[str, Path] = {}
    for root in (TEMPLATES / STARTER, overrides / STARTER if overrides else None):
        if root is not None and root.is_dir():
            files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name != ".DS_Store")
            found |= {path.relative_to(root).as_posix(): path for path in files}
    return dict(sorted(found.items()))


def bare(path: str) -> str:
    """The path that a template's text is written to: without `.j2`."""
    return path.removesuffix(".j2")


def _number(roadmap: Roadmap, stage: Stage) -> int:
    return [each.id for each in roadmap.stages].index(stage.id) + 1


def common_values(cohort: Cohort, roadmap: Roadmap) -> dict[str, Any]:
    """What templates of the README and of starter files see: the cohort's own dates, none of a learner's."""
    due = calendar.due_dates(cohort, roadmap)
    dates = {key: moment(instant, cohort.timezone) for key, instant in due.items()}
    return {"cohort": cohort, "roadmap": roadmap, "due_dates": dates}


def stage_values(roadmap: Roadmap, stage: Stage) -> dict[str, Any]:
    """What templates see that are about one stage. `number` and weeks count from 1."""
    first, last = stage.span
    number = _number(roadmap, stage)
    return {"roadmap": roadmap, "stage": stage, "number": number, "first_week": first, "last_week": last}
