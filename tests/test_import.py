"""`import`: other tools' lists, plain lists and old repos join the roster, and nothing in it is lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cohort_bot.cli.failures import ended_by
from cohort_bot.cli.group import cohort_bot
from cohort_bot.config import read_roster
from tests.cohort_folder import COHORT
from tests.cohort_life import enrolled, school
from tests.test_enroll import Organiser

__all__ = ["enrolled", "school"]
HEADER = "github,name,email,group,start,extension_days,status\n"
CLASSROOM = (
    '"identifier","github_username","github_id","name"\n'
    '"Ada L","ada","1","Ada Lovelace"\n"Bo","Bo-Lin","2",""\n'
)


@dataclass(frozen=True)
class Desk:
    """A folder with a cohort file, and a command line."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def take(self, text: str | bytes, *words: str) -> tuple[int, str, str]:
        """Import a file of this text: how it ended, what it said."""
        path = self.write("list", text)
        code = ended_by(
            cohort_bot, ["--config", str(self.folder / "cohort.yaml"), "import", str(path), *words]
        )
        told = self.capsys.readouterr()
        return code, told.out, told.err.replace(str(self.folder) + "/", "")

    @property
    def roster(self) -> str:
        path = self.folder / "roster.csv"
        return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    (tmp_path / "cohort.yaml").write_text(COHORT, encoding="utf-8")
    return Desk(tmp_path, capsys)


def test_an_export_of_github_classroom_begins_a_roster(desk: Desk) -> None:
    code, out, err = desk.take(CLASSROOM)
    assert (code, out) == (0, "+ ada (Ada Lovelace)\n+ Bo-Lin\n")
    assert desk.roster == HEADER + "ada,Ada Lovelace,,,,,\nBo-Lin,,,,,,\n"
    assert "2 new, 0 known already" in err
    code, out, err = desk.take(CLASSROOM)
    assert (code, out, "Nothing to write" in err) == (0, "", True)


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    assert desk.take(CLASSROOM, "--dry-run")[:2] == (0, "+ ada (Ada Lovelace)\n+ Bo-Lin\n")
    assert not (desk.folder / "roster.csv").exists()


def test_what_the_roster_says_stays_and_what_it_lacks_is_filled(desk: Desk) -> None:
    desk.write(
        "roster.csv", "github;name;extension_days\r\n# ;;\r\n".replace("# ;;\r\n", "") + "ADA;Ada;3\r\n"
    )
    code, out, err = desk.take(
        "username,first_name,last_name,email,section,role\nada,A,L,a@x.org,North,student\n"
    )
    assert (code, out) == (0, "~ ADA: email → a@x.org\n~ ADA: group → North\n")
    assert desk.roster == "github;name;extension_days;email;group\nADA;Ada;3;a@x.org;North\n"
    assert "list:2:1: ada: `name` is `A L` here and `Ada` in roster.csv:2:1, which stays" in err
    assert (desk.folder / "roster.csv").read_bytes().count(b"\r\n") == 2


def test_personal_settings_come_from_a_roster_of_ours(desk: Desk) -> None:
    desk.write("roster.csv", HEADER + "ada,,,,,,\n")
    code, _, _ = desk.take(HEADER + "ada,,,,2026-10-05,7,paused\nbob,,,,2026-10-05,7,withdrawn\n")
    assert code == 0
    assert desk.roster == HEADER + "ada,,,,2026-10-05,7,paused\nbob,,,,2026-10-05,7,withdrawn\n"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("ada\nbob\n", ["ada,,,,,,", "bob,,,,,,"]),
        ("ada", ["ada,,,,,,"]),
        ("@ada\r\n\r\nhttps://github.com/bob  # late\n# nobody\n", ["ada,,,,,,", "bob,,,,,,"]),
        ("ada bob\ncy\n", ["ada,,,ada-bob,,,", "bob,,,ada-bob,,,", "cy,,,,,,"]),
        ("\ufeffada\n".encode("utf-16-le"), ["ada,,,,,,"]),
    ],
)
def test_plain_lists_are_read(desk: Desk, text: str | bytes, rows: list[str]) -> None:
    assert desk.take(text)[0] == 0
    assert desk.roster.splitlines()[1:] == rows


def test_who_has_no_login_is_named_and_the_others_come(desk: Desk) -> None:
    code, out, err = desk.take(CLASSROOM + '"Zoe","","",""\n')
    assert (code, out) == (5, "+ ada (Ada Lovelace)\n+ Bo-Lin\n")
    assert "list:4:7: `Zoe` has not linked a GitHub account" in err
    assert "ada" in desk.roster


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "list:1:1: the roster is empty"),
        ("ada\nbad--login\nada\n", "list:2:1: `bad--login` is not a GitHub login"),
        ("ada\nbad--login\nada\n", "list:3:1: `ada` is in the list twice, first at 1:1"),
        ("ada bob@example.org\n", "list:1:5: `bob@example.org` is an e-mail address"),
        ("login\nada\n", "no column is called `github`; found `login`"),
        ("name,email\nAda,a@x.org\n", "no column is called `github`"),
        ("first name,email address\nAda,a@x.org\n", "this is Moodle's export"),
        (b"PK\x03\x04zip", "this is a workbook"),
        (b"ada\nz\xf6e\n", "not UTF-8 from here on"),
        ('github\n"ada\n', "a quote is opened here and never closed"),
        ("identifier,github_username\nA,ada\nB,ADA\n", "`ADA` is on the roster twice"),
        (HEADER + "ada,,,,,many,\n", "list:2:9"),
        (b"\0\0\0\n", "is not a GitHub login"),
    ],
)
def test_bad_lists_are_told_with_their_places(desk: Desk, text: str | bytes, said: str) -> None:
    code, out, err = desk.take(text)
    assert (code, out, desk.roster) == (3, "", "")
    assert said in err


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(b"\0 A\n")
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_file_whatever_ends_in_a_bug(desk: Desk, raw: bytes) -> None:
    (desk.folder / "roster.csv").unlink(missing_ok=True)
    assert desk.take(raw)[0] in (0, 3, 5)


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), max_size=6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.tuples(names, names), max_size=4),
    st.dictionaries(st.sampled_from("ABCdef"), st.tuples(names, names), max_size=4),
)
def test_nothing_is_lost_and_nobody_is_there_twice(
    desk: Desk, had: dict[str, tuple[str, str]], came: dict[str, tuple[str, str]]
) -> None:
    def table(people: dict[str, tuple[str, str]]) -> str:
        quoted = (
            (login, *('"' + text.replace('"', '""') + '"' for text in texts))
            for login, texts in people.items()
        )
        return "github,name,group\n" + "".join(",".join(row) + "\n" for row in quoted)

    desk.write("roster.csv", table(had))
    before = read_roster(desk.folder / "roster.csv").learners
    assert desk.take(table(came))[0] == 0
    after = {one.github.lower(): one for one in read_roster(desk.folder / "roster.csv").learners}
    assert set(after) == {login.lower() for login in (*had, *came)}
    for one in before:
        then = after[one.github.lower()]
        assert then.github == one.github
        assert one.name in ("", then.name)
        assert one.group in ("", then.group)


def test_the_roster_is_the_one_that_is_named(desk: Desk) -> None:
    desk.write("cohort.yaml", COHORT + "roster: people.csv\n")
    desk.take("ada\n")
    assert (desk.folder / "people.csv").read_text(encoding="utf-8").endswith("ada,,,,,,\n")
    desk.take("bob\n", "--to", str(desk.folder / "others.csv"))
    assert (desk.folder / "others.csv").read_text(encoding="utf-8").endswith("bob,,,,,,\n")
    (desk.folder / "cohort.yaml").unlink()
    desk.take("cy\n")
    assert desk.roster == HEADER + "cy,,,,,,\n"


def test_another_tools_file_is_not_written_into(desk: Desk) -> None:
    desk.write("roster.csv", CLASSROOM)
    code, _, err = desk.take("cy\n")
    assert (code, desk.roster) == (3, CLASSROOM)
    assert "this is GitHub Classroom's list" in err


def test_one_source_is_needed(desk: Desk) -> None:
    for words in (["import"], ["import", "list", "--repos", "hw"]):
        assert ended_by(cohort_bot, words) == 2


def test_the_people_of_an_old_classroom_are_found_by_their_repos(school: Organiser) -> None:
    def make(name: str, *people: str, **more: object) -> None:
        made = school.sandbox.api("POST", f"/orgs/{school.sandbox.org}/repos", json={"name": name, **more})
        assert made.status_code == 201
        for login in people:
            school.sandbox.new_user(login, org_role="member")
            path = f"/repos/{school.sandbox.org}/{name}/collaborators/{login}"
            assert school.sandbox.api("PUT", path, json={"permission": "push"}).status_code in (201, 204)

    make("hw1-Zoe", "zoe")
    make("hw1-owls", "kim", "lee")
    make("hw1-gone")
    make("hw1-template", is_template=True)
    make("hw10-ann", "ann")
    told = school.run("import", "--repos", "hw1")
    assert told.code == 5
    assert told.out.splitlines() == ["+ kim (owls)", "+ lee (owls)", "+ zoe"]
    assert f"{school.sandbox.org}/hw1-gone: nobody was let into this repo by name" in told.err
    found = {one.github: one.group for one in read_roster(school.folder / "roster.csv").learners}
    assert found == {"ada": "", "bob": "", "cy": "", "kim": "owls", "lee": "owls", "zoe": ""}
    told = school.run("import", "--repos", "nothing")
    assert (told.code, "no repos whose names begin with nothing-" in told.err) == (2, True)
