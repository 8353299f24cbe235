"""A cohort folder of any size, a sandbox in a process of its own, and runs against it, measured."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests

from cohort_bot.cli.context import Context
from cohort_bot.cli.group import cohort_bot
from cohort_bot.sandbox.timekeeper import Timekeeper

COHORT = "version: 1\norg: {org}\nslug: ml\nstart: 2026-09-07\ntimezone: Europe/Berlin\n"
HEADER = "github,name,email,group,start,extension_days,status"


@dataclass(frozen=True)
class Measured:
    """One run of a command: exit code, seconds on the wall and on the sandbox's clock, peak memory in MB."""

    code: int
    wall_seconds: float
    virtual_seconds: float
    peak_mb: float


class Sandbox:
    """A sandbox's address and what it has been asked."""

    def __init__(self, url: str, token: str, org: str) -> None:
        self.url, self.token, self.org = url, token, org

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The API requests after the one with that id."""
        found: list[dict[str, Any]] = requests.get(
            f"{self.url}/_sandbox/requests", params={"since": since}, timeout=120
        ).json()
        return found

    def mark(self) -> int:
        """A place in the log to look on from."""
        seen = self.requests()
        return int(seen[-1]["id"]) if seen else 0


@contextmanager
def sandbox(data: Path, *options: str) -> Iterator[Sandbox]:
    """A running sandbox."""
    command = [sys.executable, "-m", "cohort_bot.sandbox", "--port", "0", "--data", str(data), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            facts = json.loads((data / "sandbox.json").read_text(encoding="utf-8"))
            yield Sandbox(facts["url"], facts["token"], facts["org"])
        finally:
            process.terminate()


def write_folder(folder: Path, org: str, learners: int) -> None:
    """A cohort folder with the shipped roadmap."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = (f"learner-{number},,,,,0,active" for number in range(learners))
    (folder / "cohort.yaml").write_text(COHORT.format(org=org), encoding="utf-8")
    (folder / "roster.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def measure(folder: Path, target: Sandbox, *words: str) -> Measured:
    """Run a command of cohort-bot in a process of its own, by the sandbox's clock."""
    command = [sys.executable, "-m", "benchmarks.cohort", str(folder), target.url, *words]
    env = {**os.environ, "COHORT_BOT_TOKEN": target.token}
    said = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return Measured(**json.loads(said.stdout.splitlines()[-1]))


def main(folder: str, url: str, *words: str) -> None:
    """The process that `measure` starts: the real command, by the sandbox's clock if it is a virtual one."""
    keeper = Timekeeper(url)
    begun, dawn = time.perf_counter(), keeper.now()
    context = Context(clock=keeper.now, sleep=keeper.sleep) if keeper.virtual else Context()
    args = ["--config", f"{folder}/cohort.yaml", "--api-url", url, *words]
    code = cohort_bot.main(args=args, obj=context, standalone_mode=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    virtual = (keeper.now() - dawn).total_seconds()
    print(json.dumps(asdict(Measured(code, time.perf_counter() - begun, virtual, peak))))


if __name__ == "__main__":
    main(*sys.argv[1:])
