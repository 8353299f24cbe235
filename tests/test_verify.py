"""The judge, end to end: what it costs, when it counts, what people may order, and that it can be killed."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cohort_bot.ledger import read
from tests.cheats.school import School, is_write, stage
from tests.sandbox_process import SandboxProcess

PLAIN = stage(
    "plain", "1-40", {"id": "there", "kind": "files", "title": "It is there", "all_of": ["plain/work.md"]}
)
SIGN = stage(
    "sign", "41-44",
    {"id": "work", "kind": "files", "title": "It is there", "all_of": ["sign/work.md"]},
    {"id": "seen", "kind": "manual", "title": "Looked at", "asks": "Is it good?", "needs": ["work"]},
)  # fmt: skip
DATABASE = "sandbox.sqlite3"
WORK = {"plain/work.md": "work"}


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        yield School(tmp_path, sandbox, [PLAIN, SIGN])


def later(school: School) -> None:
    """Return once the forge's clock shows another second."""
    now = school.sandbox.now()
    while school.sandbox.now()[:19] == now[:19]:
        pass


def cohort_repo(school: School) -> str:
    made = school.sandbox.api(
        "POST", f"/orgs/{school.sandbox.org}/repos", json={"name": "cohort", "private": True}
    )
    assert made.status_code == 201
    return f"{school.sandbox.org}/cohort"


def test_a_pass_is_told_everywhere_once(school: School) -> None:
    school.open("ada")
    sha = school.push("ada", WORK)
    school.claim("ada")
    assert school.verify().code == 0
    (entry,) = school.entries("ada")
    assert (entry.sha, entry.passed, entry.milestone) == (sha, True, "plain")
    assert school.labels("ada") == {"milestone", "verified"}
    assert school.issue("ada")["state"] == "closed"
    (said,) = school.comments("ada")
    assert "**Verified.**" in said
    statuses = school.sandbox.api("GET", school.path("ada", f"/commits/{sha}/statuses")).json()
    assert [(one["context"], one["state"]) for one in statuses] == [("cohort-bot/plain", "success")]
    mark = school.mark()
    assert school.verify().code == 0
    reads, writes = school.since(mark)
    assert (len(reads), writes) == (1, [])


def test_what_does_not_pass_is_told_with_what_to_do(school: School) -> None:
    school.open("ada")
    school.claim("ada")
    assert school.verify().code == 0
    assert school.issue("ada")["state"] == "closed", "within the grace time it stays as the learner left it"
    assert school.labels("ada") == {"milestone"}
    (said,) = school.comments("ada")
    assert "plain/work.md" in said
    school.push("ada", WORK)
    school.claim("ada")
    assert school.verify().code == 0
    assert school.passes("ada") == 1
    assert len(school.comments("ada")) == 2


def test_a_pass_stands_when_something_else_is_pushed_over_it(school: School) -> None:
    school.open("ada")
    first = school.push("ada", WORK)
    school.claim("ada")
    school.verify()
    school.git("ada", "rm", "--quiet", "plain/work.md")
    school.push("ada", {}, "Take it away", "--force")
    school.claim("ada")
    school.verify()
    assert [(entry.sha == first, str(entry.status)) for entry in school.entries("ada")] == [
        (True, "passed"), (False, "needs_work"),
    ]  # fmt: skip
    assert "stands all the same" in school.comments("ada")[-1]
    assert school.issue("ada")["state"] == "closed"


def test_late_is_what_the_forge_received_late(school: School) -> None:
    """The commit says that it was in time; the forge's clock says otherwise."""
    school.start = "2024-01-01"
    school.open("ada")
    day = "2024-02-01T12:00:00Z"
    school.push("ada", WORK, "Work", GIT_AUTHOR_DATE=day, GIT_COMMITTER_DATE=day)
    school.claim("ada")
    school.verify()
    (entry,) = school.entries("ada")
    assert entry.passed
    assert entry.pushed_at.year >= 2026
    assert "pushed after the date" in school.comments("ada")[-1]


def test_the_last_push_in_time_is_judged_beside_a_late_one(school: School) -> None:
    school.stages = [
        stage(
            "plain", "1", {"id": "there", "kind": "files", "title": "It is there", "all_of": ["plain/*.md"]}
        )
    ]
    school.open("ada")
    first = school.push("ada", WORK)
    school.push("ada", {"plain/more.md": "more"})
    school.claim("ada")
    school.sandbox.stop()
    due = "2026-09-13T21:59:59Z"  # the end of week 1 in Berlin
    books = sqlite3.connect(school.folder / "sandbox" / DATABASE)
    books.execute("UPDATE pushes SET created_at = ? WHERE after = ?", ("2026-09-12T10:00:00Z", first))
    books.commit()
    books.close()
    school.sandbox.start()
    school.verify()
    found = {entry.sha: entry for entry in school.entries("ada")}
    assert len(found) == 2
    assert found[first].pushed_at.isoformat() < due
    best = read(school.folder / "ledger").best_pass("ada", "plain", found[first].pushed_at)
    assert best is not None
    assert best.sha == first


def test_an_organiser_approves_and_asks_for_changes(school: School) -> None:
    school.open("ada")
    repo = cohort_repo(school)
    school.push("ada", {"sign/work.md": "work"})
    school.claim("ada", 2)
    school.verify("--cohort-repo", repo)
    assert school.passes("ada") == 0
    assert "a person looks at it" in school.comments("ada", 2)[-1]
    assert "claimed" in school.labels("ada", 2)
    mark = school.mark()
    school.verify("--cohort-repo", repo)
    assert school.since(mark)[1] == [], "waiting is told once"
    later(school)
    school.say("ada", "Well argued!\n\n/approve", 2, school.sandbox.token)
    school.verify("--cohort-repo", repo)
    assert school.passes("ada") == 1
    assert school.entries("ada")[-1].reason == "approved by organiser"
    later(school)
    school.say("ada", "/changes Say why you chose this, @ada <b>", 2, school.sandbox.token)
    school.verify("--cohort-repo", repo)
    assert school.passes("ada") == 0
    assert school.entries("ada")[-1].reason == "changes asked for by organiser"
    mark = school.mark()
    school.verify("--cohort-repo", repo)
    assert school.since(mark)[1] == []


def test_rechecking_is_ordered_once(school: School) -> None:
    school.open("ada")
    repo = cohort_repo(school)
    school.claim("ada")
    school.verify("--cohort-repo", repo)
    school.say("ada", "/recheck", 1, school.sandbox.token)
    told = school.verify("--cohort-repo", repo)
    assert "ada · plain" in told.out
    assert len(school.entries("ada")) == 1
    assert "answered=" in school.comments("ada")[-1]
    assert "Nothing to judge" in school.verify("--cohort-repo", repo).out


def test_a_copy_is_held_until_an_organiser_approves(school: School) -> None:
    school.stages = [
        stage(
            "guess", "1-40",
            {"id": "score", "kind": "model_eval", "title": "Good on new rows", "min": 0.9,
             "metric": "accuracy", "model": "guess/predictions.csv", "format": "predictions",
             "data": "guess.csv"},
        )
    ]  # fmt: skip
    (school.folder / "checks").mkdir()
    (school.folder / "checks" / "guess.csv").write_text("id,label\na,yes\nb,no\n", encoding="utf-8")
    school.open("ada", "bob")
    repo = cohort_repo(school)
    for login in ("ada", "bob"):
        school.push(login, {"guess/predictions.csv": "id,prediction\na,yes\nb,no\n"})
        school.claim(login)
        later(school)
    assert "held until an organiser approves: the very same model as ada" in school.verify().out
    assert (school.passes("ada"), school.passes("bob")) == (1, 0)
    assert school.comments("bob") == [], "a suspicion is for the organiser alone"
    school.say("bob", "/approve", 1, school.sandbox.token)
    school.verify("--cohort-repo", repo)
    assert school.passes("bob") == 1
    assert "ada" not in school.comments("bob")[-1]


def test_more_time_is_given_once(school: School) -> None:
    school.open("ada", "bob")
    repo = cohort_repo(school)
    school.say("ada", "/extend 3d", 1)
    school.say("bob", "/extend 3d", 1, school.sandbox.token)
    told = school.verify("--cohort-repo", repo)
    roster = school.folder / "roster.csv"
    assert "the learner wrote /extend; it was ignored" in told.out
    assert roster.read_text(encoding="utf-8").splitlines()[1:] == ["ada,,,,,0,active", "bob,,,,,3,active"]
    assert "3 more days" in school.comments("bob")[-1]
    school.verify("--cohort-repo", repo)
    assert roster.read_text(encoding="utf-8").splitlines()[2] == "bob,,,,,3,active"


def test_only_and_shard_leave_the_others_alone(school: School) -> None:
    school.open("ada", "bob")
    for login in ("ada", "bob"):
        school.push(login, WORK)
        school.claim(login)
    school.verify("--only", "bob")
    assert (school.passes("ada"), school.passes("bob")) == (0, 1)
    school.verify("--shard", "1/2")
    assert school.passes("ada") == 1


@pytest.mark.parametrize("moment", [1, 3, 6, 8, 9, 10, "judged"])
def test_killed_at_any_moment_and_run_again(tmp_path: Path, moment: int | str) -> None:
    """SIGKILL when so many requests have come in, or when the first verdict is there."""
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        school = School(tmp_path, sandbox, [PLAIN]).open("ada", "bob")
        school.push("ada", WORK)
        for login in ("ada", "bob"):
            school.claim(login)
        _killed(school, moment)
        school.verify()
        school.verify()
        assert [str(entry.status) for entry in school.entries("ada")] == ["passed"]
        assert [str(entry.status) for entry in school.entries("bob")] == ["needs_work"]
        assert len(school.comments("ada")) == len(school.comments("bob")) == 1
        assert school.labels("ada") == {"milestone", "verified"}
        assert school.run("ledger", "check").code == 0


def _killed(school: School, moment: int | str) -> None:
    mark = school.mark()
    command = [sys.executable, "-m", "cohort_bot", "--config", str(school.folder / "cohort.yaml")]
    with subprocess.Popen(
        [*command, "--api-url", school.sandbox.url, "verify", "--jobs", "1"],
        env=school.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as judge:  # fmt: skip
        assert judge.stderr is not None
        if moment == "judged":
            for line in judge.stderr:
                if line.startswith("judged"):
                    break
        else:
            while judge.poll() is None and len(school.sandbox.requests(mark)) < int(moment):
                pass
        judge.send_signal(signal.SIGKILL)
        judge.stderr.close()


def test_stages_by_themselves_and_each_with_no_more_than_it_needs(school: School) -> None:
    school.open("ada")
    school.push("ada", WORK)
    school.claim("ada")
    reader = school.sandbox.new_token("organiser", "repo")
    desk = str(school.folder / "desk")
    mark = school.mark()
    school.verify("--stage", "fetch", "--desk", desk, env={"COHORT_BOT_TOKEN": reader})
    assert school.since(mark)[1] == []
    mark = school.mark()
    nothing = {"COHORT_BOT_TOKEN": "", "GH_TOKEN": "", "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    school.verify("--stage", "run", "--desk", desk, env=nothing)
    school.verify("--stage", "settle", "--desk", desk, env=nothing)
    assert school.since(mark) == ([], [])
    assert school.passes("ada") == 1
    assert school.comments("ada") == []
    school.verify("--stage", "publish", "--desk", desk)
    assert len(school.entries("ada")) == 1
    assert len(school.comments("ada")) == 1


def _other_commit(report: dict[str, Any]) -> None:
    report["document"]["commit"] = "0" * 40


def _other_learner(report: dict[str, Any]) -> None:
    report["document"]["repo"] = "sandbox-academy/ml-eve"


def _bare_status(report: dict[str, Any]) -> None:
    report["document"]["status"] = "passed"


def _fewer_checks(report: dict[str, Any]) -> None:
    report["document"] |= {"checks": [], "status": "passed", "points": {"earned": 0, "possible": 0}}


def _no_longer_required(report: dict[str, Any]) -> None:
    report["document"]["checks"][0]["required"] = False
    report["document"]["status"] = "passed"


def _awaited(report: dict[str, Any]) -> None:
    report["document"]["checks"][0]["awaited"] = True
    report["document"] |= {"status": "passed", "points": {"earned": 0, "possible": 0}}


def _more(report: dict[str, Any]) -> None:
    report["ledger"] = "write this"


def _endless(report: dict[str, Any]) -> None:
    report["document"]["title"] = "x" * 3_000_000


TAMPERED = (
    _other_commit, _other_learner, _bare_status, _fewer_checks, _no_longer_required, _awaited, _more, _endless
)  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda tamper: tamper.__name__.strip("_"))
def test_a_report_is_believed_only_as_far_as_it_answers(
    judged_school: School, tamper: Callable[[dict[str, Any]], None]
) -> None:
    """The machine that ran learners' code sends whatever it likes."""
    school = judged_school
    (report,) = (school.folder / "desk" / "reports").glob("*.json")
    told = json.loads(report.read_text(encoding="utf-8"))
    honest = json.dumps(told)
    tamper(told)
    report.write_text(json.dumps(told), encoding="utf-8")
    ended = school.verify("--stage", "settle", "--desk", str(school.folder / "desk"))
    report.write_text(honest, encoding="utf-8")
    assert (ended.code, school.entries("ada")) == (5, ())
    assert "its report was refused" in ended.out


def test_a_report_that_is_a_link_is_not_read(judged_school: School) -> None:
    school = judged_school
    (report,) = (school.folder / "desk" / "reports").glob("*.json")
    kept = report.with_suffix(".kept")
    report.rename(kept)
    report.symlink_to(kept)
    ended = school.verify("--stage", "settle", "--desk", str(school.folder / "desk"))
    report.unlink()
    kept.rename(report)
    assert (ended.code, school.entries("ada")) == (5, ())


@pytest.fixture(scope="module")
def judged_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """Judged, not settled: the work of ada does not pass."""
    folder = tmp_path_factory.mktemp("judged")
    with SandboxProcess(folder / "sandbox") as sandbox:
        school = School(folder, sandbox, [PLAIN]).open("ada")
        school.claim("ada")
        for name in ("fetch", "run"):
            school.verify("--stage", name, "--desk", str(folder / "desk"))
        yield school


def test_without_docker_nothing_runs_and_nobody_pays(school: School) -> None:
    school.stages = [
        stage(
            "code", "1-40",
            {"id": "adds", "kind": "blackbox", "title": "It adds", "command": "touch /tmp/ran-on-the-host",
             "inputs": [{"stdin": "", "expect": ""}]},
        )
    ]  # fmt: skip
    school.open("ada")
    school.push("ada", {"code/x": "x"})
    school.claim("ada")
    nowhere = {"PATH": f"{Path(sys.executable).parent}:{_without_docker(school.folder)}"}
    ended = school.verify(env=nowhere)
    assert ended.code == 5
    assert "Docker" in ended.out
    assert [str(entry.status) for entry in school.entries("ada")] == ["could_not_check"]
    assert not Path("/tmp/ran-on-the-host").exists()
    assert school.comments("ada") == []
    assert school.issue("ada")["state"] == "closed"


def _without_docker(folder: Path) -> Path:
    tools = folder / "tools"
    tools.mkdir()
    for name in ("git", "sh", "env"):
        (tools / name).symlink_to(str(shutil.which(name)))
    return tools


def test_the_token_is_in_no_argument(school: School, tmp_path: Path) -> None:
    """A git that writes down how it is called, and what it is told by its environment's names."""
    school.open("ada")
    school.push("ada", WORK)
    school.claim("ada")
    log = tmp_path / "calls"
    spy = tmp_path / "spy"
    spy.mkdir()
    (spy / "git").write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {shutil.which("git")} "$@"\n')
    (spy / "git").chmod(0o755)
    school.verify(env={"PATH": f"{spy}:{Path(sys.executable).parent}:/usr/bin:/bin"})
    calls = log.read_text(encoding="utf-8")
    assert "fetch" in calls
    assert school.passes("ada") == 1
    for secret in (school.sandbox.token, "x-access-token", "Authorization"):
        assert secret not in calls


def test_a_thousand_learners_without_news_cost_twelve_reads(tmp_path: Path) -> None:
    """One learner is enrolled, judged and told; the others are copies in the sandbox's books."""
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        school = School(tmp_path, sandbox, [PLAIN]).open("ada")
        school.push("ada", WORK)
        school.claim("ada")
        school.verify()
        sandbox.stop()
        logins = [f"learner-{number}" for number in range(999)]
        _copies(tmp_path / "sandbox", "ml-ada", [f"ml-{login}" for login in logins])
        rows = "".join(f"{login},,,,,0,active\n" for login in logins)
        with (tmp_path / "roster.csv").open("a", encoding="utf-8") as roster:
            roster.write(rows)
        line = (tmp_path / "ledger" / "ada.jsonl").read_text(encoding="utf-8")
        for login in logins:
            told = line.replace('"learner":"ada"', f'"learner":"{login}"').replace("/ml-ada", f"/ml-{login}")
            (tmp_path / "ledger" / f"{login}.jsonl").write_text(told, encoding="utf-8")
        sandbox.start()
        mark = school.mark()
        assert "Nothing to judge" in school.verify().out
        seen = [one for one in sandbox.requests(mark) if one["actor"] == "organiser"]
        assert len(seen) <= 12
        assert not [one for one in seen if is_write(one)]
        assert {one["operation"] for one in seen} == {"claims"}


def _copies(data: Path, name: str, names: list[str]) -> None:
    """Give the sandbox repos that are as `name` in everything that a sweep looks at."""
    books = sqlite3.connect(data / DATABASE)
    books.row_factory = sqlite3.Row
    repo = dict(books.execute("SELECT * FROM repos WHERE name = ?", (name,)).fetchone())
    rows = {
        table: [dict(row) for row in books.execute(f"SELECT * FROM {table} WHERE repo_id = ?", (repo["id"],))]
        for table in ("labels", "milestones", "issues")
    }
    tags = [tuple(row) for row in books.execute("SELECT issue_id, label_id FROM issue_labels")]
    for copy in names:
        new = _insert(books, "repos", repo | {"name": copy})
        ids = {table: {row["id"]: 0 for row in found} for table, found in rows.items()}
        for table, found in rows.items():
            for row in found:
                more = (
                    {"milestone_id": ids["milestones"].get(row["milestone_id"])} if table == "issues" else {}
                )
                ids[table][row["id"]] = _insert(books, table, row | {"repo_id": new} | more)
        for issue, label in tags:
            if issue in ids["issues"]:
                _insert(
                    books,
                    "issue_labels",
                    {"issue_id": ids["issues"][issue], "label_id": ids["labels"][label]},
                )
        (data / "repos" / f"{new}.git").symlink_to(data / "repos" / f"{repo['id']}.git")
    books.commit()
    books.close()


def _insert(books: sqlite3.Connection, table: str, row: dict[str, Any]) -> int:
    given = {key: value for key, value in row.items() if key != "id"}
    marks = ", ".join("?" * len(given))
    made = books.execute(f"INSERT INTO {table} ({', '.join(given)}) VALUES ({marks})", tuple(given.values()))
    return int(made.lastrowid or 0)
