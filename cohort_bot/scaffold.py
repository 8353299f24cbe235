"""What `cohort-bot init` writes: a cohort folder that is complete, commented and valid as it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import jinja2

from cohort_bot import config, shipped
from cohort_bot.errors import UsageError

PATTERNS = shipped.TEMPLATES / "cohort"


@dataclass(frozen=True)
class Answers:
    """What only the organiser knows, as it will stand in cohort.yaml: `start` is YYYY-MM-DD."""

    org: str
    slug: str
    start: str
    timezone: str


QUESTIONS = tuple(field.name for field in fields(Answers))


def files(answers: Answers) -> Mapping[str, str]:
    """Path in the new folder (with forward slashes) → text.

    Raises UsageError when an answer would not be valid in cohort.yaml.
    """
    if wrong := config.answer_problems(asdict(answers)):
        raise UsageError("; ".join(f"{message}. {cure}".rstrip() for message, cure in wrong.values()))
    # Square brackets: GitHub's own ${{ … }} in the workflows must come out as they are.
    environment = jinja2.Environment(  # noqa: S701 - this is YAML, not HTML
        variable_start_string="[[",
        variable_end_string="]]",
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    found = {
        name: environment.from_string(text).render(asdict(answers)) for name, text in sorted(_patterns())
    }
    found["roadmap.yaml"] = shipped.ROADMAP.read_text("utf-8")
    for kind in config.KINDS:
        found[f"{kind}.schema.json"] = json.dumps(config.schema(kind), indent=2, ensure_ascii=False) + "\n"
    return found


def _patterns() -> Iterator[tuple[str, str]]:
    """Each pattern's path in a cohort folder, and its text. `dot-` is a dot that would hide the file here."""
    for path in PATTERNS.rglob("*"):
        if path.is_file():
            parts = path.relative_to(PATTERNS).parts
            name = "/".join("." + part[4:] if part.startswith("dot-") else part for part in parts)
            yield name, path.read_text("utf-8")


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write every text under `folder`, or nothing at all.

    Raises UsageError when one of the files is there already, or when the folder cannot be written to.
    """
    there = [name for name in texts if (folder / name).exists() or (folder / name).is_symlink()]
    if there:
        raise UsageError(
            f"{folder} already has {', '.join(there)}",
            "Nothing was written. Choose another folder, or move these files out of the way.",
        )
    made: list[Path] = []
    try:
        for name, text in texts.items():
            _make_folders((folder / name).parent, made)
            with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
                made.append(folder / name)
                file.write(text)
    except OSError as error:
        _unmake(made)
        message = f"{folder} cannot be written to: {error.strerror or error}"
        raise UsageError(message, "Nothing was left behind. Choose a folder that you may write to.") from None


def _make_folders(folder: Path, made: list[Path]) -> None:
    """Make `folder` and those above it that are not there, noting each in `made`."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir()
        made.append(path)


def _unmake(made: list[Path]) -> None:
    """Take back what was made, the last first."""
    for path in reversed(made):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
