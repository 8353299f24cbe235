"""A cohort that is enrolled once and lives on in copies: each test gets one of its own in a moment."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess
from tests.test_enroll import Organiser


@pytest.fixture(scope="session")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an enrolled cohort and its sandbox's data; nothing runs there any more."""
    folder = tmp_path_factory.mktemp("enrolled")
    with SandboxProcess(folder / "sandbox") as sandbox:
        found = Organiser(folder, sandbox)
        found.write("ada,,,,,0,active", "bob,,,,,0,active", "cy,,,,,0,paused")
        assert found.enroll().code == 0
        found.join("ada")
        assert found.enroll().code == 0
    return folder


@pytest.fixture
def school(enrolled: Path, tmp_path: Path) -> Iterator[Organiser]:
    """ada has joined, bob has not, cy is paused and was never enrolled."""
    shutil.copytree(enrolled, tmp_path / "school")
    with SandboxProcess(tmp_path / "school" / "sandbox") as sandbox:
        yield Organiser(tmp_path / "school", sandbox)
