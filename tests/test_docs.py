"""Pages that are partly written from the code are as the code is now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_page_of_checks_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0, "run: python docs/generate.py"


def test_the_page_of_checks_knows_every_kind() -> None:
    from cohort_bot.checks import GATHER
    from cohort_bot.verdict.judges import JUDGES

    page = (ROOT / "docs/checks.md").read_text(encoding="utf-8")
    assert set(GATHER) == set(JUDGES)
    assert all(f"\n## `{kind}`\n" in page for kind in GATHER)
