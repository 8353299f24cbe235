"""The mark `needs`: a missing tool skips a test with a reason, and fails it where tools are required."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REQUIRE

TEST = """\
import pytest

@pytest.mark.needs("no-such-program")
def test_it():
    raise AssertionError("must not run")
"""


@pytest.mark.parametrize(
    ("required", "code", "said"),
    [("", 0, "1 skipped"), ("1", 1, "1 error")],
    ids=["optional", "required"],
)
def test_a_missing_tool(tmp_path: Path, required: str, code: int, said: str) -> None:
    (tmp_path / "test_it.py").write_text(TEST, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-rA", "-c", os.devnull, str(tmp_path)],
        cwd=Path(__file__).parents[1],
        env=os.environ | {REQUIRE: required},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == code, ended.stdout
    assert said in ended.stdout
    assert "no-such-program is not on PATH" in ended.stdout
    assert "must not run" not in ended.stdout
