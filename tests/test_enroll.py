"""Enrolling for real: the command, over HTTP, against a sandbox in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox_process import SandboxProcess

COHORT = """\
version: 1
org: {org}
slug: ml
start: 2026-09-07
timezone: {zone}
breaks:
  - {{name: Winter, first: 2026-12-21, last: 2027-01-03}}
"""
HEADER = "github,name,email,group,start,extension_days,status"


@dataclass(frozen=True)
class Run:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Organiser:
    """Somebody with a cohort folder and a sandbox."""

    folder: Path
    sandbox: SandboxProcess

    def write(self, *rows: str, zone: str = "Europe/Berlin", org: str = "") -> None:
        text = COHORT.format(org=org or self.sandbox.org, zone=zone)
        (self.folder / "cohort.yaml").write_text(text, encoding="utf-8")
        (self.folder / "roster.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")

    def run(self, *words: str, token: str = "") -> Run:
        command = [sys.executable, "-m", "cohort_bot", "--config", str(self.folder / "cohort.yaml")]
        ended = subprocess.run(
            [*command, "--api-url", self.sandbox.url, *words],
            env={**os.environ, "COHORT_BOT_TOKEN": token or self.sandbox.token},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        return Run(ended.returncode, ended.stdout, ended.stderr)

    def enroll(self, *words: str, token: str = "") -> Run:
        return self.run("enroll", "--yes", *words, token=token)

    def repo(self, login: str, path: str = "") -> Any:
        answer = self.sandbox.api("GET", f"/repos/{self.sandbox.org}/ml-{login}{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def repos(self) -> set[str]:
        answer = self.sandbox.api("GET", f"/orgs/{self.sandbox.org}/repos?per_page=100")
        return {repo["name"] for repo in answer.json()}

    def issues(self, login: str) -> list[dict[str, Any]]:
        return list(self.repo(login, "/issues?state=all&sort=created&direction=asc"))

    def edit_issue(self, login: str, number: int, token: str = "", **fields: object) -> None:
        path = f"/repos/{self.sandbox.org}/ml-{login}/issues/{number}"
        answer = self.sandbox.api("PATCH", path, token, json=fields)
        assert answer.status_code == 200, answer.text

    def join(self, login: str) -> str:
        """Accept every pending invitation of this learner; their token."""
        token = self.sandbox.new_user(login)
        for invitation in self.sandbox.api("GET", "/user/repository_invitations", token).json():
            path = f"/user/repository_invitations/{invitation['id']}"
            assert self.sandbox.api("PATCH", path, token).status_code == 204
        return token

    def mark(self) -> int:
        """A place in the request log, to look on from."""
        seen = self.sandbox.requests()
        return int(seen[-1]["id"]) if seen else 0

    def writes_since(self, mark: int) -> list[dict[str, Any]]:
        return [r for r in self.sandbox.requests(mark) if is_write(r)]


def is_write(request: dict[str, Any]) -> bool:
    return bool(request["mutations"]) or (
        request["method"] not in {"GET", "HEAD"} and "graphql" not in request["path"]
    )


@pytest.fixture
def organiser(tmp_path: Path) -> Iterator[Organiser]:
    sandbox = SandboxProcess(tmp_path / "sandbox")
    yield Organiser(tmp_path, sandbox)
    sandbox.stop()


@pytest.fixture(scope="module")
def thirty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organiser]:
    """Thirty learners and one who withdrew, enrolled once for all tests that only look."""
    folder = tmp_path_factory.mktemp("thirty")
    sandbox = SandboxProcess(folder / "sandbox")
    found = Organiser(folder, sandbox)
    found.write(*(f"learner-{i},,,,,0,active" for i in range(30)), "gone,,,,,0,withdrawn")
    run = found.enroll()
    assert run.code == 0, run.err
    yield found
    sandbox.stop()


def test_thirty_learners_have_everything(thirty: Organiser) -> None:
    assert thirty.repos() == {"ml-template", *(f"ml-learner-{i}" for i in range(30))}
    for i in range(30):
        login = f"learner-{i}"
        assert {"README.md", ".github"} <= {file["name"] for file in thirty.repo(login, "/contents/")}
        issues = thirty.issues(login)
        assert len(issues) == 5
        assert all(issue["assignees"] == [] for issue in issues), "nobody is in yet"
        (invitation,) = thirty.repo(login, "/invitations")
        assert (invitation["invitee"]["login"], invitation["permissions"]) == (login, "write")


def test_dates_hold_across_daylight_saving_and_a_break(thirty: Organiser) -> None:
    for i in range(30):
        dues = [m["due_on"] for m in thirty.repo(f"learner-{i}", "/milestones")]
        local = [datetime.fromisoformat(due).astimezone(ZoneInfo("Europe/Berlin")) for due in dues]
        assert [moment.isoformat() for moment in local] == [
            "2026-11-01T23:59:59+01:00",
            "2027-01-10T23:59:59+01:00",
            "2027-03-07T23:59:59+01:00",
            "2027-05-02T23:59:59+02:00",
            "2027-08-22T23:59:59+02:00",
        ]


BOARDS = """
query($org: String!, $after: String) { organization(login: $org) {
  projectsV2(first: 20, after: $after) { pageInfo { hasNextPage endCursor } nodes {
    title
    repositories(first: 2) { nodes { name } }
    views(first: 9) { nodes { layout } }
    items(first: 20) { nodes { content { ... on Issue { repository { name } milestone { dueOn } } } } }
  } } } }
"""


def boards(organiser: Organiser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        answer = organiser.sandbox.graphql(BOARDS, org=organiser.sandbox.org, after=after)
        page = answer["data"]["organization"]["projectsV2"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def test_each_board_has_its_five_dated_cards_and_three_views(thirty: Organiser) -> None:
    found = {board["title"]: board for board in boards(thirty)}
    assert set(found) == {"ml-template", *(f"ml-learner-{i}" for i in range(30))}
    for title, board in found.items():
        assert [node["name"] for node in board["repositories"]["nodes"]] == [title]
        layouts = {view["layout"] for view in board["views"]["nodes"]}
        assert layouts == {"TABLE_LAYOUT", "BOARD_LAYOUT", "ROADMAP_LAYOUT"}
        cards = [item["content"] for item in board["items"]["nodes"]]
        assert len(cards) == (0 if title == "ml-template" else 5)
        assert all(card["repository"]["name"] == title and card["milestone"]["dueOn"] for card in cards)


def test_the_budget_of_eight_requests_a_learner_is_kept(thirty: Organiser) -> None:
    own = [r for r in thirty.sandbox.requests() if r["actor"] == "organiser"]
    enrolment = own[
        : next(
            (n for n, r in enumerate(own) if r["path"].startswith("/orgs/") and r["method"] == "GET"),
            len(own),
        )
    ]
    assert len(enrolment) / 30 <= 8


def test_a_second_run_writes_nothing(thirty: Organiser) -> None:
    mark = thirty.mark()
    run = thirty.enroll()
    assert (run.code, thirty.writes_since(mark)) == (0, [])
    assert "Nothing to change" in run.err
    assert thirty.run("plan", "--exit-code").code == 0


def test_a_plan_shows_its_price_and_writes_nothing(organiser: Organiser) -> None:
    organiser.write("ada,,,,,0,active")
    mark = organiser.mark()
    plan = organiser.run("plan", "--exit-code")
    assert plan.code == 1
    assert organiser.writes_since(mark) == []
    assert "+ repo" in plan.out
    facts = json.loads(organiser.run("plan", "--format", "json").out)
    assert facts["checksum"] in plan.out
    mark = organiser.mark()
    run = organiser.enroll("--checksum", facts["checksum"])
    assert run.code == 0, run.err
    made = [r for r in organiser.sandbox.requests(mark) if is_write(r)]
    looked = [r for r in organiser.sandbox.requests(mark) if r["operation"] == "heads"]
    assert len(made) + 1 == facts["cost"]["requests"], "one look at the files is in the price"
    assert looked
    assert "## Enrolment plan" in organiser.run("plan", "--format", "markdown").out


def test_a_stale_checksum_stops_the_run(organiser: Organiser) -> None:
    organiser.write("ada,,,,,0,active")
    run = organiser.enroll("--checksum", "0123456789ab")
    assert run.code == 2
    assert "something has changed since" in run.err
    assert organiser.writes_since(0) == []


def test_personal_dates(organiser: Organiser) -> None:
    organiser.write("late,,,,2026-10-05,0,active", "given-time,,,,,7,active", zone="Pacific/Auckland")
    assert organiser.enroll().code == 0
    zone = ZoneInfo("Pacific/Auckland")
    for login, day in (("late", "2026-11-29"), ("given-time", "2026-11-08")):
        due = datetime.fromisoformat(organiser.repo(login, "/milestones")[0]["due_on"]).astimezone(zone)
        assert due.isoformat()[:19] == f"{day}T23:59:59"


def test_on_acceptance_the_next_run_assigns_and_the_one_after_writes_nothing(organiser: Organiser) -> None:
    organiser.write("ada,,,,,0,active", "bob,,,,,0,active")
    assert organiser.enroll().code == 0
    organiser.join("ada")
    assert organiser.enroll().code == 0
    assert all([a["login"] for a in issue["assignees"]] == ["ada"] for issue in organiser.issues("ada"))
    assert all(issue["assignees"] == [] for issue in organiser.issues("bob"))
    mark = organiser.mark()
    assert organiser.enroll().code == 0
    assert organiser.writes_since(mark) == []


def test_a_member_of_the_organisation_is_in_and_assigned_at_once(organiser: Organiser) -> None:
    organiser.sandbox.new_user("insider", org_role="member")
    organiser.write("insider,,,,,0,active")
    assert organiser.enroll().code == 0
    assert all(
        [a["login"] for a in issue["assignees"]] == ["insider"] for issue in organiser.issues("insider")
    )
    mark = organiser.mark()
    assert organiser.enroll().code == 0
    assert organiser.writes_since(mark) == []


def test_what_is_the_learners_stays_through_runs_and_roadmap_edits(organiser: Organiser) -> None:
    organiser.write("ada,,,,,0,active")
    assert organiser.enroll().code == 0
    token = organiser.join("ada")
    assert organiser.enroll().code == 0
    first = organiser.issues("ada")[0]
    repo = f"/repos/{organiser.sandbox.org}/ml-ada"
    ticked = first["body"].replace("- [ ] ", "- [x] ", 1) + "\nMy own notes.\n"
    organiser.edit_issue("ada", first["number"], token, body=ticked)
    own = organiser.sandbox.api(
        "POST", f"{repo}/issues", token, json={"title": "Mine", "body": "My text"}
    ).json()
    renamed = organiser.sandbox.api("PATCH", f"{repo}/labels/milestone", token, json={"new_name": "my step"})
    assert renamed.status_code == 200

    mark = organiser.mark()
    assert organiser.enroll().code == 0
    assert organiser.writes_since(mark) == []

    roadmap = Path(__file__).parent.parent / "roadmap.yaml"
    text = roadmap.read_text(encoding="utf-8").replace("    aim: ", "    aim: Now then. ", 1)
    (organiser.folder / "roadmap.yaml").write_text(text, encoding="utf-8")
    run = organiser.enroll()
    assert run.code == 0, run.err
    after = organiser.issues("ada")
    assert "Now then." in after[0]["body"]
    assert after[0]["body"].count("- [x] ") == 1
    assert after[0]["body"].endswith("\nMy own notes.\n")
    assert [i["body"] for i in after[1:5]] == [i["body"] for i in organiser.issues("ada")[1:5]]
    assert organiser.repo("ada", f"/issues/{own['number']}")["body"] == "My text"
    assert "my step" in {label["name"] for label in organiser.repo("ada", "/labels?per_page=100")}
    assert "milestone" not in {label["name"] for label in organiser.repo("ada", "/labels?per_page=100")}
    assert {label["name"] for label in after[0]["labels"]} == {"my step"}


def test_an_expired_invitation_is_sent_again(tmp_path: Path) -> None:
    sandbox = SandboxProcess(tmp_path / "sandbox", "--clock", "virtual")
    organiser = Organiser(tmp_path, sandbox)
    organiser.write("ada,,,,,0,active")
    with ThreadPoolExecutor() as pool:
        running = pool.submit(organiser.enroll)
        while not running.done():
            sandbox.advance(1)  # a virtual clock stands still, and the starter files with it
    assert running.result().code == 0, running.result().err
    (before,) = organiser.repo("ada", "/invitations")
    sandbox.advance(8 * 86400)
    assert organiser.enroll().code == 0
    (after,) = organiser.repo("ada", "/invitations")
    sandbox.stop()
    assert after["id"] != before["id"]
    assert not after["expired"]


def test_only_and_shard_choose_learners(organiser: Organiser) -> None:
    organiser.write(*(f"l{i},,,,,0,active" for i in range(4)))
    assert organiser.enroll("--only", "l2").code == 0
    assert organiser.repos() == {"ml-template", "ml-l2"}
    assert organiser.enroll("--shard", "1/2").code == 0
    assert organiser.repos() == {"ml-template", "ml-l0", "ml-l2"}
    assert organiser.run("plan", "--only", "l22").code == 2
    assert "Did you mean l2?" in organiser.run("plan", "--only", "l22").err
    assert organiser.run("plan", "--shard", "3/2").code == 2


def test_a_budget_of_requests_stops_and_the_next_run_goes_on(organiser: Organiser) -> None:
    organiser.write("ada,,,,,0,active", "bob,,,,,0,active")
    run = organiser.enroll("--max-requests", "12")
    assert run.code == 5
    assert "--max-requests" in run.out
    assert len(organiser.sandbox.requests()) == 12
    assert organiser.enroll().code == 0
    for login in ("ada", "bob"):
        assert len(organiser.issues(login)) == 5
        assert len(organiser.repo(login, "/milestones")) == 5
    assert organiser.run("plan", "--exit-code").code == 0


def test_one_unknown_learner_fails_alone(organiser: Organiser) -> None:
    organiser.sandbox.control("POST", "users", login="nobody-there", absent=True)
    organiser.write("ada,,,,,0,active", "nobody-there,,,,,0,active")
    run = organiser.enroll()
    assert run.code == 5
    assert "ml-nobody-there: invitation" in run.out
    assert len(organiser.repo("ada", "/invitations")) == 1


Refusal = Callable[[Organiser], Run]


def no_org(organiser: Organiser) -> Run:
    organiser.write("ada,,,,,0,active", org="no-such-org")
    return organiser.enroll()


def bad_token(organiser: Organiser) -> Run:
    return organiser.enroll(token="ghp_" + "x" * 36)


def narrow_token(organiser: Organiser) -> Run:
    return organiser.enroll(token=organiser.sandbox.new_token("organiser", "repo", "project"))


def strangers_token(organiser: Organiser) -> Run:
    return organiser.enroll(token=organiser.sandbox.new_user("stranger"))


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (no_org, "the organisation no-such-org does not exist"),
        (bad_token, "Bad credentials"),
        (narrow_token, "lacks the scope workflow"),
        (strangers_token, "may not create repositories"),
    ],
)
def test_a_refusal_ends_with_4_and_writes_nothing(organiser: Organiser, attempt: Refusal, said: str) -> None:
    organiser.write("ada,,,,,0,active")
    run = attempt(organiser)
    assert (run.code, said in run.err) == (4, True), run.err
    assert "ghp_" not in run.err + run.out
    assert organiser.writes_since(0) == []


def test_no_token_at_all(organiser: Organiser, monkeypatch: pytest.MonkeyPatch) -> None:
    organiser.write("ada,,,,,0,active")
    for name in ("COHORT_BOT_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("PATH", "/nonexistent")
    run = organiser.run("plan", token=" ")
    assert run.code == 4
    assert "no token found" in run.err


def test_without_a_terminal_it_does_not_ask(organiser: Organiser) -> None:
    organiser.write("ada,,,,,0,active")
    run = organiser.run("enroll")
    assert run.code == 2
    assert "--yes" in run.err
    assert organiser.writes_since(0) == []


def test_invalid_files_are_all_named_before_anything_is_asked(organiser: Organiser) -> None:
    organiser.write("ada,,,,,0,active", "ada,,,,,0,active")
    cohort = organiser.folder / "cohort.yaml"
    cohort.write_text(
        cohort.read_text(encoding="utf-8").replace("Europe/Berlin", "Europe/Berln"), encoding="utf-8"
    )
    run = organiser.enroll()
    assert run.code == 3
    assert "Europe/Berlin" in run.err
    assert "roster.csv:3" in run.err
    assert organiser.sandbox.requests() == []


def test_the_sandbox_option_keeps_its_data_between_commands(tmp_path: Path) -> None:
    text = COHORT.format(org="my-school", zone="Europe/Berlin")
    (tmp_path / "cohort.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "roster.csv").write_text(f"{HEADER}\nada,,,,,0,active\n", encoding="utf-8")
    command = [sys.executable, "-m", "cohort_bot", "--sandbox", "--config", str(tmp_path / "cohort.yaml")]
    first = subprocess.run([*command, "enroll", "--yes"], capture_output=True, text=True, check=False)
    assert first.returncode == 0, first.stderr
    second = subprocess.run([*command, "plan", "--exit-code"], capture_output=True, text=True, check=False)
    assert (second.returncode, "Nothing to change" in second.stdout) == (0, True), second.stdout
