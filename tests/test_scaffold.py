"""`init`, `validate` and `schema`: a new folder is valid as it stands, and nothing is ever overwritten."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cohort_bot import config, scaffold, shipped
from cohort_bot.cli.failures import ended_by
from cohort_bot.cli.group import cohort_bot
from cohort_bot.errors import EXIT_CONFIG, EXIT_DONE, EXIT_USAGE, UsageError
from tests.cohort_folder import COHORT, ROADMAP, write

ANSWERS = scaffold.Answers("acme", "ml", "2026-09-07", "Europe/Berlin")
FLAGS = ["--org", "acme", "--slug", "ml", "--start", "2026-09-07", "--timezone", "Europe/Berlin"]
EXAMPLE = Path(__file__).parent.parent / "examples" / "cohort" / "cohort.yaml"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_new_folder_is_valid_as_it_stands(tmp_path: Path) -> None:
    scaffold.write(tmp_path, scaffold.files(ANSWERS))
    found = config.load(tmp_path / "cohort.yaml")
    assert (found.cohort.org, found.cohort.slug, found.cohort.timezone) == ("acme", "ml", "Europe/Berlin")
    assert found.roster == ()
    assert found.roadmap == config.load_roadmap(shipped.ROADMAP)


def test_each_remark_in_cohort_yaml_shows_a_key_that_works(tmp_path: Path) -> None:
    text = scaffold.files(ANSWERS)["cohort.yaml"]
    shown = [line for line in text.splitlines() if line.startswith(("# ", "#   ")) and ":" in line[2:]]
    keys = {line.strip("# ").split(":")[0] for line in shown} & set(config.schema("cohort")["properties"])
    assert keys >= {"title", "visibility", "templates", "board", "digest", "policies", "action"}
    live = text.replace("breaks: []\n#  - ", "breaks:\n  - ").replace("#    ", "    ")
    for key in sorted(keys):
        live = live.replace(f"# {key}:", f"{key}:")
    live = re.sub(r"^#(?=   )", "", live, flags=re.MULTILINE)
    (tmp_path / "templates").mkdir()
    found = config.load(write(tmp_path, cohort=live))
    assert found.cohort.model_copy(update={"title": None, "breaks": (), "roadmap": None}) == config.load(
        write(tmp_path)
    ).cohort.model_copy(update={"roadmap": None})
    assert found.cohort.breaks[0].name == "Winter break"


def test_the_folder_has_what_the_design_promises() -> None:
    assert set(scaffold.files(ANSWERS)) == {
        ".github/workflows/digest.yml",
        ".github/workflows/enroll.yml",
        ".github/workflows/verify.yml",
        ".gitignore",
        "checks/README.md",
        "cohort.schema.json",
        "cohort.yaml",
        "ledger/.gitkeep",
        "roadmap.schema.json",
        "roadmap.yaml",
        "roster.csv",
        "templates/README.md",
    }


@pytest.mark.parametrize("name", ["enroll", "verify", "digest"])
def test_workflows_are_thin_callers_with_few_rights(name: str) -> None:
    workflow = yaml.load(scaffold.files(ANSWERS)[f".github/workflows/{name}.yml"], Loader=yaml.BaseLoader)
    (job,) = workflow["jobs"].values()
    called = "weekly-digest" if name == "digest" else name
    assert job["uses"] == f"cohort-bot/cohort-bot/.github/workflows/{called}.yml@v1"
    assert "steps" not in job
    assert "write-all" not in str(workflow["permissions"])
    assert workflow["concurrency"]["cancel-in-progress"] == "false"
    for schedule in workflow["on"].get("schedule", []):
        assert schedule["timezone"] == "Europe/Berlin"
        assert schedule["cron"].split()[0] != "0"


def test_an_existing_file_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("mine\n")
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "README.md").symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=r"already has checks/README\.md, roster\.csv") as error:
        scaffold.write(tmp_path, scaffold.files(ANSWERS))
    assert error.value.exit_code == EXIT_USAGE
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "roster.csv").read_text() == "mine\n"


def test_a_failure_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("a file where a folder is needed\n")
    with pytest.raises(UsageError, match="cannot be written to"):
        scaffold.write(tmp_path, scaffold.files(ANSWERS))
    assert [path.name for path in tmp_path.iterdir()] == ["ledger"]


def run(*argv: str, folder: Path | None = None, **settings: Any) -> subprocess.CompletedProcess[str]:
    """The command as people run it: a process of its own, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "cohort_bot", *argv],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        timeout=60,
        **settings,
    )


def test_init_writes_a_folder_that_validates(tmp_path: Path) -> None:
    made = run("init", "course/ml", *FLAGS, folder=tmp_path)
    assert made.returncode == EXIT_DONE, made.stderr
    assert set(made.stdout.split()) == {f"course/ml/{name}" for name in scaffold.files(ANSWERS)}
    assert "cohort-bot validate" in made.stderr
    checked = run("validate", folder=tmp_path / "course" / "ml")
    assert checked.returncode == EXIT_DONE
    assert "cohort.yaml: all is well." in checked.stdout
    again = run("init", "course/ml", *FLAGS, folder=tmp_path)
    assert again.returncode == EXIT_USAGE
    assert "already has" in again.stderr
    assert again.stdout == ""


def ended(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = ended_by(cohort_bot, argv)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_init_without_a_terminal_names_the_missing_flags(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        code, out, err = ended(capsys, "init", str(tmp_path / "x"), "--org", "acme", "--start", "2026-09-07")
    assert (code, out) == (EXIT_USAGE, "")
    assert "missing --slug, --timezone" in err
    assert not (tmp_path / "x").exists()


def test_init_tells_every_wrong_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--org", "a b", "--slug", "M", "--start", "2026-02-30", "--timezone", "CET"]
    code, _, err = ended(capsys, "init", str(tmp_path / "x"), *flags)
    assert code == EXIT_USAGE
    wrong = ["--org: `org` is `a b`", "--slug: `slug` is `M`", "--start: `start` is", "--timezone: `CET`"]
    assert [part for part in wrong if part not in err] == []
    assert not (tmp_path / "x").exists()


def test_init_on_a_terminal_asks_until_the_answer_is_valid(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"CET\nEurope/Berlin\n")
    asked = subprocess.run(
        [sys.executable, "-m", "cohort_bot", "init", "x", *FLAGS[:6]],
        check=False,
        stdin=theirs,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    os.close(ours)
    os.close(theirs)
    assert asked.returncode == EXIT_DONE, asked.stderr
    assert "abbreviation" in asked.stderr
    assert config.load(tmp_path / "x" / "cohort.yaml").cohort.timezone == "Europe/Berlin"


def test_validate_sums_up_what_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ended(capsys, "--config", str(EXAMPLE), "validate")
    assert code == EXIT_DONE
    assert "5 stages over 48 weeks" in out
    assert "3 active, 1 withdrawn" in out
    assert "First due date Sun 2026-11-01 23:59, last Sun 2027-09-05 23:59 (Europe/Berlin)." in out
    code, out, _ = ended(capsys, "validate", "--config", str(EXAMPLE), "--format", "json")
    facts = json.loads(out)
    # Both sides of the end of summer time, and beyond the winter break.
    assert (facts["first_due"], facts["last_due"]) == (
        "2026-11-01T22:59:59+00:00",
        "2027-09-05T21:59:59+00:00",
    )
    assert facts["learners"] == {"active": 3, "withdrawn": 1}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    return write(tmp_path, cohort=COHORT + "bord: 1\n", roster="github\na,b\n")


def test_validate_tells_all_problems_with_places_and_cures(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = ended(capsys, "--config", str(broken), "validate")
    assert code == EXIT_CONFIG
    assert f"{broken}:6:1: `bord` is not a key known here\n    Did you mean `board`?" in out
    assert f"{broken.parent}/roster.csv:2:3: this row has 2 cells" in out
    assert "2 problems in the configuration" in out


def test_validate_answers_editors_in_json(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ended(capsys, "--config", str(broken), "validate", "--format", "json")
    found = json.loads(out)
    assert code == EXIT_CONFIG
    assert found["valid"] is False
    assert found["problems"][0] == {
        "file": str(broken),
        "line": 6,
        "column": 1,
        "message": "`bord` is not a key known here",
        "cure": "Did you mean `board`?",
    }


def test_validate_annotates_on_github(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ended(capsys, "--config", str(broken), "validate", "--format", "github")
    assert code == EXIT_CONFIG
    assert f"::error file={broken},line=6,col=1::`bord` is not a key known here. Did you mean `board`?" in out


def test_an_annotation_cannot_be_broken_out_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, cohort=COHORT + '"a\\n::set-output name=x::100%": 1\n')
    _, out, _ = ended(capsys, "--config", str(path), "validate", "--format", "github")
    assert [line for line in out.splitlines() if not line.startswith("::error file=")] == []
    assert "100%25" in out


def test_validate_without_a_cohort_points_to_init(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ended(capsys, "--config", str(tmp_path / "cohort.yaml"), "validate")
    assert code == EXIT_CONFIG
    assert "cohort-bot init" in out


def plain(text: str) -> Any:
    """YAML as an editor's YAML 1.2 reader takes it: dates stay text."""
    loader: Any = type(
        "Editor",
        (yaml.SafeLoader,),
        {
            "yaml_implicit_resolvers": {
                sign: [rule for rule in rules if not rule[0].endswith("timestamp")]
                for sign, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
            }
        },
    )
    return yaml.load(text, Loader=loader)


def validator(kind: config.Kind) -> jsonschema.Draft202012Validator:
    body: Mapping[str, Any] = config.schema(kind)
    jsonschema.Draft202012Validator.check_schema(body)
    return jsonschema.Draft202012Validator(body, format_checker=jsonschema.FormatChecker())


def test_editors_accept_what_we_accept() -> None:
    validator("roadmap").validate(plain(shipped.ROADMAP.read_text()))
    validator("roadmap").validate(plain(ROADMAP.replace("1-2", "1").replace("3-4", "2")))
    validator("cohort").validate(plain(EXAMPLE.read_text()))
    validator("cohort").validate(plain(scaffold.files(ANSWERS)["cohort.yaml"]))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("cohort", COHORT + "bord: 1\n"),
        ("cohort", COHORT.replace("2026-09-07", "soon")),
        ("cohort", COHORT.replace("slug: ml", "slug: M L")),
        ("roadmap", ROADMAP.replace("kind: pytest", "kind: pytst")),
        ("roadmap", ROADMAP.replace("1-2", "one")),
        ("roadmap", ROADMAP.replace("    aim: Learn it.\n", "")),
    ],
)
def test_editors_refuse_what_we_refuse(kind: config.Kind, text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validator(kind).validate(plain(text))


@pytest.mark.parametrize("kind", ["roadmap", "cohort"])
def test_schema_prints_what_init_writes(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ended(capsys, "schema", kind)
    assert code == EXIT_DONE
    assert out == scaffold.files(ANSWERS)[f"{kind}.schema.json"]
    assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
