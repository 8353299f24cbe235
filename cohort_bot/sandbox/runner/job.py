"""One job: its steps in order, each with the environment and the files that GitHub gives it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from cohort_bot.sandbox.runner import shell
from cohort_bot.sandbox.runner.expressions import ExpressionError, filled, holds, shown, value
from cohort_bot.sandbox.runner.files import assignments
from cohort_bot.sandbox.runner.workflow import Job, Step, WorkflowError, steps

Json = Any
# What a program needs to find its files and a trusted connection. Nothing here is a secret.
KEPT = (
    "LANG", "LC_ALL", "TZ", "DOCKER_HOST", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE", "PIP_CERT", "PIP_CONFIG_FILE", "PIP_INDEX_URL",
)  # fmt: skip
OURS = "cohort-bot"
"""The name of the repository whose actions lie beside this code."""
_HERE = Path(__file__).resolve().parents[2]
_FILES = {
    "GITHUB_OUTPUT": "output",
    "GITHUB_ENV": "env",
    "GITHUB_PATH": "path",
    "GITHUB_STEP_SUMMARY": "summary",
}


def our_action() -> Path:
    """Where our action.yml is: beside the code in a wheel, at the top of a checkout."""
    installed = _HERE / "shipped"
    return installed if (installed / "action.yml").is_file() else _HERE.parent


@dataclass(frozen=True)
class Place:
    """Where a run happens: its folder, the bare repository it is about, and what it is told."""

    folder: Path
    bare: Path
    log: shell.Log
    children: shell.Children

    @property
    def workspace(self) -> Path:
        """Where the repository is checked out."""
        return self.folder / "work"

    @property
    def temp(self) -> Path:
        """RUNNER_TEMP."""
        return self.folder / "temp"


@dataclass(frozen=True)
class Scope:
    """What expressions and scripts see: the job's own, or that of an action it uses."""

    contexts: dict[str, Json]
    env: Mapping[str, str]
    action: Path | None = None


@dataclass
class JobRun:
    """One job being carried out. `summary` is what its steps wrote for people."""

    job: Job
    place: Place
    contexts: dict[str, Json]
    env: dict[str, str]
    paths: list[str] = field(default_factory=list)
    summary: str = ""
    count: int = 0
    deadline: float = 0.0

    def carry_out(self) -> tuple[str, dict[str, str]]:
        """Run its steps: `success`, `failure` or `cancelled`, and its outputs."""
        self.deadline = time.monotonic() + self.job.minutes * 60
        for folder in (self.place.workspace, self.place.temp, self.place.folder / "home"):
            folder.mkdir(parents=True, exist_ok=True)
        self.contexts |= {"steps": {}, "env": self.env}
        scope = Scope(self.contexts, {})
        result = self._all(self.job.steps, scope)
        outputs = {name: filled(str(text), self.contexts) for name, text in self.job.outputs.items()}
        return ("cancelled" if self.place.children.closed else result), outputs

    def _all(self, todo: Sequence[Step], scope: Scope) -> str:
        status = "success"
        for step in todo:
            outcome, outputs = self._attempt(step, scope, status)
            conclusion = "success" if outcome == "failure" and step.may_fail else outcome
            if step.id:
                told = {"outputs": outputs, "outcome": outcome, "conclusion": conclusion}
                scope.contexts["steps"][step.id] = told
            if conclusion == "failure":
                status = "failure"
        return status

    def _attempt(self, step: Step, scope: Scope, status: str) -> tuple[str, dict[str, str]]:
        """What became of one step, and its outputs. What this runner cannot do is a failure that says so."""
        try:
            if not holds(step.condition, scope.contexts, status):
                self.place.log.line(f"# {step.title}: skipped")
                return "skipped", {}
            self.place.log.line(f"# {filled(step.title, scope.contexts, status)}")
            act = self._script if step.run else self._use
            return act(step, scope)
        except (ExpressionError, WorkflowError) as problem:
            self.place.log.line(f"::error::{problem}")
            return "failure", {}

    def _script(self, step: Step, scope: Scope) -> tuple[str, dict[str, str]]:
        self.count += 1
        script = self.place.temp / f"step-{self.count}.sh"
        script.write_text(filled(step.run, scope.contexts), encoding="utf-8")
        files = {name: self.place.temp / f"{kind}-{self.count}" for name, kind in _FILES.items()}
        for file in files.values():
            file.touch()
        env = self._environment(step, scope) | {name: str(file) for name, file in files.items()}
        folder = self.place.workspace / filled(step.folder, scope.contexts)
        if not folder.is_dir():
            raise WorkflowError(f"there is no folder {step.folder}")
        argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        left = max(self.deadline - time.monotonic(), 0)
        code = shell.run(
            argv, cwd=folder, env=env, log=self.place.log, seconds=left, children=self.place.children
        )
        if code:
            self.place.log.line(f"# ended with {code}")
        return ("failure" if code else "success"), self._learn(files)

    def _learn(self, files: Mapping[str, Path]) -> dict[str, str]:
        """What a step left in its files: for the steps after it, and for people."""
        texts = {name: file.read_text(encoding="utf-8", errors="replace") for name, file in files.items()}
        self.env.update(assignments(texts["GITHUB_ENV"]))
        self.paths[:0] = [line for line in texts["GITHUB_PATH"].splitlines()[::-1] if line]
        self.summary += texts["GITHUB_STEP_SUMMARY"]
        return assignments(texts["GITHUB_OUTPUT"])

    def _environment(self, step: Step, scope: Scope) -> dict[str, str]:
        """GitHub's own variables, the workflow's, the job's and the step's, in this order."""
        github = self.contexts["github"]
        search = [*self.paths, str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        base = {name: os.environ[name] for name in KEPT if name in os.environ}
        base |= {
            "PATH": os.pathsep.join(search), "HOME": str(self.place.folder / "home"), "CI": "true",
            "GITHUB_ACTIONS": "true", "RUNNER_OS": "Linux", "RUNNER_TEMP": str(self.place.temp),
            "GITHUB_WORKSPACE": str(self.place.workspace), "GITHUB_JOB": self.job.id,
            # Where cohort-bot is installed already, its action need not install it (docs/the-loop.md).
            "COHORT_BOT_PYTHON": sys.executable,
        }  # fmt: skip
        for name in github:
            if isinstance(github[name], str) and name not in {"token", "job", "workspace", "action_path"}:
                base[f"GITHUB_{name.upper()}"] = github[name]
        if scope.action:
            base["GITHUB_ACTION_PATH"] = str(scope.action)
        own = {name: filled(shown(text), scope.contexts) for name, text in step.env.items()}
        return base | self.env | dict(scope.env) | own

    def _use(self, step: Step, scope: Scope) -> tuple[str, dict[str, str]]:
        """An action: the two of GitHub's that our workflows need, or ours."""
        name, _, _ = step.uses.partition("@")
        given = {key: value(text, scope.contexts) for key, text in step.given.items()}
        known: Mapping[str, Callable[[], tuple[str, dict[str, str]]]] = {
            "actions/checkout": partial(self._checkout, given),
            "actions/setup-python": self._setup_python,
        }
        if act := known.get(name.lower()):
            return act()
        if name == "." or name.startswith("./"):
            return self._composite(step, scope, given, self.place.workspace / name)
        _, repo, *below = f"{name}//".split("/")
        if repo.lower() == OURS:
            return self._composite(step, scope, given, our_action().joinpath(*below))
        raise WorkflowError(f"this runner has no action {step.uses}")

    def _checkout(self, given: Mapping[str, Json]) -> tuple[str, dict[str, str]]:
        """The repository at the run's commit; without credentials, whatever `persist-credentials` says."""
        github, target = self.contexts["github"], self.place.workspace
        if (given.get("repository") or github["repository"]) != github["repository"]:
            raise WorkflowError("this runner checks out its own repository only")
        shutil.rmtree(target)
        branch, sha = github["ref_name"], given.get("ref") or github["sha"]
        depth = (
            [] if float(given.get("fetch-depth", 1)) == 0 else ["--depth", str(given.get("fetch-depth", 1))]
        )
        for argv in (
            ["git", "init", "--quiet", "--initial-branch", branch, str(target)],
            [
                "git",
                "-C",
                str(target),
                "remote",
                "add",
                "origin",
                f"{github['server_url']}/{github['repository']}",
            ],
            ["git", "-C", str(target), "fetch", "--quiet", *depth, f"file://{self.place.bare}", str(sha)],
            ["git", "-C", str(target), "checkout", "--quiet", "-B", branch, "FETCH_HEAD"],
        ):
            env = {
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": os.devnull,
                "GIT_CONFIG_GLOBAL": os.devnull,
            }
            code = shell.run(
                argv, cwd=self.place.folder, env=env, log=self.place.log, seconds=600,
                children=self.place.children,
            )  # fmt: skip
            if code:
                return "failure", {}
        return "success", {}

    def _setup_python(self) -> tuple[str, dict[str, str]]:
        """The interpreter that is here, whichever version was asked for."""
        version = ".".join(map(str, sys.version_info[:3]))
        self.place.log.line(f"Python {version}, the one that the sandbox runs on")
        return "success", {"python-version": version, "python-path": sys.executable}

    def _composite(
        self, step: Step, scope: Scope, given: Mapping[str, Json], folder: Path
    ) -> tuple[str, dict[str, str]]:
        """A composite action: its own inputs and steps, the job's environment."""
        described = _described(folder)
        github = self.contexts["github"] | {"action_path": str(folder)}
        inputs = {
            name: shown(
                given[name] if name in given else value((raw or {}).get("default", ""), self.contexts)
            )
            for name, raw in (described.get("inputs") or {}).items()
        }
        for name in given.keys() - inputs.keys():
            self.place.log.line(f"::warning::Unexpected input {name} to {step.uses}")
        env = {name: filled(shown(text), scope.contexts) for name, text in step.env.items()}
        contexts = self.contexts | {"github": github, "inputs": inputs, "steps": {}}
        inside = replace(scope, contexts=contexts, env=env, action=folder)
        result = self._all(steps(described["runs"].get("steps")), inside)
        told = {
            name: filled(str(raw.get("value", "")), contexts)
            for name, raw in (described.get("outputs") or {}).items()
        }
        return result, told


def _described(folder: Path) -> dict[str, Json]:
    files = [folder / name for name in ("action.yml", "action.yaml") if (folder / name).is_file()]
    if not files:
        raise WorkflowError(f"there is no action.yml in {folder}")
    found = yaml.safe_load(files[0].read_text(encoding="utf-8"))
    if not isinstance(found, dict) or (found.get("runs") or {}).get("using") != "composite":
        raise WorkflowError("this runner carries out composite actions only")
    return found
