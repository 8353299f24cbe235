"""Whole submissions for the shipped roadmap: those that pass, and each broken one with the cause it names."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from cohort_bot import shipped
from cohort_bot.config import load_roadmap
from cohort_bot.model import CheckSpec
from cohort_bot.verdict import Outcome, Standing
from tests.checks.submissions import capstone, deep_learning, foundations, mlops, specialization
from tests.checks.work import Work

STAGES = {
    "foundations": foundations,
    "deep-learning": deep_learning,
    "specialization": specialization,
    "mlops": mlops,
    "capstone": capstone,
}
TOOLS = ["docker", "sklearn", "skops", "skl2onnx", "mlflow"]
pytestmark = [pytest.mark.needs(*TOOLS), pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Passing:
    """A submission that passes, as it lies on disk, and the organiser's folder that belongs to it."""

    work: Path
    course: Path
    specs: Sequence[CheckSpec]


@pytest.fixture(scope="session", autouse=True)
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What learners' requirements name is fetched once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_CACHE_DIR", str(tmp_path_factory.mktemp("pip")))
        yield


@pytest.fixture(scope="session")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Passing]:
    """The passing submission of a stage, built when it is first asked for."""

    @cache
    def built(stage: str) -> Passing:
        base = tmp_path_factory.mktemp(stage)
        (course := base / "course").mkdir()
        work = Work(base)
        STAGES[stage].build(work, course)
        keep_layers(work)
        return Passing(work.root, course, load_roadmap(shipped.ROADMAP).stage(stage).milestone.checks)

    return built


def keep_layers(work: Work) -> None:
    """Build the images of `work` under names that stay, so that what they share is built once."""
    for dockerfile in work.root.glob("*/Dockerfile"):
        name = f"cohort-bot-tests-{dockerfile.parent.name}"
        command = ["docker", "build", "--quiet", "--tag", name, str(dockerfile.parent)]
        subprocess.run(command, check=True, capture_output=True, timeout=400)


def copy(passing: Passing, base: Path) -> Work:
    work = Work(base)
    shutil.copytree(passing.work, work.root, symlinks=True, dirs_exist_ok=True)
    return work


def needed(specs: Sequence[CheckSpec], wanted: str) -> list[CheckSpec]:
    """The check called `wanted` and those that must come before it, with no more patience than a test has."""
    by_id = {spec.id: spec for spec in specs}
    names, more = set[str](), {wanted}
    while more:
        names |= more
        more = {need for name in more for need in by_id[name].needs} - names
    return [hurried(spec) for spec in specs if spec.id in names]


def hurried(spec: CheckSpec) -> CheckSpec:
    patience = {"train_smoke": {"max_seconds": 8}, "docker_service": {"ready_seconds": 15, "stop_seconds": 3}}
    return spec.model_copy(update=patience.get(spec.kind, {}))


@pytest.mark.parametrize("stage", STAGES)
def test_the_work_passes(stage: str, passing: Callable[[str], Passing], tmp_path: Path) -> None:
    given = passing(stage)
    work = copy(given, tmp_path)
    settings = {"course": given.course, "judging": True, "approvals": frozenset({"organiser"})}
    verdict = work.verdict(*given.specs, **settings)
    assert [one for one in verdict.results if one.status is not Outcome.PASSED and one.required] == []
    assert verdict.status is Standing.PASSED


CASES = [(stage, name) for stage, module in STAGES.items() for name in module.BROKEN]


@pytest.mark.parametrize(("stage", "name"), CASES, ids=[f"{stage}: {name}" for stage, name in CASES])
def test_what_breaks_it_is_noticed_and_named(
    stage: str, name: str, passing: Callable[[str], Passing], tmp_path: Path
) -> None:
    given, broken = passing(stage), STAGES[stage].BROKEN[name]
    work = copy(given, tmp_path)
    broken.change(work)
    verdict = work.verdict(*needed(given.specs, broken.check), course=given.course, judging=True)
    first = next(result for result in verdict.results if result.status is not Outcome.PASSED)
    assert first.id == broken.check, first
    one = next(result for result in verdict.results if result.id == broken.check)
    assert verdict.status is Standing.NEEDS_WORK
    assert one.status is Outcome.FAILED, one
    assert broken.found in one.found, one
    assert broken.step in one.next + one.why, one


def test_there_are_enough_ways_to_break_each_stage() -> None:
    assert all(len(module.BROKEN) >= 6 for module in STAGES.values())
    assert len(CASES) >= 30
