"""A sandbox in this process on a virtual clock, and an organiser whose runs can be struck at any request.

Runs go over HTTP through the same connection, reader, writer and plan as `enroll`; only the configuration is
made here, and waiting moves the sandbox's clock instead of taking time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import requests
from github import Auth

from cohort_bot.apply import Became, Forge, Outcome, Settings, apply_plan
from cohort_bot.desired import LABELS, blob_id, desired_state
from cohort_bot.errors import CohortError, PartialError
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.pace import Ask, Pace
from cohort_bot.forge.reader import ForgeReader
from cohort_bot.forge.writer import ForgeWriter
from cohort_bot.furnishing import ORDER, WORKFLOW
from cohort_bot.model import Cohort, Learner, Roadmap
from cohort_bot.plan import Plan, make_plan
from cohort_bot.render import Renderer
from cohort_bot.sandbox.clock import VirtualClock
from cohort_bot.sandbox.faults import Faults, read
from cohort_bot.sandbox.server import Running, open_sandbox
from cohort_bot.state import CohortState
from tests.short_words import ROADMAP, Words

ORG = "academy"
COHORT = Cohort.model_validate(
    {"org": ORG, "slug": "ml", "start": date(2026, 9, 7), "timezone": "Europe/Berlin"}
)
FURNISH = f".github/workflows/{WORKFLOW}.yml"
FILES = {
    "README.md": b"hello\n",
    ".github/cohort/roadmap.json": b"{}\n",
    ".github/workflows/check.yml": b"on: workflow_dispatch\n",
    FURNISH: Renderer().starter_files(COHORT, ROADMAP)[FURNISH],
    "a/b.txt": b"b\n",
}
OURS = (".github/cohort/roadmap.json", ORDER)
SETTLED_S = 30.0
RUNS_S = 100.0


class Killed(BaseException):
    """The program ends here, as by SIGKILL: nothing of it goes on, and it has nothing on disk to lose."""


@dataclass
class Mortal(Pace):
    """A pace whose program dies before its `dies`-th request is sent, or once that has been carried out."""

    dies: int = 0
    after_it: bool = False

    def before(self, ask: Ask) -> None:
        super().before(ask)
        if self.requests == self.dies and not self.after_it:
            raise Killed

    def after(self, ask: Ask, headers: Mapping[str, str]) -> None:
        super().after(ask, headers)
        if self.requests == self.dies and self.after_it:
            raise Killed


@dataclass(frozen=True)
class Wish:
    """What the organiser wants: learners, their extensions, the words of the roadmap."""

    logins: tuple[str, ...] = ("ada", "bob", "eve")
    words: str = "Do it."
    extension_days: int = 0
    roadmap: Roadmap = field(default=ROADMAP, compare=False)
    fan_out: bool = False
    files: Mapping[str, bytes] = field(default_factory=lambda: FILES, compare=False)

    def state(self) -> CohortState:
        """The desired state."""
        days = self.extension_days
        learners = [Learner(github=login, extension_days=days) for login in self.logins]
        return desired_state(COHORT, self.roadmap, learners, Words(self.words), self.files)


@dataclass(frozen=True)
class Ended:
    """How a run ended: "done", "partial", "killed" or the name of the error; and what became of what."""

    how: str
    outcomes: Sequence[Outcome] = ()
    requests: int = 0


class Rig:
    """The sandbox and its organiser."""

    def __init__(self, running: Running) -> None:
        self.running, self.sandbox = running, running.sandbox
        self.session = requests.Session()
        assert isinstance(running.sandbox.clock, VirtualClock)
        self.clock = running.sandbox.clock

    # the sandbox

    def reset(self) -> None:
        self.sandbox.reset()

    def strike(self, **fault: Any) -> None:
        """Schedule a fault."""
        self._faults.schedule(read(fault))

    def calm(self) -> None:
        """No more faults, and time for everything late to arrive."""
        self._faults.clear()
        self.clock.advance(SETTLED_S)

    @property
    def _faults(self) -> Faults:
        return next(gate for gate in self.sandbox.gates if isinstance(gate, Faults))

    def api(self, method: str, path: str, token: str = "", **more: Any) -> Any:
        """One REST request; what it answers, decoded."""
        headers = {"Authorization": f"Bearer {token or self.running.token}"}
        answer = self.session.request(method, self.running.url + path, headers=headers, timeout=30, **more)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.text else None

    def graphql(self, text: str, **variables: object) -> Any:
        """The data of one GraphQL request."""
        answer = self.api("POST", "/graphql", json={"query": text, "variables": variables})
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def control(self, method: str, name: str, **body: object) -> Any:
        return self.session.request(
            method, f"{self.running.url}/_sandbox/{name}", json=body or None, timeout=30
        ).json()

    def mark(self) -> int:
        """A place in the request log."""
        seen = self.sandbox.log.since(0)
        return int(seen[-1]["id"]) if seen else 0

    def writes_since(self, mark: int) -> list[dict[str, Any]]:
        """The requests since then that wrote."""
        return [
            entry
            for entry in self.sandbox.log.since(mark)
            if entry["mutations"] or (entry["method"] not in {"GET", "HEAD"} and entry["api"] == "rest")
        ]

    # the organiser

    def enroll(self, wish: Wish, dies: int = 0, *, after_it: bool = False, most: int | None = None) -> Ended:
        """One run of enroll."""
        pace = Mortal(self._seconds, self._sleep, most, dies=dies, after_it=after_it)
        try:
            with self._forge(pace, wish) as forge:
                outcomes = self._carry_out(forge, wish)
        except Killed:
            return Ended("killed", requests=pace.requests)
        except PartialError:
            return Ended("partial", requests=pace.requests)
        except CohortError as error:
            return Ended(type(error).__name__, requests=pace.requests)
        left = any(outcome.became is not Became.DONE for outcome in outcomes)
        return Ended("partial" if left else "done", outcomes, pace.requests)

    def plan(self, wish: Wish) -> Plan:
        """What enroll would do."""
        with self._forge(Pace(self._seconds, self._sleep), wish) as forge:
            return make_plan(wish.state(), self._read(forge, wish.state()), fan_out=wish.fan_out)

    def _carry_out(self, forge: Forge, wish: Wish) -> list[Outcome]:
        desired = wish.state()
        actual = self._read(forge, desired)
        contents = {blob_id(content): content for content in wish.files.values()}
        settings = Settings(ORG, "write", contents, False, self._pause, self.clock.now, wish.fan_out)
        plan = make_plan(desired, actual, fan_out=wish.fan_out)
        return apply_plan(plan, desired, actual, forge, settings, lambda _step, _outcomes: None)

    def _read(self, forge: Forge, desired: CohortState) -> CohortState:
        learners = {name: repo.learner for name, repo in desired.repos.items()}
        return forge.reader.read(ORG, COHORT.template, learners, self.clock.now())

    @contextmanager
    def _forge(self, pace: Pace, wish: Wish) -> Iterator[Forge]:
        connection = Connection(self.running.url, Auth.Token(self.running.token), pace)
        names = {label.name: label.key for label in LABELS.values()}
        stages, words = wish.roadmap.stages, Words(wish.words)
        titles = {words.milestone_title(wish.roadmap, stage).lower(): stage.id for stage in stages}
        try:
            yield Forge(ForgeReader(connection, names, len(stages), titles, OURS), ForgeWriter(connection))
        finally:
            connection.close()

    def _seconds(self) -> float:
        return self.clock.now().timestamp()

    def _sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def _pause(self, seconds: float) -> None:
        """As `_sleep`; what workflows do meanwhile takes real time, however fast the clock goes."""
        assert self.sandbox.runner.wait(RUNS_S)
        self._sleep(seconds)

    # what there is

    def state(self) -> dict[str, Any]:
        """All there is, field for field, without ids, numbers and times of making."""
        found = self.graphql(EVERYTHING, org=ORG)["organization"]
        repos = {repo["name"]: self._repo(repo) for repo in found["repositories"]["nodes"]}
        boards = sorted((_plain(board) for board in found["projectsV2"]["nodes"]), key=repr)
        return {"repos": repos, "boards": boards}

    def _repo(self, repo: dict[str, Any]) -> dict[str, Any]:
        name = repo["name"]
        invited = self.api("GET", f"/repos/{ORG}/{name}/invitations")
        tree = None if repo["isEmpty"] else self.api("GET", f"/repos/{ORG}/{name}/git/trees/main?recursive=1")
        return {
            **_plain(repo),
            "invited": [(i["invitee"]["login"], i["permissions"], i["expired"]) for i in invited],
            "files": {entry["path"]: entry["sha"] for entry in (tree or {"tree": ()})["tree"]},
        }


def _plain(value: Any) -> Any:
    """GraphQL's answer with lists in an order of their own."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted((_plain(inner) for inner in value), key=repr)
    return value


EVERYTHING = """
query everything($org: String!) { organization(login: $org) {
  repositories(first: 30) { nodes {
    name visibility description isTemplate isEmpty
    labels(first: 40) { nodes { name color description } }
    milestones(first: 30) { nodes { title description dueOn state } }
    issues(first: 60) { nodes {
      title body state milestone { title } labels(first: 9) { nodes { name } }
      assignees(first: 9) { nodes { login } } projectItems(first: 9) { nodes { project { title closed } } }
      comments(first: 9) { nodes { body } }
    } }
    collaborators(first: 20, affiliation: DIRECT) { nodes { login } }
  } }
  projectsV2(first: 40) { nodes {
    title closed public template
    repositories(first: 4) { nodes { name } }
    views(first: 9) { nodes { name layout } }
    items(first: 60) { nodes { content { ... on Issue { title repository { name } } } } }
  } }
} }
"""


@contextmanager
def rigged(data: Path, prepare: Callable[[Rig], None] | None = None, limits: str = "off") -> Iterator[Rig]:
    """A running rig on the folder `data`."""
    running = open_sandbox(0, data, ORG, "virtual", limits)
    thread = threading.Thread(target=running.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    rig = Rig(running)
    try:
        if prepare:
            prepare(rig)
        yield rig
    finally:
        rig.session.close()
        running.close()
        thread.join()
