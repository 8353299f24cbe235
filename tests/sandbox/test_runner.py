"""The sandbox's runner: pushes and events start workflows, and these do what GitHub would have them do."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from cohort_bot.sandbox.runner.expressions import ExpressionError, evaluate, filled, holds
from cohort_bot.sandbox.runner.files import assignments
from cohort_bot.sandbox.runner.shell import Log, annotation
from cohort_bot.sandbox.runner.workflow import WorkflowError, parse
from tests.sandbox_process import SandboxProcess

FLOW = ".github/workflows/flow.yml"
NUMBERS = count(1)
HEAD = "on: [push]\njobs:\n  only:\n    runs-on: ubuntu-latest\n    steps:\n"


class Repo:
    """A new private repository of the organisation, written to through the API."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox, self.name = sandbox, f"{sandbox.org}/flow-{next(NUMBERS)}"
        self.path = f"/repos/{self.name}"
        body = {"name": self.name.partition("/")[2], "private": True}
        assert sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json=body).status_code == 201

    def put(self, path: str, text: str, token: str = "", message: str = "Work", **more: object) -> int:
        body = {"message": message, "content": base64.b64encode(text.encode()).decode(), **more}
        return self.sandbox.api("PUT", f"{self.path}/contents/{path}", token, json=body).status_code

    def issue(self) -> int:
        made = self.sandbox.api("POST", f"{self.path}/issues", json={"title": "One", "body": "Text"})
        return int(made.json()["number"])

    def state(self, number: int, state: str, token: str = "") -> None:
        answer = self.sandbox.api("PATCH", f"{self.path}/issues/{number}", token, json={"state": state})
        assert answer.status_code == 200, answer.text

    def runs(self) -> list[dict[str, Any]]:
        """Its runs, once none is queued or running."""
        found = self.sandbox.control("GET", "runs?wait=1&timeout=25")
        return [run for run in found if run["repository"] == self.name]

    def run(self, flow: str) -> dict[str, Any]:
        """What became of the push that brings this workflow in."""
        assert self.put(FLOW, flow) == 201
        return self.runs()[-1]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox for all tests that do not end it."""
    with SandboxProcess(tmp_path_factory.mktemp("host")) as process:
        yield process


@pytest.fixture
def repo(host: SandboxProcess) -> Repo:
    return Repo(host)


@pytest.fixture
def alone(sandbox: SandboxProcess) -> Repo:
    """A repository on a sandbox of its own."""
    return Repo(sandbox)


STEPS = """\
name: flow
on: {push: {branches: [main]}}
env: {WHERE: flow}
jobs:
  first:
    runs-on: ubuntu-latest
    env: {WHO: job}
    outputs: {told: "${{ steps.tell.outputs.told }}"}
    steps:
      - uses: actions/checkout@v5
        with: {fetch-depth: 0, persist-credentials: false}
      - id: tell
        run: |
          git log --format=%s
          echo "told=$WHERE $WHO" >> "$GITHUB_OUTPUT"
          printf 'LATER<<END\\nyes\\nEND\\n' >> "$GITHUB_ENV"
          echo "**done**" >> "$GITHUB_STEP_SUMMARY"
          echo "::warning file=a.py,line=7,title=Look::At%0Athis"
      - run: echo "later $LATER $GITHUB_EVENT_NAME $GITHUB_REPOSITORY"
      - if: failure()
        run: echo never
  second:
    needs: first
    if: needs.first.outputs.told == 'flow job'
    runs-on: ubuntu-latest
    steps:
      - name: Say ${{ needs.first.outputs.told }}
        run: test -z "${GITHUB_TOKEN:-}"
  third:
    needs: first
    if: github.event_name == 'issues'
    runs-on: ubuntu-latest
    steps: [{run: exit 1}]
"""


def test_jobs_steps_files_and_conditions(repo: Repo) -> None:
    run = repo.run(STEPS)
    assert (run["event"], run["status"], run["conclusion"]) == ("push", "completed", "success")
    assert f"later yes push {repo.name}" in run["log"]
    assert "# Say flow job" in run["log"]
    assert "never\n" not in run["log"].replace("echo never: skipped", "")
    assert "# job third: skipped" in run["log"]
    listed = repo.sandbox.api("GET", f"{repo.path}/actions/runs").json()["workflow_runs"]
    assert [(one["name"], one["event"], one["conclusion"]) for one in listed] == [("flow", "push", "success")]
    checks = repo.sandbox.api("GET", f"{repo.path}/commits/main/check-runs").json()["check_runs"]
    by_name = {one["name"]: one for one in checks}
    assert {name: one["conclusion"] for name, one in by_name.items()} == {
        "first": "success",
        "second": "success",
    }
    page = requests.get(listed[0]["html_url"], headers={"Accept": "text/html"}, timeout=30)
    assert "later yes push" in page.text
    assert by_name["first"]["output"]["summary"].strip() == "**done**"
    path = f"{repo.path}/check-runs/{by_name['first']['id']}/annotations"
    (marked,) = repo.sandbox.api("GET", path).json()
    assert (marked["path"], marked["start_line"], marked["message"]) == ("a.py", 7, "At\nthis")


def test_a_step_that_fails_ends_the_job(repo: Repo) -> None:
    run = repo.run(
        HEAD
        + """\
      - {run: exit 3, continue-on-error: true}
      - run: "false | true"
      - run: echo never
      - if: always()
        run: echo at-last
"""
    )
    assert run["conclusion"] == "failure"
    assert "\nat-last" in run["log"]
    assert "echo never: skipped" in run["log"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ("      - uses: somebody/else@v1\n", "this runner has no action somebody/else@v1"),
        ('      - run: echo "${{ hashFiles(1) }}"\n', "this runner has no function `hashFiles`"),
        ("      - {run: echo, shell: pwsh}\n", "this runner has no shell pwsh"),
        ("      - run: [\n", "not YAML"),
    ],
)
def test_what_it_cannot_do_fails_in_plain_words(repo: Repo, steps: str, words: str) -> None:
    run = repo.run(HEAD + steps)
    assert run["conclusion"] == "failure"
    assert words in run["log"]


def test_the_tokens_reach_is_one_repository_and_one_job(repo: Repo) -> None:
    sandbox = repo.sandbox
    other = Repo(sandbox).name
    ask = 'curl -s -o /dev/null -w "%{http_code}\\n" -H "Authorization: Bearer $T" "$GITHUB_API_URL/repos/'
    run = repo.run(
        HEAD
        + f"""\
      - env: {{T: "${{{{ github.token }}}}"}}
        run: |
          {ask}$GITHUB_REPOSITORY"
          {ask}{other}"
          echo "token $T"
          echo "$T" > "$HOME/../../../kept"
"""
    )
    assert [line for line in run["log"].splitlines() if line.isdigit()] == ["200", "404"]
    assert "token ***" in run["log"]
    token = next(sandbox.data.rglob("kept")).read_text().strip()
    assert sandbox.api("GET", repo.path, token).status_code == 401


def test_the_token_may_do_what_the_workflow_says(repo: Repo) -> None:
    ask = 'curl -s -o /dev/null -w "%{http_code}\\n" -H "Authorization: Bearer $T" "$GITHUB_API_URL/'
    here = f"{ask}repos/$GITHUB_REPOSITORY/"
    run = repo.run(
        "permissions: {contents: read, issues: write}\n"
        + HEAD
        + f"""\
      - env: {{T: "${{{{ github.token }}}}"}}
        run: |
          {here}issues" -d '{{"title": "By the workflow"}}'
          {here}contents/a.txt" -X PUT -d '{{"message": "a", "content": "YQ=="}}'
          {here}contents/"
          echo '{{"query": "mutation {{ deleteRef(input: {{refId: \\"x\\"}}) {{ __typename }} }}"}}' > q.json
          curl -s -H "Authorization: Bearer $T" -d @q.json "$GITHUB_GRAPHQL_URL"
"""
    )
    assert [line for line in run["log"].splitlines() if line.isdigit()] == ["201", "403", "200"]
    assert "Resource not accessible by integration" in run["log"]


def test_events_made_with_the_workflows_token_start_nothing(repo: Repo) -> None:
    flow = (
        HEAD.replace("[push]", "{issues: {types: [closed]}}")
        + "      - run: echo ${{ github.event.action }}\n"
    )
    assert repo.put(FLOW, flow) == 201
    number = repo.issue()
    bot = repo.sandbox.actions_token(repo.name)
    repo.state(number, "closed", bot)
    repo.state(number, "open", bot)
    assert repo.put("a.txt", "a", bot) == 201
    assert repo.runs() == []
    repo.state(number, "closed")
    (run,) = repo.runs()
    assert (run["event"], run["conclusion"]) == ("issues", "success")
    assert "\nclosed\n" in run["log"]


def test_filters_of_branches_paths_and_words(repo: Repo) -> None:
    flow = HEAD.replace("[push]", "{push: {branches: [main], paths: ['src/**', '!src/**/*.md']}}")
    repo.put("README.md", "x")
    assert repo.put(FLOW, flow + "      - run: 'true'\n") == 201
    repo.put("src/a/notes.md", "x")
    assert repo.runs() == []
    repo.put("src/a/b.py", "x")
    assert len(repo.runs()) == 1
    repo.put("src/c.py", "x", message="Quietly [skip ci]")
    sha = repo.sandbox.api("GET", f"{repo.path}/git/ref/heads/main").json()["object"]["sha"]
    made = repo.sandbox.api("POST", f"{repo.path}/git/refs", json={"ref": "refs/heads/side", "sha": sha})
    assert made.status_code == 201
    repo.put("src/d.py", "x", branch="side")
    assert len(repo.runs()) == 1


def test_a_dispatched_run_gets_its_inputs(repo: Repo) -> None:
    flow = "on: {workflow_dispatch: }\njobs:\n  a:\n    steps: [{run: 'echo got ${{ inputs.word }}'}]\n"
    assert repo.put(FLOW, flow) == 201
    path = f"{repo.path}/actions/workflows/flow.yml/dispatches"
    body = {"ref": "main", "inputs": {"word": "hello"}}
    assert repo.sandbox.api("POST", path, json=body).status_code == 204
    (run,) = repo.runs()
    assert (run["event"], run["conclusion"]) == ("workflow_dispatch", "success")
    assert "\ngot hello" in run["log"]


def test_of_those_that_wait_in_a_group_the_newest_is_left(repo: Repo, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    script = f"if [ -e '{gate}' ]; then cat '{gate}'; fi"
    flow = HEAD.replace("jobs:", "concurrency: {group: one}\njobs:") + f"      - run: {script}\n"
    assert repo.put(FLOW, flow) == 201
    # Opening the other end returns once the step reads: the first run is under way.
    with gate.open("w"):
        for name in ("a", "b", "c"):
            repo.put(name, "x")
        gate.unlink()
    assert [run["conclusion"] for run in repo.runs()] == ["success", "cancelled", "cancelled", "success"]


def test_what_runs_ends_with_the_server_and_is_cancelled(alone: Repo, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    alone.put(FLOW, HEAD + f"      - run: echo $$ > '{gate}'; sleep 300\n")
    pid = int(gate.read_text())
    alone.sandbox.restart()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    (run,) = alone.runs()
    assert (run["status"], run["conclusion"]) == ("completed", "cancelled")


def test_repositories_deleted_under_way_do_not_end_the_runner(alone: Repo, tmp_path: Path) -> None:
    for number in range(3):
        gate, doomed = tmp_path / f"gate-{number}", Repo(alone.sandbox)
        os.mkfifo(gate)
        more = "  then:\n    needs: only\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo on\n"
        doomed.put(FLOW, HEAD + f"      - run: echo begun > '{gate}'; cat '{gate}'\n" + more)
        assert gate.read_text() == "begun\n"
        assert alone.sandbox.api("DELETE", doomed.path).status_code == 204
        gate.write_text("go on\n")
    assert alone.run(HEAD + "      - run: echo well\n")["conclusion"] == "success"


def test_a_killed_server_leaves_nothing_behind_and_the_queue_goes_on(alone: Repo, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    script = f"if [ -e '{gate}' ]; then echo $$ $T > '{gate}'; sleep 300; fi"
    alone.put(FLOW, HEAD + f'      - {{env: {{T: "${{{{ github.token }}}}"}}, run: "{script}"}}\n')
    pid, token = gate.read_text().split()
    gate.unlink()
    alone.put("a", "x")
    alone.sandbox.kill()
    assert is_alive(pid)
    alone.sandbox.start(alone.sandbox.port)
    assert not is_alive(pid)
    assert [run["conclusion"] for run in alone.runs()] == ["cancelled", "success"]
    assert alone.sandbox.api("GET", alone.path, token).status_code == 401
    assert not [place for place in (alone.sandbox.data / "runs").iterdir() if place.is_dir()]


def is_alive(pid: str) -> bool:
    """Whether a process goes on; one that has ended and that nobody has asked after does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][:1]
    except FileNotFoundError:
        return False
    return state not in {"Z", "X"}


def test_a_push_by_git_starts_a_run(repo: Repo, tmp_path: Path) -> None:
    work, url = tmp_path / "work", repo.sandbox.url.replace("//", f"//x:{repo.sandbox.token}@")
    (work / FLOW).parent.mkdir(parents=True)
    (work / FLOW).write_text(HEAD + "      - run: echo by git\n")
    for words in (
        ("init", "-q", "-b", "main"),
        ("add", "-A"),
        ("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "Work"),
        ("push", "-q", f"{url}/{repo.name}.git", "main"),
    ):
        subprocess.run(["git", *words], cwd=work, check=True, timeout=30)
    (run,) = repo.runs()
    assert (run["actor"], run["conclusion"]) == ("organiser", "success")


# --- its parts


CONTEXTS = {"github": {"ref": "refs/heads/main", "event": {"n": 3}}, "steps": {"a": {"outputs": {"x": ""}}}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.ref == 'REFS/heads/main'", True),
        ("github.event.n", 3),
        ("github['event']['n'] > 2 && 'yes' || 'no'", "yes"),
        ("!steps.a.outputs.x", True),
        ("steps.b.outputs.x", None),
        ("contains(github.ref, 'MAIN') && startsWith(github.ref, 'refs/')", True),
        ("format('{0}-{1}', 'a', 1)", "a-1"),
        ("'it''s'", "it's"),
        ("(1 == 1) != false", True),
    ],
)
def test_expressions(text: str, value: object) -> None:
    assert evaluate(text, CONTEXTS) == value


@pytest.mark.parametrize("text", ["github.", "secrets.X", "a b", "'open", "nope()", "(1", "github.ref =="])
def test_expressions_that_nobody_can_read(text: str) -> None:
    if text == "github.":
        assert evaluate(text, CONTEXTS) is None
        return
    with pytest.raises(ExpressionError):
        evaluate(text, CONTEXTS)


def test_filling_in_and_conditions() -> None:
    assert filled("on ${{ github.ref }} ${{ github.event.n }}", CONTEXTS) == "on refs/heads/main 3"
    assert not holds("github.ref != ''", CONTEXTS, "failure")
    assert holds("${{ failure() && github.ref != '' }}", CONTEXTS, "failure")
    assert holds(None, CONTEXTS, "success")


def test_files_of_a_step() -> None:
    assert assignments("a=1\nb<<E\nx=y\n\nz\nE\nc = 2\n") == {"a": "1", "b": "x=y\n\nz", "c": " 2"}


def test_stopped_commands_mark_nothing(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    for line in ("::stop-commands::word", "::error::a", "::word::", "::error::b", "x ::error::c"):
        log.line(line)
    assert [one["message"] for one in log.annotations] == ["b"]
    assert annotation("::notice::%25 done") is not None


@pytest.mark.parametrize(
    "text", ["", "jobs: {}", "on: push\njobs: {a: {needs: b, steps: []}}", "on: push\njobs: 1"]
)
def test_workflows_that_are_none(text: str) -> None:
    with pytest.raises(WorkflowError):
        parse(text)
