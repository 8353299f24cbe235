"""The real `gh` against the sandbox.

gh speaks plain HTTP to one host only, `github.localhost`, meant for its own development. Nothing has to
listen there: with `HTTP_PROXY` set, its requests come to the recorder, which hands them to the sandbox.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.contract.published import graphql_contract, rest_description
from tests.contract.traffic import assert_flawless
from tests.recorder import Recorder
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.needs("gh", "npm")
HOST = "github.localhost"


@dataclass(frozen=True)
class Desk:
    """Somebody with gh, a private repository with a milestone and an issue, and a board with it on."""

    sandbox: SandboxProcess
    proxy: str
    home: Path

    @property
    def repo(self) -> str:
        return f"{self.sandbox.org}/ml-ada"

    def run(self, *arguments: str, token: str = "") -> subprocess.CompletedProcess[str]:
        token = token or self.sandbox.token
        pair = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GH_CONFIG_DIR": str(self.home / "gh"),
            "GH_HOST": HOST,
            "GH_TOKEN": token,
            "GH_NO_UPDATE_NOTIFIER": "1",
            "GH_PROMPT_DISABLED": "1",
            "NO_COLOR": "1",
            **dict.fromkeys(("HTTP_PROXY", "http_proxy"), self.proxy),
            # gh's own credential helper hands tokens out over https alone.
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.http://{HOST}/.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {pair}",
        }
        return subprocess.run(
            ["gh", *arguments],
            cwd=self.home,
            env=environment,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def gh(self, *arguments: str) -> str:
        """Run gh, which must succeed; what it prints."""
        outcome = self.run(*arguments)
        assert outcome.returncode == 0, f"gh {' '.join(arguments)}: {outcome.stderr}"
        return outcome.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.gh(*arguments))

    def issue(self, number: int = 1) -> dict[str, Any]:
        found: dict[str, Any] = self.sandbox.api("GET", f"/repos/{self.repo}/issues/{number}").json()
        return found


@pytest.fixture
def desk(sandbox: SandboxProcess, recorder: Recorder, tmp_path: Path) -> Iterator[Desk]:
    """A desk; afterwards every answer that gh was given is judged. What gh asks is not ours to judge."""
    furnish(sandbox)
    (tmp_path / "home").mkdir()
    yield Desk(sandbox, recorder.url, tmp_path / "home")
    rest = (mistake for e in recorder.rest() for mistake in rest_description().judge(e))
    answers = (mistake for e in recorder.graphql() for mistake in graphql_contract().judge_answer(e))
    assert_flawless([*rest, *answers])


def furnish(sandbox: SandboxProcess) -> None:
    path = f"/repos/{sandbox.org}/ml-ada"
    body: dict[str, Any] = {"name": "ml-ada", "private": True, "auto_init": True, "description": "Ada's"}
    repo = sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json=body).json()
    sandbox.advance(60)
    body = {"title": "1. Begin", "due_on": "2027-01-06T22:59:59Z"}
    assert sandbox.api("POST", f"{path}/milestones", json=body).status_code == 201
    body = {"title": "Begin", "body": "Hello", "milestone": 1, "labels": ["bug"]}
    issue = sandbox.api("POST", f"{path}/issues", json=body).json()
    owner = sandbox.api("GET", f"/orgs/{sandbox.org}").json()["node_id"]
    made = sandbox.graphql(
        "mutation($o: ID!, $t: String!) {"
        " createProjectV2(input: {ownerId: $o, title: $t}) { projectV2 { id } } }",
        o=owner,
        t="Ada's road",
    )
    board = made["data"]["createProjectV2"]["projectV2"]["id"]
    done = sandbox.graphql(
        "mutation($b: ID!, $i: ID!, $r: ID!) {"
        " addProjectV2ItemById(input: {projectId: $b, contentId: $i}) { item { id } }"
        " linkProjectV2ToRepository(input: {projectId: $b, repositoryId: $r}) { repository { id } } }",
        b=board,
        i=issue["node_id"],
        r=repo["node_id"],
    )
    assert "errors" not in done


def test_looking_at_repositories(desk: Desk) -> None:
    seen = desk.gh("repo", "view", desk.repo)
    assert f"name:\t{desk.repo}" in seen
    assert "# ml-ada" in seen, "the README is shown"
    fields = "name,description,isPrivate,defaultBranchRef,visibility"
    assert desk.json("repo", "view", desk.repo, "--json", fields) == {
        "name": "ml-ada",
        "description": "Ada's",
        "isPrivate": True,
        "defaultBranchRef": {"name": "main"},
        "visibility": "PRIVATE",
    }
    assert desk.repo in desk.gh("repo", "list", desk.sandbox.org)


def test_cloning(desk: Desk) -> None:
    desk.gh("repo", "clone", desk.repo, "work")
    assert (desk.home / "work" / "README.md").is_file()


def test_looking_at_issues(desk: Desk) -> None:
    fields = "number,title,labels,milestone,assignees,state"
    (found,) = desk.json("issue", "list", "-R", desk.repo, "--json", fields)
    assert (found["title"], found["state"], found["milestone"]["title"]) == ("Begin", "OPEN", "1. Begin")
    assert [label["name"] for label in found["labels"]] == ["bug"]
    assert desk.json("issue", "list", "-R", desk.repo, "--state", "closed", "--json", "number") == []
    for words, count in (("Begin label:bug", 1), ("is:closed", 0), ('"never closed', 0)):
        listed = desk.json("issue", "list", "-R", desk.repo, "--search", words, "--json", "number")
        assert len(listed) == count, words
    seen = desk.gh("issue", "view", "1", "-R", desk.repo, "--comments")
    seen += desk.gh("issue", "view", "1", "-R", desk.repo)
    assert "milestone:\t1. Begin" in seen
    assert "Hello" in seen


def test_writing_issues(desk: Desk) -> None:
    url = desk.gh("issue", "create", "-R", desk.repo, "--title", "Why?", "--body", "Well?", "-l", "question")
    assert url.strip() == f"http://{HOST}/{desk.repo}/issues/2"
    desk.gh("issue", "edit", "2", "-R", desk.repo, "--add-label", "bug", "--milestone", "1. Begin")
    desk.gh("issue", "comment", "2", "-R", desk.repo, "--body", "Because.")
    desk.gh("issue", "close", "2", "-R", desk.repo, "--reason", "not planned")
    found = desk.issue(2)
    assert (found["state"], found["state_reason"], found["comments"]) == ("closed", "not_planned", 1)
    assert {label["name"] for label in found["labels"]} == {"question", "bug"}
    assert found["milestone"]["title"] == "1. Begin"
    desk.gh("issue", "reopen", "2", "-R", desk.repo)
    assert desk.issue(2)["state"] == "open"


def test_labels(desk: Desk) -> None:
    desk.gh("label", "create", "mine", "-R", desk.repo, "--color", "ffffff", "--description", "My own")
    assert "mine\tMy own\t#ffffff" in desk.gh("label", "list", "-R", desk.repo)


def test_boards(desk: Desk) -> None:
    owner = ("--owner", desk.sandbox.org)
    (board,) = desk.json("project", "list", *owner, "--format", "json")["projects"]
    assert (board["title"], board["number"]) == ("Ada's road", 1)
    assert "Ada's road" in desk.gh("project", "view", "1", *owner)
    fields = desk.json("project", "field-list", "1", *owner, "--format", "json")["fields"]
    assert {"Title", "Status", "Milestone"} <= {field["name"] for field in fields}
    (item,) = desk.json("project", "item-list", "1", *owner, "--format", "json")["items"]
    assert (item["title"], item["content"]["number"]) == ("Begin", 1)
    assert item["milestone"]["title"] == "1. Begin"
    status = next(field for field in fields if field["name"] == "Status")
    done = next(option for option in status["options"] if option["name"] == "Done")
    ids = ("--id", item["id"], "--project-id", board["id"], "--field-id", status["id"])
    desk.gh("project", "item-edit", *ids, "--single-select-option-id", done["id"])
    (item,) = desk.json("project", "item-list", "1", *owner, "--format", "json")["items"]
    assert item["status"] == "Done"


def test_asking_the_api_directly(desk: Desk) -> None:
    assert desk.gh("api", "user", "--jq", ".login").strip() == "organiser"
    for number in range(3):
        desk.gh("api", f"repos/{desk.repo}/milestones", "-f", f"title=More {number}")
    pages = desk.gh("api", "--paginate", f"repos/{desk.repo}/milestones?per_page=2", "--jq", ".[].title")
    assert pages.split("\n")[:-1] == ["1. Begin", "More 0", "More 1", "More 2"]
    query = "query=query { viewer { login } }"
    assert desk.gh("api", "graphql", "-f", query, "--jq", ".data.viewer.login").strip() == "organiser"


def test_refusals(desk: Desk) -> None:
    stranger = desk.sandbox.new_user("eve")
    outcome = desk.run("repo", "view", desk.repo, token=stranger)
    assert outcome.returncode == 1
    assert "Could not resolve to a Repository" in outcome.stderr
    outcome = desk.run("api", "user", token="ghp_" + "x" * 36)
    assert outcome.returncode == 1
    assert "Bad credentials" in outcome.stderr
