"""Scheduled faults: they strike the request that was asked for, before or after its effect, and no other."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.sandbox_process import SandboxProcess

LABELS = """
mutation labels($i0: CreateLabelInput!, $i1: CreateLabelInput!, $i2: CreateLabelInput!) {
  m0: createLabel(input: $i0) { label { name } }
  m1: createLabel(input: $i1) { label { name } }
  m2: createLabel(input: $i2) { label { name } }
}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("faulty"), "--clock", "virtual") as process:
        yield process


@pytest.fixture
def sandbox(running: SandboxProcess) -> SandboxProcess:
    """An empty sandbox without faults."""
    running.reset()
    return running


def make(sandbox: SandboxProcess, name: str = "a") -> requests.Response:
    return sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json={"name": name})


def exists(sandbox: SandboxProcess, name: str = "a") -> bool:
    return sandbox.api("GET", f"/repos/{sandbox.org}/{name}").status_code == 200


@pytest.mark.parametrize(
    ("kind", "made"), [("drop-before", False), ("drop-after", True), ("truncated", True)]
)
def test_a_cut_connection(sandbox: SandboxProcess, kind: str, made: bool) -> None:
    sandbox.control("POST", "faults", kind=kind, method="POST")
    with pytest.raises(requests.RequestException):
        make(sandbox).json()
    assert exists(sandbox) is made


@pytest.mark.parametrize(
    ("kind", "status", "made"),
    [
        ("502", 502, False),
        ("502-after", 502, True),
        ("401", 401, False),
        ("secondary", 403, False),
        ("not-json", 201, True),
        ("slow", 201, True),
        ("graphql-error", 201, True),
    ],
)
def test_an_answer_that_is_not_what_was_hoped_for(
    sandbox: SandboxProcess, kind: str, status: int, made: bool
) -> None:
    sandbox.control("POST", "faults", kind=kind, method="POST", seconds=0.05)
    assert make(sandbox).status_code == status
    assert exists(sandbox) is made


@pytest.mark.parametrize(("asked", "told"), [(0, None), (7, "7")])
def test_a_secondary_limit_with_and_without_a_time_to_wait(
    sandbox: SandboxProcess, asked: int, told: str | None
) -> None:
    sandbox.control("POST", "faults", kind="secondary", retry_after=asked, times=2)
    assert sandbox.api("GET", "/user").headers.get("retry-after") == told
    sandbox.control("DELETE", "faults")
    sandbox.control("POST", "faults", kind="secondary", retry_after=asked, status=200)
    assert "secondary rate limit" in sandbox.graphql("{ viewer { login } }")["errors"][0]["message"]


def test_it_strikes_the_nth_that_matches_and_as_many_as_asked(sandbox: SandboxProcess) -> None:
    sandbox.control("POST", "faults", kind="502", path=r"/users/.*", nth=2, times=2)
    asked = ["/users/organiser", "/user", "/users/organiser", "/users/organiser", "/users/organiser"]
    assert [sandbox.api("GET", path).status_code for path in asked] == [200, 200, 502, 502, 200]
    (fault,) = sandbox.control("GET", "faults")
    assert (fault["matched"], fault["hits"]) == (4, 2)


def test_operations_and_writes_can_be_singled_out(sandbox: SandboxProcess) -> None:
    sandbox.control("POST", "faults", kind="502", operation="labels")
    sandbox.control("POST", "faults", kind="401", writes=True)
    assert "data" in sandbox.graphql("query other { viewer { login } }")
    assert make(sandbox).status_code == 401
    assert make(sandbox).status_code == 201
    answer = sandbox.api("POST", "/graphql", json={"query": "query labels { viewer { login } }"})
    assert answer.status_code == 502


def test_one_of_several_mutations_fails_alone(sandbox: SandboxProcess) -> None:
    repo = make(sandbox).json()["node_id"]
    sandbox.control("POST", "faults", kind="alias", alias=1)
    inputs = {
        f"i{n}": {"repositoryId": repo, "name": f"x{n}", "color": "ffffff", "description": ""}
        for n in range(3)
    }
    answer = sandbox.graphql(LABELS, **inputs)
    assert [answer["data"][f"m{n}"] is not None for n in range(3)] == [True, False, True]
    assert [error["path"] for error in answer["errors"]] == [["m1"]]
    labels = sandbox.api("GET", f"/repos/{sandbox.org}/a/labels?per_page=100").json()
    assert {"x0", "x2"} == {label["name"] for label in labels} & {"x0", "x1", "x2"}


def test_a_graphql_request_comes_to_nothing_with_status_200(sandbox: SandboxProcess) -> None:
    sandbox.control("POST", "faults", kind="graphql-error", message="Timeout")
    answer = sandbox.api("POST", "/graphql", json={"query": "{ viewer { login } }"})
    assert (answer.status_code, answer.json()) == (200, {"data": None, "errors": [{"message": "Timeout"}]})


def test_a_repo_goes_or_is_renamed_under_way(sandbox: SandboxProcess) -> None:
    make(sandbox)
    sandbox.control("POST", "faults", kind="repo-renamed", repo="a", what="b", path="/user")
    sandbox.api("GET", "/user")
    assert sandbox.api("GET", f"/repos/{sandbox.org}/a").status_code == 301
    sandbox.control("POST", "faults", kind="repo-deleted", repo="b")
    assert sandbox.api("GET", f"/repos/{sandbox.org}/b").status_code == 404


def test_an_invitation_expires_under_way(sandbox: SandboxProcess) -> None:
    make(sandbox)
    sandbox.new_user("ada")
    assert sandbox.api("PUT", f"/repos/{sandbox.org}/a/collaborators/ada").status_code == 201
    sandbox.control("POST", "faults", kind="invitation-expired", repo="a")
    (invitation,) = sandbox.api("GET", f"/repos/{sandbox.org}/a/invitations").json()
    assert invitation["expired"] is True


def test_contents_labels_and_cards_arrive_as_late_as_asked(sandbox: SandboxProcess) -> None:
    body = {"name": "t", "auto_init": True}
    sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json=body)
    sandbox.api("PATCH", f"/repos/{sandbox.org}/t", json={"is_template": True})
    sandbox.control("POST", "arrivals", contents=100, labels=50)
    made = sandbox.api(
        "POST", f"/repos/{sandbox.org}/t/generate", json={"owner": sandbox.org, "name": "copy"}
    )
    assert made.status_code == 201
    seen = []
    for _ in range(3):
        labels = sandbox.api("GET", f"/repos/{sandbox.org}/copy/labels").json()
        contents = sandbox.api("GET", f"/repos/{sandbox.org}/copy/contents/README.md")
        seen.append((bool(labels), contents.status_code))
        sandbox.advance(51)
    assert seen == [(False, 404), (True, 404), (True, 200)]


def test_a_push_is_refused(sandbox: SandboxProcess, tmp_path: Path) -> None:
    sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json={"name": "a", "auto_init": True})
    address = sandbox.url.replace("://", f"://x:{sandbox.token}@") + f"/{sandbox.org}/a.git"
    git = ["git", "-C", str(tmp_path / "a"), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "clone", "-q", address, str(tmp_path / "a")], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "mine"], check=True)
    sandbox.control("POST", "faults", kind="push-refused", path=".*git-receive-pack")
    refused = subprocess.run([*git, "push", "-q"], capture_output=True, check=False)
    assert refused.returncode != 0
    assert subprocess.run([*git, "push", "-q"], check=False).returncode == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "fire"}, "kind is one of"),
        ({"kind": "502", "nth": "two"}, "no nth"),
        ({"kind": "502", "when": 2}, "no when"),
        ({"kind": "502", "path": "("}, "not a regular expression"),
        ({}, "kind is one of"),
    ],
)
def test_nonsense_is_refused_in_words(sandbox: SandboxProcess, body: dict[str, object], said: str) -> None:
    answer = requests.post(f"{sandbox.url}/_sandbox/faults", data=json.dumps(body), timeout=10)
    assert answer.status_code == 422
    assert said in answer.json()["message"]


def test_faults_can_be_taken_back(sandbox: SandboxProcess) -> None:
    first = sandbox.control("POST", "faults", kind="502", times=0)["id"]
    assert sandbox.api("GET", "/user").status_code == 502
    sandbox.control("DELETE", f"faults?id={first}")
    assert sandbox.api("GET", "/user").status_code == 200
    sandbox.control("POST", "faults", kind="401")
    sandbox.reset()
    assert sandbox.control("GET", "faults") == []
