"""A roadmap whose checks are light, and the work that meets them.

Stages, dates and texts stay as they are, and so do the checks' ids, titles, points and needs, and which of
them only the judge runs. But each now asks for one small file, so that no model need be trained to play a
year in minutes. What checks themselves do is tested elsewhere; here they are only the occasion.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cohort_bot.model import Roadmap, Stage
from cohort_bot.model.checks import CheckSpec, Files


def lightened(roadmap: Roadmap) -> Roadmap:
    """`roadmap` with every check replaced by one for a file. What a person signs off is left to the judge."""
    return roadmap.model_copy(update={"stages": tuple(_stage(stage) for stage in roadmap.stages)})


def work(stage: Stage, done: Collection[str], note: str) -> Mapping[str, str]:
    """Path → text of a submission that meets the checks in `done` and no others; `note` is the diary."""
    found = {f"{stage.milestone.folder}/diary.md": f"# Diary\n\n{note}\n"}
    for check in stage.milestone.checks:
        if check.id in done:
            found[_file(stage, check.id)] = f"# {check.title}\n\nA rehearsal's stand-in for the real work.\n"
    return found


def _stage(stage: Stage) -> Stage:
    checks = tuple(_check(stage, check) for check in stage.milestone.checks)
    return stage.model_copy(update={"milestone": stage.milestone.model_copy(update={"checks": checks})})


def _check(stage: Stage, check: CheckSpec) -> Files:
    return Files(
        kind="files",
        id=check.id,
        title=check.title,
        required=check.required,
        needs=check.needs,
        points=check.points,
        hidden=check.hidden or check.kind == "manual",
        all_of=(_file(stage, check.id),),
    )


def _file(stage: Stage, check: str) -> str:
    return f"{stage.milestone.folder}/rehearsal/{check}.md"
