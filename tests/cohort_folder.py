"""A cohort folder to spoil: valid texts, and what `load` says after one of them has been replaced."""

from __future__ import annotations

from pathlib import Path

from cohort_bot.config import Config, load
from cohort_bot.errors import ConfigError, Problem

COHORT = """\
version: 1
org: acme
slug: ml
start: 2026-09-07
timezone: Europe/Berlin
"""
STAGE = """\
  - id: {id}
    title: Stage {id}
    weeks: {weeks}
    aim: Learn it.
    concepts: [An idea]
    resources:
      - {{title: A book, url: "https://example.org/book", kind: book}}
    milestone:
      title: Show {id}
      summary: Show it.
      folder: {id}
      deliverables:
        - {{id: code, text: The code, checks: [tests]}}
      checks:
        - {{id: tests, title: Tests pass, kind: pytest}}
"""
ROADMAP = f"""\
version: 1
title: A short road
promise: You will know it.
stages:
{STAGE.format(id="one", weeks="1-2")}{STAGE.format(id="two", weeks="3-4")}"""
ROSTER = "github,name,email,group,start,extension_days,status\nada,Ada,ada@example.org,A,,0,active\n"


def write(folder: Path, **texts: str | bytes) -> Path:
    """Write a valid cohort into `folder`, with `texts` (cohort, roadmap, roster) in place of valid ones."""
    names = {"cohort": "cohort.yaml", "roadmap": "roadmap.yaml", "roster": "roster.csv"}
    for key, text in ({"cohort": COHORT, "roadmap": ROADMAP, "roster": ROSTER} | texts).items():
        raw = text.encode() if isinstance(text, str) else text
        (folder / names[key]).write_bytes(raw)
    return folder / "cohort.yaml"


def loaded(folder: Path, **texts: str | bytes) -> Config:
    """The configuration of that folder."""
    return load(write(folder, **texts))


def problems(folder: Path, **texts: str | bytes) -> list[Problem]:
    """What is wrong with that folder; the folder's own path taken out of the names of files."""
    try:
        loaded(folder, **texts)
    except ConfigError as error:
        return [
            Problem(Path(p.file).name, p.line, p.column, p.message.replace(str(folder), ""), p.cure)
            for p in error.problems
        ]
    return []


def told(folder: Path, **texts: str | bytes) -> list[str]:
    """The same as `file:line:column: message | cure`."""
    return [f"{p.place}: {p.message} | {p.cure}" for p in problems(folder, **texts)]
