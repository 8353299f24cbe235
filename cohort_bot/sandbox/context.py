"""What every handler of the sandbox is given: who asks, the store, the clock, the folder, and how to spell
links."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cohort_bot.sandbox.clock import Clock, stamp
from cohort_bot.sandbox.gitrepo import GitRepo
from cohort_bot.sandbox.store import Row, Session

ADMIN_SCOPES = frozenset({"repo", "workflow", "admin:org", "project", "delete_repo", "user"})
# A scope carries those below it: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
_CARRIED = {
    "repo": {"public_repo", "repo:status", "repo:invite", "repo_deployment", "security_events"},
    "admin:org": {"write:org", "read:org"},
    "write:org": {"read:org"},
    "project": {"read:project"},
    "user": {"read:user", "user:email", "user:follow"},
}


@dataclass(frozen=True)
class Actor:
    """Who asks. `user` is an accounts row; an `actions` token acts as
    github-actions[bot] on one repo only."""

    user: Row
    kind: str
    scopes: frozenset[str]
    repo_id: int | None = None
    # What the workflow said of its token, as JSON: see permissions.py.
    permissions: str = ""

    @property
    def id(self) -> int:
        """The account's id."""
        return int(self.user["id"])

    @property
    def login(self) -> str:
        """The account's login."""
        return str(self.user["login"])

    @property
    def is_bot(self) -> bool:
        """Whether the token is a workflow's own (GITHUB_TOKEN)."""
        return self.kind == "actions"

    def has(self, *scopes: str) -> bool:
        """Whether the token has one of `scopes`, itself or through a wider one; a bot's token has none and
        needs none."""
        return self.is_bot or not self.carried.isdisjoint(scopes)

    @cached_property
    def carried(self) -> frozenset[str]:
        """The scopes with everything they include."""
        found = set(self.scopes)
        for scope in self.scopes:
            found |= _CARRIED.get(scope, set())
        return frozenset(found)


@dataclass(frozen=True)
class Urls:
    """Where links point: `api` for REST resources, `html` for pages and git; both without a slash at the
    end."""

    api: str
    html: str


@dataclass
class Context:
    """One request. `actor` is None when no token was sent. Write only inside `with context.db.writing():`
    (REST and GraphQL handlers that change things are already inside one)."""

    db: Session
    clock: Clock
    data_dir: Path
    urls: Urls
    actor: Actor | None = None
    # Whether this request has queued a workflow run, so that the runner has to look.
    queued: bool = False
    cache: dict[object, object] = field(default_factory=dict)
    # Whether a GraphQL mutation of this request has made something.
    created: bool = False

    @property
    def instant(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    @property
    def now(self) -> str:
        """The present instant as the API writes it."""
        return stamp(self.clock.now())

    def git(self, repo: Row) -> GitRepo:
        """The bare repository behind a `repos` row."""
        return self.git_by_id(int(repo["id"]))

    def git_by_id(self, repo_id: int) -> GitRepo:
        """The bare repository with that id; named by id, so that a rename moves nothing."""
        return GitRepo(self.data_dir / "repos" / f"{repo_id}.git")
