"""One container of a learner's service, from its start to its end."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from cohort_bot.checks.docker.engine import CONFINED, READ_ONLY, docker, inspect, label
from cohort_bot.process import Outcome

_LOG_LINES = "400"
# However much it says, no more is kept on the disk. The driver is named: a machine's own may keep nothing.
_LOGS = ("--log-driver", "json-file", "--log-opt", "max-size=8m", "--log-opt", "max-file=1")
# Without a way out no name can be found; that shall be said at once and not after many tries.
_NO_NAMES = ("--dns-opt", "timeout:1", "--dns-opt", "attempts:1")
_LISTEN = "0A"  # include/net/tcp_states.h of Linux: TCP_LISTEN
# In /proc/net/tcp: address and port in hexadecimal, the remote end, the state
_SOCKET = re.compile(r"^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2})", re.MULTILINE)


@dataclass(frozen=True)
class State:
    """Whether the container runs, its address, and how it ended. `lived` is in seconds."""

    running: bool
    address: str
    exit_code: int
    oom: bool


class Container:
    """A container named `name`, on a network of its own, without a way out unless `network`.

    Its disk cannot be written unless `writable`.

    The machine that runs it stays within reach on the network's gateway; Docker closes that from 27 on only.
    """

    def __init__(
        self, name: str, owner: str, image: str, *, memory: str, network: bool, writable: bool = False
    ) -> None:
        self.name = name
        self.owner = owner
        self.image = image
        self.memory = memory
        self.network = network
        self.powers = tuple(one for one in CONFINED if not (writable and one == READ_ONLY))
        self.started = time.monotonic()

    def start(self) -> Outcome:
        """Make the network and start the container; the outcome is that of the first step that fails."""
        closed = () if self.network else ("--internal",)
        made = docker("network", "create", *closed, *label(self.owner), self.name)
        if not made.ok:
            return made
        self.started = time.monotonic()
        return docker(
            "run", "--detach", "--name", self.name, *label(self.owner), "--network", self.name, *self.powers,
            *_LOGS, *(() if self.network else _NO_NAMES),
            "--memory", self.memory, "--memory-swap", self.memory, self.image,
        )  # fmt: skip

    def state(self) -> State:
        """How the container is."""
        about = inspect(self.name)
        state: dict[str, Any] = about.get("State") or {}
        networks = (about.get("NetworkSettings") or {}).get("Networks") or {}
        return State(
            running=bool(state.get("Running")),
            address=str((networks.get(self.name) or {}).get("IPAddress") or ""),
            exit_code=int(state.get("ExitCode", 0)),
            oom=bool(state.get("OOMKilled")),
        )

    def lived(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.started

    def log(self) -> str:
        """The end of what it said, both streams."""
        said = docker("logs", "--tail", _LOG_LINES, self.name)
        return said.out + said.err

    def listening(self) -> tuple[str, ...]:
        """The addresses that processes in it listen on; nothing if that cannot be seen from outside."""
        seen = docker("exec", self.name, "cat", "/proc/net/tcp", "/proc/net/tcp6", timeout=10)
        found = {
            f"{_host(host)}:{int(port, 16)}"
            for host, port, state in _SOCKET.findall(seen.out)
            # Docker's own name server listens on 127.0.0.11.
            if state == _LISTEN and host != "0B00007F"
        }
        return tuple(sorted(found))

    def stop(self, seconds: int) -> tuple[float, bool]:
        """Ask it to end, and end it after `seconds`: how long it took, and whether it had to be forced."""
        started = time.monotonic()
        docker("stop", "--time", str(seconds), self.name, timeout=seconds + 30)
        took = time.monotonic() - started
        return took, took >= seconds and self.state().exit_code == 137

    def remove(self) -> None:
        """Remove the container and its network."""
        docker("rm", "--force", "--volumes", self.name)
        docker("network", "rm", self.name)


def _host(raw: str) -> str:
    """An address of /proc/net/tcp as people write it; all that matters is whether others can reach it."""
    if set(raw) == {"0"}:
        return "0.0.0.0"  # noqa: S104 - read, not bound to
    local = (len(raw) == 8 and raw.endswith("7F")) or raw == "00000000000000000000000001000000"
    return "127.0.0.1" if local else "its own address"
