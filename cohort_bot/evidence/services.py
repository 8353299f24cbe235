"""What images and the services in them did."""

from __future__ import annotations

from dataclasses import dataclass

from cohort_bot.evidence.common import Ran
from cohort_bot.model.checks import Probe


@dataclass(frozen=True)
class Built:
    """A container image. `size` is in bytes; `stage` is the instruction that failed; `utf16` are requirements
    files in that encoding."""

    dockerfile: str
    exists: bool
    ran: Ran | None = None
    size: int = 0
    user: str = ""
    healthcheck: bool = False
    ignore_file: bool = False
    stage: str = ""
    utf16: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What came back for one request: `status` is 0 when nothing did, and `problem` says why.

    `json` is the body when `is_json` says that it is JSON. `location` is where a redirect leads.
    """

    status: int
    text: str = ""
    json: object = None
    is_json: bool = False
    problem: str = ""
    seconds: float = 0.0
    location: str = ""


@dataclass(frozen=True)
class Asked:
    """A request that was made and what came back."""

    probe: Probe
    reply: Reply


@dataclass(frozen=True)
class Registered:
    """What the newest registered version of a model answers to the requests' bodies, in their order.

    `path` is where it lies in the submission, empty if it does not; `problem` says why it gave no answers.
    """

    name: str
    version: str = ""
    path: str = ""
    source: str = ""
    answers: tuple[object, ...] = ()
    problem: str = ""
    log: str = ""


@dataclass(frozen=True)
class Served:
    """A service in its container.

    `ready_after` is None when it never was ready; `exit_code` is None while it still ran. `listening` are the
    addresses it listened on when it was not ready. `known` are the requests whose answers are known,
    `varied` random ones like them. `stop_seconds` is how long it took to end after SIGTERM. `wrote` says that
    it ran only once it could write to its disk.
    """

    image: bool
    started: Ran | None = None
    ready_after: float | None = None
    last_ready: Reply | None = None
    exit_code: int | None = None
    lived: float = 0.0
    oom: bool = False
    log: str = ""
    listening: tuple[str, ...] = ()
    examples_problem: str = ""
    known: tuple[Asked, ...] = ()
    varied: tuple[Asked, ...] = ()
    bad: Asked | None = None
    registered: Registered | None = None
    stop_seconds: float | None = None
    stop_forced: bool = False
    wrote: bool = False
