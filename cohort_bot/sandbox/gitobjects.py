"""Git's loose objects, read and written without starting a process.

The format is documented in https://git-scm.com/book/en/v2/Git-Internals-Git-Objects. A cohort is a
thousand small repositories; a process per object would make each of them cost tenths of a second.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Lock
from typing import NamedTuple

TREE_MODE = "40000"
FILE_MODE = "100644"


class GitObject(NamedTuple):
    """`kind` is blob, tree, commit or tag."""

    kind: str
    data: bytes


class Entry(NamedTuple):
    """One line of a tree; `mode` as git writes it, without leading zeros (40000 is a folder)."""

    mode: str
    name: str
    sha: str

    @property
    def is_tree(self) -> bool:
        """Whether it is a folder."""
        return self.mode == TREE_MODE


class Person(NamedTuple):
    """Who wrote or committed, and when."""

    name: str
    email: str
    when: datetime


@dataclass(frozen=True)
class Commit:
    """A commit, taken apart."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


class Memory:
    """Objects read lately. They never change, so any repository's copy is everybody's."""

    def __init__(self, limit: int = 8192, largest: int = 1 << 18) -> None:
        self._limit, self._largest = limit, largest
        self._found: OrderedDict[str, GitObject] = OrderedDict()
        self._lock = Lock()

    def get(self, sha: str) -> GitObject | None:
        """The object, if it was read lately."""
        with self._lock:
            found = self._found.get(sha)
            if found:
                self._found.move_to_end(sha)
            return found

    def put(self, sha: str, found: GitObject) -> None:
        """Keep `found`, forgetting the longest unused."""
        if len(found.data) > self._largest:
            return
        with self._lock:
            self._found[sha] = found
            if len(self._found) > self._limit:
                self._found.popitem(last=False)


def loose_path(objects: Path, sha: str) -> Path:
    """Where a loose object lies."""
    return objects / sha[:2] / sha[2:]


def read_loose(objects: Path, sha: str) -> GitObject | None:
    """The loose object, or None if it is not there (it may be in a pack)."""
    try:
        raw = zlib.decompress(loose_path(objects, sha).read_bytes())
    except FileNotFoundError:
        return None
    header, _, data = raw.partition(b"\0")
    return GitObject(header.split(b" ")[0].decode(), data)


def write_loose(objects: Path, found: GitObject) -> str:
    """Store an object; its sha. Writing it again changes nothing."""
    raw = b"%s %d\0%s" % (found.kind.encode(), len(found.data), found.data)
    sha = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
    path = loose_path(objects, sha)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"tmp_obj_{os.urandom(8).hex()}")
        partial.write_bytes(zlib.compress(raw, 1))
        partial.chmod(0o444)
        partial.replace(path)
    return sha


def parse_tree(data: bytes) -> list[Entry]:
    """The lines of a tree object."""
    entries, at = [], 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        sha = data[end + 1 : end + 21].hex()
        entries.append(Entry(data[at:space].decode(), data[space + 1 : end].decode("utf-8", "replace"), sha))
        at = end + 21
    return entries


def format_tree(entries: list[Entry]) -> GitObject:
    """A tree object; git sorts a folder as if its name ended in a slash."""
    ordered = sorted(entries, key=lambda e: (e.name + "/" if e.is_tree else e.name).encode())
    lines = (f"{e.mode} {e.name}".encode() + b"\0" + bytes.fromhex(e.sha) for e in ordered)
    return GitObject("tree", b"".join(lines))


def parse_commit(sha: str, data: bytes) -> Commit:
    """A commit object taken apart."""
    head, _, message = data.decode("utf-8", "replace").partition("\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.splitlines():
        name, _, value = line.partition(" ")
        fields.setdefault(name, []).append(value)
    return Commit(
        sha,
        fields["tree"][0],
        tuple(fields.get("parent", ())),
        _parse_person(fields["author"][0]),
        _parse_person(fields["committer"][0]),
        message.rstrip("\n"),
    )


def format_commit(
    tree: str, parents: tuple[str, ...], author: Person, committer: Person, message: str
) -> GitObject:
    """A commit object."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {_format_person(author)}", f"committer {_format_person(committer)}", "", message]
    return GitObject("commit", "\n".join(lines).encode())


def _parse_person(text: str) -> Person:
    who, _, when = text.rpartition("> ")
    name, _, email = who.partition("<")
    seconds, _, zone = when.partition(" ")
    sign = -1 if zone.startswith("-") else 1
    offset = timedelta(hours=int(zone[1:3] or 0), minutes=int(zone[3:5] or 0)) * sign
    return Person(name.strip(), email, datetime.fromtimestamp(int(seconds), timezone(offset)))


def _format_person(person: Person) -> str:
    offset = person.when.strftime("%z") or "+0000"
    clean = str.maketrans("", "", "<>\n")
    name, email = person.name.translate(clean), person.email.translate(clean)
    return f"{name} <{email}> {int(person.when.timestamp())} {offset}"
