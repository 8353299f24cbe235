"""Rosters: our own shape, other tools' shapes, what spreadsheets do to them, and what people slip on."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohort_bot.config import load, login_of
from cohort_bot.errors import ConfigError
from cohort_bot.model import Learner, Status
from tests.cohort_folder import COHORT, loaded, problems, told, write

HEADER = "github,name,email,group,start,extension_days,status\n"


def learners(folder: Path, roster: str | bytes) -> tuple[Learner, ...]:
    return loaded(folder, roster=roster).roster


def test_every_column_of_ours_is_read(tmp_path: Path) -> None:
    (found,) = learners(tmp_path, HEADER + "ada,Ada Lovelace,ada@example.org,North,2026-09-21,7,Paused\n")
    assert found == Learner(
        github="ada",
        name="Ada Lovelace",
        email="ada@example.org",
        group="North",
        start=date(2026, 9, 21),
        extension_days=7,
        status=Status.PAUSED,
    )


def test_empty_cells_take_the_usual_values(tmp_path: Path) -> None:
    (found,) = learners(tmp_path, HEADER + "ada,,,,,,\n")
    assert (found.start, found.extension_days, found.status) == (None, 0, Status.ACTIVE)


def test_a_learner_may_start_before_the_cohort(tmp_path: Path) -> None:
    (found,) = learners(tmp_path, "github,start\nada,2026-09-01\n")
    assert found.start == date(2026, 9, 1)


def test_a_roster_without_learners_is_valid(tmp_path: Path) -> None:
    assert learners(tmp_path, HEADER) == ()
    assert learners(tmp_path, HEADER.strip()) == ()


@pytest.mark.parametrize(
    "raw",
    [
        "github,name\nada,Zoë\nbob,B\n".encode(),
        "\ufeffGitHub,Name\r\nada,Zoë\r\nbob,B\r\n".encode(),
        "github;name\nada;Zoë\nbob;B\n".encode(),
        "github\tname\nada\tZoë\nbob\tB\n".encode(),
        "github\tname\r\nada\tZoë\r\nbob\tB\r\n".encode("utf-16"),
        "name,github\rZoë,ada\rB,bob\r".encode(),
        ' name , github \n "Zoë", ada\n B,  bob \n'.encode(),
        "\n\ngithub,name,,\nada,Zoë,,\n,,,\nbob,B,,,,\n\n".encode(),
    ],
    ids=["plain", "Excel", "semicolons", "tabs", "UTF-16", "old Mac", "spaces", "empty columns and rows"],
)
def test_spreadsheets_may_save_as_they_like(tmp_path: Path, raw: bytes) -> None:
    assert [(one.github, one.name) for one in learners(tmp_path, raw)] == [("ada", "Zoë"), ("bob", "B")]


def test_quotes_keep_delimiters_and_line_ends(tmp_path: Path) -> None:
    (found, other) = learners(tmp_path, 'github,name\nada,"Lovelace, Ada\n""Countess"""\nbob,B\n')
    assert found.name == 'Lovelace, Ada "Countess"'
    assert loaded(tmp_path, roster='github,name\nada,"A\nB"\nbob,B\n').learner_places["bob"] == (4, 1)
    assert other.github == "bob"


@pytest.mark.parametrize(
    "written",
    [
        "@ada-l",
        "https://github.com/ada-l",
        "http://www.github.com/ada-l/",
        "github.com/ada-l",
        "https://GitHub.com/@ada-l",
        "  ada-l ",
    ],
)
def test_a_login_may_be_written_as_people_do(tmp_path: Path, written: str) -> None:
    assert login_of(written) == "ada-l"
    assert [one.github for one in learners(tmp_path, f"github\n{written}\n")] == ["ada-l"]


FOREIGN = {
    "GitHub Classroom": (
        '"identifier","github_username","github_id","name"\n"ada@example.org","ada","101","Ada L"\n'
        '"bob@example.org","bob","",""\n',
        [("ada", "Ada L", "", ""), ("bob", "", "", "")],
    ),
    "GitHub Classroom with groups": (
        "identifier,github_username,github_id,name,group_name\n1,ada,101,Ada L,Team 1\n",
        [("ada", "Ada L", "", "Team 1")],
    ),
    "Classroom 50": (
        "username,first_name,last_name,email,section,github_id,role\n"
        "ada,Ada,Lovelace,ada@example.org,Lab 1,101,student\nprof,P,R,p@example.org,,7,teacher\n",
        [("ada", "Ada Lovelace", "ada@example.org", "Lab 1")],
    ),
    "Canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,GitHub username (991),Quiz (5),Quiz (6)\n"
        ",,,,,Manual Posting,,\n    Points Possible,,,,,,10,10\n"
        '"Lovelace, Ada",11,,ada1,XC 101,ada,8,9\n"Student, Test",99,,,XC 101,,,\n',
        [("ada", "Ada Lovelace", "", "XC 101")],
    ),
    "Moodle": (
        '"First name",Surname,"ID number",Institution,Department,"Email address",GitHub,"Course total"\n'
        'Ada,Lovelace,,"An institute",,ada@example.org,https://github.com/ada,88\n',
        [("ada", "Ada Lovelace", "ada@example.org", "")],
    ),
    "newer Moodle": (
        '"First name","Last name","Email address",Groups,"Course total","GitHub login"\n'
        "Ada,Lovelace,ada@example.org,North,88,ada\n",
        [("ada", "Ada Lovelace", "ada@example.org", "North")],
    ),
}


@pytest.mark.parametrize("tool", FOREIGN)
def test_lists_of_other_tools_are_recognised(tmp_path: Path, tool: str) -> None:
    text, expected = FOREIGN[tool]
    found = learners(tmp_path, text)
    assert [(one.github, one.name, one.email, one.group) for one in found] == expected


def test_each_learner_without_an_account_is_named(tmp_path: Path) -> None:
    text = "identifier,github_username,github_id,name\nx@example.org,,,X\nada,ada,1,A\n,,,Y Z\n"
    assert told(tmp_path, roster=text) == [
        "roster.csv:2:15: `x@example.org` has not linked a GitHub account | "
        "Ask for their GitHub login and fill it in, or delete the row.",
        "roster.csv:4:2: `Y Z` has not linked a GitHub account | "
        "Ask for their GitHub login and fill it in, or delete the row.",
    ]


LOGIN = "A login has letters, digits and single hyphens between them, at most 39 characters."
SLIPS = {
    "": ("1:1", "the roster is empty", "only `github` must be there"),
    "\n \n": ("1:1", "the roster is empty", "github,name"),
    "name,email\nAda,a\n": ("1:1", "no column is called `github`; found `name`, `email`", "github,name"),
    "name,login\nAda,ada\n": ("1:6", "no column is called `github`", "Call the column `login` `github`"),
    "Student,ID,Section\nA,1,X\n": ("1:1", "this is Canvas's export", "Add a column `GitHub username`"),
    "First name,Email address\nA,x\n": ("1:1", "this is Moodle's export", "Add a column `GitHub username`"),
    "github,nmae\nada,A\n": ("1:8", "`nmae` is not a column known here", "Did you mean `name`?"),
    "github;grup;zzz\nada;A;B\n": ("1:13", "`zzz` is not a column", "`extension_days`"),
    "github,name,Name\nada,A,B\n": ("1:13", "the column `Name` is there twice, first at 1:8", "Keep one"),
    "github,name\nada,A,x\n": ("2:7", "this row has 3 cells, and the header has 2", "quotes"),
    "github,name\n,A\n": ("2:1", "the GitHub login is missing", "Fill it in, or delete the row."),
    "name,github\nA\n": ("2:1", "the GitHub login is missing", "Fill it in, or delete the row."),
    "github\nada\nbob\n@ADA\n": (
        "4:1",
        "`ADA` is on the roster twice, first at 2:1",
        "Keep one of the two rows.",
    ),
    "name,github\nA,ada lovelace\n": ("2:3", "`ada lovelace` is not a GitHub login", LOGIN),
    "github\nada--l\n": ("2:1", "`ada--l` is not a GitHub login", LOGIN),
    "github\n-ada\n": ("2:1", "`-ada` is not a GitHub login", LOGIN),
    "github\na_b_c\n": ("2:1", "`a_b_c` is not a GitHub login", LOGIN),
    f"github\n{'a' * 40}\n": ("2:1", "is not a GitHub login", LOGIN),
    "github\nädä\n": ("2:1", "`ädä` is not a GitHub login", LOGIN),
    "github\nada@example.org\n": ("2:1", "is an e-mail address, not a GitHub login", "Ask the learner"),
    "github\nTemplate\n": ("2:1", "the name of the cohort's template repo", ""),
    "github,status\nada,actve\n": ("2:5", "`status` is `actve`", "Did you mean `active`?"),
    "github,start\nada,2026-02-30\n": ("2:5", "`start` is `2026-02-30`, which is no date", "28 days"),
    "github,start\nada,7/9/2026\n": ("2:5", "`start` is `7/9/2026`", "such as 2026-09-07"),
    "github,extension_days\nada,-1\n": ("2:5", "`extension_days` must be at least 0; found `-1`", ""),
    "github,extension_days\nada,soon\n": ("2:5", "`extension_days` needs a whole number; found `soon`", ""),
    "github,extension_days\nada,9999\n": ("2:5", "`extension_days` must be at most 730", ""),
    f"github,name\nada,{'x' * 201}\n": ("2:5", "`name` may have at most 200 characters; found 201", ""),
    "github,name\nada,\x1b[31mA\n": ("2:5", "`name` is `\\x1b[31mA`", "invisible characters"),
    'github,name\nada,"A\nbob,B\n': ("2:5", "a quote is opened here and never closed", "second quote"),
    'github,name\nada,"A"x\nbob,B\n': ("2:1", "text follows a closing quote", "twice"),
    f"github,name\nada,{'x' * 200_000}\n": ("2:1", "this row cannot be read", "never closed"),
    'github,name\nada,"A\nB"\nbob,B,C\n': ("4:7", "this row has 3 cells", "quotes"),
}


@pytest.mark.parametrize("text", SLIPS, ids=lambda text: text[:40] or "empty")
def test_each_slip_is_told_in_its_place(tmp_path: Path, text: str) -> None:
    place, message, cure = SLIPS[text]
    found = problems(tmp_path, roster=text)
    assert any(p.place == f"roster.csv:{place}" and message in p.message and cure in p.cure for p in found), (
        found
    )


def test_every_row_is_checked(tmp_path: Path) -> None:
    found = told(tmp_path, roster="github,status\na b,\nada,gone\nbob,\nc d,gone\n")
    places = [line.split(": ")[0] for line in found]
    assert places == ["roster.csv:2:1", "roster.csv:3:5", "roster.csv:5:1", "roster.csv:5:5"]


def test_another_encoding_is_told_and_the_rest_still_checked(tmp_path: Path) -> None:
    found = problems(tmp_path, roster="github,name\nada,René\nb b,\n".encode("latin-1"))
    assert [(p.place, p.message[:24]) for p in found] == [
        ("roster.csv:2:8", "the file is not UTF-8 fr"),
        ("roster.csv:3:1", "`b b` is not a GitHub lo"),
    ]
    assert "CSV UTF-8" in found[0].cure


def test_a_workbook_is_recognised(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, roster=b"PK\x03\x04" + bytes(100))
    assert "workbook" in found.message
    assert "CSV UTF-8" in found.cure


def test_a_missing_roster_stands_where_it_is_named(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, cohort=COHORT + "roster: people.csv\n")
    assert found.place == "cohort.yaml:6:9"
    write(tmp_path)
    (tmp_path / "roster.csv").unlink()
    with pytest.raises(ConfigError) as error:
        load(tmp_path / "cohort.yaml")
    assert [p.place for p in error.value.problems] == [str(tmp_path / "roster.csv")]


def test_names_of_repos_never_exceed_what_github_allows() -> None:
    # 100 characters: the longest slug, a hyphen and the longest login.
    schema = Learner.model_json_schema()["properties"]["github"]
    assert schema["maxLength"] + 1 + 60 <= 100


@pytest.mark.parametrize(
    "row", ["user-{n},Name,n@example.org,A,2026-09-07,7,active\n", "u_{n}_x,N,,,2026-13-99,x,actve\n"]
)
def test_five_thousand_rows_are_read_and_all_told(tmp_path: Path, row: str) -> None:
    text = HEADER + "".join(row.format(n=number) for number in range(5000))
    begun = time.perf_counter()
    found = problems(tmp_path, roster=text)
    assert time.perf_counter() - begun < 30
    assert len(found) in (0, 20_000)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(alphabet='adA-_@,;\t\n\r" .é\u2028\x0b0', max_size=80),
    header=st.sampled_from(["", HEADER, "github\n"]),
)
def test_any_text_is_read_or_refused_within_the_file(tmp_path: Path, text: str, header: str) -> None:
    lines = (header + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in problems(tmp_path, roster=header + text):
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=100), mark=st.sampled_from([b"", b"\xff\xfe", b"\xef\xbb\xbf", b"github\n"]))
def test_any_bytes_become_learners_or_problems(tmp_path: Path, raw: bytes, mark: bytes) -> None:
    if told_ones := problems(tmp_path, roster=mark + raw):
        assert all(problem.message for problem in told_ones)
    else:
        found = loaded(tmp_path, roster=mark + raw)
        assert len(found.learner_places) == len(found.roster)
