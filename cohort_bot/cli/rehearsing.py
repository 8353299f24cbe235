"""Playing a rehearsal's timetable: every event becomes what it would be with real people.

The organiser's part is the commands themselves, run here with the sandbox's clock. The learners' part goes
over HTTP with the learners' own tokens.
"""

from __future__ import annotations

import base64
import csv
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import click
from github.Auth import Token

from cohort_bot.cli.context import Context
from cohort_bot.cli.digest_commands import digest
from cohort_bot.cli.enrol_commands import enroll
from cohort_bot.cli.learners_ci import LearnersCi
from cohort_bot.cli.verify_command import verify
from cohort_bot.errors import EXIT_DONE, CohortError
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.pace import Pace
from cohort_bot.model import Learner
from cohort_bot.rehearsal import (
    Acceptance,
    Biography,
    DigestRun,
    Enrolment,
    Event,
    Frame,
    Judging,
    Mishap,
    Push,
    RosterEdit,
    roster_at,
    work,
)
from cohort_bot.render import Renderer
from cohort_bot.sandbox.driver import Driver

COLUMNS = ("github", "name", "email", "group", "start", "extension_days", "status")
# Things that GitHub does late have been done after this.
_SETTLED_S = 2.0
# The killed run is long gone when its answer would come.
_STALLED_S = 30.0
_POLL_S = 0.02
_COMMIT = """
mutation push($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }
"""


class Player:
    """Plays events in the cohort folder `folder`, on the sandbox at `url`."""

    def __init__(
        self, folder: Path, url: str, driver: Driver, frame: Frame, lives: Sequence[Biography]
    ) -> None:
        self.folder, self.url, self.driver, self.frame, self.lives = folder, url, driver, frame, lives
        self.journal = folder / "commands.log"
        self.pushes: Counter[str] = Counter()
        self.checks: Counter[str] = Counter()
        self.mishaps: Counter[str] = Counter()
        self.troubles: list[str] = []
        self._heads: dict[str, str] = {}
        self._learners: dict[str, Connection] = {}
        templates = folder / frame.cohort.templates
        self._ci = LearnersCi(
            url, folder / ".cohort-bot" / "checkouts", frame.roadmap, Renderer(templates), self._workflow
        )

    def play(self, event: Event) -> None:
        """Let it be the time of `event`, and let it happen."""
        self.driver.reach(event.at)
        match event:
            case RosterEdit():
                self.write_roster(roster_at(self.lives, event.at))
            case Enrolment():
                self.run(enroll, "--yes", "--allow-large")
                self.driver.advance(_SETTLED_S)
            case Judging():
                self.run(verify)
            case DigestRun(mishap=mishap):
                self._digest(mishap)
            case Acceptance(login=login):
                self._accept(login)
            case Push():
                self._push(event)
            case _:
                raise TypeError(f"nobody knows how to play {event!r}")

    def run(self, command: click.Command, *words: str) -> None:
        """Run a command of ours as the organiser would; what it says goes to the journal."""
        with _written(self.journal):
            self._run(command, *words)

    def write_roster(self, learners: Sequence[Learner]) -> None:
        """Write roster.csv."""
        with (self.folder / "roster.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, COLUMNS)
            rows.writeheader()
            rows.writerows(learner.model_dump(mode="json", include=set(COLUMNS)) for learner in learners)

    def connection(self, token: str) -> Connection:
        """A connection to the sandbox with `token`, in the sandbox's time."""
        pace = Pace(lambda: self.driver.now().timestamp(), self.driver.advance)
        return Connection(self.url, Token(token), pace)

    def close(self) -> None:
        """Let go of every connection."""
        self._ci.close()
        for connection in self._learners.values():
            connection.close()

    def _run(self, command: click.Command, *words: str) -> None:
        now = self.driver.now()
        click.echo(f"\n[{now:%Y-%m-%d %H:%M} UTC] $ cohort-bot {command.name} {' '.join(words)}".rstrip())
        try:
            code = command.main(list(words), standalone_mode=False, obj=self._context())
        except CohortError as failure:
            click.echo(f"{failure.message}\n{failure.hint}")
            code = failure.exit_code
        if code not in (None, EXIT_DONE):
            self.troubles.append(f"`{command.name}` ended with {code} on {now:%Y-%m-%d}; see {self.journal}")

    def _context(self) -> Context:
        return organiser(self.folder, self.driver)

    def _digest(self, mishap: Mishap) -> None:
        if mishap is Mishap.KILLED:
            self._kill_a_digest()
        elif mishap is not Mishap.NONE:
            self.mishaps[mishap] += 1
        runs = 2 if mishap in (Mishap.AGAIN, Mishap.TOGETHER) else 1
        at_once = 2 if mishap is Mishap.TOGETHER else 1
        with _written(self.journal), ThreadPoolExecutor(at_once) as pool:
            for run in [pool.submit(self._run, digest) for _ in range(runs)]:
                run.result()

    def _kill_a_digest(self) -> None:
        """Run the digest in a process of its own; end it while it waits for the answer to what it wrote."""
        self.driver.stall("addComment.*", _STALLED_S)
        args = (str(self.folder), self.url, str(self.journal))
        child = multiprocessing.get_context("spawn").Process(target=run_digest, args=args)
        child.start()
        while child.is_alive() and not self.driver.stalled:
            child.join(_POLL_S)
        self.mishaps[Mishap.KILLED] += self.driver.stalled
        child.kill()
        child.join()
        self.driver.calm()

    def _accept(self, login: str) -> None:
        learner = self._learner(login)
        found = [one for one in learner.rest("GET", "/user/repository_invitations") if not one["expired"]]
        if not found:
            self.troubles.append(f"{login} found no invitation to accept on {self.driver.now():%Y-%m-%d}")
        for invitation in found:
            learner.rest("PATCH", f"/user/repository_invitations/{invitation['id']}")

    def _push(self, push: Push) -> None:
        path = self._path(push.login)
        note = f"{push.at:%Y-%m-%d}: {push.headline}"
        files = work(self.frame.roadmap.stage(push.stage), push.done, note)
        additions = [
            {"path": name, "contents": base64.b64encode(text.encode()).decode()}
            for name, text in files.items()
        ]
        asked: dict[str, Any] = {
            "branch": {"repositoryNameWithOwner": path, "branchName": "main"},
            "expectedHeadOid": self._heads.get(push.login) or self._head(push.login),
            # The sandbox's runner rests: what it would do is done here.
            "message": {"headline": push.headline, "body": "[skip ci]"},
            "fileChanges": {"additions": additions},
        }
        data, errors = self._learner(push.login).graphql(_COMMIT, {"input": asked}, write=True)
        if errors:
            raise CohortError(f"{path} takes no push: {errors[0].get('message')}")
        self._heads[push.login] = data["createCommitOnBranch"]["commit"]["oid"]
        self.pushes[push.login] += 1
        self.checks.update(str(told.status) for told in self._ci.answer(path))

    def _head(self, login: str) -> str:
        found = self._learner(login).rest("GET", f"/repos/{self._path(login)}/git/ref/heads/main")
        return str(found["object"]["sha"])

    def _path(self, login: str) -> str:
        return f"{self.frame.cohort.org}/{self.frame.cohort.repo_of(login)}"

    def _learner(self, login: str) -> Connection:
        if login not in self._learners:
            row = next(life.learner for life in self.lives if life.learner.github == login)
            self._learners[login] = self.connection(self.driver.person(login, row.name, row.email))
        return self._learners[login]

    def _workflow(self, path: str) -> Connection:
        return self.connection(self.driver.workflow_token(path))


def organiser(folder: Path, driver: Driver) -> Context:
    """The options of a command run in `folder`: on its sandbox, in its sandbox's time."""
    cohort_file = folder / "cohort.yaml"
    return Context(cohort_file, sandbox=True, color=False, clock=driver.now, sleep=driver.advance)


def run_digest(folder: str, url: str, journal: str) -> None:
    """One run of `digest` in a process of its own, which will be killed."""
    with _written(Path(journal)):
        digest.main([], standalone_mode=False, obj=organiser(Path(folder), Driver(url)))


@contextmanager
def _written(journal: Path) -> Iterator[None]:
    """Whatever is said meanwhile goes to the end of the file `journal`."""
    with journal.open("a", encoding="utf-8") as said, redirect_stdout(said), redirect_stderr(said):
        yield
