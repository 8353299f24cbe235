"""The learner's own tests, honest and otherwise."""

from __future__ import annotations

import pytest

from cohort_bot.checks.suspects import vacuous
from cohort_bot.verdict import Outcome
from tests.checks.work import Work


@pytest.fixture
def project(work: Work) -> Work:
    """A small project with two honest tests."""
    work.write(
        "shop/price.py", "def gross(net):\n    return round(net * 1.19, 2)\n\ndef never():\n    return 1\n"
    )
    work.write(
        "shop/tests/test_price.py",
        """
        from price import gross

        def test_gross():
            assert gross(100) == 119.0

        def test_nothing():
            assert gross(0) == 0
        """,
    )
    return work


def judge(work: Work, **parameters: object) -> object:
    return work.judge("pytest", **{"path": "shop/tests", "workdir": "shop", "min_tests": 2, **parameters})


def test_honest_tests_pass(project: Work) -> None:
    one = project.judge("pytest", path="shop/tests", workdir="shop", min_tests=2, min_coverage=70)
    assert one.status is Outcome.PASSED, one
    assert one.evidence["passed"] == 2
    assert one.evidence["coverage"] == 75.0


def test_a_failing_test_is_told_with_its_place(project: Work) -> None:
    project.write(
        "shop/tests/test_more.py", "from price import gross\n\ndef test_more():\n    assert gross(1) == 2\n"
    )
    one = project.judge("pytest", path="shop/tests", workdir="shop", min_tests=2)
    assert one.status is Outcome.FAILED
    assert "`test_more`" in one.found
    assert "1.19 == 2" in one.found
    assert [(place.path, place.line) for place in one.where] == [("shop/tests/test_more.py", 3)]


def test_too_little_coverage_names_the_file_that_no_test_reaches(project: Work) -> None:
    project.write("shop/train.py", "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\n")
    one = project.judge("pytest", path="shop/tests", workdir="shop", min_coverage=80)
    assert one.status is Outcome.FAILED
    assert one.found == "the tests run 30 % of your own code"
    assert "train.py" in one.why


def test_tests_that_import_nothing_of_the_project_cover_nothing(project: Work) -> None:
    project.write(
        "shop/tests/test_price.py", "import json\n\ndef test_a():\n    assert json.loads('1') == 1\n"
    )
    one = project.judge("pytest", path="shop/tests", workdir="shop", min_coverage=10)
    assert one.found == "the tests run 0 % of your own code"
    assert "shop/price.py" in one.next
    one = project.judge("pytest", path="shop/tests", workdir="shop")
    assert one.status is Outcome.PASSED
    assert "no line of your own code" in one.advice[0]


def test_a_missing_package_is_named(project: Work) -> None:
    project.write("shop/tests/test_more.py", "import cv2\n\ndef test_more():\n    assert cv2.x\n")
    one = project.judge("pytest", path="shop/tests", workdir="shop")
    assert one.status is Outcome.FAILED
    assert "opencv-python-headless" in one.next
    assert one.where[0].path.endswith("test_more.py")


def test_no_tests_at_all(work: Work) -> None:
    one = work.judge("pytest", path="tests")
    assert one.found == "no `tests`"
    work.write("tests/readme.txt")
    one = work.judge("pytest", path="tests")
    assert one.status is Outcome.FAILED
    assert one.found == "0 tests passed"


VACUOUS = {
    "assert True": "def test_a():\n    assert True\n",
    "sum": "def test_a():\n    assert 2 + 2 == 4\n",
    "local names": "def test_a():\n    x = [1, 2]\n    y = len(x)\n    assert y == 2\n",
    "nothing": "import price\n\ndef test_a():\n    price.gross(1)\n",
    "itself": "import price\n\ndef test_a():\n    assert price.gross(1) == price.gross(1)\n",
    "in a class": "class TestA:\n    def test_a(self):\n        assert not False\n",
    "many": "import pytest\n\n@pytest.mark.parametrize('x', range(9))\ndef test_a(x):\n    assert [1]\n",
}


@pytest.mark.parametrize("source", VACUOUS.values(), ids=VACUOUS.keys())
def test_tests_that_test_nothing_do_not_count(project: Work, source: str) -> None:
    (project.root / "shop/tests/test_price.py").unlink()
    project.write("shop/tests/test_a.py", source)
    one = project.judge("pytest", path="shop/tests", workdir="shop", min_tests=1)
    assert one.status is Outcome.FAILED
    assert "cannot fail" in one.found
    assert one.where[0].path == "shop/tests/test_a.py"


def test_what_a_test_claims_has_no_power_in_the_message(project: Work) -> None:
    source = "def test_a():\n    assert '`@everyone` <!-- x -->'\n"
    project.write("shop/tests/test_price.py", source)
    one = project.judge("pytest", path="shop/tests", workdir="shop", min_tests=1)
    shown = one.why + "".join(one.advice)
    assert "@everyone" in shown
    assert "@everyone" not in "".join(shown.split("`")[::2])
    assert "<!--" not in shown


HONEST = {
    "raises": "def test_a():\n    with pytest.raises(ValueError):\n        f()\n",
    "method": "class TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(f(1), 2)\n",
    "fixture": "def test_a(client):\n    assert client.get('/').status_code == 200\n",
    "loop": "def test_a():\n    for x in f():\n        assert x > 0\n",
    "mock": "def test_a(mocker):\n    mocker.f.assert_called_once()\n",
}


@pytest.mark.parametrize("source", HONEST.values(), ids=HONEST.keys())
def test_honest_tests_are_not_suspected(source: str) -> None:
    assert vacuous("a.py", source) == ()


def test_a_conftest_with_fixtures_is_welcome(project: Work) -> None:
    project.write("shop/tests/conftest.py", "import pytest\n\n@pytest.fixture\ndef net():\n    return 100\n")
    project.write(
        "shop/tests/test_f.py", "import price\n\ndef test_f(net):\n    assert price.gross(net) == 119\n"
    )
    assert project.judge("pytest", path="shop/tests", workdir="shop", min_tests=3).status is Outcome.PASSED


FAILING = "def test_a():\n    assert 1 == int('2')\n"
CHEAT = """
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    report.outcome = "passed"
"""


def test_a_conftest_that_rewrites_outcomes(project: Work) -> None:
    project.write("shop/tests/test_a.py", FAILING)
    project.write("shop/conftest.py", CHEAT)
    one = project.judge("pytest", path="shop/tests", workdir="shop")
    assert one.status is Outcome.FAILED
    assert "pytest_runtest_makereport" in one.found
    assert one.where[0].path == "shop/conftest.py"


def test_a_plugin_named_in_the_projects_own_options(project: Work) -> None:
    project.write("shop/tests/test_a.py", FAILING)
    project.write("cheat.py", CHEAT)
    project.write("shop/pytest.ini", "[pytest]\naddopts = -p cheat -k test_gross\n")
    project.write("pyproject.toml", "[tool.pytest.ini_options]\naddopts = '-k test_gross'\n")
    project.write("shop/setup.cfg", "[tool:pytest]\naddopts = --co\n[coverage:run]\nomit = *\n")
    one = project.judge("pytest", path="shop/tests", workdir="shop")
    assert one.status is Outcome.FAILED
    assert "1 test failed" in one.found


@pytest.mark.parametrize("place", ["shop/tests/test_a.py", "shop/price.py"])
def test_ending_python_early(project: Work, place: str) -> None:
    project.write(place, "import os\nos._exit(0)\n")
    one = project.judge("pytest", path="shop/tests", workdir="shop")
    assert one.status is Outcome.FAILED
    assert "without a report" in one.found
    assert "os._exit" in one.why


def test_all_skipped(project: Work) -> None:
    project.write(
        "shop/tests/test_price.py",
        "import pytest\npytestmark = pytest.mark.skip\n\ndef test_a():\n    assert f()\n",
    )
    one = project.judge("pytest", path="shop/tests", workdir="shop")
    assert one.status is Outcome.FAILED
    assert one.found == "0 tests passed and 1 was skipped"


def test_files_that_take_the_names_of_our_tools(project: Work) -> None:
    for name in ("pytest", "coverage", "json", "cohort_bot"):
        project.write(f"shop/{name}.py", "raise SystemExit(0)\n")
        project.write(f"shop/tests/{name}.py", "raise SystemExit(0)\n")
    assert project.judge("pytest", path="shop/tests", workdir="shop", min_tests=2).status is Outcome.PASSED


def test_a_test_that_never_ends_is_told_by_its_line(project: Work) -> None:
    project.write(
        "shop/tests/test_a.py", "import time\n\ndef test_a():\n    while True:\n        time.sleep(1)\n"
    )
    one = project.judge("pytest", path="shop/tests", workdir="shop", timeout=20)
    assert one.status is Outcome.FAILED
    assert "still running after 20 s" in one.found
    assert (one.where[0].path, one.where[0].line) == ("shop/tests/test_a.py", 5)
    assert one.duration_ms < 60_000


def test_a_fork_bomb_in_a_test(project: Work) -> None:
    project.write(
        "shop/tests/test_a.py",
        "import os, time\n\ndef test_a():\n    while True:\n        try:\n            os.fork()\n"
        "        except OSError:\n            time.sleep(0.05)\n",
    )
    one = project.judge("pytest", path="shop/tests", workdir="shop", timeout=4)
    assert one.status is Outcome.FAILED
    assert one.duration_ms < 60_000


def test_a_gigabyte_of_output(project: Work) -> None:
    project.write(
        "shop/tests/test_a.py",
        "import os\n\ndef test_a():\n    for _ in range(1000): os.write(2, b'x' * 2**20)\n    assert f()\n",
    )
    one = project.judge("pytest", path="shop/tests", workdir="shop", timeout=60)
    assert one.status is Outcome.FAILED
    assert len(one.log_tail) < 10_000
