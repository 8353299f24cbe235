"""`init`, `validate` and `schema`: a cohort's folder before anything is done with it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from cohort_bot import calendar, config, scaffold
from cohort_bot.cli.context import Context
from cohort_bot.config import Config
from cohort_bot.errors import EXIT_CONFIG, EXIT_DONE, ConfigError, Problem, UsageError

_ASKS = {
    "org": "The GitHub organisation that the repos are made in",
    "slug": "A short name, the first part of every repo's name",
    "start": "The first day of week 1, such as 2026-09-07",
    "timezone": "The cohort's timezone, such as Europe/Berlin",
}


@click.command()
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--org", help=f"{_ASKS['org']}.")
@click.option("--slug", help=f"{_ASKS['slug']}.")
@click.option("--start", metavar="DATE", help=f"{_ASKS['start']}.")
@click.option("--timezone", metavar="ZONE", help=f"{_ASKS['timezone']}.")
@click.pass_obj
def init(context: Context, /, directory: Path, **given: str | None) -> None:
    """Start a cohort folder in DIR (here, without DIR) that validates as it stands.

    Asks for what is missing when it runs on a terminal. Never overwrites a file.
    """
    known = {key: value for key, value in given.items() if value is not None}
    _refuse(config.answer_problems(known))
    missing = [key for key in scaffold.QUESTIONS if key not in known]
    if missing and not sys.stdin.isatty():
        flags = ", ".join(f"--{key}" for key in missing)
        raise UsageError(f"missing {flags}", "Give them, or run `cohort-bot init` on a terminal to be asked.")
    answers = known | {key: _ask(key) for key in missing}
    texts = scaffold.files(scaffold.Answers(**answers))
    scaffold.write(directory, texts)
    for name in texts:
        click.echo(directory / name)
    context.console.print(_next_steps(directory), markup=False)


def _refuse(wrong: Mapping[str, tuple[str, str]]) -> None:
    """Raise UsageError for the flags that are wrong, all of them at once."""
    if wrong:
        lines = [f"--{key}: {message}. {cure}" for key, (message, cure) in wrong.items()]
        raise UsageError("\n  ".join(lines), "Nothing was written.")


def _ask(key: str) -> str:
    """The answer to one question, asked again until it is valid."""

    def checked(text: str) -> str:
        if wrong := config.answer_problems({key: text.strip()}):
            raise click.UsageError(". ".join(wrong[key]))
        return text.strip()

    answer: str = click.prompt(_ASKS[key], value_proc=checked, err=True)
    return answer


def _next_steps(directory: Path) -> str:
    where = "" if directory == Path() else f"cd {directory}, then "
    return (
        f"\nThe cohort is ready to be filled in. Next: {where}put your learners into roster.csv and run\n"
        "  cohort-bot validate            to check every file\n"
        "  cohort-bot --sandbox enroll    to rehearse it on your own machine"
    )


@click.command()
@click.option("--format", "style", type=click.Choice(["text", "json", "github"]), default="text")
@click.pass_obj
def validate(context: Context, /, style: str) -> int:
    """Show every problem of every file at once, each with its place and a cure.

    `--format github` writes annotations for a workflow run, `json` is for editors.
    """
    try:
        found = config.load(context.config_path)
    except ConfigError as invalid:
        click.echo(_problems_as(style, invalid))
        return EXIT_CONFIG
    click.echo(json.dumps(_summary(found), indent=2) if style == "json" else _in_words(found))
    return EXIT_DONE


def _problems_as(style: str, invalid: ConfigError) -> str:
    if style == "json":
        rows = [
            {"file": p.file, "line": p.line, "column": p.column, "message": p.message, "cure": p.cure}
            for p in invalid.problems
        ]
        return json.dumps({"valid": False, "problems": rows}, indent=2, ensure_ascii=False)
    if style == "github":
        return "\n".join(map(_annotation, invalid.problems))
    return "\n".join([*map(str, invalid.problems), "", f"{invalid.message}."])


def _annotation(problem: Problem) -> str:
    """A workflow command that marks the place in the file.

    Escapes as in https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts.
    """
    place = f",line={problem.line},col={problem.column}" if problem.line else ""
    text = _escaped(f"{problem.message}. {problem.cure}".strip())
    name = _escaped(problem.file).replace(":", "%3A").replace(",", "%2C")
    return f"::error file={name}{place}::{text}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _summary(found: Config) -> dict[str, Any]:
    """What the configuration amounts to, in plain values."""
    statuses = Counter(learner.status.value for learner in found.roster)
    taking_part = [learner for learner in found.roster if learner.status == "active"]
    dues = [
        due
        for learner in [*taking_part, None]
        for due in calendar.due_dates(found.cohort, found.roadmap, learner).values()
    ]
    return {
        "valid": True,
        "cohort": found.cohort.title or found.cohort.slug,
        "org": found.cohort.org,
        "stages": len(found.roadmap.stages),
        "weeks": found.roadmap.weeks,
        "learners": dict(sorted(statuses.items())),
        "timezone": found.cohort.timezone,
        "first_due": min(dues).isoformat(),
        "last_due": max(dues).isoformat(),
    }


def _in_words(found: Config) -> str:
    facts = _summary(found)
    counts = ", ".join(f"{count} {status}" for status, count in facts["learners"].items())
    first, last = (_local(facts[key], found.cohort.timezone) for key in ("first_due", "last_due"))
    return (
        f"{found.cohort_file}: all is well.\n"
        f"{found.roadmap.title}: {facts['stages']} stages over {facts['weeks']} weeks.\n"
        f"Learners in {found.cohort.org}: {counts or 'none yet'}.\n"
        f"First due date {first}, last {last} ({found.cohort.timezone})."
    )


def _local(instant: str, zone: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"


@click.command()
@click.argument("kind", type=click.Choice(config.KINDS), default="roadmap")
def schema(kind: config.Kind) -> None:
    """Print the JSON Schema of roadmap.yaml or cohort.yaml.

    Save it beside the file and start the file with a line that names it, such as
    `# yaml-language-server: $schema=roadmap.schema.json`.
    """
    click.echo(json.dumps(config.schema(kind), indent=2, ensure_ascii=False))
