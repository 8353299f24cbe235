"""One sandbox: its folder, its clock, its log, what stands before its API and what works behind it."""

from __future__ import annotations

from pathlib import Path

from cohort_bot.sandbox.clock import Clock
from cohort_bot.sandbox.context import Context, Urls
from cohort_bot.sandbox.domain import accounts
from cohort_bot.sandbox.domain.forgetting import forget
from cohort_bot.sandbox.pipeline import Gate
from cohort_bot.sandbox.requestlog import RequestLog
from cohort_bot.sandbox.runner.worker import Runner
from cohort_bot.sandbox.store import Store


class Sandbox:
    """Everything behind one port: `gates` before the API, and the `runner` of workflows behind it."""

    runner: Runner

    def __init__(
        self, data_dir: Path, store: Store, clock: Clock, log: RequestLog, gates: list[Gate]
    ) -> None:
        self.data_dir, self.store, self.clock, self.log, self.gates = data_dir, store, clock, log, gates

    def prepare(self, login: str, org: str | None, default_org: str) -> tuple[str, str]:
        """See to it that the organiser and the organisation are there: the token, and the organisation's
        login."""
        with self.store.session() as session, session.writing():
            ctx = Context(session, self.clock, self.data_dir, Urls("", ""))
            last = session.value("SELECT value FROM settings WHERE name = 'org'")
            chosen = org or last or default_org
            token = accounts.make_owner(ctx, login, chosen)
            session.run("INSERT OR REPLACE INTO settings (name, value) VALUES ('org', ?)", chosen)
            return token, chosen

    def keep_clock(self) -> None:
        """Let a virtual clock go on from here after a restart."""
        with self.store.session() as session, session.writing():
            sql = "INSERT OR REPLACE INTO settings (name, value) VALUES ('clock', ?)"
            session.run(sql, self.clock.now().isoformat())

    def reset(self) -> None:
        """Forget everything but the organiser, the organisation and their token."""
        with self.store.session() as session:
            ctx = Context(session, self.clock, self.data_dir, Urls("", ""))
            with session.writing():
                gone = session.all("SELECT * FROM repos")
                forget(ctx, session.value("SELECT value FROM settings WHERE name = 'org'"))
        for repo in gone:
            ctx.git(repo).delete()
        self.log.clear()
        for gate in self.gates:
            gate.forget()

    def close(self) -> None:
        """End what runs, and let go of every file."""
        self.runner.close()
        self.store.close()
        self.log.close()
