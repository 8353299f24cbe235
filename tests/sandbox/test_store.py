"""What the sandbox keeps: over restarts, kills and many clients at once; and the git objects it writes."""

from __future__ import annotations

import http.client
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.clock import VirtualClock, parse, stamp
from cohort_bot.sandbox.gitobjects import Entry, Person, format_commit, format_tree, parse_commit, parse_tree
from cohort_bot.sandbox.gitrepo import NO_OBJECT, GitRepo
from cohort_bot.sandbox.server import open_sandbox
from cohort_bot.sandbox.store import Session, Store
from tests.sandbox.test_rest import LATE_S, made, put_file
from tests.sandbox_process import SandboxProcess

WHEN = datetime(2026, 9, 1, 8, tzinfo=UTC)
ADA = Person("Ada", "ada@example.org", WHEN)
paths = st.lists(st.sampled_from(["a", "b", "lib", "x.py", "Ünï", "z-1"]), min_size=1, max_size=4).map(
    "/".join
)


# the process


def test_it_says_where_it_is_and_hides_its_token(sandbox: SandboxProcess) -> None:
    file = sandbox.data / "sandbox.json"
    assert file.stat().st_mode & 0o777 == 0o600
    described = json.loads(file.read_text(encoding="utf-8"))
    assert described.keys() == {"url", "graphql_url", "token", "org", "pid"}
    assert described["org"] == "sandbox-academy"
    me = sandbox.api("GET", f"/orgs/{sandbox.org}/memberships/organiser").json()
    assert (me["role"], me["state"]) == ("admin", "active")


def test_a_restart_keeps_everything(sandbox: SandboxProcess) -> None:
    repo = made(sandbox)
    sandbox.api("POST", f"{repo}/issues", json={"title": "Begin"})
    put_file(sandbox, repo, "a.txt")
    sandbox.advance(3600)
    token, now, seen = sandbox.token, sandbox.now(), len(sandbox.requests())
    sandbox.restart()
    assert (sandbox.token, sandbox.org, sandbox.now()) == (token, "sandbox-academy", now)
    assert len(sandbox.requests()) == seen
    assert sandbox.api("GET", f"{repo}/issues/1").json()["title"] == "Begin"
    assert sandbox.api("GET", f"{repo}/contents/a.txt").status_code == 200


def test_a_new_organisation_is_added_to_the_old(tmp_path: Path) -> None:
    with SandboxProcess(tmp_path / "data") as first:
        token, repo = first.token, made(first)
    with SandboxProcess(tmp_path / "data", "--org", "second-school") as second:
        assert (second.org, second.token) == ("second-school", token)
        assert second.api("GET", repo).status_code == 200
        assert made(second, "there") == "/repos/second-school/there"
    with SandboxProcess(tmp_path / "data") as third:
        assert third.org == "second-school"


def test_a_kill_loses_nothing_and_halves_nothing(sandbox: SandboxProcess) -> None:
    """Clients are busy writing when the process dies: what was answered is there, with all its parts."""
    repo = made(sandbox)
    body = {"title": "Begin", "labels": ["a", "b"]}

    def write_until_it_dies(_: int) -> int:
        answered = 0
        try:
            while sandbox.api("POST", f"{repo}/issues", json=body).status_code == 201:
                answered += 1
        except requests.ConnectionError:
            return answered
        return answered

    with ThreadPoolExecutor(5) as pool:
        counts = [pool.submit(write_until_it_dies, number) for number in range(4)]
        pool.submit(_kill_when_busy, sandbox, repo)
        answered = sum(count.result() for count in counts)
    sandbox.start()
    found = sandbox.api("GET", f"{repo}/issues?per_page=100").json()
    total = sandbox.api("GET", f"/search/issues?q=repo:{sandbox.org}/lab&per_page=1").json()["total_count"]
    assert answered <= total <= answered + 4
    assert all([label["name"] for label in issue["labels"]] == ["a", "b"] for issue in found)
    assert sandbox.api("POST", f"{repo}/issues", json=body).json()["number"] == total + 1


def _kill_when_busy(sandbox: SandboxProcess, repo: str) -> None:
    while sandbox.api("GET", f"{repo}/issues?per_page=20").json()[19:] == []:
        pass
    sandbox.kill()


def test_what_was_late_still_arrives_after_a_kill(sandbox: SandboxProcess) -> None:
    template = made(sandbox, "start", is_template=True)
    sandbox.api("POST", f"{template}/generate", json={"owner": sandbox.org, "name": "lab"})
    sandbox.kill()
    sandbox.start()
    repo = f"/repos/{sandbox.org}/lab"
    assert sandbox.api("GET", f"{repo}/contents/").status_code == 404
    sandbox.advance(LATE_S)
    assert sandbox.api("GET", f"{repo}/contents/README.md").status_code == 200


def test_many_clients_at_once_never_share_a_number(sandbox: SandboxProcess) -> None:
    repo = made(sandbox)

    def create(_: int) -> int:
        headers = {"Authorization": f"token {sandbox.token}"}
        answer = requests.post(
            f"{sandbox.url}{repo}/issues", json={"title": "x"}, headers=headers, timeout=30
        )
        return int(answer.json()["number"])

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(create, range(40)))
    assert sorted(numbers) == list(range(1, 41))


def test_one_connection_carries_many_requests(sandbox: SandboxProcess) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    connection.connect()
    socket = connection.sock
    for method, path, body in (
        ("GET", "/meta", None),
        ("POST", "/nowhere", b"x" * 300_000),
        ("GET", "/meta", None),
    ):
        connection.request(method, path, body)
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, connection.sock) == (404 if body else 200, socket)
    connection.close()


# its own control


def test_the_log_tells_what_was_asked_and_no_secrets(sandbox: SandboxProcess) -> None:
    repo = made(sandbox)
    last = sandbox.requests()[-1]["id"]
    sandbox.api("PUT", f"{repo}/collaborators/ada", json={"permission": "push"})
    sandbox.api("GET", f"{repo}?access_token=hush")
    sandbox.graphql("query Me { viewer { login } }")
    rows = sandbox.requests(since=last)
    assert [(row["method"], row["path"], row["status"], row["created_content"]) for row in rows] == [
        ("PUT", f"{repo}/collaborators/ada", 201, True),
        ("GET", repo, 200, False),
        ("POST", "/graphql", 200, False),
    ]
    assert (rows[2]["operation"], rows[2]["mutations"], rows[2]["actor"]) == ("Me", 0, "organiser")
    written = (sandbox.data / "requests.jsonl").read_text(encoding="utf-8")
    assert sandbox.token not in written
    assert "hush" not in written


def test_a_reset_leaves_the_organisation_and_its_owner(sandbox: SandboxProcess) -> None:
    repo, learner = made(sandbox), sandbox.new_user("ada")
    sandbox.reset()
    assert sandbox.api("GET", repo).status_code == 404
    assert sandbox.api("GET", "/user", learner).status_code == 401
    assert [one["login"] for one in sandbox.api("GET", f"/orgs/{sandbox.org}/members").json()] == [
        "organiser"
    ]
    assert list((sandbox.data / "repos").iterdir()) == []
    assert made(sandbox) == repo


def test_the_real_clock_cannot_be_moved(tmp_path: Path) -> None:
    with SandboxProcess(tmp_path / "data") as real:
        answer = requests.post(f"{real.url}/_sandbox/clock", json={"advance": 1}, timeout=10)
        assert answer.status_code == 409
        assert real.control("GET", "clock")["clock"] == "real"


def test_nonsense_is_refused_by_the_control_too(sandbox: SandboxProcess) -> None:
    for name, body in (
        ("clock", {"now": "soon"}),
        ("users", {"login": "-"}),
        ("tokens", {"kind": "actions"}),
    ):
        answer = requests.post(f"{sandbox.url}/_sandbox/{name}", json=body, timeout=10)
        assert answer.status_code == 422, name
    assert requests.get(f"{sandbox.url}/_sandbox/nothing", timeout=10).status_code == 404


def test_a_taken_port_is_an_error(sandbox: SandboxProcess, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "cohort_bot.sandbox",
        "--data",
        str(tmp_path / "b"),
        "--port",
        str(sandbox.port),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert "listening" not in done.stdout


# the parts


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store of the test's own."""
    opened = Store(tmp_path / "db")
    yield opened
    opened.close()


def _insert_twice(part: AbstractContextManager[None], session: Session) -> None:
    with part:
        session.insert("settings", name="b", value="2")
        session.insert("settings", name="b", value="3")


def test_a_failed_write_leaves_no_trace(store: Store) -> None:
    with store.session() as session:
        with pytest.raises(sqlite3.IntegrityError):
            _insert_twice(session.writing(), session)
        assert session.all("SELECT * FROM settings") == []


def test_a_savepoint_undoes_its_own_part_only(store: Store) -> None:
    with store.session() as session, session.writing():
        session.insert("settings", name="a", value="1")
        with pytest.raises(sqlite3.IntegrityError):
            _insert_twice(session.savepoint(), session)
        assert [row["name"] for row in session.all("SELECT * FROM settings")] == ["a"]


def test_a_reader_sees_one_state_and_may_write_only_apart(store: Store) -> None:
    with store.session() as session, session.reading():
        assert session.value("SELECT COUNT(*) FROM settings") == 0
        with pytest.raises(RuntimeError), session.writing():
            pass
        with session.apart() as other:
            other.insert("settings", name="a", value="1")
        assert session.value("SELECT COUNT(*) FROM settings") == 0
    with store.session() as session:
        assert session.value("SELECT COUNT(*) FROM settings") == 1


def test_times_are_written_as_the_api_writes_them() -> None:
    assert stamp(parse("2026-11-30T23:59:59.9+05:45")) == "2026-11-30T18:14:59Z"
    assert parse("2026-11-30T23:59:59") == datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    clock = VirtualClock(WHEN)
    assert clock.advance(0.5) > WHEN
    assert clock.move(WHEN) == clock.now() == WHEN


@given(st.sampled_from(sorted(nodeids.PREFIXES)), st.integers(0, 2**48 - 1))
def test_node_ids_lead_back(kind: str, number: int) -> None:
    assert nodeids.decode(nodeids.encode(kind, number)) == (kind, number)


@given(st.text(max_size=30))
def test_nonsense_is_no_node_id(text: str) -> None:
    assert nodeids.decode(text) is None or nodeids.encode(*nodeids.decode(text)) == text  # type: ignore[misc]


@given(st.text(min_size=1).filter(lambda text: text == text.rstrip("\n") and "\0" not in text))
def test_commits_are_read_as_they_were_written(message: str) -> None:
    found = parse_commit("0" * 40, format_commit("1" * 40, ("2" * 40,), ADA, ADA, message).data)
    assert (found.message, found.tree, found.parents) == (message, "1" * 40, ("2" * 40,))
    assert found.author == ADA


@given(st.dictionaries(paths, st.binary(max_size=20), min_size=1, max_size=8))
def test_trees_are_read_as_they_were_written(files: dict[str, bytes]) -> None:
    entries = [Entry("100644", name.replace("/", "_"), "3" * 40) for name in files]
    assert sorted(parse_tree(format_tree(entries).data)) == sorted(entries)


def test_git_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "r.git")
    repo.create("main")
    assert repo.is_empty()
    files: dict[str, bytes | None] = {"a.txt": b"a", "lib/b.py": b"b", "lib-c/d.txt": b"", "lib.x": b"x"}
    first = repo.commit_files(None, files, "One\n\nmore", ADA)
    assert repo.set_ref("refs/heads/main", first, NO_OBJECT)
    second = repo.commit_files(first, {"lib/b.py": None, "a.txt": b"aa"}, "Two", ADA)
    assert not repo.set_ref("refs/heads/main", second, NO_OBJECT)
    assert repo.set_ref("refs/heads/main", second, first)
    assert repo.git("fsck", "--strict").returncode == 0
    listed = repo.git("ls-tree", "-r", "--name-only", "main").stdout.decode().split()
    assert listed == ["a.txt", "lib-c/d.txt", "lib.x"]
    assert [commit.message for commit in repo.log(second)] == ["Two", "One\n\nmore"]
    assert sorted(repo.changes(second)) == ["D\t0\t1\tlib/b.py", "M\t1\t1\ta.txt"]


def test_packed_repositories_are_read_too(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "r.git")
    repo.create("main")
    # An object that no other test has read, or it would come from memory.
    sha = repo.commit_files(None, {"packed.txt": str(tmp_path).encode()}, "One", ADA)
    repo.set_ref("refs/heads/main", sha)
    for command in (("repack", "-adq"), ("pack-refs", "--all", "--prune"), ("prune-packed",)):
        assert repo.git(*command).returncode == 0
    assert not (repo.path / "refs/heads/main").exists()
    assert repo.head("main") == sha
    assert repo.has(sha)
    commit = repo.commit(sha)
    assert commit is not None
    entry = repo.at(commit.tree, "packed.txt")
    assert entry is not None
    assert repo.size(entry.sha) == len(str(tmp_path))
    assert not repo.has("f" * 40)


def test_a_sandbox_can_be_opened_without_serving(tmp_path: Path) -> None:
    running = open_sandbox(0, tmp_path, clock="virtual")
    assert running.describe()["url"] == running.url
    running.server.server_close()
    running.sandbox.close()
