"""The real git against the sandbox: fetching, pushing, and being refused."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess

REPO = "ml-ada"


@dataclass(frozen=True)
class Lab:
    """A private repository with one commit, an organiser, and ada, who may write to it."""

    sandbox: SandboxProcess
    home: Path
    ada: str

    @property
    def url(self) -> str:
        return f"{self.sandbox.url}/{self.sandbox.org}/{REPO}.git"

    @property
    def path(self) -> str:
        return f"/repos/{self.sandbox.org}/{REPO}"

    def git(self, *arguments: str, token: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run git with nobody's configuration, sending `token` as GitHub's documentation says."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Ada"),
            "EMAIL": "ada@example.org",
        }
        if token:
            pair = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            environment |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.extraHeader"}
            environment["GIT_CONFIG_VALUE_0"] = f"Authorization: Basic {pair}"
        return subprocess.run(
            ["git", *arguments],
            cwd=self.home,
            env=environment | more,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def done(self, *arguments: str, token: str = "") -> str:
        """As `git`, and it must succeed; what it said."""
        outcome = self.git(*arguments, token=token)
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stdout + outcome.stderr

    def clone(self) -> Path:
        """A working copy of ada's."""
        self.done("clone", "--quiet", self.url, "work", token=self.ada)
        return self.home / "work"

    def commit(self, work: Path, name: str, text: str | bytes, message: str) -> None:
        (work / name).write_bytes(text.encode() if isinstance(text, str) else text)
        self.done("-C", str(work), "add", "--all")
        self.done("-C", str(work), "commit", "--quiet", "--message", message)


@pytest.fixture
def lab(sandbox: SandboxProcess, tmp_path: Path) -> Lab:
    home = tmp_path / "home"
    home.mkdir()
    ada = sandbox.new_user("ada")
    body = {"name": REPO, "private": True, "auto_init": True}
    assert sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json=body).status_code == 201
    path = f"/repos/{sandbox.org}/{REPO}"
    invitation = sandbox.api("PUT", f"{path}/collaborators/ada", json={"permission": "push"}).json()
    accepted = sandbox.api("PATCH", f"/user/repository_invitations/{invitation['id']}", ada)
    assert accepted.status_code == 204
    return Lab(sandbox, home, ada)


def head(lab: Lab) -> str:
    return str(lab.sandbox.api("GET", f"{lab.path}/commits/main").json()["sha"])


def test_a_learner_clones_and_pushes(lab: Lab) -> None:
    work = lab.clone()
    assert (work / "README.md").is_file()
    lab.commit(work, "answer.txt", "42\n", "Answer")
    lab.done("-C", str(work), "push", "--quiet", token=lab.ada)
    assert head(lab) == lab.done("-C", str(work), "rev-parse", "HEAD").strip()
    found = lab.sandbox.api("GET", f"{lab.path}/contents/answer.txt").json()
    assert base64.b64decode(found["content"]) == b"42\n"


def test_a_pushed_closing_keyword_closes_the_issue(lab: Lab) -> None:
    lab.sandbox.api("POST", f"{lab.path}/issues", json={"title": "Milestone"})
    work = lab.clone()
    lab.commit(work, "answer.txt", "42\n", "Answer\n\nCloses #1")
    lab.done("-C", str(work), "push", "--quiet", token=lab.ada)
    assert lab.sandbox.api("GET", f"{lab.path}/issues/1").json()["state"] == "closed"


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (lambda _: "", "could not read Username"),
        (lambda _: "ghp_" + "x" * 36, "could not read Username"),
        (lambda lab: lab.sandbox.new_user("eve"), "not found"),
        (lambda lab: lab.sandbox.new_token("ada", "gist"), "not found"),
    ],
    ids=["no token", "wrong token", "stranger", "token without scope"],
)
def test_who_may_not_see_it_learns_nothing(lab: Lab, who: Callable[[Lab], str], said: str) -> None:
    outcome = lab.git("ls-remote", lab.url, token=who(lab))
    assert outcome.returncode == 128
    assert said in outcome.stderr
    assert not outcome.stdout


def test_a_reader_may_fetch_but_not_push(lab: Lab) -> None:
    lab.sandbox.api("PUT", f"{lab.path}/collaborators/ada", json={"permission": "pull"})
    work = lab.clone()
    lab.commit(work, "answer.txt", "42\n", "Answer")
    outcome = lab.git("-C", str(work), "push", token=lab.ada)
    assert outcome.returncode == 128
    assert f"Permission to {lab.sandbox.org}/{REPO}.git denied to ada." in outcome.stderr


def test_workflows_are_pushed_only_with_a_token_that_may(lab: Lab) -> None:
    work, before = lab.clone(), head(lab)
    narrow = lab.sandbox.new_token("ada", "repo")
    (work / ".github" / "workflows").mkdir(parents=True)
    lab.commit(work, ".github/workflows/ci.yml", "on: push\n", "A workflow")
    for target in ("main", "aside"):
        refused = lab.git("-C", str(work), "push", "origin", f"HEAD:refs/heads/{target}", token=narrow)
        assert refused.returncode == 1
        assert "workflow `.github/workflows/ci.yml` without `workflow` scope" in refused.stderr
    assert head(lab) == before
    lab.done("-C", str(work), "push", "--quiet", token=lab.ada)
    lab.commit(work, "answer.txt", "42\n", "Work alone")
    lab.done("-C", str(work), "push", "--quiet", token=narrow)
    assert head(lab) == lab.done("-C", str(work), "rev-parse", "HEAD").strip()


def test_an_archived_repository_takes_no_push(lab: Lab) -> None:
    work, before = lab.clone(), head(lab)
    lab.commit(work, "answer.txt", "42\n", "Answer")
    lab.sandbox.api("PATCH", lab.path, json={"archived": True})
    outcome = lab.git("-C", str(work), "push", token=lab.ada)
    assert outcome.returncode == 128
    assert "archived" in outcome.stderr
    assert head(lab) == before


def test_a_public_repository_is_open_to_readers_only(lab: Lab) -> None:
    lab.sandbox.api("PATCH", lab.path, json={"private": False})
    assert "refs/heads/main" in lab.done("ls-remote", lab.url)
    work = lab.clone()
    lab.commit(work, "answer.txt", "42\n", "Answer")
    assert "could not read Username" in lab.git("-C", str(work), "push").stderr


def test_git_follows_a_renamed_repository(lab: Lab) -> None:
    old = lab.url
    lab.sandbox.api("PATCH", lab.path, json={"name": "ml-ada-2"})
    assert "refs/heads/main" in lab.done("ls-remote", old, token=lab.ada)


def test_the_newest_protocol_is_spoken(lab: Lab) -> None:
    trace = lab.git("ls-remote", lab.url, token=lab.ada, GIT_TRACE_PACKET="1").stderr
    assert "version 2" in trace


def test_shallow_clones_have_one_commit(lab: Lab) -> None:
    work = lab.clone()
    lab.commit(work, "answer.txt", "42\n", "Answer")
    lab.done("-C", str(work), "push", "--quiet", token=lab.ada)
    lab.done("clone", "--quiet", "--depth", "1", lab.url, "shallow", token=lab.ada)
    assert lab.done("-C", str(lab.home / "shallow"), "rev-list", "--count", "HEAD").strip() == "1"


def test_long_conversations_and_large_pushes_pass(lab: Lab) -> None:
    """Git compresses a long list of what it has, and sends a large pack in chunks of unknown number."""
    work = lab.clone()
    lab.done("clone", "--quiet", str(work), "other")
    other = lab.home / "other"
    for number in range(80):
        lab.done("-C", str(other), "commit", "--quiet", "--allow-empty", "--message", f"mine {number}")
    lab.commit(work, "large.bin", os.urandom(3_000_000), "Something large")
    lab.done("-C", str(work), "-c", "http.postBuffer=65536", "push", "--quiet", token=lab.ada)
    lab.done("-C", str(other), "fetch", "--quiet", lab.url, "main", token=lab.ada)
    assert lab.done("-C", str(other), "rev-parse", "FETCH_HEAD").strip() == head(lab)


def test_the_first_branch_of_an_empty_repository_becomes_its_default(lab: Lab) -> None:
    lab.sandbox.api("POST", f"/orgs/{lab.sandbox.org}/repos", json={"name": "empty", "private": True})
    work = lab.clone()
    url = f"{lab.sandbox.url}/{lab.sandbox.org}/empty"
    lab.done("-C", str(work), "push", "--quiet", url, "HEAD:trunk", token=lab.sandbox.token)
    found = lab.sandbox.api("GET", f"/repos/{lab.sandbox.org}/empty").json()
    assert found["default_branch"] == "trunk"


def test_branches_and_tags_can_be_deleted(lab: Lab) -> None:
    work = lab.clone()
    lab.done("-C", str(work), "push", "--quiet", "origin", "HEAD:topic", "HEAD:refs/tags/v1", token=lab.ada)
    assert lab.sandbox.api("GET", f"{lab.path}/git/ref/tags/v1").status_code == 200
    lab.done("-C", str(work), "push", "--quiet", "origin", ":topic", ":refs/tags/v1", token=lab.ada)
    assert lab.sandbox.api("GET", f"{lab.path}/git/ref/tags/v1").status_code == 404
