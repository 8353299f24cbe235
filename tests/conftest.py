"""What every test may ask for: outside tools by mark, and a running sandbox."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

from tests.recorder import Recorder
from tests.sandbox_process import SandboxProcess

REQUIRE = "COHORT_BOT_REQUIRE_TOOLS"

# The same examples in every run, however slow the machine: what fails here fails everywhere, and `make test`
# has no luck.
settings.register_profile("seeded", derandomize=True, deadline=None)
settings.load_profile("seeded")


@cache
def missing(tool: str) -> str:
    """Why `tool` cannot be used here; empty if it can."""
    match tool:
        case "docker":
            return _missing_program("docker") or _missing_daemon()
        case "gh":
            return _missing_program("gh") or _old_gh()
        case "mlflow" | "onnxruntime" | "skl2onnx" | "sklearn" | "skops":
            return "" if find_spec(tool) else f"the package {tool} is not installed"
        case _:
            return _missing_program(tool)


def _missing_program(name: str) -> str:
    return "" if shutil.which(name) else f"{name} is not on PATH"


def _missing_daemon() -> str:
    answer = subprocess.run(["docker", "info"], check=False, capture_output=True, timeout=30)
    return "" if answer.returncode == 0 else "no Docker daemon answers"


def _old_gh() -> str:
    # `gh project` came with 2.31 (https://github.com/cli/cli/releases/tag/v2.31.0).
    answer = subprocess.run(["gh", "project", "--help"], check=False, capture_output=True, timeout=30)
    return "" if answer.returncode == 0 else "this gh is older than 2.31"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tools are missing, or fail it where the environment says that they must be here."""
    reasons = [missing(str(tool)) for mark in item.iter_markers("needs") for tool in mark.args]
    if reason := ", ".join(filter(None, reasons)):
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(f"{reason}, and {REQUIRE}=1 says it must be", pytrace=False)
        pytest.skip(reason)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """A running sandbox of the test's own. Its clock is virtual: nothing arrives until the test lets it."""
    with SandboxProcess(tmp_path / "sandbox", "--clock", "virtual") as process:
        yield process


@pytest.fixture
def recorder(sandbox: SandboxProcess) -> Iterator[Recorder]:
    """A recording proxy before `sandbox`."""
    with Recorder(sandbox.url) as running:
        yield running
