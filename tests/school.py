"""A small cohort on a sandbox, with a command line and a forge to try digests on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from github.Auth import Token

from cohort_bot import config
from cohort_bot.digest import Week
from cohort_bot.forge.comments import Correspondence
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.pace import Pace
from cohort_bot.ledger import Ledger
from cohort_bot.post import Delivery, deliver, prepare
from cohort_bot.render import Renderer
from cohort_bot.standing import survey
from tests.sandbox_process import SandboxProcess

LOGINS = ("ada", "bob", "cy")
COHORT = "version: 1\norg: {org}\nslug: ml\nstart: 2026-01-05\ntimezone: Europe/Berlin\n"
ROSTER = (
    "github,name,status\nada,Ada L,active\nbob,Bob B,active\ncy,Cy C,active\ndee,Dee,active\neve,Eve,paused\n"
)


@dataclass(frozen=True)
class School:
    """A cohort on a sandbox: ada, bob and cy are in, dee is invited, eve pauses. Every test takes a week."""

    folder: Path
    sandbox: SandboxProcess
    tokens: dict[str, str]
    address: str = ""
    weeks: Iterator[int] = field(default_factory=lambda: count(2))

    def cli(self, *words: str) -> list[str]:
        start = [sys.executable, "-m", "cohort_bot", "--config", str(self.folder / "cohort.yaml")]
        return [*start, "--api-url", self.address or self.sandbox.url, *words]

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "COHORT_BOT_TOKEN": self.sandbox.token}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.cli(*words), env=self.env, capture_output=True, text=True, check=False)

    def join(self, *logins: str) -> None:
        """Let these learners accept their invitations."""
        for login in logins:
            self.tokens[login] = token = self.sandbox.new_user(login)
            (invitation,) = self.sandbox.api("GET", "/user/repository_invitations", token).json()
            self.sandbox.api("PATCH", f"/user/repository_invitations/{invitation['id']}", token)

    def this_week(self) -> Week:
        """The week that the command line posts for."""
        return Week.at(datetime.fromisoformat(self.sandbox.now()), "Europe/Berlin")

    def week(self) -> tuple[Week, datetime]:
        """A week that no other test has, and its Monday at nine."""
        week = Week(2026, next(self.weeks))
        return week, week.start("Europe/Berlin") + timedelta(hours=9)

    def repo(self, login: str) -> str:
        return f"/repos/{self.sandbox.org}/ml-{login}"

    def comments(self, login: str, week: Week, token: str = "") -> list[tuple[int, str]]:
        """Issue number and body of each comment in the learner's repo that carries the week's marker."""
        answer = self.sandbox.api(
            "GET", f"{self.repo(login)}/issues/comments?per_page=100&sort=created&direction=desc"
        )
        assert answer.status_code == 200
        return [
            (int(found["issue_url"].rpartition("/")[2]), found["body"])
            for found in answer.json()
            if week.mark in found["body"] and found["user"]["login"] not in LOGINS
        ]

    def say(self, login: str, number: int, body: str, token: str = "") -> None:
        answer = self.sandbox.api(
            "POST", f"{self.repo(login)}/issues/{number}/comments", token, json={"body": body}
        )
        assert answer.status_code == 201, answer.text

    def state(self, login: str, number: int, state: str) -> None:
        answer = self.sandbox.api("PATCH", f"{self.repo(login)}/issues/{number}", json={"state": state})
        assert answer.status_code == 200

    def fault(self, kind: str, **more: object) -> None:
        self.sandbox.control("POST", "faults", kind=kind, **more)

    def post(
        self, week: Week, now: datetime, kind: type[Correspondence] = Correspondence, **more: Any
    ) -> Delivery:
        """One run of the digest, in this process."""
        pace = Pace(lambda: 0.0, lambda _: None)
        connection = Connection(self.sandbox.url, Token(self.sandbox.token), pace)
        settings = config.load(self.folder / "cohort.yaml")
        forge = kind(connection, len(settings.roadmap.stages), week.start("Europe/Berlin"), **more)
        names = {settings.cohort.repo_of(learner.github): learner.github for learner in settings.roster}
        seen = forge.read(self.sandbox.org, names)
        books = Ledger()
        found = survey(settings.cohort, settings.roadmap, settings.roster, books, seen.state, now)
        return deliver(prepare(seen, found, books, Renderer(), week), forge)

    def each_once(self, week: Week) -> bool:
        return {login: len(self.comments(login, week)) for login in LOGINS} == dict.fromkeys(LOGINS, 1)
