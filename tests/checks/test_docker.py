"""Images and services: real ones, in real containers."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from cohort_bot.checks.docker.engine import LABEL
from cohort_bot.verdict import Outcome, Result
from tests.checks.services import DOCKERFILE, SERVE, SERVICE, service
from tests.checks.work import Work, spec

pytestmark = [pytest.mark.needs("docker"), pytest.mark.timeout(180)]


def judged(work: Work, **parameters: Any) -> tuple[Result, Result]:
    """The image's and the service's result; nothing of ours is left in Docker."""
    specs = [spec("docker_build", timeout=120), spec("docker_service", **{**SERVICE, **parameters})]
    build, serve = work.verdict(*specs).results
    assert left_behind(work) == ""
    return build, serve


def left_behind(work: Work) -> str:
    """What is still there of this work's containers, networks and images, and of the steps of its builds."""
    listings = (["ps", "--all"], ["network", "ls"], ["image", "ls"])
    labels = [f"{LABEL}={name}" for name in work.names]
    commands = [[*listing, "--filter", f"label={label}"] for listing in listings for label in labels]
    commands.append(["image", "ls", "--all", "--filter", f"label=work={work.mark}"])
    return "".join(
        subprocess.run(["docker", *command, "--quiet"], capture_output=True, text=True, check=True).stdout
        for command in commands
    )


def test_an_honest_service(work: Work) -> None:
    build, serve = judged(service(work))
    assert build.status is Outcome.PASSED, build
    assert len(build.advice) == 3
    assert serve.status is Outcome.PASSED, serve
    assert serve.evidence["ready_after_seconds"] < 8


BROKEN: dict[str, tuple[str, str, str, str]] = {
    # what changes in serve.py, into what, what is found, what to do next
    "missing package": (
        "import json,",
        "import sklearn\nimport json,",
        "No module named 'sklearn'",
        "scikit-learn",
    ),
    "missing model": (
        "HOST, PORT",
        "open('models/model.pkl')\nHOST, PORT",
        "models/model.pkl",
        "Push `models/model.pkl`",
    ),
    "credentials": (
        "HOST, PORT",
        "import os; os.environ['AWS_SECRET_ACCESS_KEY']\nHOST, PORT",
        "AWS_SECRET_ACCESS_KEY",
        "Start without them",
    ),
    "network": (
        "HOST, PORT",
        "import urllib.request as u; u.urlopen('http://example.org/m.bin')\nHOST, PORT",
        "name resolution",
        "fetch it while the image is built",
    ),
    "foreign path": (
        "HOST, PORT",
        "raise OSError('No such file or directory: file:///C:/Users/a/mlruns/0/m')\nHOST, PORT",
        "C:/Users",
        "relative to it",
    ),
    "listens to itself": ('"0.0.0.0", 8000', '"127.0.0.1", 8000', "127.0.0.1:8000", "0.0.0.0"),
    "another port": ('"0.0.0.0", 8000', '"0.0.0.0", 5000', "0.0.0.0:5000", "port 8000"),
    "no health": ('"/health"', '"/healthz"', "`GET /health` answers 404", "Serve `GET /health`"),
    "error in a 200": (
        '{"prediction": predict(body)}',
        '{"error": "Model not loaded"}',
        "Model not loaded",
        "status 503",
    ),
    "canned": (
        'return ">50K" if',
        'return "<=50K"; return ">50K" if',
        "answers `<=50K`",
        "Send this very request",
    ),
    "wrong key": ('{"prediction"', '{"result"', "result", "Put the answer under `prediction`"),
    "accepts nonsense": ("raise ValueError", "return str", "nonsense", "before the model sees it"),
    "crashes": (
        "hours = body",
        "hours = body['x'] if body['hours'] == 60 else body",
        "status 422",
        "names and types",
    ),
    "does not stop": ("sys.exit(0)", "print('no')", "had to be killed", "CMD"),
    "ends at once": ("HTTPServer((", "print('bye'); 0 and HTTPServer((", "exit code", "Run the image"),
    "too much memory": ("HOST, PORT", "x = bytearray(400_000_000)\nHOST, PORT", "200m", "CPU builds"),
}


@pytest.mark.parametrize(("old", "new", "found", "step"), BROKEN.values(), ids=BROKEN.keys())
def test_what_goes_wrong_is_named(work: Work, old: str, new: str, found: str, step: str) -> None:
    assert old in SERVE
    build, serve = judged(service(work, SERVE.replace(old, new, 1)), ready_seconds=4, stop_seconds=2)
    assert build.status is Outcome.PASSED, build
    assert serve.status is Outcome.FAILED
    assert serve.fault == "learner"
    assert found in serve.found, serve
    assert step in serve.next, serve


def test_a_service_that_writes_to_its_disk_is_advised_not_to(work: Work) -> None:
    _, serve = judged(service(work, SERVE.replace("HOST, PORT", "open('log.txt', 'w')\nHOST, PORT", 1)))
    assert serve.status is Outcome.PASSED, serve
    assert "standard output" in serve.advice[0]


def test_a_traceback_is_told_with_its_line(work: Work) -> None:
    _, serve = judged(service(work, SERVE.replace("import json,", "import sklearn\nimport json,")))
    assert [(place.path, place.line) for place in serve.where] == [("serve.py", 1)]
    assert "stopped" in serve.found


def test_a_service_has_no_way_out(work: Work) -> None:
    reach = "import socket; s = socket.create_connection(('192.0.2.1', 80), 2)"
    _, serve = judged(service(work, SERVE.replace("HOST, PORT", f"{reach}\nHOST, PORT", 1)))
    assert serve.status is Outcome.FAILED
    assert "unreachable" in serve.found or "timed out" in serve.found


def test_a_build_that_fails_names_the_instruction_and_skips_what_needs_it(work: Work) -> None:
    build, serve = judged(service(work, dockerfile=DOCKERFILE + "RUN cp nothing.txt somewhere\n"))
    assert build.status is Outcome.FAILED
    assert "nothing.txt" in build.log_tail
    assert "RUN cp nothing.txt somewhere" in build.why
    assert serve.status is Outcome.SKIPPED
    assert serve.root == build.id


def test_requirements_in_utf16(work: Work) -> None:
    work.write("requirements.txt", "flask==3.0\n".encode("utf-16-le"))
    build, _ = judged(service(work, dockerfile=DOCKERFILE + "RUN pip install -r requirements.txt\n"))
    assert build.status is Outcome.FAILED
    assert build.found == "`requirements.txt` is saved as UTF-16"


def test_a_build_that_never_ends(work: Work) -> None:
    service(work, dockerfile=DOCKERFILE + "RUN sleep 617\n")
    build = work.judge("docker_build", timeout=8)
    assert build.status is Outcome.FAILED
    assert "still running after 8 s" in build.found
    assert build.duration_ms < 40_000
    assert left_behind(work) == ""
    running = ["docker", "ps", "--quiet", "--no-trunc", "--format", "{{.Command}}"]
    assert "sleep 617" not in subprocess.run(running, capture_output=True, text=True, check=True).stdout


def test_an_image_that_is_too_large(work: Work) -> None:
    service(work)
    build = work.judge("docker_build", max_image_mb=50)
    assert build.status is Outcome.FAILED
    assert "at most 50 MB" in build.expected


def test_no_dockerfile_and_one_outside(work: Work) -> None:
    assert "no `Dockerfile`" in work.judge("docker_build").found
    (work.root / "Dockerfile").symlink_to("/etc/passwd")
    assert "no `Dockerfile`" in work.judge("docker_build").found


def test_an_image_that_does_not_exist(work: Work) -> None:
    service(work, dockerfile="FROM no-such-image-of-ours:0.0.0\n")
    build = work.judge("docker_build", timeout=60)
    assert build.status in (Outcome.FAILED, Outcome.ERROR)
    assert "could not be fetched" in build.found or "FROM" in build.next
