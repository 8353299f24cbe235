"""A rehearsal that has been played, and what must be true of it: read back over the API and from the ledger.

Who should have had a digest is worked out here anew, from when people joined (the sandbox's log), from the
roster of the time (the script) and from the ledger; nothing that the digest itself works with is asked.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cohort_bot import config, ledger
from cohort_bot.model import Status
from cohort_bot.rehearsal import Biography, Frame, biography, cast, roster_at
from tests.sandbox_process import SandboxProcess

MARK = re.compile(r"\A<!-- cohort-bot: digest=(\d{4})-W(\d{2}) -->")
Digests = Counter[tuple[str, str]]


def rehearse(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`cohort-bot rehearse` in `folder`."""
    command = [sys.executable, "-m", "cohort_bot", "rehearse", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@dataclass
class Rehearsed:
    """A finished rehearsal in `out`, whose sandbox runs again to be asked."""

    out: Path
    sandbox: SandboxProcess
    told: str

    @cached_property
    def config(self) -> config.Config:
        return config.load(self.out / "cohort.yaml")

    @cached_property
    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "rehearsal.json").read_text(encoding="utf-8"))
        return found

    @cached_property
    def frame(self) -> Frame:
        return Frame(self.config.cohort, self.config.roadmap, self.record["weeks"])

    @cached_property
    def lives(self) -> list[Biography]:
        """The script, written again from its seed."""
        chance = random.Random(self.record["seed"]).random
        size = len(self.record["learners"])
        return [biography(learner, fate, self.frame, chance) for learner, fate in cast(size, chance)]

    @cached_property
    def books(self) -> ledger.Ledger:
        return ledger.read(self.out / "ledger")

    @cached_property
    def log(self) -> list[dict[str, Any]]:
        return self.sandbox.requests()

    def repo(self, login: str) -> str:
        cohort = self.config.cohort
        return f"/repos/{cohort.org}/{cohort.repo_of(login)}"

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        for number in range(1, 100):
            sign = "&" if "?" in path else "?"
            answer = self.sandbox.api("GET", f"{path}{sign}per_page=100&page={number}")
            if answer.status_code == 404:
                return
            assert answer.status_code == 200, answer.text
            yield from answer.json()
            if len(answer.json()) < 100:
                return

    def digests(self) -> Digests:
        """(login, ISO week) → how many digests of the organiser's stand in the learner's repo, all issues."""
        found: Digests = Counter()
        for life in self.lives:
            login = life.learner.github
            for comment in self.pages(f"{self.repo(login)}/issues/comments"):
                mark = MARK.match(comment["body"])
                if mark and comment["user"]["login"] == "organiser":
                    found[login, f"{mark[1]}-W{mark[2]}"] += 1
        return found

    def expected(self) -> Digests:
        """One for everybody who was in the repo, had begun, took part and had not finished, each week but a
        break."""
        joined = {
            entry["actor"]: datetime.fromisoformat(entry["time"])
            for entry in self.log
            if entry["method"] == "PATCH" and "/user/repository_invitations/" in entry["path"]
        }
        wanted: Digests = Counter()
        for number in range(self.frame.weeks):
            at = self.digest_time(number)
            year, week, _ = at.isocalendar()
            if self.rests(date.fromisocalendar(year, week, 1)):
                continue
            for row in roster_at(self.lives, at):
                start = row.start or self.config.cohort.start
                finished = self.finished(row.github)
                taking_part = row.status is Status.ACTIVE and start <= at.date()
                inside = row.github in joined and joined[row.github] <= at
                if taking_part and inside and (finished is None or finished > at):
                    wanted[row.github, f"{year}-W{week:02}"] += 1
        return wanted

    def digest_time(self, week: int) -> datetime:
        """Monday at nine, where the cohort is: cohort.yaml's own defaults."""
        day = self.config.cohort.start + timedelta(weeks=week)
        monday = day - timedelta(days=day.weekday())
        zone = ZoneInfo(self.config.cohort.timezone)
        return datetime(monday.year, monday.month, monday.day, 9, tzinfo=zone)

    def rests(self, monday: date) -> bool:
        days = [monday + timedelta(days=number) for number in range(7)]
        breaks = self.config.cohort.breaks
        return all(any(pause.first <= day <= pause.last for pause in breaks) for day in days)

    def finished(self, login: str) -> datetime | None:
        """When the judge put the last of all passes on record."""
        passes = [self.books.first_pass(login, stage.id) for stage in self.config.roadmap.stages]
        judged = [entry.judged_at for entry in passes if entry is not None]
        return max(judged) if len(judged) == len(passes) else None


@contextmanager
def rehearsed(out: Path, told: str) -> Iterator[Rehearsed]:
    """The rehearsal in `out`, with its sandbox running."""
    with SandboxProcess(out / ".cohort-bot" / "sandbox", "--clock", "virtual") as sandbox:
        yield Rehearsed(out, sandbox, told)
