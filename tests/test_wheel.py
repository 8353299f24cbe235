"""What people install: the built wheel, alone in an empty environment, far from this checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def done(*command: str | Path, cwd: Path, timeout: float = 110) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    ended = subprocess.run(
        command, cwd=cwd, env=clean, capture_output=True, text=True, check=False, timeout=timeout
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_roadmap_and_every_template(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    templates = [p.relative_to(ROOT).as_posix() for p in (ROOT / "templates").rglob("*") if p.is_file()]
    assert {f"cohort_bot/shipped/{name}" for name in ("roadmap.yaml", "action.yml", *templates)} <= inside
    assert {"cohort_bot/py.typed", "cohort_bot/sandbox/graphql/schema.graphql"} <= inside
    assert not [name for name in inside if name.startswith(("tests", "docs", "examples"))]


@pytest.mark.timeout(300)
def test_the_wheel_enrols_a_cohort_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    done(sys.executable, "-m", "venv", "env", cwd=tmp_path)
    python = tmp_path / "env" / "bin" / "python"
    done(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path, timeout=250)
    command = tmp_path / "env" / "bin" / "cohort-bot"
    assert done(command, "--version", cwd=tmp_path).startswith("cohort-bot, version ")
    answers = ("--org", "my-school", "--slug", "ml", "--start", "2027-01-11", "--timezone", "Europe/Berlin")
    done(command, "init", "cohort", *answers, cwd=tmp_path)
    folder = tmp_path / "cohort"
    with (folder / "roster.csv").open("a", encoding="utf-8") as roster:
        roster.write("ada,,,,,0,active\n")
    done(command, "validate", cwd=folder)
    assert "changes done." in done(command, "--sandbox", "enroll", "--yes", cwd=folder)
    assert "Nothing to change" in done(command, "--sandbox", "plan", "--exit-code", cwd=folder)
