"""RepoBee beside cohort-bot, for the part that both can do: a repo with files and issues for each learner.

Both run against the same kind of sandbox, over TLS, each from a Python of its own, with the pacing that
GitHub asks for: a second between writes. Then each is killed at several requests and run again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from benchmarks.cohort import Sandbox, sandbox, write_folder
from benchmarks.report import Report, arguments
from benchmarks.tls import Door, door

REPOBEE = "repobee==3.10.0"
ISSUES = 5
KILL_AT = (6, 12, 20, 30)


@dataclass
class Field:
    """One sandbox with its TLS door, and learners who are to be enrolled in it."""

    place: Path
    target: Sandbox
    door: Door
    learners: int

    @property
    def logins(self) -> list[str]:
        """The learners."""
        return [f"learner-{number}" for number in range(self.learners)]

    @property
    def environment(self) -> dict[str, str]:
        """What both programs are given: the certificate, the token, and a home of their own."""
        trusted = str(self.door.certificate)
        home = {"HOME": str(self.place), "COHORT_BOT_TOKEN": self.target.token}
        return {**os.environ, **home, "REQUESTS_CA_BUNDLE": trusted, "GIT_SSL_CAINFO": trusted}

    def api(self, path: str, **query: str | int) -> Any:
        """A GET of the sandbox's."""
        headers = {"Authorization": f"Bearer {self.target.token}"}
        return requests.get(self.target.url + path, headers=headers, params=query, timeout=30).json()


@contextmanager
def a_field(learners: int) -> Iterator[Field]:
    """A fresh sandbox with a template repo named `task`, and issues and a cohort folder to enrol with."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        with sandbox(place / "sandbox", "--limits", "real") as target, door(target.url, place) as opened:
            field = Field(place, target, opened, learners)
            body = {"name": "task", "auto_init": True, "private": True}
            headers = {"Authorization": f"Bearer {target.token}"}
            requests.post(f"{target.url}/orgs/{target.org}/repos", json=body, headers=headers, timeout=30)
            write_folder(place / "cohort", target.org, learners)
            for number in range(ISSUES):
                (place / f"issue-{number}.md").write_text(f"Issue {number}\n\nDo it.\n", encoding="utf-8")
            yield field


def repobee_commands(program: str, field: Field) -> list[list[str]]:
    """Its commands for a repo and five issues a learner: it opens one issue a command."""
    common = ["-u", "organiser", "-o", field.target.org, "--bu", f"{field.door.url}/api/v3"]
    common += ["-t", field.target.token, "-s", *field.logins, "-a", "task"]
    opens = [
        [program, "issues", "open", *common, "-i", str(field.place / f"issue-{n}.md")] for n in range(ISSUES)
    ]
    return [[program, "repos", "setup", *common], *opens]


def cohort_bot_commands(field: Field) -> list[list[str]]:
    """Ours: everything in one command, milestones, labels, boards and invitations included."""
    words = ["--config", str(field.place / "cohort" / "cohort.yaml"), "--api-url", f"{field.door.url}/api/v3"]
    return [[sys.executable, "-m", "cohort_bot", *words, "enroll", "--yes"]]


def run(commands: list[list[str]], field: Field) -> int:
    """Run one after another as a script would; the first exit code that is not 0, else 0."""
    codes = [
        subprocess.run(command, env=field.environment, capture_output=True, check=False).returncode
        for command in commands
    ]
    return next((code for code in codes if code), 0)


def run_killed(commands: list[list[str]], field: Field, request: int) -> None:
    """Run until that request has taken effect, and kill the program before it hears of it."""
    fault = {"kind": "slow", "seconds": 25, "nth": request}
    requests.post(f"{field.target.url}/_sandbox/faults", json=fault, timeout=30)
    for command in commands:
        with subprocess.Popen(
            command, env=field.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            while process.poll() is None and not _struck(field):
                time.sleep(0.05)
            if _struck(field):
                process.kill()
                return


def _struck(field: Field) -> bool:
    faults = requests.get(f"{field.target.url}/_sandbox/faults", timeout=30).json()
    return bool(faults[0]["hits"])


def found(field: Field) -> str:
    """What the learners have: repos, how many of them empty, issues and how many of them twice."""
    org = field.target.org
    names = [repo["name"] for repo in field.api(f"/orgs/{org}/repos", per_page=100)]
    names = [name for name in names if name.rpartition("learner-")[1]]
    empty = doubled = issues = 0
    for name in names:
        empty += isinstance(field.api(f"/repos/{org}/{name}/commits"), dict)
        titles = Counter(
            i["title"] for i in field.api(f"/repos/{org}/{name}/issues", state="all", per_page=100)
        )
        issues += titles.total()
        doubled += sum(times - 1 for times in titles.values())
    return f"{len(names)} repos, {empty} empty; {issues} issues, {doubled} of them twice"


def measure(name: str, commands: Any, learners: int, kill_at: tuple[int, ...], report: Report) -> None:
    """An undisturbed run and a second one; then killed at each request and run again."""
    with a_field(learners) as field:
        begun = time.perf_counter()
        code = run(commands(field), field)
        seconds = time.perf_counter() - begun
        count = len(field.target.requests()) - 1 + field.door.team_requests
        report.rows.append((name, "undisturbed", count, seconds, code, found(field)))
        begun = time.perf_counter()
        mark, teams = field.target.mark(), field.door.team_requests
        code = run(commands(field), field)
        count = len(field.target.requests(mark)) + field.door.team_requests - teams
        report.rows.append(
            (name, "run a second time", count, time.perf_counter() - begun, code, found(field))
        )
    for request in kill_at:
        with a_field(learners) as field:
            run_killed(commands(field), field, request)
            code = run(commands(field), field)
            report.rows.append((name, f"killed at request {request}, run again", "", "", code, found(field)))


def installed(folder: Path) -> str:
    """RepoBee in a Python of its own; the path of its program."""
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", REPOBEE], check=True)
    return str(folder / "bin" / "repobee")


def main() -> None:
    """Measure and publish."""
    given = arguments(__doc__).parse_args()
    learners, kill_at = (1, ()) if given.short else (4, KILL_AT)
    report = Report(
        "peer",
        f"RepoBee 3.10.0 and cohort-bot, {learners} learners, five issues each",
        ("program", "run", "requests", "seconds", "exit code", "what the learners have"),
        notes=[
            "Compared: a repo with the template's files, and five issues, for each learner. RepoBee needs "
            "six commands for it. It also makes a team for each learner; cohort-bot also makes dated "
            "milestones, labels, a board with cards and an invitation, all in its requests and seconds.",
            "Not compared: collecting work, peer review, plugins, GitLab, Gitea.",
            "Both against the sandbox over TLS with GitHub's limits, each with the pacing it has built in: a "
            "second between writes. Pushes are not counted as requests. The TLS door answers for teams.",
            "Killed: the program ended (SIGKILL) after that request to the sandbox took effect, before its "
            "answer came; requests about teams are not numbered.",
        ],
    )
    with tempfile.TemporaryDirectory() as folder:
        program = installed(Path(folder) / "repobee")
        measure("RepoBee", lambda field: repobee_commands(program, field), learners, kill_at, report)
        measure("cohort-bot", cohort_bot_commands, learners, kill_at, report)
    report.publish(keep=given.keep)


if __name__ == "__main__":
    main()
