"""Clones of learners' repos, side by side, for people to read: brought up to date, nothing of theirs lost.

A clone is an ordinary one: its remote is `origin`, its settings hold no token, and plain `git` works in it.
Hooks, filters, LFS and submodules stay off while we fetch and check out (see `git.py`); symbolic links are
small text files there, for good, so that no editor follows one out of the folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from cohort_bot import git
from cohort_bot.errors import CohortError

# By this a clone is known again when its repo has another address: renamed, moved, or in the sandbox.
ID = "cohort-bot.repo"
# What was checked out of a repo that has forgotten it since, so that it is not taken for somebody's own work.
PINS = "refs/cohort-bot"


class CloneError(CohortError):
    """A clone cannot be made or brought up to date."""


class Became(StrEnum):
    """What became of a clone. KEPT: it was fetched, and is left as it is because of what is in it."""

    CLONED = "cloned"
    UPDATED = "updated"
    SAME = "up to date"
    KEPT = "left as it is"


@dataclass(frozen=True)
class Clone:
    """A clone after the work: which commit is checked out, and why it was kept back, if it was."""

    became: Became
    commit: str
    why: str = ""


@dataclass(frozen=True)
class Wish:
    """What to have: of the repo `id`, now at `url`, its default branch, or the commit `pin`."""

    id: str
    url: str
    branch: str
    pin: str = ""


def bring(root: Path, wish: Wish, token: str) -> Clone:
    """Make `root` a clone as wished, or bring the one that is there up to date.

    Commits and changes made in it are never lost: where they are in the way, it is fetched and left as it is.
    Raises CloneError when something else is at `root`, FetchError when git fails.
    """
    if urlsplit(wish.url).scheme not in ("http", "https"):
        raise CloneError(f"{wish.url} is no address to clone from")
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return _make(root, wish, token)
    place = _Place(root)
    if not (root / ".git").is_dir() or not place.is_of(wish):
        raise CloneError(f"{root} is there already, and is no clone of {wish.url}", "Move it out of the way.")
    place.note(wish)
    why = place.mine(wish.branch)
    place.fetch(wish, token)
    before, goal = place.head(), place.goal(wish)
    if before == goal:
        return Clone(Became.SAME, before)
    why = why or place.check_out(wish, goal)
    return Clone(Became.KEPT, before, why) if why else Clone(Became.UPDATED, goal)


def _make(root: Path, wish: Wish, token: str) -> Clone:
    """A new clone, which is at `root` only when it is whole."""
    half = root.with_name(f".{root.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    place = _Place(half)
    git.call(half, "init", "--quiet", "--template=", ".")
    place.call("config", "core.symlinks", "false")
    place.call("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    place.note(wish)
    place.fetch(wish, token)
    goal = place.goal(wish)
    if why := place.check_out(wish, goal):
        raise CloneError(f"{wish.url} cannot be checked out: {why}")
    half.replace(root)
    return Clone(Became.CLONED, goal)


@dataclass(frozen=True)
class _Place:
    """One folder with a clone in it."""

    root: Path

    @property
    def _here(self) -> Mapping[str, str]:
        # Without these, git would take the repo around a folder that is none for the one that is meant.
        root = self.root.resolve()
        return {"GIT_DIR": str(root / ".git"), "GIT_WORK_TREE": str(root)}

    def call(self, *words: str) -> None:
        git.call(self.root, *words, more=self._here)

    def told(self, *words: str) -> str:
        """What git says; nothing where it fails."""
        ended = git.attempt(self.root, *words, more=self._here)
        return ended.out.strip() if ended.ok else ""

    def is_of(self, wish: Wish) -> bool:
        """Whether this is a clone of that repo: one of ours, or one that somebody made with git."""
        known = self.told("config", "--get", ID)
        return known == wish.id if known else self.told("config", "--get", "remote.origin.url") == wish.url

    def note(self, wish: Wish) -> None:
        """Write down whose clone this is, and where the repo is now."""
        for key, text in ((ID, wish.id), ("remote.origin.url", wish.url)):
            if self.told("config", "--get", key) != text:
                self.call("config", key, text)

    def head(self) -> str:
        return self.told("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    def goal(self, wish: Wish) -> str:
        """The commit that is to be checked out. Raises CloneError where the branch is gone."""
        ref = f"refs/remotes/origin/{wish.branch}"
        found = wish.pin or self.told("rev-parse", "--verify", "--quiet", ref)
        if not found:
            raise CloneError(f"{wish.url} has no branch {wish.branch}")
        return found

    def fetch(self, wish: Wish, token: str) -> None:
        pin = [f"+{wish.pin}:{PINS}/{wish.pin}"] if wish.pin else []
        git.call(
            self.root, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
            wish.url, "+refs/heads/*:refs/remotes/origin/*", *pin,
            settings=git.credential(wish.url, token), protocols="https:http", more=self._here,
        )  # fmt: skip

    def mine(self, branch: str) -> str:
        """Why the clone is not to be moved, before anything is fetched; empty if it may be."""
        ours = ["--not", "--remotes=origin", f"--glob={PINS}/*"]
        if self.told("rev-list", "--max-count=1", "HEAD", "--branches", *ours):
            return "commits of your own are in it"
        on = self.told("symbolic-ref", "--quiet", "--short", "HEAD")
        return f"you are on the branch {on} there" if on not in ("", branch) else ""

    def check_out(self, wish: Wish, goal: str) -> str:
        """Check the commit out; why not, where files changed in the clone are in the way."""
        where = ["--detach", goal] if wish.pin else ["-B", wish.branch, f"refs/remotes/origin/{wish.branch}"]
        words = ["checkout", "--quiet", "--no-overwrite-ignore", *where]
        ended = git.attempt(self.root, *words, more=self._here)
        if ended.ok:
            return ""
        if "would be overwritten" in ended.err or "would lose untracked" in ended.err:
            return "files that you changed are in the way"
        raise CloneError(f"git checkout: {ended.err.strip()[-300:]}")
