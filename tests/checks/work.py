"""A submission built file by file, and judged as the command line would."""

from __future__ import annotations

import subprocess
import textwrap
import uuid
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from cohort_bot.checks.bench import HostBench
from cohort_bot.checks.submission import Submission
from cohort_bot.examine import examine
from cohort_bot.model import CheckSpec
from cohort_bot.verdict import Result, Verdict

SPEC: TypeAdapter[CheckSpec] = TypeAdapter(CheckSpec)


def spec(kind: str, **parameters: Any) -> CheckSpec:
    """A check spec with an id and a title of no importance."""
    return SPEC.validate_python(
        {"id": kind.replace("_", "-"), "title": f"The {kind}", "kind": kind, **parameters}
    )


class Work:
    """A learner's checkout under `root`."""

    def __init__(self, base: Path) -> None:
        self.root = (base / "work").resolve()
        self.root.mkdir()
        self.scratch = base / "scratch"
        self.scratch.mkdir()
        self.mark = uuid.uuid4().hex
        self.names: list[str] = []

    def write(self, path: str, text: str | bytes = "") -> Path:
        """Write a file, its text without common indentation."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            place.write_bytes(text)
        else:
            place.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return place

    def git(self, *args: str, day: str = "2026-01-05") -> str:
        """Run git as the learner, on `day`."""
        moment = f"{day}T12:00:00+01:00"
        settings = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment, "HOME": str(self.scratch)}
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
        return subprocess.run(
            ["git", *who, *args], cwd=self.root, env={"PATH": "/usr/bin:/bin:/usr/local/bin", **settings},
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    def commit(self, message: str = "Work", day: str = "2026-01-05") -> None:
        """Commit everything there is."""
        if not (self.root / ".git").exists():
            self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, day=day)

    def submission(self, **settings: Any) -> Submission:
        """The checkout as the engine sees it."""
        bench = HostBench(self.root, self.scratch / "home")
        submission = Submission(self.root, self.scratch, bench, **settings)
        self.names.append(submission.name)
        return submission

    def verdict(self, *specs: CheckSpec, **settings: Any) -> Verdict:
        """What the engine says of all of `specs`."""
        return examine(self.submission(**settings), specs)

    def judge(self, kind: str, **parameters: Any) -> Result:
        """What the engine says of one check."""
        return self.verdict(spec(kind, **parameters)).results[0]
