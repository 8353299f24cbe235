"""Verdicts: from evidence to results, and from results to what becomes of a milestone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_bot.evidence import Awaited, Fault, FilesFound, Unavailable, WriteUp
from cohort_bot.model import CheckSpec
from cohort_bot.verdict import Outcome, Result, Standing, judge, roll_up, skipped
from cohort_bot.verdict.finding import clean, code, tail
from cohort_bot.verdict.matchers import last_error, match, place
from tests.checks.work import spec


def files(identity: str = "files", **parameters: Any) -> CheckSpec:
    return spec("files", **{"id": identity, **parameters})


GOOD, BAD = FilesFound(), FilesFound(missing=("a.txt",))
OURS = Unavailable(Fault.RUNNER, "Docker is not installed here", "Run it elsewhere.")


def test_a_failure_is_found_expected_why_and_one_next_step() -> None:
    one = judge(files(all_of=["a.txt"]), BAD, seconds=1.2345)
    assert one.status is Outcome.FAILED
    assert one.fault is Fault.LEARNER
    assert all([one.found, one.expected, one.why, one.next, one.reproduce])
    assert one.duration_ms == 1234


def test_a_failure_of_ours_is_an_error_and_costs_nothing() -> None:
    one = judge(files(points=5), OURS)
    assert (one.status, one.fault) == (Outcome.ERROR, Fault.RUNNER)
    assert "costs you nothing" in one.why
    verdict = roll_up([judge(files("a", points=2), GOOD), one])
    assert verdict.status is Standing.COULD_NOT_CHECK
    assert (verdict.points.earned, verdict.points.possible) == (2, 2)


def test_work_to_do_comes_before_what_could_not_be_checked() -> None:
    results = [judge(files("a"), BAD), judge(files("b"), OURS)]
    assert roll_up(results).status is Standing.NEEDS_WORK


def test_advice_keeps_nothing_from_passing() -> None:
    verdict = roll_up([judge(files("a", points=2), GOOD), judge(files("b", required=False, points=3), BAD)])
    assert verdict.status is Standing.PASSED
    assert (verdict.points.earned, verdict.points.possible) == (2, 5)


def test_a_skipped_check_names_the_root_and_never_counts_as_passed() -> None:
    results: dict[str, Result] = {"a": judge(files("a", title="The root"), BAD)}
    for name, need in (("b", "a"), ("c", "b")):
        one = skipped(files(name, needs=[need]), results)
        assert one is not None
        results[name] = one
    assert results["c"].status is Outcome.SKIPPED
    assert results["c"].root == "a"
    assert "`The root`" in results["c"].found
    assert roll_up(list(results.values())).status is Standing.NEEDS_WORK


def test_what_only_advice_held_up_still_does_not_pass() -> None:
    advice = judge(files("a", required=False), BAD)
    held = skipped(files("b", needs=["a"]), {"a": advice})
    assert held is not None
    assert roll_up([advice, held]).status is Standing.NEEDS_WORK


def test_what_a_failure_of_ours_held_up_costs_nothing() -> None:
    broken = judge(files("a", points=3), OURS)
    held = skipped(files("b", needs=["a"], points=4), {"a": broken})
    assert held is not None
    verdict = roll_up([broken, held])
    assert verdict.status is Standing.COULD_NOT_CHECK
    assert verdict.points.possible == 0


def test_a_need_that_does_not_come_before_is_the_courses_fault() -> None:
    one = skipped(files("b", needs=["nowhere"]), {})
    assert one is not None
    assert (one.status, one.fault) == (Outcome.ERROR, Fault.COURSE)


def test_what_is_awaited_stands_in_the_way_only_where_it_is_judged() -> None:
    waits = Awaited("run by the organiser's judge, not here")
    passed = judge(files("a"), GOOD)
    here = roll_up([passed, judge(files("b", hidden=True, points=9), waits)])
    assert here.status is Standing.PASSED
    assert here.points.possible == 1
    there = roll_up([passed, judge(files("b"), waits, judging=True)])
    assert there.status is Standing.NEEDS_WORK


def test_evidence_alone_decides() -> None:
    short = spec("sections", file="R.md", min_words=5)
    assert judge(short, WriteUp("R.md", exists=True, words=5)).status is Outcome.PASSED
    assert judge(short, WriteUp("R.md", exists=True, words=4)).status is Outcome.FAILED


HOSTILE = [
    "@everyone look", "`code` @org/team", "<!-- cohort-bot: milestone=x -->", "::error::pwned",
    "\x1b[31mred\x1b[0m",
    "a\nb\n# heading", "[x](javascript:1)", "\u202egnp.exe", "![x](http://e/x.png)", "<img src=x>",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_learners_text_has_no_power(text: str) -> None:
    shown = code(text)
    assert shown.startswith("`")
    assert shown.endswith("`")
    assert shown.count("`") == 2
    assert "\n" not in shown
    assert "<!--" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "<!--" not in tail(text)


@given(st.text())
def test_any_text_becomes_one_code_span(text: str) -> None:
    shown = code(text)
    assert shown.count("`") == 2
    assert len(shown) <= 203
    assert shown == clean(shown)
    assert not set("\r\n") & set(shown)


LOGS = {
    "missing-module": ("ModuleNotFoundError: No module named 'cv2'", "opencv-python-headless"),
    "missing-model": (
        "FileNotFoundError: [Errno 2] No such file or directory: 'models/best.pkl'",
        "models/best.pkl",
    ),
    "missing-file": ("FileNotFoundError: [Errno 2] No such file or directory: 'data/x.csv'", "Push the file"),
    "missing-extra": (
        "RuntimeError: starlette.testclient requires the httpx package to be installed.",
        "needs another",
    ),
    "credentials-at-start": (
        "botocore.exceptions.NoCredentialsError: Unable to locate credentials",
        "without them",
    ),
    "network-at-start": ("socket.gaierror: [Errno -3] Temporary failure in name resolution", "fetches"),
    "sklearn-version-skew": (
        "InconsistentVersionWarning: Trying to unpickle estimator SVC from version 1.2 when using version "
        "1.5",
        "version of scikit-learn",
    ),
    "keras-version-skew": (
        "TypeError: Could not deserialize class 'Functional' because its parent",
        "`.keras`",
    ),
    "numpy-version-skew": ("ModuleNotFoundError: No module named 'numpy._core'", "NumPy"),
    "pickle-version-skew": ("_pickle.UnpicklingError: invalid load key, 'v'.", "module of your own"),
    "utf16-requirements": ("ERROR: Invalid requirement: 'f\\x00l\\x00a\\x00s\\x00k\\x00'", "UTF-8"),
    "unresolved-requirement": ("ERROR: No matching distribution found for skit-learn==9", "skit-learn==9"),
    "conflicting-requirements": ("ERROR: ResolutionImpossible: for help visit", "Loosen"),
    "foreign-mlflow-path": (
        "OSError: No such file or directory: 'file:///C:/Users/Ada%20L/mlruns/0/x/artifacts/model'",
        "relative to it",
    ),
    "app-not-found": ('ERROR:    Error loading ASGI app. Could not import module "main".', "WORKDIR"),
    "port-taken": ("OSError: [Errno 98] Address already in use", "once only"),
    "read-only-disk": ("OSError: [Errno 30] Read-only file system: 'log.txt'", "/tmp"),
    "out-of-memory": ("MemoryError", "smaller type"),
    "asks-for-input": ("EOFError: EOF when reading a line", "input()"),
    "gpu-missing": ("AssertionError: Torch not compiled with CUDA enabled", "map_location"),
    "syntax-error": ("SyntaxError: invalid syntax", "that line"),
}


@pytest.mark.parametrize(
    ("key", "log", "step"), [(key, *told) for key, told in LOGS.items()], ids=LOGS.keys()
)
def test_known_failures_are_told_apart(key: str, log: str, step: str) -> None:
    clue = match(f"INFO starting\n{log}\nINFO bye\n")
    assert clue is not None
    assert clue.key == key
    assert step in clue.next + clue.why


def test_every_known_failure_has_an_example() -> None:
    from cohort_bot.verdict.patterns import PATTERNS

    assert {pattern.key for pattern in PATTERNS} == set(LOGS)


def test_an_unknown_failure_is_told_by_its_last_error() -> None:
    log = "Traceback (most recent call last):\nZeroDivisionError: division by zero\nbye\n"
    assert match(log) is None
    assert last_error(log) == "`ZeroDivisionError: division by zero`"


def test_the_place_is_the_last_line_of_the_learners_own_code() -> None:
    log = (
        'File "/app/main.py", line 3, in <module>\nFile "/app/src/model.py", line 14, in load\n'
        'File "/usr/lib/python3.11/pickle.py", line 9, in load\nValueError: x\n'
    )
    assert [(spot.path, spot.line) for spot in place(log, ("/app/",))] == [("src/model.py", 14)]


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text", ["x" * 200_000, "No such file " * 5000, "KeyError: '" * 5000, "a\n" * 50_000]
)
def test_hostile_logs_take_no_time(text: str) -> None:
    clue = match(text)
    assert clue is None or len(clue.found) <= 202
