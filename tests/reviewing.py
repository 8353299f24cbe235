"""A school whose learners review each other, and what there is to see of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from cohort_bot.ledger.reviews import Review, read_reviews
from tests.cheats.school import Run, School, stage
from tests.sandbox_process import SandboxProcess

SEED = 7205759403792793
WORK = {"work/report.md": "# Ours\n\nIt works.\n", "shared.txt": "shared\n"}


def reviewed(
    reviewers: int = 1, *, blind: bool = False, approvers: tuple[str, ...] = ("peer",)
) -> dict[str, Any]:
    """A stage whose work a machine looks at first, and then peers."""
    return stage(
        "work", "1-40",
        {"id": "there", "kind": "files", "title": "It is there", "all_of": ["work/report.md"]},
        {"id": "seen", "kind": "manual", "title": "Seen by a peer", "asks": "Does it {{ hold }} @all?",
         "needs": ["there"], "approvers": list(approvers), "reviewers": reviewers, "blind": blind},
    )  # fmt: skip


class Reviewing(School):
    """The judge runs with the cohort's own repo; who reviews whom is asked of `cohort-bot reviews`."""

    peers: dict[str, str]

    def judge(self, *words: str) -> Run:
        return self.verify("--cohort-repo", f"{self.sandbox.org}/cohort", *words)

    def hand_in(self, login: str, **files: str) -> str:
        sha = self.push(login, WORK | files)
        self.claim(login)
        return sha

    def rows(self, *words: str) -> list[dict[str, Any]]:
        told = self.run("reviews", "--format", "json", *words)
        assert told.code == 0, told.err
        found: list[dict[str, Any]] = json.loads(told.out)["reviews"]
        return found

    def reviewers(self, author: str) -> list[str]:
        return [row["reviewer"] for row in self.rows() if row["learner"] == author]

    def pair(self) -> None:
        """Look once who reviews whom, for `peer`."""
        self.peers = {row["learner"]: row["reviewer"] for row in self.rows()}

    def peer(self, author: str) -> str:
        """The one who reviews this author, as `pair` has found."""
        return self.peers[author]

    def became(self, author: str) -> list[str]:
        return [row["became"] for row in self.rows() if row["learner"] == author]

    def others(self, *logins: str) -> str:
        """Somebody else than these."""
        with (self.folder / "roster.csv").open(encoding="utf-8") as file:
            names = [row["github"] for row in csv.DictReader(io.StringIO(file.read()))]
        return next(name for name in names if name not in logins)

    def journal(self, author: str) -> tuple[Review, ...]:
        found = read_reviews(self.folder / "ledger")
        assert found.damage == ()
        return found.of(author)

    def place(self, author: str) -> str:
        """The repo, as a path of the API, that the newest review of this author's is about."""
        return f"/repos/{self.journal(author)[-1].opened.place}"

    def status(self, path: str, login: str) -> int:
        """What somebody gets who looks at this path of the API."""
        return self.sandbox.api("GET", path, self.tokens[login]).status_code

    def answer(self, author: str, body: str, login: str = "") -> int:
        """A comment where the review of this author's is to be answered; by the reviewer. Its number."""
        review = self.journal(author)[-1]
        who = login or review.reviewer
        if review.opened.blind:
            path = f"/repos/{review.opened.place}/issues/1/comments"
        else:
            path = self.path(author, "/issues/1/comments")
        said = self.sandbox.api("POST", path, self.tokens[who], json={"body": body})
        assert said.status_code == 201, said.text
        return int(said.json()["id"])

    def edit(self, path: str, number: int, body: str, token: str) -> None:
        done = self.sandbox.api("PATCH", f"{path}/issues/comments/{number}", token, json={"body": body})
        assert done.status_code == 200, done.text


def reviewing(
    folder: Path, sandbox: SandboxProcess, written: dict[str, Any], *logins: str, **more: Any
) -> Reviewing:
    """A cohort of `logins` with a repo of its own; `more` are other keys of cohort.yaml."""
    made = sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json={"name": "cohort", "private": True})
    assert made.status_code == 201
    keys = {"reviews": {"seed": SEED}} | more
    school = Reviewing(folder, sandbox, [written], more=keys)
    school.open(*(logins or ("olive", "bruno", "zelda")))
    return school
