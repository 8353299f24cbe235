"""What the tests of checks share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """An empty submission."""
    return Work(tmp_path)
