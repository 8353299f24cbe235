"""Gather how the learner's own tests fare, and whether they test anything.

pytest runs apart from us, with our own settings file, so that options the project gives itself do not count;
whether a test passed is read from the report that our command asks for. The learner's fixtures are theirs to
use. What remains: code in the same process can still lie, so this is feedback and proves nothing.
"""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

from cohort_bot.checks import junit
from cohort_bot.checks.bench import Bench, attempt
from cohort_bot.checks.inside import FOLDER
from cohort_bot.checks.notebook import missing_package
from cohort_bot.checks.submission import Submission
from cohort_bot.checks.suspects import all_of, altering, vacuous
from cohort_bot.checks.venv import SETUP_SECONDS, Prepared, existing, prepare
from cohort_bot.evidence import Ran, TestsRan, Unavailable
from cohort_bot.model.checks import Pytest

_NEEDED = ("pytest", "coverage")
_NOT_PROJECT = (
    "*/tests/*", "*/test/*", "*/test_*.py", "*/*_test.py", "*/conftest.py", "*/setup.py", "*/venv/*",
    "*/.venv/*", "*/env/*", "*/site-packages/*", "*/.*/*", "*/noxfile.py",
)  # fmt: skip
_IS_TEST = re.compile(r"(?:^|/)(?:tests?/|test_[^/]*$|[^/]*_test\.py$|conftest\.py$|setup\.py$)")
_MANY = 20


def gather(spec: Pytest, submission: Submission) -> TestsRan | Unavailable:
    """Prepare, run the tests once under coverage, and read them for signs that they test nothing."""
    if not submission.locate(spec.path).exists():
        return TestsRan(None, folder_exists=False)
    prepared = prepare(submission, spec.setup, spec.workdir)
    if not prepared.ok:
        return TestsRan(None, prepared.setup)
    tools = _tools(prepared, submission.root)
    if tools is not None and not tools.ok:
        return missing_package("pytest") if not spec.setup else TestsRan(None, (*prepared.setup, tools))
    return _run(spec, submission, prepared)


def _tools(prepared: Prepared, folder: Path) -> Ran | None:
    """Put pytest and coverage beside the learner's packages; None when they are there already."""
    python = prepared.bench.python
    there, _ = attempt(
        prepared.bench, "import pytest, coverage", [python, "-I", "-c", "import pytest, coverage"],
        cwd=folder, timeout=60,
    )  # fmt: skip
    if there.ok or not prepared.setup:
        return None if there.ok else there
    command = "python -m pip install " + " ".join(_NEEDED)
    ran, _ = attempt(
        prepared.bench, command, [python, "-m", "pip", "install", "--quiet", *_NEEDED],
        cwd=folder, timeout=SETUP_SECONDS,
    )  # fmt: skip
    return ran


def _run(spec: Pytest, submission: Submission, prepared: Prepared) -> TestsRan:
    desk = submission.scratch / f"tests-{uuid.uuid4().hex}"
    desk.mkdir()
    workdir = existing(submission, spec.workdir)
    project = [str(submission.locate(path)) for path in _project(spec, submission)]
    _write_settings(desk, spec, workdir, submission.locate(spec.path), project)
    ran = _ran(prepared.bench, desk, spec, workdir)
    start = "" if workdir == submission.root else spec.workdir.rstrip("/") + "/"
    report = junit.read(desk / "junit.xml", start, submission.root)
    percent, uncovered = _coverage(desk / "coverage.json", start)
    code = {path: submission.text(path) or "" for path in _read_along(spec, submission)}
    tests = {path: text for path, text in code.items() if path.startswith(spec.path.rstrip("/"))}
    return TestsRan(
        ran=ran,
        setup=prepared.setup,
        reported=report is not None,
        passed=report.passed if report else (),
        skipped=report.skipped if report else 0,
        failures=report.failures[:_MANY] if report else (),
        broken=report.broken[:_MANY] if report else (),
        coverage=percent,
        uncovered=uncovered,
        vacuous=all_of(vacuous(path, text) for path, text in tests.items()),
        tampering=all_of(altering(path, text) for path, text in code.items()),
    )


def _project(spec: Pytest, submission: Submission) -> list[str]:
    """The project's own files, tests left out. Coverage by itself overlooks those that nothing imports."""
    names = (path for path in submission.code(spec.workdir) if not _IS_TEST.search(path))
    return [name for name in names if not name.startswith(spec.path.rstrip("/") + "/")]


def _read_along(spec: Pytest, submission: Submission) -> list[str]:
    return sorted({*submission.code(spec.workdir), *submission.code(spec.path)}.union(
        path for path in submission.files if path.endswith("conftest.py")
    ))  # fmt: skip


def _write_settings(desk: Path, spec: Pytest, workdir: Path, tests: Path, project: list[str]) -> None:
    # A hanging test is told by where it hangs, a moment before its time is up.
    (desk / "pytest.ini").write_text(
        f"[pytest]\nfaulthandler_timeout = {max(spec.timeout * 0.9 - 1, 1):.1f}\n"
    )
    settings = {
        "paths": [str(path) for path in (workdir, workdir / "src") if path.is_dir()],
        "source": [str(workdir)],
        "omit": list(_NOT_PROJECT),
        "files": project,
        "coverage": str(desk / "coverage.json"),
        "arguments": [
            "-c", str(desk / "pytest.ini"), f"--rootdir={workdir}", "-p", "no:cacheprovider",
            f"--junitxml={desk / 'junit.xml'}", "-o", "junit_family=xunit1", "-v", str(tests),
        ],
    }  # fmt: skip
    (desk / "settings.json").write_text(json.dumps(settings), encoding="utf-8")


def _ran(bench: Bench, desk: Path, spec: Pytest, workdir: Path) -> Ran:
    argv = [bench.python, "-I", str(FOLDER / "run_tests.py"), str(desk / "settings.json")]
    ran, _ = attempt(bench, f"pytest {spec.path}", argv, cwd=workdir, timeout=spec.timeout)
    return ran


def _coverage(file: Path, start: str) -> tuple[float | None, tuple[str, ...]]:
    """Percent of the project's lines that ran, and files of which none did; None when there are no lines."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        files = {name: about["summary"] for name, about in told["files"].items()}
        if not told["totals"]["num_statements"]:
            return None, ()
        bare = (
            start + name for name, one in files.items() if one["num_statements"] and not one["covered_lines"]
        )
        return float(told["totals"]["percent_covered"]), tuple(sorted(bare)[:_MANY])
    except (OSError, ValueError, KeyError, TypeError):
        return None, ()
