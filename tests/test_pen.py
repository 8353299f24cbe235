"""Writing in a roster: whatever it looks like, only the wanted cells change."""

from __future__ import annotations

import csv
import io
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohort_bot.config import read_roster
from cohort_bot.config.pen import Pen
from cohort_bot.errors import ConfigError, UsageError

HEADER = "github,name,email,group,start,extension_days,status\n"


def written(folder: Path, roster: str | bytes, login: str, column: str, text: str) -> bytes:
    """The roster after that cell was written."""
    path = folder / "roster.csv"
    path.write_bytes(roster.encode() if isinstance(roster, str) else roster)
    pen = Pen(path)
    pen.set(login, column, text)
    pen.write()
    return path.read_bytes()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            HEADER + "ada,A,,,,0,active\nbob,B,,,,3,active\n",
            HEADER + "ada,A,,,,0,active\nbob,B,,,,7,active\n",
        ),
        ("github,extension_days\r\nbob,3\r\nada,\r\n", "github,extension_days\r\nbob,7\r\nada,\r\n"),
        (
            '\ufeffExtension Days;GitHub\n"3";https://github.com/Bob\n',
            '\ufeffExtension Days;GitHub\n"7";https://github.com/Bob\n',
        ),
        ("github,extension_days\r@bob,  3 \r", "github,extension_days\r@bob,  7 \r"),
        ("github,name\nada,A\nbob,B", "github,name,extension_days\nada,A\nbob,B,7"),
        ("github,name,,\nada,A,,\nbob,B,,\n", "github,name,extension_days,\nada,A,,\nbob,B,7,\n"),
        ("github\nada\nbob\n", "github,extension_days\nada\nbob,7\n"),
        ("github,name,extension_days\nbob\n", "github,name,extension_days\nbob,,7\n"),
        ('github\tname\textension_days\nbob\t"A\nB"\t\n', 'github\tname\textension_days\nbob\t"A\nB"\t7\n'),
        ("\n\ngithub,extension_days\n\n,,\nbob,0\n\n", "\n\ngithub,extension_days\n\n,,\nbob,7\n\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_one_cell_changes_and_nothing_else(tmp_path: Path, before: str, after: str, encoding: str) -> None:
    mark = "" if encoding == "utf-8" or before.startswith("\ufeff") else "\ufeff"
    raw = written(tmp_path, (mark + before).encode(encoding), "BOB", "extension_days", "7")
    assert raw.decode(encoding) == mark + after


name = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12)
row = st.tuples(
    st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True), name, st.integers(0, 730), st.integers(0, 3)
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(row, min_size=1, max_size=6, unique_by=lambda each: each[0]),
    order=st.permutations(["github", "name", "extension_days", "status"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    columns=st.integers(1, 4),
    days=st.integers(0, 730),
)
def test_any_roster_keeps_every_other_cell_and_byte(
    tmp_path: Path,
    people: list[tuple[str, str, int, int]],
    order: list[str],
    delimiter: str,
    end: str,
    encoding: str,
    quoting: int,
    columns: int,
    days: int,
) -> None:
    order = ["github", *(each for each in order[:columns] if each != "github")]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(order)
    for login, called, had, blanks in people:
        cells = {"github": login, "name": called, "extension_days": str(had), "status": "paused"}
        writer.writerow([cells[column] for column in order])
        out.write(end * blanks)
    path = tmp_path / "roster.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    raw, before = path.read_bytes(), read_roster(path).learners
    whom = people[len(people) // 2][0]
    pen = Pen(path)
    pen.set(whom, "extension_days", str(days))
    pen.write()
    after = read_roster(path).learners
    assert [
        one if one.github != whom else one.model_copy(update={"extension_days": days}) for one in before
    ] == list(after)
    # Put back what was there: the very same bytes, where the column was there before.
    if "extension_days" in order:
        pen = Pen(path)
        pen.set(whom, "extension_days", str(dict((p[0], p[2]) for p in people)[whom]))
        pen.write()
        assert path.read_bytes() == raw


def test_rows_are_added_as_the_file_has_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(b"name;github\r\nA;ada")
    pen = Pen(path)
    pen.add({"github": "bob", "name": 'B; "the" B', "group": "x"})
    pen.write()
    assert path.read_bytes().decode() == 'name;github;group\r\nA;ada\r\n"B; ""the"" B";bob;x\r\n'
    assert [one.name for one in read_roster(path).learners] == ["A", 'B; "the" B']


def test_what_is_there_already_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("github,status\nada,active\n", encoding="utf-8")
    path.chmod(0o400)
    pen = Pen(path)
    pen.set("ada", "status", "active")
    assert not pen.changed
    pen.write()
    assert path.stat().st_mode & 0o777 == 0o400


def test_rights_and_links_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.csv"
    real.write_text("github\nada\n", encoding="utf-8")
    real.chmod(0o640)
    (tmp_path / "roster.csv").symlink_to(real)
    pen = Pen(tmp_path / "roster.csv")
    pen.set("ada", "status", "paused")
    pen.write()
    assert (tmp_path / "roster.csv").is_symlink()
    assert real.read_text(encoding="utf-8") == "github,status\nada,paused\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["real.csv", "roster.csv"]


def test_another_tools_list_is_not_written_in(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("identifier,github_username\nA,ada\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        Pen(path)
    (problem,) = refused.value.problems
    assert "GitHub Classroom" in problem.message
    assert "cohort-bot import" in problem.cure


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("github\nada\n", encoding="utf-8")
    (tmp_path / ".roster.csv.half").mkdir()
    pen = Pen(path)
    pen.set("ada", "status", "paused")
    with pytest.raises(UsageError, match="cannot be written"):
        pen.write()
    assert path.read_text(encoding="utf-8") == "github\nada\n"
