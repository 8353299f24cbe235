"""Putting the rooms together for one run: configuration, texts, forge, sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from github import Auth

from cohort_bot import config, desired, furnishing
from cohort_bot.apply import Forge
from cohort_bot.cli.context import Context
from cohort_bot.errors import CohortError
from cohort_bot.forge.auth import credentials
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.pace import Pace
from cohort_bot.forge.reader import ForgeReader
from cohort_bot.forge.writer import ForgeWriter
from cohort_bot.model import Learner
from cohort_bot.render import Renderer
from cohort_bot.state import CohortState

GITHUB = "https://api.github.com"
SANDBOX_DATA = Path(".cohort-bot") / "sandbox"
START_SECONDS = 20


@dataclass(frozen=True)
class Intent:
    """What the organiser wants: the configuration, the state it asks for, and the template's files."""

    config: config.Config
    state: CohortState
    contents: dict[str, bytes]


def intent(context: Context, learners: Sequence[Learner] | None = None) -> Intent:
    """Read the configuration and work out the desired state, for `learners` or the whole roster."""
    settings = config.load(context.config_path)
    texts = Renderer(settings.templates)
    files = texts.starter_files(settings.cohort, settings.roadmap)
    chosen = settings.roster if learners is None else learners
    state = desired.desired_state(settings.cohort, settings.roadmap, chosen, texts, files)
    return Intent(settings, state, {desired.blob_id(content): content for content in files.values()})


@contextmanager
def forge(context: Context, settings: config.Config, most: int | None = None) -> Iterator[tuple[Forge, Pace]]:
    """The forge to work on: GitHub, another server, or a sandbox started for this command."""
    with connected(context, settings, most) as connection:
        names = {label.name: label.key for label in desired.LABELS.values()}
        texts, roadmap = Renderer(settings.templates), settings.roadmap
        titles = {texts.milestone_title(roadmap, stage).lower(): stage.id for stage in roadmap.stages}
        files = texts.starter_files(settings.cohort, roadmap)
        ours = [path for path in files if path.startswith(desired.OURS)] + [furnishing.ORDER]
        reader = ForgeReader(connection, names, len(roadmap.stages), titles, ours)
        yield Forge(reader, ForgeWriter(connection)), connection.pace


@contextmanager
def connected(context: Context, settings: config.Config, most: int | None = None) -> Iterator[Connection]:
    """The connection alone, for what talks to the forge in its own way."""
    with connected_to(context, settings.cohort.org, most) as connection:
        yield connection


@contextmanager
def connected_to(context: Context, org: str, most: int | None = None) -> Iterator[Connection]:
    """As `connected`, where there is no whole configuration yet."""
    pace = Pace(lambda: context.now().timestamp(), context.sleep, most, tell=_telling(context))
    with _address(context, org) as (url, auth):
        yield Connection(url, auth or credentials(os.environ, url, org), pace)


def _telling(context: Context) -> Callable[[str], None]:
    return lambda sentence: context.console.print(sentence, markup=False)


@contextmanager
def _address(context: Context, org: str) -> Iterator[tuple[str, Auth.Auth | None]]:
    if not context.sandbox:
        yield context.api_url or GITHUB, None
        return
    with running_sandbox(context.config_path.parent / SANDBOX_DATA, org) as facts:
        yield facts["url"], Auth.Token(facts["token"])


@contextmanager
def running_sandbox(data: Path, org: str, clock: str = "real") -> Iterator[dict[str, str]]:
    """The facts of a sandbox (`sandbox.json`) on the folder `data`, ended with the block.

    One that is already running there is used and left running.
    """
    if facts := alive(data):
        yield facts
        return
    command = [sys.executable, "-m", "cohort_bot.sandbox", "--port", "0", "--data", str(data), "--org", org]
    command += ["--clock", clock]
    # Not through process.py, which waits for a command's end: this one is to run beside us.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as server:
        try:
            assert server.stdout is not None  # noqa: S101 - asked for above
            if not server.stdout.readline().startswith("listening on "):
                raise CohortError("the sandbox did not start", f"See what it says: {' '.join(command[1:])}")
            yield _facts(data)
        finally:
            server.terminate()


def _facts(data: Path) -> dict[str, str]:
    facts: dict[str, str] = json.loads((data / "sandbox.json").read_text(encoding="utf-8"))
    return facts


def alive(data: Path) -> dict[str, str] | None:
    """The facts of the sandbox that is running on the folder `data`; None if none is."""
    try:
        facts = _facts(data)
        os.kill(int(facts["pid"]), 0)
    except (OSError, ValueError, KeyError):
        return None
    return facts
