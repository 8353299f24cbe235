"""What `load` says about cohort.yaml and roadmap.yaml: the models they become, or every slip in its place."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cohort_bot import shipped
from cohort_bot.config import load
from cohort_bot.errors import EXIT_CONFIG, ConfigError
from cohort_bot.model import Break, Cohort, Learner, MilestoneSpec, Roadmap, Stage
from cohort_bot.model.checks import CheckBase
from cohort_bot.model.cohort import AtRisk, BoardSettings, DigestSettings, Policies
from tests.cohort_folder import COHORT, ROADMAP, STAGE, loaded, problems, told, write

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_a_valid_folder_becomes_models(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    assert found.cohort.start == date(2026, 9, 7)
    assert [stage.span for stage in found.roadmap.stages] == [(1, 2), (3, 4)]
    assert [learner.github for learner in found.roster] == ["ada"]
    assert found.folder == tmp_path
    assert found.templates == tmp_path / "templates"


def test_a_learner_can_be_pointed_at(tmp_path: Path) -> None:
    problem = loaded(tmp_path).problem("Ada", "GitHub knows no such login")
    assert problem.place == f"{tmp_path}/roster.csv:2:1"


def test_without_a_roadmap_the_shipped_one_counts(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "roadmap.yaml").unlink()
    found = load(tmp_path / "cohort.yaml")
    assert found.roadmap_file == shipped.ROADMAP
    assert found.roadmap.weeks == 48


def test_the_roadmap_that_cohort_yaml_names_goes_before_the_one_beside_it(tmp_path: Path) -> None:
    write(tmp_path, cohort=COHORT + "roadmap: other.yaml\n")
    (tmp_path / "other.yaml").write_text(ROADMAP.replace("A short road", "Another road"))
    assert load(tmp_path / "cohort.yaml").roadmap.title == "Another road"


@pytest.mark.parametrize(
    ("line", "reading"),
    [
        ("title: no", ("title", "no")),
        ("title: 2026", ("title", "2026")),
        ("title: 007", ("title", "007")),
        ("title: 12:30", ("title", "12:30")),
        ("title: true", ("title", "true")),
        ("title: 'null'", ("title", "null")),
        ("title: ~", ("title", None)),
        ("roadmap: null", ("roadmap", None)),
        ("visibility: public", ("visibility", "public")),
    ],
)
def test_text_stays_what_was_written(tmp_path: Path, line: str, reading: tuple[str, str | None]) -> None:
    cohort = loaded(tmp_path, cohort=f"{COHORT}{line}\n").cohort
    assert getattr(cohort, reading[0]) == reading[1]


def test_numbers_and_switches_are_read_as_people_mean_them(tmp_path: Path) -> None:
    text = COHORT + "board: {enabled: no, public: on}\ndigest: {hour: 09}\npolicies: {grace_hours: 010}\n"
    cohort = loaded(tmp_path, cohort=text).cohort
    assert (cohort.board.enabled, cohort.board.public) == (False, True)
    assert (cohort.digest.hour, cohort.policies.grace_hours) == (9, 10)


@pytest.mark.parametrize("weeks", ["8", "'8'", "1-8", "1 – 8", "1 to 8"])
def test_weeks_may_be_written_as_people_do(tmp_path: Path, weeks: str) -> None:
    first = "8-8" if weeks.strip("'") == "8" else "1-8"
    before = STAGE.format(id="zero", weeks="1-7") if first == "8-8" else ""
    text = ROADMAP.split("  - id: one")[0] + before + STAGE.format(id="one", weeks=weeks)
    assert loaded(tmp_path, roadmap=text).roadmap.weeks == 8


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: f"---\n{text}...\n".encode(),
        lambda text: f"# yaml-language-server: $schema=cohort.schema.json\n{text}".encode(),
    ],
    ids=["byte-order mark", "Windows line ends", "old Mac line ends", "document marks", "editor line"],
)
def test_editors_may_save_as_they_like(tmp_path: Path, encode: object) -> None:
    assert callable(encode)
    assert loaded(tmp_path, cohort=encode(COHORT)).cohort.slug == "ml"


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        cohort=COHORT.replace("ml", "M L").replace("Europe/Berlin", "CET") + "bord: 1\n",
        roadmap=ROADMAP.replace("kind: book", "kind: boook").replace("3-4", "4-5"),
        roster="github,nam\na b,x\n",
    )
    assert [line.split(": ")[0] for line in found] == [
        "cohort.yaml:3:7",
        "cohort.yaml:5:11",
        "cohort.yaml:6:1",
        "roadmap.yaml:11:64",
        "roadmap.yaml:22:12",
        "roadmap.yaml:26:64",
        "roster.csv:1:8",
        "roster.csv:2:1",
    ]


def test_a_broken_cohort_file_does_not_hide_the_others(tmp_path: Path) -> None:
    found = told(tmp_path, cohort="a: b: c\n", roadmap="stages: []\n", roster="login\nada\n")
    assert {line.split(":")[0] for line in found} == {"cohort.yaml", "roadmap.yaml", "roster.csv"}


@pytest.mark.parametrize(
    ("raw", "place", "message"),
    [
        (COHORT.encode("utf-16"), "cohort.yaml", "saved as UTF-16"),
        (COHORT.encode("utf-16-le"), "cohort.yaml", "saved as UTF-16"),
        (f"{COHORT}title: Café\n".encode("latin-1"), "cohort.yaml:6:11", "not UTF-8"),
        (b"#" * 1_000_001, "cohort.yaml", "larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_text_of_ours_is_refused(
    tmp_path: Path, raw: bytes, place: str, message: str
) -> None:
    (found,) = problems(tmp_path, cohort=raw)
    assert found.place == place
    assert message in found.message


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as error:
        load(path)
    assert error.value.exit_code == EXIT_CONFIG
    return "\n".join(map(str, error.value.problems))


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    assert "cohort-bot init" in refusal(tmp_path / "cohort.yaml")
    write(tmp_path).rename(tmp_path / "cohort.yml")
    assert f"Did you mean {tmp_path / 'cohort.yml'}?" in refusal(tmp_path / "cohort.yaml")


def test_a_folder_in_the_place_of_the_file_names_the_file_inside(tmp_path: Path) -> None:
    write(tmp_path)
    assert f"Did you mean {tmp_path / 'cohort.yaml'}?" in refusal(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cohort.yaml")
    assert "no regular file" in refusal(tmp_path / "cohort.yaml")


@contextmanager
def nobody() -> Iterator[None]:
    """Without root's right to read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = write(tmp_path)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    path.chmod(0)
    with nobody():
        assert "you may not read this file" in refusal(path)


def test_a_roster_reached_by_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside.csv", tmp_path / "cohort"
    inside.mkdir()
    outside.write_text("github\nada\n")
    (inside / "link.csv").symlink_to(outside)
    found = told(inside, cohort=COHORT + "roster: link.csv\n")
    assert [line for line in found if "outside the cohort's folder" in line]


@pytest.mark.parametrize("text", [COHORT + BOMB, COHORT + "breaks: [" + "1," * 400_000 + "]\n"])
def test_a_yaml_bomb_fails_quickly(tmp_path: Path, text: str) -> None:
    begun = time.perf_counter()
    (found,) = problems(tmp_path, cohort=text)
    assert "more than 20,000 values" in found.message
    assert time.perf_counter() - begun < 60


def test_the_shipped_roadmap_is_valid(tmp_path: Path) -> None:
    write(tmp_path)
    shutil.copy(shipped.ROADMAP, tmp_path / "roadmap.yaml")
    assert load(tmp_path / "cohort.yaml").roadmap.weeks == 48


def within(text: str, line: int, column: int) -> bool:
    """Whether a place lies in a text, its line ends being those that editors count."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return line == 0 or (line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1)


YAML_LIKE = st.text(alphabet="ab:- \n\t\"'[]{},&*!|>#%@`?~01.é\u2028\r\\", max_size=60)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.integers(0, len(COHORT)), text=YAML_LIKE)
def test_any_text_in_cohort_yaml_is_read_or_refused_within_the_file(
    tmp_path: Path, before: int, text: str
) -> None:
    text = COHORT[:before] + text + COHORT[before:]
    assert all(
        within(text, p.line, p.column) for p in problems(tmp_path, cohort=text) if p.file == "cohort.yaml"
    )


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.integers(0, len(ROADMAP)), text=YAML_LIKE)
def test_any_text_in_the_roadmap_is_read_or_refused_within_the_file(
    tmp_path: Path, before: int, text: str
) -> None:
    text = ROADMAP[:before] + text + ROADMAP[before:]
    assert all(within(text, p.line, p.column) for p in problems(tmp_path, roadmap=text))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200))
@example(raw=b"{}")
def test_any_bytes_are_refused_in_words(tmp_path: Path, raw: bytes) -> None:
    found = problems(tmp_path, cohort=raw)
    assert found
    assert all(p.message for p in found)


def test_broken_templates_are_told_with_everything_else(tmp_path: Path) -> None:
    (tmp_path / "templates" / "issues").mkdir(parents=True)
    (tmp_path / "templates" / "issues" / "milestone.md.j2").write_text("# Hello\n{% if %}\n")
    found = problems(tmp_path, roster="github\na b\n")
    assert [p.place for p in found] == ["roster.csv:2:1", "milestone.md.j2:2:1"]


def test_a_templates_folder_that_is_named_must_be_there(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, cohort=COHORT + "templates: words\n")
    assert found.place == "cohort.yaml:6:12"
    assert "no folder" in found.message


def test_the_documentation_has_every_key_and_its_default() -> None:
    text = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text()
    settings_of = (Cohort, Break, BoardSettings, DigestSettings, Policies, AtRisk, Learner)
    for model in (*settings_of, Roadmap, Stage, MilestoneSpec, CheckBase):
        for key, field in model.model_fields.items():
            plain = isinstance(field.default, bool | int | str) and field.default != ""
            default = f"`{json.dumps(field.default).strip(chr(34))}`" if plain else ""
            default = "needed" if field.is_required() else default
            assert f"| `{key}` | {default}" in text, (model.__name__, key)
