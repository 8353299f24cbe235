"""The one module that touches bare repositories: their refs, trees and commits, and the `git` program."""

from __future__ import annotations

import heapq
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from cohort_bot.sandbox.gitobjects import (
    FILE_MODE,
    TREE_MODE,
    Commit,
    Entry,
    GitObject,
    Memory,
    Person,
    format_commit,
    format_tree,
    parse_commit,
    parse_tree,
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


class GitRepo:
    """A bare repository at `path`."""

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

    def commit(self, sha: str) -> Commit | None:
        """The commit with that sha."""
        found = self.read(sha)
        return parse_commit(sha, found.data) if found and found.kind == "commit" else None

    def tree(self, sha: str) -> list[Entry]:
        """The lines of the tree with that sha; none if there is no such tree."""
        found = self.read(sha)
        return parse_tree(found.data) if found and found.kind == "tree" else []

    def size(self, sha: str) -> int:
        """Bytes of a blob."""
        found = self.read(sha)
        return len(found.data) if found else 0

    # finding things

    def resolve(self, name: str, default_branch: str) -> str | None:
        """The commit that a branch, tag, `HEAD`, full ref or sha names (https://git-scm.com/docs/gitrevisions)."""
        if name == "HEAD":
            name = default_branch
        for full in (f"refs/heads/{name}", f"refs/tags/{name}", name if name.startswith("refs/") else ""):
            sha = self.ref(full) if full else None
            if sha:
                return sha
        return name if self.has(name) else None

    def at(self, tree: str, path: str) -> Entry | None:
        """What lies at `path` below a tree; the tree itself for an empty path."""
        found = Entry(TREE_MODE, "", tree)
        for part in (part for part in path.split("/") if part):
            lines = self.tree(found.sha) if found.is_tree else []
            match = next((line for line in lines if line.name == part), None)
            if match is None:
                return None
            found = match
        return found

    def walk(self, tree: str, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """Every path below a tree, folders before what is in them."""
        for entry in self.tree(tree):
            yield prefix + entry.name, entry
            if entry.is_tree:
                yield from self.walk(entry.sha, f"{prefix}{entry.name}/")

    def log(self, start: str) -> Iterator[Commit]:
        """The commits that `start` leads back to, the latest first."""
        seen: set[str] = set()
        queue: list[tuple[float, int, Commit]] = []

        def push(sha: str) -> None:
            found = None if sha in seen else self.commit(sha)
            seen.add(sha)
            if found:
                heapq.heappush(queue, (-found.committer.when.timestamp(), len(seen), found))

        push(start)
        while queue:
            commit = heapq.heappop(queue)[2]
            yield commit
            for parent in commit.parents:
                push(parent)

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` is `old` or follows from it."""
        return any(commit.sha == old for commit in self.log(new))

    def touches(self, commit: Commit, path: str) -> bool:
        """Whether a commit changed what lies at `path`, compared with its first parent."""
        parent = self.commit(commit.parents[0]) if commit.parents else None
        return self.at(commit.tree, path) != (self.at(parent.tree, path) if parent else None)

    def changes(self, sha: str) -> list[str]:
        """What a commit changed: lines of status, added, removed and path, separated by tabs."""
        plain = ("diff-tree", "--root", "--no-commit-id", "--no-renames", "-r", "-z")
        counts = self.git(*plain, "--numstat", sha).stdout.decode("utf-8", "replace").split("\0")
        names = self.git(*plain, "--name-status", sha).stdout.decode("utf-8", "replace").split("\0")
        status = dict(zip(names[1::2], names[::2], strict=False))
        rows = (line.split("\t", 2) for line in counts if line)
        return [f"{status.get(path, 'M')}\t{added}\t{removed}\t{path}" for added, removed, path in rows]

    def diff_numbers(self, base: str, head: str) -> list[tuple[int, int]]:
        """Lines added and removed per file between where `head` left `base` and `head`."""
        lines = (
            self.git("diff", "--numstat", f"{base}...{head}").stdout.decode("utf-8", "replace").splitlines()
        )
        pairs = (line.split("\t")[:2] for line in lines)
        return [(int(plus), int(minus)) if plus.isdigit() else (0, 0) for plus, minus in pairs]

    # writing

    def edit(self, tree: str | None, changes: Mapping[str, tuple[str, str] | None]) -> str | None:
        """A tree with files set to (mode, sha) or removed (None); its sha, None if nothing is left of it."""
        entries = {entry.name: entry for entry in (self.tree(tree) if tree else [])}
        below: dict[str, dict[str, tuple[str, str] | None]] = {}
        for path, change in changes.items():
            name, _, rest = path.partition("/")
            if rest:
                below.setdefault(name, {})[rest] = change
            elif change is None:
                entries.pop(name, None)
            else:
                entries[name] = Entry(change[0], name, change[1])
        for name, inner in below.items():
            old = entries.pop(name, None)
            sha = self.edit(old.sha if old and old.is_tree else None, inner)
            if sha:
                entries[name] = Entry(TREE_MODE, name, sha)
        return write_loose(self.objects, format_tree(list(entries.values()))) if entries else None

    def commit_files(
        self,
        parent: str | None,
        files: Mapping[str, bytes | None],
        message: str,
        author: Person,
        committer: Person | None = None,
    ) -> str:
        """A commit on `parent` with files written or removed (None); no ref is moved. Its sha."""
        base = self.commit(parent) if parent else None
        changes = {
            path: None if data is None else (self._mode(base, path), self.write("blob", data))
            for path, data in files.items()
        }
        tree = self.edit(base.tree if base else None, changes)
        tree = tree or self.write("tree", b"")
        return self.write_commit(tree, (parent,) if parent else (), message, author, committer)

    def _mode(self, base: Commit | None, path: str) -> str:
        old = self.at(base.tree, path) if base else None
        return old.mode if old and not old.is_tree else FILE_MODE

    def write_commit(
        self,
        tree: str,
        parents: tuple[str, ...],
        message: str,
        author: Person,
        committer: Person | None = None,
    ) -> str:
        """A commit object; its sha."""
        return write_loose(self.objects, format_commit(tree, parents, author, committer or author, message))

    def merge(self, base: str, head: str, message: str, author: Person) -> str | None:
        """A commit that joins `head` to `base`, on no branch yet; None if they conflict."""
        done = self.git("merge-tree", "--write-tree", base, head)
        if done.returncode != 0:
            return None
        return self.write_commit(done.stdout.decode().split()[0], (base, head), message, author)

    def copy_tree(self, source: GitRepo, tree: str) -> None:
        """Bring a tree of another repository, with all below it, into this one."""
        for sha in (tree, *(entry.sha for _, entry in source.walk(tree))):
            found = source.read(sha)
            if found:
                write_loose(self.objects, found)

    def kilobytes(self) -> int:
        """Roughly what the repository weighs; GitHub's `size` is in kilobytes."""
        files = (file.stat().st_size for file in self.objects.rglob("*") if file.is_file())
        return max(1, sum(files) // 1024) if not self.is_empty() else 0
