"""`extend`: more days in the roster, the dates they lead to, and what to run next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from cohort_bot.cli.failures import ended_by
from cohort_bot.cli.group import cohort_bot
from tests.cohort_folder import write

ROSTER = "github,name,extension_days\nada,A,\nBob,B,7\n"


@dataclass(frozen=True)
class Told:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, roster=ROSTER)
    return tmp_path


def extend(folder: Path, *words: str, capsys: pytest.CaptureFixture[str]) -> Told:
    code = ended_by(cohort_bot, ["--config", str(folder / "cohort.yaml"), "extend", *words])
    told = capsys.readouterr()
    return Told(code, told.out, told.err)


def roster(folder: Path) -> str:
    return (folder / "roster.csv").read_text(encoding="utf-8")


def test_days_are_added_and_the_dates_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = extend(folder, "ada", "@BOB", "3", capsys=capsys)
    assert told.code == 0
    assert roster(folder) == "github,name,extension_days\nada,A,3\nBob,B,10\n"
    assert told.out == (
        "ada: 0 → 3 days of extension\n"
        "  Show one  2026-09-20 → 2026-09-23\n"
        "  Show two  2026-10-04 → 2026-10-07\n"
        "Bob: 7 → 10 days of extension\n"
        "  Show one  2026-09-27 → 2026-09-30\n"
        "  Show two  2026-10-11 → 2026-10-14\n"
    )
    assert "cohort-bot enroll --only ada --only Bob" in told.err


@pytest.mark.parametrize(("days", "had"), [("7d", 7), ("2w", 14), ("+1", 1), ("1 week", 7)])
def test_days_may_be_written_in_many_ways(
    folder: Path, capsys: pytest.CaptureFixture[str], days: str, had: int
) -> None:
    assert extend(folder, "ada", days, capsys=capsys).code == 0
    assert f"ada,A,{had}\n" in roster(folder)


def test_a_dry_run_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = extend(folder, "ada", "3", "--dry-run", capsys=capsys)
    assert (told.code, roster(folder)) == (0, ROSTER)
    assert "0 → 3" in told.out
    assert "Nothing was written" in told.err


def test_taking_days_back_is_asked_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = extend(folder, "bob", "-3", capsys=capsys)
    assert (told.code, roster(folder)) == (2, ROSTER)
    assert "--yes" in told.err
    assert extend(folder, "bob", "-3", "--yes", capsys=capsys).code == 0
    assert "Bob,B,4\n" in roster(folder)


def test_saying_no_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cohort_bot.cli.enrol_commands.sys.stdin.isatty", lambda: True, raising=False)
    asked = CliRunner().invoke(
        cohort_bot, ["--config", str(folder / "cohort.yaml"), "extend", "bob", "-3"], input="n\n"
    )
    assert asked.exit_code != 0
    assert roster(folder) == ROSTER


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("adda", "3"), "Did you mean ada?"),
        (("ada", "--dryrun", "3"), "No such option '--dryrun'"),
        (("ada", "3", "--dryrun"), "No such option '--dryrun'"),
        (("ada", "soon"), "'soon' is no number of days"),
        (("ada", "0"), "is no number of days"),
        (("ada",), "Missing argument"),
        (("ada", "bob", "725"), "Bob would have 732 days of extension"),
        (("ada", "bob", "-8", "--yes"), "ada would have -8, Bob would have -1 days"),
    ],
)
def test_slips_are_told_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    told = extend(folder, *words, capsys=capsys)
    assert (told.code, roster(folder)) == (2, ROSTER)
    assert said in told.err


def test_an_invalid_roster_is_told_with_its_places(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "roster.csv").write_text("github,extension_days\nada,many\n", encoding="utf-8")
    told = extend(folder, "ada", "3", capsys=capsys)
    assert told.code == 3
    assert "roster.csv:2:5" in told.err
