"""A cohort on a sandbox of its own: learners who push as everybody does, and the organiser's judge."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from cohort_bot.ledger import Entry, read
from tests.sandbox_process import SandboxProcess

HEADER = "github,name,email,group,start,extension_days,status"


@dataclass(frozen=True)
class Run:
    """How a command ended."""

    code: int
    out: str
    err: str


def stage(key: str, weeks: str, *checks: dict[str, Any]) -> dict[str, Any]:
    """A stage whose milestone has just these checks; its folder has its name."""
    return {
        "id": key, "title": key.title(), "weeks": weeks, "aim": "Learn it.", "concepts": ["An idea"],
        "resources": [{"title": "A book", "url": "https://example.org/book", "kind": "book"}],
        "milestone": {
            "title": f"Show {key}", "summary": "Show it.", "folder": key,
            "deliverables": [{"id": f"{key}-work", "text": "The work", "checks": [checks[0]["id"]]}],
            "checks": list(checks),
        },
    }  # fmt: skip


@dataclass
class School:
    """An organiser's folder and a sandbox."""

    folder: Path
    sandbox: SandboxProcess
    stages: list[dict[str, Any]]
    policies: dict[str, Any] = field(default_factory=dict)
    start: str = "2026-09-07"
    tokens: dict[str, str] = field(default_factory=dict)
    token: str = ""
    via: str = ""
    """Another address of the sandbox, such as a recorder's."""
    more: dict[str, Any] = field(default_factory=dict)
    """Other keys of cohort.yaml."""

    def open(self, *logins: str, join: bool = True, extension: int = 0) -> School:
        """Write the files, enrol `logins`, and let them accept their invitations."""
        cohort = {
            "version": 1, "org": self.sandbox.org, "slug": "ml", "start": self.start,
            "timezone": "Europe/Berlin", "roadmap": "roadmap.yaml", "policies": self.policies,
            "board": {"enabled": False}, **self.more,
        }  # fmt: skip
        roadmap = {"title": "A road", "promise": "You will know it.", "stages": self.stages}
        (self.folder / "cohort.yaml").write_text(yaml.safe_dump(cohort), encoding="utf-8")
        (self.folder / "roadmap.yaml").write_text(yaml.safe_dump(roadmap), encoding="utf-8")
        rows = [HEADER, *(f"{login},,,,,{extension},active" for login in logins)]
        (self.folder / "roster.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        enrolled = self.run("enroll", "--yes")
        assert enrolled.code == 0, enrolled.err
        for login in logins if join else ():
            self._join(login)
            self._silence(login)
        return self

    def _silence(self, login: str) -> None:
        """Switch the learner's own workflow off: what it answers is not what is looked at here."""
        flows = self.sandbox.api("GET", self.path(login, "/actions/workflows")).json()["workflows"]
        assert flows
        for flow in flows:
            path = self.path(login, f"/actions/workflows/{flow['id']}/disable")
            assert self.sandbox.api("PUT", path).status_code == 204

    def _join(self, login: str) -> None:
        self.tokens[login] = self.sandbox.new_user(login)
        self.accept(login)

    def accept(self, *logins: str) -> None:
        """Let these people take up every invitation that they have."""
        for token in (self.tokens[login] for login in logins):
            for invitation in self.sandbox.api("GET", "/user/repository_invitations", token).json():
                answer = self.sandbox.api("PATCH", f"/user/repository_invitations/{invitation['id']}", token)
                assert answer.status_code == 204, answer.text

    def run(self, *words: str, env: Mapping[str, str] | None = None, timeout: float = 110) -> Run:
        """A command of cohort-bot's, as its user runs it."""
        command = [sys.executable, "-m", "cohort_bot", "--config", str(self.folder / "cohort.yaml")]
        ended = subprocess.run(
            [*command, "--api-url", self.via or self.sandbox.url, *words],
            env={**self.environment, **(env or {})}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, timeout=timeout,
        )  # fmt: skip
        return Run(ended.returncode, ended.stdout, ended.stderr)

    @cached_property
    def environment(self) -> dict[str, str]:
        """Ours, with the organiser's token."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
        return {**ours, "COHORT_BOT_TOKEN": self.token or self.sandbox.token}

    def verify(self, *words: str, env: Mapping[str, str] | None = None) -> Run:
        """The judge."""
        ended = self.run("verify", *words, env=env)
        assert ended.code in (0, 5), ended.err + ended.out
        return ended

    # what learners do

    def path(self, login: str, rest: str = "") -> str:
        return f"/repos/{self.sandbox.org}/ml-{login}{rest}"

    def clone(self, login: str) -> Path:
        """The learner's own checkout."""
        place = self.folder / "learners" / login
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            url = f"{self.sandbox.url}/{self.sandbox.org}/ml-{login}.git"
            self.git(login, "clone", "--quiet", url, str(place), cwd=place.parent)
        return place

    def git(self, login: str, *words: str, cwd: Path | None = None, **env: str) -> str:
        """Git, as the learner runs it."""
        pair = base64.b64encode(f"x-access-token:{self.tokens[login]}".encode()).decode()
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "EMAIL": f"{login}@example.org",
            "GIT_AUTHOR_NAME": login, "GIT_COMMITTER_NAME": login, "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader", "GIT_CONFIG_VALUE_0": f"Authorization: Basic {pair}",
        }  # fmt: skip
        done = subprocess.run(
            ["git", *words], cwd=cwd or self.clone(login), env=environment | env, check=False,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def push(
        self, login: str, files: Mapping[str, str | bytes], message: str = "Work", *options: str, **env: str
    ) -> str:
        """Commit `files` and push them; the commit's SHA."""
        place = self.clone(login)
        for name, text in files.items():
            file = place / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, bytes):
                file.write_bytes(text)
            else:
                file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        self.git(login, "add", "--all", "--force")
        self.git(login, "commit", "--quiet", "--allow-empty", "-m", message, **env)
        self.git(login, "push", "--quiet", *options, "origin", "HEAD:main")
        return self.git(login, "rev-parse", "HEAD")

    def issue(self, login: str, number: int = 1) -> dict[str, Any]:
        found: dict[str, Any] = self.sandbox.api("GET", self.path(login, f"/issues/{number}")).json()
        return found

    def claim(self, login: str, number: int = 1) -> None:
        """Close the milestone's issue, by the learner's own hand, and label it claimed."""
        token = self.tokens[login]
        added = self.sandbox.api(
            "POST", self.path(login, f"/issues/{number}/labels"), token, json={"labels": ["claimed"]}
        )
        assert added.status_code == 200, added.text
        self.close(login, number)

    def close(self, login: str, number: int = 1) -> None:
        token = self.tokens[login]
        done = self.sandbox.api(
            "PATCH", self.path(login, f"/issues/{number}"), token, json={"state": "closed"}
        )
        assert done.status_code == 200, done.text

    def say(self, login: str, body: str, number: int = 1, token: str = "") -> None:
        """A comment on a learner's issue; by the learner, or by whose `token` it is."""
        path = self.path(login, f"/issues/{number}/comments")
        said = self.sandbox.api("POST", path, token or self.tokens[login], json={"body": body})
        assert said.status_code == 201, said.text

    # what came of it

    def labels(self, login: str, number: int = 1) -> set[str]:
        return {label["name"] for label in self.issue(login, number)["labels"]}

    def comments(self, login: str, number: int = 1) -> list[str]:
        answer = self.sandbox.api("GET", self.path(login, f"/issues/{number}/comments?per_page=100"))
        return [comment["body"] for comment in answer.json()]

    def entries(self, login: str, milestone: str = "") -> tuple[Entry, ...]:
        books = read(self.folder / "ledger")
        assert books.damage == ()
        return books.of(login, milestone)

    def passes(self, login: str) -> int:
        """How many passes the learner has in the ledger."""
        return len(read(self.folder / "ledger").passes(login))

    def mark(self) -> int:
        seen = self.sandbox.requests()
        return int(seen[-1]["id"]) if seen else 0

    def since(self, mark: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """API requests since: those that read, and those that write. Git's own are neither."""
        found = [one for one in self.sandbox.requests(mark) if ".git/" not in one["path"]]
        writes = [one for one in found if is_write(one)]
        return [one for one in found if one not in writes], writes

    def everything_said(self, login: str) -> str:
        """All that a learner can read of the judge: every comment, and the marks on the newest commit."""
        head = self.sandbox.api("GET", self.path(login, "/commits/main")).json()["sha"]
        marks = self.sandbox.api("GET", self.path(login, f"/commits/{head}/statuses")).json()
        issues = self.sandbox.api("GET", self.path(login, "/issues?state=all")).json()
        said = [text for issue in issues for text in self.comments(login, issue["number"])]
        return "\n".join([*said, json.dumps(marks)])


def is_write(request: Mapping[str, Any]) -> bool:
    return bool(request["mutations"]) or (
        request["method"] not in {"GET", "HEAD"} and "graphql" not in request["path"]
    )
