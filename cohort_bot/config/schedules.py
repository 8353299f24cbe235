"""When a cohort's workflows run by themselves: the `schedule` triggers in its `.github/workflows/`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(".github") / "workflows"


@dataclass(frozen=True)
class Schedule:
    """One workflow. `calls` names the reusable workflow of ours that it leads to, empty for none of ours.

    `crons` are its POSIX cron lines; `problem` is why the file cannot be read, if so.
    """

    file: str
    calls: str = ""
    crons: tuple[str, ...] = ()
    problem: str = ""


def schedules(folder: Path) -> tuple[Schedule, ...]:
    """The workflows of the cohort folder, in the order of their names; none where it has no such folder."""
    place = folder / FOLDER
    files = sorted(path for path in place.glob("*.y*ml")) if place.is_dir() else []
    return tuple(_schedule(path) for path in files)


def _schedule(path: Path) -> Schedule:
    try:
        # BaseLoader: YAML 1.1 would take the key `on` for a truth value.
        found = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - plain values only
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as wrong:
        return Schedule(path.name, problem=" ".join(str(wrong).split())[:200])
    workflow = found if isinstance(found, dict) else {}
    return Schedule(path.name, next(_called(workflow), ""), tuple(_crons(workflow)))


def _called(workflow: dict[str, Any]) -> Iterator[str]:
    jobs = workflow.get("jobs")
    for job in (jobs if isinstance(jobs, dict) else {}).values():
        uses = job.get("uses", "") if isinstance(job, dict) else ""
        if "/.github/workflows/" in str(uses):
            yield Path(str(uses).partition("@")[0]).stem


def _crons(workflow: dict[str, Any]) -> Iterator[str]:
    triggers = workflow.get("on")
    listed = triggers.get("schedule") if isinstance(triggers, dict) else None
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and isinstance(one.get("cron"), str):
            yield one["cron"]
