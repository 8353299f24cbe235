"""The work being judged: a checkout, and how to look at it without harm."""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cohort_bot.checks.bench import Bench
from cohort_bot.checks.glob import matching
from cohort_bot.process import Outcome, run

READ_BYTES = 20_000_000
# Folders of other people's code and of leftovers; never the learner's own work.
FOREIGN = re.compile(
    r"(?:^|/)(?:\.?v?env|\.git|node_modules|site-packages|__pycache__|\.trash|\.ipynb_checkpoints|\.tox|build|"
    r"dist|[^/]+\.egg-info)(?:/|$)"
)
# The repo's own settings must not start programs, and git must never stop to ask.
_GIT = (
    "git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
    "-c", "core.quotePath=false",
)  # fmt: skip
_GIT_ENV = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass(frozen=True)
class Submission:
    """A checkout at `root`; every path of a check is relative to it.

    `scratch` is a folder of ours that is thrown away. `course` holds held-out data and hidden tests; only the
    organiser's judge has it, and then `judging` is true. `approvals` are the roles that have signed the work
    off. `seed` makes what is random repeatable. `name` labels what is made in Docker, so that it can be found
    and removed; `images` are the images built so far, by the id of their check.
    """

    root: Path
    scratch: Path
    bench: Bench
    course: Path | None = None
    judging: bool = False
    approvals: frozenset[str] = field(default_factory=frozenset)
    seed: int = 0
    name: str = field(default_factory=lambda: f"cohort-bot-{uuid.uuid4().hex[:12]}")
    images: dict[str, str] = field(default_factory=dict)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file of the repo: what git would push, or all there is without git."""
        listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if listed is None or not listed.ok:
            return tuple(sorted(self._walk()))
        names = (name for name in listed.out.split("\0") if name and not name.endswith("/"))
        return tuple(sorted({name for name in names if os.path.lexists(self.root / name)}))

    def match(self, glob: str) -> list[str]:
        """The files that `glob` matches."""
        return matching(glob, self.files)

    def code(self, workdir: str) -> list[str]:
        """Python files of the learner's own under `workdir`."""
        return [path for path in self.under(workdir) if path.endswith(".py") and not FOREIGN.search(path)]

    def under(self, folder: str) -> list[str]:
        """The files in `folder`, however deep."""
        start = "" if folder in (".", "./") else folder.rstrip("/") + "/"
        return [path for path in self.files if path.startswith(start)]

    def locate(self, path: str) -> Path:
        """Where `path` is on disk, whether or not it exists."""
        return self.root / path

    def inside(self, place: Path) -> bool:
        """Whether `place`, with all links followed, is still in the checkout."""
        try:
            return place.resolve().is_relative_to(self.root.resolve())
        except (OSError, RuntimeError):  # a loop of links
            return False

    def text(self, path: str, limit: int = READ_BYTES) -> str | None:
        """The start of a file as text; None if it is not there, is no file, or lies outside the checkout."""
        place = self.locate(path)
        if not self.inside(place) or not place.is_file():
            return None
        try:
            with place.open("rb") as file:
                return file.read(limit).decode(errors="replace")
        except OSError:
            return None

    def size(self, path: str) -> int:
        """A file's own size in bytes, links not followed; 0 if it is not there."""
        try:
            return self.locate(path).lstat().st_size
        except OSError:
            return 0

    def git(self, *args: str, keep: int = 64_000_000) -> Outcome | None:
        """Run git on the checkout; None when `root` is not the top of a repo."""
        if not (self.root / ".git").exists():
            return None
        return run([*_GIT, *args], cwd=self.root, timeout=120, env=_GIT_ENV, keep=keep)

    def _walk(self) -> list[str]:
        found = []
        for folder, folders, names in os.walk(self.root, followlinks=False):
            folders[:] = [name for name in folders if name != ".git"]
            base = Path(folder).relative_to(self.root)
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            found += [(base / name).as_posix() for name in [*names, *links]]
        return found
