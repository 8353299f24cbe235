"""The runner in the background: takes queued runs, one at a time per repository, and keeps the record of
them.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import IntegrityError
from typing import Any

from cohort_bot.sandbox import triggers
from cohort_bot.sandbox.clock import Clock
from cohort_bot.sandbox.context import Context, Urls
from cohort_bot.sandbox.domain import accounts, repos
from cohort_bot.sandbox.runner import event
from cohort_bot.sandbox.runner.expressions import ExpressionError, filled, holds
from cohort_bot.sandbox.runner.job import JobRun, Place
from cohort_bot.sandbox.runner.shell import Children, Log, end_orphans, log_file
from cohort_bot.sandbox.runner.workflow import Job, Workflow, WorkflowError, parse
from cohort_bot.sandbox.store import Row, Store

AT_ONCE = 2
# Marks the tokens that end with their job; it is no scope that grants anything.
_OF_A_RUN = "workflow-run"
_QUEUE = (
    "SELECT r.*, w.name, w.path FROM workflow_runs r JOIN workflows w ON w.id = r.workflow_id"
    " WHERE r.status = 'queued' ORDER BY r.id"
)


@dataclass(frozen=True)
class _Task:
    """A run that was taken: its row, its repository, its workflow (or why there is none), the `github`
    context.
    """

    run: Row
    repo: Row
    workflow: Workflow | None
    problem: str
    github: dict[str, Any]


class Runner:
    """Carries out queued runs on threads of its own. `url` is where the sandbox listens."""

    def __init__(self, store: Store, clock: Clock, data_dir: Path, url: str) -> None:
        self._store, self._clock, self._data, self._urls = store, clock, data_dir, Urls(url, url)
        self._children = Children()
        self._changed = threading.Condition()
        self._busy: set[int] = set()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(AT_ONCE)]

    def start(self) -> None:
        """Begin. What a killed server left unfinished is ended and cancelled; the queue goes on."""
        end_orphans(self._data)
        for left in (self._data / "runs").glob("*/"):
            shutil.rmtree(left, ignore_errors=True)
        with self._context() as ctx, ctx.db.writing():
            left_off = "SET status = 'completed', conclusion = 'cancelled' WHERE status = 'in_progress'"
            ctx.db.run(f"UPDATE workflow_runs {left_off}")
            ctx.db.run(f"UPDATE check_runs {left_off} AND external_id LIKE 'run-%'")
            ctx.db.run("DELETE FROM tokens WHERE kind = 'actions' AND scopes = ?", json.dumps([_OF_A_RUN]))
        for thread in self._threads:
            thread.start()

    def look(self) -> None:
        """Something may have been queued."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is queued or running; False if that takes longer than `seconds`."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, seconds)

    def close(self) -> None:
        """End everything that runs, and wait for it."""
        self._children.end_all()
        self.look()
        for thread in self._threads:
            thread.join(10)

    @contextmanager
    def _context(self) -> Iterator[Context]:
        with self._store.session() as session:
            yield Context(session, self._clock, self._data, self._urls)

    def _is_idle(self) -> bool:
        if self._busy or self._children.closed:
            return not self._busy
        with self._store.session() as session:
            return session.value("SELECT 1 FROM workflow_runs WHERE status = 'queued' LIMIT 1") is None

    def _work(self) -> None:
        while not self._children.closed:
            with self._changed:
                task = self._take()
                if task is None:
                    self._changed.wait()
                    continue
                self._busy.add(task.repo["id"])
            try:
                self._carry_out(task)
            finally:
                with self._changed:
                    self._busy.discard(task.repo["id"])
                    self._changed.notify_all()

    def _take(self) -> _Task | None:
        """The next run of a repository that has none running; what a newer one replaces is cancelled."""
        if self._children.closed:
            return None
        with self._context() as ctx, ctx.db.writing():
            queued = [row for row in ctx.db.all(_QUEUE) if row["repo_id"] not in self._busy]
            first = next(iter(queued), None)
            if first is None:
                return None
            rivals = [self._task(ctx, row) for row in queued if row["repo_id"] == first["repo_id"]]
            task, *later = rivals
            while newer := next((one for one in later if _same_group(task, one)), None):
                self._end(ctx, task.run, "cancelled")
                later = later[later.index(newer) + 1 :]
                task = newer
            ctx.db.update("workflow_runs", task.run["id"], status="in_progress", updated_at=ctx.now)
            return task

    def _task(self, ctx: Context, run: Row) -> _Task:
        repo = repos.by_id(ctx, run["repo_id"]) or {}
        git = ctx.git(repo)
        commit = git.commit(run["head_sha"])
        text = triggers.read(git, commit, run["path"]) if commit else None
        workflow, problem = None, ""
        try:
            workflow = parse(text or "")
        except WorkflowError as found:
            problem = str(found)
        return _Task(run, repo, workflow, problem, event.github(ctx, run, repo))

    def _carry_out(self, task: _Task) -> None:
        run_id = task.run["id"]
        folder = self._data / "runs" / str(run_id)
        folder.mkdir(parents=True, exist_ok=True)
        log = Log(log_file(self._data, run_id))
        conclusion = "failure"
        try:
            if task.workflow is None:
                log.line(f"::error::{task.run['path']}: {task.problem}")
            else:
                conclusion = self._jobs(task, task.workflow, folder, log)
        except (OSError, ExpressionError) as problem:
            log.line(f"::error::the runner could not go on: {problem}")
        except IntegrityError:  # nothing can be kept about a repository that is no more
            log.line("::error::the repository was deleted meanwhile")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with self._context() as ctx, ctx.db.writing():
                self._end(ctx, task.run, "cancelled" if self._children.closed else conclusion)

    def _jobs(self, task: _Task, workflow: Workflow, folder: Path, log: Log) -> str:
        done: dict[str, dict[str, Any]] = {}
        waiting = dict(workflow.jobs)
        while waiting:
            name = next(name for name, job in waiting.items() if done.keys() >= set(job.needs))
            job = waiting.pop(name)
            done[name] = self._job(task, workflow, job, {need: done[need] for need in job.needs}, folder, log)
        results = {one["result"] for one in done.values()}
        for worst in ("failure", "cancelled", "success"):
            if worst in results:
                return worst
        return "skipped"

    def _job(
        self, task: _Task, workflow: Workflow, job: Job, needs: dict[str, Any], folder: Path, log: Log
    ) -> dict[str, Any]:
        contexts = self._contexts(task, needs)
        status = "success" if all(one["result"] == "success" for one in needs.values()) else "failure"
        if not holds(job.condition, contexts, status):
            log.line(f"# job {job.name}: skipped")
            return {"result": "skipped", "outputs": {}}
        token = self._token(task.repo["id"], job.permissions or workflow.permissions)
        try:
            return self._run_job(task, workflow, job, contexts, token, folder / job.id, log)
        finally:
            with self._context() as ctx, ctx.db.writing():
                ctx.db.run("DELETE FROM tokens WHERE token = ?", token)

    def _run_job(
        self, task: _Task, workflow: Workflow, job: Job, contexts: dict[str, Any], token: str, folder: Path,
        log: Log,
    ) -> dict[str, Any]:  # fmt: skip
        log.secrets, log.annotations = [token], []
        place = Place(folder, self._data / "repos" / f"{task.repo['id']}.git", log, self._children)
        place.temp.mkdir(parents=True)
        told = place.temp / "event.json"
        told.write_text(json.dumps(task.github["event"]), encoding="utf-8")
        contexts["github"] |= {"token": token, "event_path": str(told), "job": job.id}
        contexts["github"]["workspace"] = str(place.workspace)
        contexts["runner"] = {"os": "Linux", "temp": str(place.temp), "name": "sandbox"}
        contexts["secrets"] = {"GITHUB_TOKEN": token}
        env = {name: filled(str(text), contexts) for name, text in {**workflow.env, **job.env}.items()}
        check = self._begin(task, job)
        running = JobRun(job, place, contexts, env)
        result, outputs = running.carry_out()
        self._finish(check, result, running.summary, log)
        return {"result": result, "outputs": outputs}

    def _contexts(self, task: _Task, needs: Mapping[str, Any]) -> dict[str, Any]:
        inputs = json.loads(task.run["inputs"])
        return {"github": dict(task.github), "needs": needs, "inputs": inputs, "vars": {}, "secrets": {}}

    def _token(self, repo_id: int, permissions: object) -> str:
        """A token for this repository alone, while the job lasts; what it may do is kept beside it."""
        with self._context() as ctx, ctx.db.writing():
            token = accounts.new_token(ctx, {}, [_OF_A_RUN], "actions", repo_id)
            allowed = json.dumps(permissions if isinstance(permissions, dict | str) else {})
            ctx.db.run("UPDATE tokens SET permissions = ? WHERE token = ?", allowed, token)
            return token

    def _begin(self, task: _Task, job: Job) -> int:
        """The check run that GitHub keeps for every job."""
        with self._context() as ctx, ctx.db.writing():
            return ctx.db.insert(
                "check_runs",
                **{"repo_id": task.repo["id"], "sha": task.run["head_sha"], "name": job.name},
                **{"status": "in_progress", "external_id": f"run-{task.run['id']}-{job.id}"},
                **{"creator_id": accounts.need_bot(ctx)["id"], "started_at": ctx.now, "created_at": ctx.now},
            )

    def _finish(self, check: int, result: str, summary: str, log: Log) -> None:
        output = json.dumps({"title": None, "summary": summary[:65_535] or None, "text": None})
        with self._context() as ctx, ctx.db.writing():
            ctx.db.update(
                "check_runs", check, status="completed", conclusion=result, completed_at=ctx.now,
                output=output, annotations=json.dumps(log.annotations[:50]),
            )  # fmt: skip

    def _end(self, ctx: Context, run: Row, conclusion: str) -> None:
        ctx.db.update(
            "workflow_runs", run["id"], status="completed", conclusion=conclusion, updated_at=ctx.now
        )


def _same_group(older: _Task, newer: _Task) -> bool:
    """Whether the newer of two waiting runs takes the older one's place: a group lets one wait at most."""
    mine, its = _group(older), _group(newer)
    return bool(mine) and mine == its


def _group(task: _Task) -> str:
    if task.workflow is None or not task.workflow.group:
        return ""
    try:
        return filled(task.workflow.group, {"github": task.github, "inputs": {}, "vars": {}})
    except ExpressionError:
        return ""
