"""Bare repositories on the disk: making them, their refs and objects, and the `git` program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from cohort_bot.sandbox.gitobjects import (
    GitObject,
    Memory,
    read_loose,
    write_loose,
)

NO_OBJECT = "0" * 40
SHA = re.compile(r"[0-9a-f]{40}")
CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[gc]
\tauto = 0
[receive]
\tautogc = false
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
"""
TIMEOUT_S = 120.0
_memory = Memory()


def environment(**more: str) -> dict[str, str]:
    """The variables `git` runs with: nothing of the user's own configuration leaks in."""
    base = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": os.devnull}
    return (
        base
        | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
        | more
    )


class GitStore:
    """A bare repository at `path`: what lies in it, by name or sha."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.objects = path / "objects"

    def create(self, branch: str) -> None:
        """Make it, empty, with `branch` as the one HEAD points to. What an interrupted creation left is
        removed.

        The handful of files that `git init --bare` would write; a process for it would double the cost of
        a repository.
        """
        if self.path.exists():
            shutil.rmtree(self.path)
        for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
            (self.path / folder).mkdir(parents=True)
        (self.path / "config").write_text(CONFIG, encoding="utf-8")
        self.point_head(branch)

    def delete(self) -> None:
        """Remove it from the disk."""
        shutil.rmtree(self.path, ignore_errors=True)

    def point_head(self, branch: str) -> None:
        """Make `branch` the one that HEAD names."""
        (self.path / "HEAD").write_text(f"ref: refs/heads/{branch}\n", encoding="utf-8")

    def git(self, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run `git` here, giving it `data` on standard input; the caller looks at the exit code."""
        return subprocess.run(
            ["git", "--git-dir", str(self.path), *arguments],
            input=data,
            capture_output=True,
            env=environment(),
            timeout=TIMEOUT_S,
            check=False,
        )

    # refs

    def ref(self, name: str) -> str | None:
        """The sha that a full ref name (`refs/heads/main`) points to."""
        if ".." in name:
            return None
        try:
            return (self.path / name).read_text(encoding="ascii").strip()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return self._packed().get(name)

    def head(self, branch: str) -> str | None:
        """The sha of a branch."""
        return self.ref(f"refs/heads/{branch}")

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Every ref below `prefix`, sorted by name."""
        found = {name: sha for name, sha in self._packed().items() if name.startswith(prefix)}
        for file in (self.path / "refs").rglob("*"):
            name = file.relative_to(self.path).as_posix()
            if name.startswith(prefix) and not name.endswith(".lock") and file.is_file():
                found[name] = file.read_text(encoding="ascii").strip()
        return dict(sorted(found.items()))

    def _packed(self) -> dict[str, str]:
        try:
            lines = (self.path / "packed-refs").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return {}
        pairs = (line.split(" ", 1) for line in lines if SHA.match(line))
        return {name: sha for sha, name in pairs}

    def is_empty(self) -> bool:
        """Whether there is no branch yet."""
        return not self.refs("refs/heads/")

    def set_ref(self, name: str, new: str, old: str | None = None) -> bool:
        """Point a ref at `new`, if it is at `old` (NO_OBJECT: does not exist; None: wherever it is).

        False when it was elsewhere or the name is not one git takes.
        """
        expected = [] if old is None else [old]
        return self.git("update-ref", name, new, *expected).returncode == 0

    def delete_ref(self, name: str) -> bool:
        """Remove a ref; False if git would not."""
        return self.git("update-ref", "-d", name).returncode == 0

    def write_first_ref(self, branch: str, sha: str) -> None:
        """Point a branch of a repository that nobody else knows yet at `sha`."""
        path = self.path / "refs" / "heads" / branch
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{sha}\n", encoding="ascii")

    # objects

    def read(self, sha: str) -> GitObject | None:
        """An object that a ref of this repository leads to."""
        found = _memory.get(sha) or read_loose(self.objects, sha) or self._read_packed(sha)
        if found:
            _memory.put(sha, found)
        return found

    def _read_packed(self, sha: str) -> GitObject | None:
        if not any((self.objects / "pack").glob("*.pack")):
            return None
        head, _, rest = self.git("cat-file", "--batch", data=f"{sha}\n".encode()).stdout.partition(b"\n")
        parts = head.decode().split(" ")
        return GitObject(parts[1], rest[: int(parts[2])]) if len(parts) == 3 else None

    def has(self, sha: str) -> bool:
        """Whether an object that a client names is in this very repository."""
        if not SHA.fullmatch(sha):
            return False
        return read_loose(self.objects, sha) is not None or self._read_packed(sha) is not None

    def write(self, kind: str, data: bytes) -> str:
        """Store an object; its sha."""
        return write_loose(self.objects, GitObject(kind, data))
