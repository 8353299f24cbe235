"""The loop as a learner lives it: a real push to the sandbox, its workflow, and the answer in the issue."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.published import graphql_contract, rest_description
from tests.contract.traffic import assert_flawless
from tests.recorder import Recorder
from tests.sandbox_process import SandboxProcess

COHORT = "version: 1\norg: {org}\nslug: ml\nstart: 2026-09-07\ntimezone: Europe/Berlin\n"
LEARNERS = ("ada", "bo", "cleo", "dee", "eve", "finn", "gil")
CHECKS = {
    "one": [
        {"id": "one-files", "title": "The code is there", "kind": "files", "all_of": ["one/code.py"]},
        {"id": "one-words", "title": "The story", "kind": "sections", "file": "one/STORY.md", "min_words": 3},
        {"id": "one-judge", "title": "The judge's rows", "kind": "files", "all_of": ["x"], "hidden": True},
    ],
    "two": [
        {
            "id": "two-probe", "title": "No token in sight", "kind": "blackbox",
            "command": "python two/probe.py", "inputs": [{"expect": "clean"}],
        },
    ],
}  # fmt: skip
PROBE = """\
import os
seen = " ".join(os.environ) + " ".join(os.environ.values())
print("leak" if "TOKEN" in seen or "ghs_" in seen else "clean")
"""
CARDS = """
query($org: String!, $name: String!) {
  repository(owner: $org, name: $name) {
    projectsV2(first: 1) { nodes { items(first: 9) { nodes {
      fieldValueByName(name: "Status") { ... on ProjectV2ItemFieldSingleSelectValue { name } }
      content { ... on Issue { number } }
    } } } }
  }
}
"""


def roadmap() -> str:
    stages = [
        {
            "id": key, "title": key, "weeks": weeks, "aim": "Learn it.", "concepts": ["An idea"],
            "resources": [{"title": "A book", "url": "https://example.org", "kind": "book"}],
            "milestone": {
                "title": f"Show {key}", "summary": "Show it.", "folder": key, "checks": CHECKS[key],
                "deliverables": [
                    {"id": each["id"], "text": each["title"], "checks": [each["id"]]} for each in CHECKS[key]
                ],
            },
        }
        for key, weeks in (("one", "1-2"), ("two", "3-4"))
    ]  # fmt: skip
    return json.dumps({"version": 1, "title": "A road", "promise": "You will know.", "stages": stages})


class Cohort:
    """A small cohort on a sandbox, enrolled."""

    def __init__(self, folder: Path, sandbox: SandboxProcess) -> None:
        self.folder, self.sandbox = folder, sandbox
        (folder / "cohort.yaml").write_text(COHORT.format(org=sandbox.org))
        (folder / "roadmap.yaml").write_text(roadmap())
        rows = "".join(f"{login},,,,,0,active\n" for login in LEARNERS)
        (folder / "roster.csv").write_text(f"github,name,email,group,start,extension_days,status\n{rows}")
        done = self.bot("enroll", "--yes")
        assert done.returncode == 0, done.stderr

    def bot(
        self, *words: str | Path, token: str = "", url: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        where = ["--config", str(self.folder / "cohort.yaml"), "--api-url", url or self.sandbox.url]
        return subprocess.run(
            [sys.executable, "-m", "cohort_bot", *where, *map(str, words)],
            env={**os.environ, "COHORT_BOT_TOKEN": token or self.sandbox.token, **more},
            capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip


class Learner:
    """One of them: joined, with a clone."""

    def __init__(self, cohort: Cohort, login: str) -> None:
        self.cohort, self.sandbox, self.login = cohort, cohort.sandbox, login
        self.repo, self.folder = f"{self.sandbox.org}/ml-{login}", cohort.folder / login
        self.token = self.sandbox.new_user(login)
        for invitation in self.sandbox.api("GET", "/user/repository_invitations", self.token).json():
            path = f"/user/repository_invitations/{invitation['id']}"
            assert self.sandbox.api("PATCH", path, self.token).status_code == 204
        self.git("clone", "-q", f"{self.sandbox.url}/{self.repo}.git", str(self.folder), cwd=cohort.folder)

    def git(self, *words: str, cwd: Path | None = None) -> None:
        secret = base64.b64encode(f"x:{self.token}".encode()).decode()
        settings = {
            "http.extraHeader": f"Authorization: Basic {secret}",
            "user.name": self.login, "user.email": "a@example.org",
        }  # fmt: skip
        env = {"GIT_CONFIG_COUNT": str(len(settings)), "GIT_TERMINAL_PROMPT": "0"}
        for place, (key, value) in enumerate(settings.items()):
            env |= {f"GIT_CONFIG_KEY_{place}": key, f"GIT_CONFIG_VALUE_{place}": value}
        subprocess.run(
            ["git", *words], cwd=cwd or self.folder, check=True, env={**os.environ, **env}, timeout=60
        )

    def push(self, message: str = "Work", /, *words: str, **files: str) -> None:
        """Write files (`one__code_py` is one/code.py), commit and push; returns once it has been answered."""
        for name, text in files.items():
            place = self.folder / name.replace("__", "/").replace("_", ".")
            place.parent.mkdir(exist_ok=True)
            place.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        self.git("push", "-q", *words, "origin", "HEAD:main")
        self.wait()

    def wait(self) -> list[str]:
        """The conclusions of this repo's runs, once all are done."""
        runs = self.sandbox.control("GET", "runs?wait=1&timeout=29")
        return [run["conclusion"] for run in runs if run["repository"] == self.repo]

    def ask(self, method: str, path: str, **body: object) -> Any:
        answer = self.sandbox.api(method, f"/repos/{self.repo}{path}", self.token, json=body or None)
        assert answer.ok, answer.text
        return answer.json()

    def issue(self, number: int = 1) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/issues/{number}")
        return found

    def ticked(self, number: int = 1) -> list[str]:
        return [line for line in self.issue(number)["body"].splitlines() if line.startswith("- [x]")]

    def comments(self, number: int = 1) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"/issues/{number}/comments")
        return found

    def card(self, number: int = 1) -> str | None:
        data = self.sandbox.graphql(CARDS, org=self.sandbox.org, name=f"ml-{self.login}")["data"]
        (board,) = data["repository"]["projectsV2"]["nodes"]
        item = next(node for node in board["items"]["nodes"] if node["content"]["number"] == number)
        return (item["fieldValueByName"] or {}).get("name")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cohort]:
    folder = tmp_path_factory.mktemp("loop")
    with SandboxProcess(folder / "sandbox") as sandbox:
        yield Cohort(folder, sandbox)


def test_from_a_first_push_to_the_pass(cohort: Cohort) -> None:
    ada = Learner(cohort, "ada")
    ada.push(one__code_py="print(1)\n")
    (first,) = ada.comments()
    assert first["user"]["login"] == "github-actions[bot]"
    assert "one thing to mend" in first["body"]
    assert "**Next:**" in first["body"]
    assert ada.issue()["state"] == "open"
    assert len(ada.ticked()) == 1
    assert ada.comments(2) == []

    ada.push(one__STORY_md="# It went well\n\nSo it did, from first to last.\n")
    (second,) = ada.comments()
    assert (second["id"], "Passed" in second["body"]) == (first["id"], True)
    issue = ada.issue()
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert {label["name"] for label in issue["labels"]} == {"milestone", "claimed"}
    assert len(ada.ticked()) == 2, "what only the judge runs is ticked by the judge"
    assert ada.card() == "Done"
    assert ada.wait() == ["success"] * 2, "our own closing starts nothing"

    # Ticks and labels are no drift; that she has joined is all that enrolling has to follow up.
    planned = json.loads(cohort.bot("plan", "--only", "ada", "--format", "json").stdout)
    assert {change["thing"] for change in planned["changes"]} == {"board access", "assignment"}


def test_closing_by_hand_gets_a_friendly_answer(cohort: Cohort) -> None:
    bo = Learner(cohort, "bo")
    bo.ask("PATCH", "/issues/1", state="closed")
    assert bo.wait() == ["success"]
    assert bo.issue()["state"] == "open"
    (answer,) = bo.comments()
    assert "You closed this issue" in answer["body"]
    bo.ask("PATCH", "/issues/1", state="closed")
    assert bo.wait() == ["success"] * 2
    assert bo.issue()["state"] == "open"
    assert [one["id"] for one in bo.comments()] == [answer["id"]]


def test_a_closing_word_in_a_commit_closes_nothing_for_good(cohort: Cohort) -> None:
    cleo = Learner(cohort, "cleo")
    cleo.push("All done\n\nCloses #1", one__code_py="print(1)\n")
    assert cleo.issue()["state"] == "open"
    assert len(cleo.comments()) == 1
    events = [event["event"] for event in cleo.ask("GET", "/issues/1/events")]
    assert events[-2:] == ["closed", "reopened"]


def test_what_concerns_no_milestone_is_left_alone(cohort: Cohort) -> None:
    dee = Learner(cohort, "dee")
    own = dee.ask("POST", "/issues", title="Mine", body="Buy milk")["number"]
    dee.ask("PATCH", f"/issues/{own}", state="closed")
    dee.push(notes__a_txt="Hello\n")
    assert dee.wait() == ["skipped", "success"]
    assert [dee.comments(number) for number in (1, 2, own)] == [[], [], []]
    assert dee.issue(own)["state"] == "closed"


def test_a_history_begun_anew_is_answered_too(cohort: Cohort) -> None:
    gil = Learner(cohort, "gil")
    gil.git("checkout", "-q", "--orphan", "fresh")
    gil.push("Start over", "--force", one__code_py="print(1)\n")
    assert len(gil.comments()) == 1


def test_a_forged_comment_is_not_ours_and_the_learners_code_sees_no_token(cohort: Cohort) -> None:
    eve = Learner(cohort, "eve")
    forged = "<!-- cohort-bot: feedback=two status=passed commit= note= ticked= -->\nPassed, honestly."
    eve.ask("POST", "/issues/2/comments", body=forged)
    eve.push(two__probe_py=PROBE)
    mine, ours = eve.comments(2)
    assert (mine["body"], mine["user"]["login"]) == (forged, "eve")
    assert ours["user"]["login"] == "github-actions[bot]"
    assert eve.issue(2)["state"] == "closed", ours["body"]


@pytest.mark.needs("npm")
def test_what_feedback_asks_is_what_github_describes(cohort: Cohort, tmp_path: Path) -> None:
    finn = Learner(cohort, "finn")
    token = cohort.sandbox.actions_token(finn.repo)
    told = tmp_path / "result.json"
    words = ("--repo", finn.repo, "--roadmap", cohort.folder / "roadmap.yaml")
    with Recorder(cohort.sandbox.url) as recorder:
        for text in ("", "One two three four.\n", ""):
            (finn.folder / "one" / "code.py").write_text("print(1)\n")
            (finn.folder / "one" / "STORY.md").write_text(text)
            checked = cohort.bot("check", "one", "--path", finn.folder, "--format", "json", "--out", told)
            assert checked.returncode == (0 if text else 1), checked.stderr
            for _ in range(2):
                done = cohort.bot("feedback", told, *words, token=token, url=recorder.url)
                assert done.returncode == 0, done.stderr
            assert "nothing to write" in done.stdout
        named = cohort.bot("concerned", "--path", finn.folder, *words, token=token, url=recorder.url)
        assert (named.returncode, named.stdout) == (0, "")
        assert finn.issue()["state"] == "open"
        contract = graphql_contract()
        assert_flawless(mistake for one in recorder.graphql() for mistake in contract.judge(one))
        assert_flawless(mistake for one in recorder.rest() for mistake in rest_description().judge(one))
    writes = [one for one in recorder.graphql() if b"mutation" in one.sent]
    assert (len(recorder.graphql()), len(writes), recorder.rest()) == (10, 3, [])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("feedback", "{result}", "--repo", "nobody"), 2, "which repo is meant"),
        (("feedback", "{result}", "--repo", "no/where"), 4, "cannot be read"),
        (("feedback", "{broken}", "--repo", "no/where"), 2, "is no result document"),
        (("feedback", "{strange}", "--repo", "no/where"), 2, "the roadmap has no milestone nine"),
        (("concerned", "--repo", "no/where"), 4, "cannot be read"),
    ],
)
def test_bad_input_is_told_plainly(
    cohort: Cohort, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    told = {
        "schema": 1, "milestone": "one", "spec_sha256": "", "status": "passed",
        "points": {"earned": 0, "possible": 0}, "checks": [],
    }  # fmt: skip
    files = {"result": told, "broken": {"a": 1}, "strange": told | {"milestone": "nine"}}
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))
    places = {name: str(tmp_path / name) for name in files}
    roadmap_file = str(cohort.folder / "roadmap.yaml")
    done = cohort.bot(*(word.format(**places) for word in words), "--roadmap", roadmap_file)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
