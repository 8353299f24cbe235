"""Cheats that run: what code can try when the judge runs it. Each is the files that a learner pushes.

`STAGES` are the milestones, and every cheat is at the one that it names.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass

from tests.cheats.school import stage

SECRET = "31337.25"
HIDDEN = [("1 2", "3"), ("20 22", "42"), ("-5 5", "0")]
STAGES = [
    stage(
        "code", "1-40",
        {"id": "adds", "kind": "blackbox", "title": "It adds", "command": "python code/add.py", "timeout": 8,
         "inputs": [{"stdin": given, "expect": answer} for given, answer in HIDDEN]},
        {"id": "left", "kind": "files", "title": "Its result is there", "all_of": ["code/result.txt"]},
    ),
    stage(
        "tests", "41-42",
        {"id": "tests", "kind": "pytest", "title": "Tests pass", "path": "tests/unit", "min_tests": 2,
         "timeout": 20},
    ),
    stage(
        "model", "43-44",
        {"id": "score", "kind": "model_eval", "title": "Good on new rows", "model": "model/model.pkl",
         "data": "rows.csv", "metric": "accuracy", "min": 0.9, "timeout": 60},
    ),
]  # fmt: skip
HONEST = {
    "code/add.py": "print(sum(int(word) for word in input().split()))\n",
    "code/result.txt": "it is there",
    "tests/unit/test_it.py": "import add\ndef test_a():\n    assert add.add(1, 2) == 3\n"
    "def test_b():\n    assert add.add(2, 2) == 4\n",
    "tests/unit/add.py": "def add(one, other):\n    return one + other\n",
}
_FAILING = (
    "import add\ndef test_a():\n    assert add.add(1, 2) == 4\ndef test_b():\n    assert add.add(2, 2) == 5\n"
)
_ADD = {"tests/unit/add.py": "def add(one, other):\n    return one + other\n"}
_SPY = """
import os, pathlib, socket
found = [name for name in os.environ if "TOKEN" in name or "GIT" in name]
for place in ("{checks}/rows.csv", "{folder}/cohort.yaml", "/var/run/docker.sock", ".git/config"):
    if pathlib.Path(place).exists():
        found.append(place)
for host in ("{host}", "1.1.1.1", "172.17.0.1"):
    try:
        socket.create_connection((host, {port}), 1)
        found.append("reached " + host)
    except OSError:
        pass
print("SPIED", found)
"""


class _Bomb:
    """What runs when it is loaded."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, (self.code,)


@dataclass(frozen=True)
class Cheat:
    """Files, and the number of the milestone's issue.

    `{checks}`, `{folder}`, `{host}` and `{port}` stand for the judge's own places.
    """

    issue: int
    files: Mapping[str, str | bytes]


def _code(text: str) -> Cheat:
    return Cheat(1, {"code/add.py": text, "code/result.txt": "it is there"})


def _tests(**more: str) -> Cheat:
    """Failing tests of code that works, or the files that `more` puts in their place."""
    changed = {f"tests/unit/{name}.py": text for name, text in more.items()}
    return Cheat(2, {**_ADD, "tests/unit/test_it.py": _FAILING, **changed})


def _model(code: str) -> Cheat:
    return Cheat(3, {"model/model.pkl": pickle.dumps(_Bomb(code))})


_TELL_ROWS = (
    "import sys, gc, json\n"
    "rows = [one for one in gc.get_objects() if isinstance(one, dict) and 'rows' in one]\n"
    "text = json.dumps(rows[0]['rows']) if rows else sys.stdin.read()\n"
    "raise ValueError('the rows are ' + text)\n"
)

_REPORT = "<testsuites><testsuite><testcase name='a'/><testcase name='b'/></testsuite></testsuites>"
_DESK = (
    "import os, pathlib, sys\n"
    "desk = pathlib.Path(next(one for one in sys.argv if one.endswith('settings.json'))).parent\n"
)

CHEATS: Mapping[str, Cheat] = {
    "canned-answers": _code("print(3)\n"),
    "os-exit": _code("import os\nos._exit(0)\n"),
    "writes-its-result-first": Cheat(
        1, {"code/add.py": HONEST["code/add.py"] + "open('code/result.txt', 'w').write('made just now')\n"}
    ),
    "spies-and-phones-home": _code(_SPY),
    "huge-output": _code("import sys\nfor _ in range(3000):\n    sys.stdout.write('3\\n' * 100000)\n"),
    "never-ends": _code("import time\ntime.sleep(3600)\n"),
    "fork-bomb": _code("import os\nwhile True:\n    os.fork()\n"),
    "changes-git": _code(
        "import pathlib\npathlib.Path('.git').mkdir(exist_ok=True)\n"
        "pathlib.Path('.git/config').write_text('[core]\\n\\tfsmonitor = touch /tmp/cohort-bot-cheat-g\\n')\n"
    ),
    "always-equal": _code(
        "class All(str):\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__\n"
        "print(All('x'))\n"
    ),
    "workflow-commands": _code("print('::add-mask::x\\n::set-output name=x::[]\\n::error::@everyone')\n"),
    "conftest": _tests(
        conftest="import pytest\n@pytest.hookimpl(hookwrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n    outcome = yield\n"
        "    outcome.get_result().outcome = 'passed'\n"
    ),
    "pytest-ini": Cheat(
        2,
        {
            **_ADD,
            "tests/unit/test_it.py": _FAILING,
            "pytest.ini": "[pytest]\naddopts = -p cheat\n",
            "tests/unit/pytest.ini": "[pytest]\naddopts = -p cheat --co\n",
            "cheat.py": "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n",
        },
    ),
    "all-skipped": _tests(test_it="import pytest\npytestmark = pytest.mark.skip\n" + _FAILING),
    "exits-within-a-test": _tests(
        test_it="import os\ndef test_a():\n    os._exit(0)\ndef test_b():\n    pass\n"
    ),
    "report-written-before": Cheat(
        2,
        {
            **_ADD,
            "junit.xml": _REPORT,
            "tests/unit/junit.xml": _REPORT,
            "tests/unit/test_it.py": "import os\nos._exit(0)\n",
        },
    ),
    "linked-report": _tests(
        test_it=_DESK + "os.symlink('{checks}/report.xml', desk / 'junit.xml')\nos._exit(0)\n"
    ),
    "piped-report": _tests(
        test_it=_DESK + "os.mkfifo(desk / 'junit.xml')\nos.mkfifo(desk / 'coverage.json')\nos._exit(0)\n"
    ),
    "poisoned-pickle": _model("open('/tmp/cohort-bot-cheat-pickle', 'w').write('here')"),
    "tells-the-held-out-rows": _model(_TELL_ROWS),
}
