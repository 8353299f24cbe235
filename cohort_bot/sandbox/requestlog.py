"""What has been asked of the API: kept in memory for `/_sandbox/requests`, and on disk so that a kill
loses none.

Neither tokens nor bodies are ever in it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any


@dataclass
class Entry:
    """One request. `operation` and `mutations` are GraphQL's; `created_content` says whether it made
    something that GitHub's content limit counts: a REST answer of 201, or a GraphQL mutation that
    creates."""

    id: int
    time: str
    method: str
    path: str
    query: str
    api: str
    operation: str | None
    mutations: int
    status: int
    actor: str | None
    created_content: bool


class RequestLog:
    """The requests so far, in the order in which they were answered."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._entries = _read(path)
        self._file = path.open("a", encoding="utf-8")

    def add(self, **columns: Any) -> Entry:
        """Note one more."""
        with self._lock:
            number = self._entries[-1].id + 1 if self._entries else 1
            entry = Entry(id=number, **columns)
            self._entries.append(entry)
            self._file.write(json.dumps(asdict(entry)) + "\n")
            self._file.flush()
            return entry

    def since(self, last: int) -> list[dict[str, Any]]:
        """Those after the one with id `last`."""
        with self._lock:
            return [asdict(entry) for entry in self._entries if entry.id > last]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._entries.clear()
            self._file.truncate(0)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _read(path: Path) -> list[Entry]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    entries = []
    for line in lines:
        try:
            entries.append(Entry(**json.loads(line)))
        except ValueError:
            # The last line of a server that was killed while writing it.
            continue
    return entries
