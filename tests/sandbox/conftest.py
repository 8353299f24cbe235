"""One sandbox for all tests of a module, emptied before each: starting one costs more than most tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox on a virtual clock."""
    folder: Path = tmp_path_factory.mktemp("sandbox")
    with SandboxProcess(folder / "data", "--clock", "virtual") as process:
        yield process


@pytest.fixture
def box(running: SandboxProcess) -> SandboxProcess:
    """The same, with nothing in it but the organisation and its owner."""
    running.control("POST", "clock", now="2026-09-01T08:00:00Z")
    running.reset()
    return running
