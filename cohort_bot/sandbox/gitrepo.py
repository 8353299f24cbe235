"""What a bare repository means: its trees, commits and history. `gitstore` knows where things lie."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping

from cohort_bot.sandbox.gitobjects import (
    FILE_MODE,
    TREE_MODE,
    Commit,
    Entry,
    Person,
    format_commit,
    format_tree,
    parse_commit,
    parse_tree,
    write_loose,
)
from cohort_bot.sandbox.gitstore import NO_OBJECT, GitStore, environment

__all__ = ["NO_OBJECT", "GitRepo", "environment"]


class GitRepo(GitStore):
    """A bare repository at `path`."""

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
