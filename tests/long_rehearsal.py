"""Twenty learners for forty-eight weeks. Too long for every day; `make rehearsal-long` runs it."""

from collections import Counter
from pathlib import Path

import pytest

from cohort_bot.rehearsal import Fate
from tests.rehearsed import rehearse, rehearsed


@pytest.mark.parametrize("seed", [1])
def test_a_year_of_twenty_learners(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--learners", "20", "--weeks", "48", "--seed", str(seed), "--out", "year")
    done = rehearse(*words, folder=tmp_path)
    assert done.returncode == 0, done.stderr + done.stdout
    with capsys.disabled():
        print(f"\n{done.stdout}")
    with rehearsed(tmp_path / "year", done.stdout) as year:
        assert year.digests() == year.expected()
        ended = Counter(life.fate for life in year.lives if year.finished(life.learner.github))
        assert ended[Fate.FAST] == sum(life.fate is Fate.FAST for life in year.lives)
        assert ended[Fate.STEADY] > 0
        assert min(year.record["mishaps"].values()) >= 7
        assert any(entry["operation"] == "deleteIssueComment" for entry in year.log), "two runs have met"
