"""Commands asked questions, addresses, sign-offs, and requests like the known ones."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from cohort_bot.checks import url
from cohort_bot.checks.docker.vary import varied
from cohort_bot.checks.http import ask
from cohort_bot.evidence import Reply
from cohort_bot.model.checks import Probe
from cohort_bot.verdict import Outcome, Standing
from tests.checks.work import Work, spec

ADD = "import sys\na, b = map(float, sys.stdin.read().split())\nprint(a + b)\n"


@pytest.mark.parametrize(
    ("compare", "expect", "tolerance", "passes"),
    [
        ("number", "3", 0, True),
        ("number", "3.0001", 0.001, True),
        ("number", "3.1", 0.001, False),
        ("trimmed", "3.0", 0, True),
        ("exact", "3.0", 0, False),
        ("exact", "3.0\n", 0, True),
        ("json", "3", 0, True),
        ("json", "[3]", 0, False),
    ],
)
def test_answers_are_compared_as_asked(
    work: Work, compare: str, expect: str, tolerance: float, *, passes: bool
) -> None:
    work.write("add.py", ADD)
    one = work.judge(
        "blackbox", command="python add.py", compare=compare, tolerance=tolerance,
        inputs=[{"stdin": "1 2", "expect": expect}],
    )  # fmt: skip
    assert (one.status is Outcome.PASSED) is passes


def test_a_wrong_answer_is_shown_beside_the_right_one(work: Work) -> None:
    work.write("add.py", ADD.replace("a + b", "a - b"))
    cases = [{"stdin": "2 2", "expect": "4"}, {"stdin": "0 0", "expect": "0"}]
    one = work.judge("blackbox", command="python add.py", compare="number", inputs=cases)
    assert one.found == "`python add.py` answers `0.0` for the input `2 2`"
    assert one.expected == "`4`"
    assert one.evidence == {"right": 1, "cases": 2}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import time; time.sleep(99)", "still running after 1 s"),
        ("raise SystemExit(3)", "ended with exit code 3"),
        ("import nothing_here", "nothing_here"),
        ("import os; os.kill(os.getpid(), 11)", "was ended by signal SIGSEGV"),
    ],
)
def test_a_command_that_does_not_answer(work: Work, code: str, found: str) -> None:
    work.write("run.py", code)
    one = work.judge("blackbox", command="python run.py", timeout=1, inputs=[{"expect": "1"}])
    assert one.status is Outcome.FAILED
    assert found in one.found


def test_a_program_that_is_not_there(work: Work) -> None:
    one = work.judge("blackbox", command="./no-such-program", inputs=[{"expect": "1"}])
    assert one.status is Outcome.FAILED
    assert "no-such-program" in one.found


def test_an_answer_that_compares_itself_equal_to_everything_does_not_help(work: Work) -> None:
    work.write("run.py", "class All:\n    def __eq__(self, other): return True\nprint(All())\n")
    one = work.judge("blackbox", command="python run.py", compare="json", inputs=[{"expect": "1"}])
    assert one.status is Outcome.FAILED


def test_the_learners_home_and_tokens_are_out_of_reach(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "very-secret")
    monkeypatch.setenv("HOME", "/root")
    work.write("run.py", "import os; print('very-secret' in str(os.environ), os.path.expanduser('~'))")
    home = work.scratch / "home"
    one = work.judge("blackbox", command="python run.py", inputs=[{"expect": f"False {home}"}])
    assert one.status is Outcome.PASSED, one


# A server that answers every connection with what `behave` writes.
@contextmanager
def server(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(10_000)
                try:
                    behave(connection)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def answering(text: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text)


def test_an_answer_in_json() -> None:
    with server(answering(b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}')) as address:
        reply = ask("GET", address)
    assert (reply.status, reply.is_json, reply.json) == (200, True, {"a": 1})


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_what_is_no_http_is_told_and_not_raised(text: bytes) -> None:
    with server(answering(text)) as address:
        reply = ask("GET", address, timeout=2)
    assert not reply.is_json
    assert reply.problem or reply.text


def test_a_server_that_drips_is_given_up() -> None:
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
        while not stop.wait(0.2):
            connection.sendall(b"x")

    with server(drip) as address:
        started = time.monotonic()
        reply = ask("GET", address, timeout=1)
        stop.set()
    assert time.monotonic() - started < 30  # 10,000 drops would take 2,000
    assert reply.problem == "no answer in time"


def test_a_giant_answer_is_not_read_to_its_end() -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 1_000_000)

    with server(flood) as address:
        assert len(ask("GET", address).text) == 1_000_000


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://127.0.0.1:1/", "it is not a public address"),
        ("http://localhost/", "it is not a public address"),
        ("http://169.254.169.254/latest/meta-data", "it is not a public address"),
        ("http://[::1]/", "it is not a public address"),
        ("file:///etc/passwd", "it is no address of a web service"),
        ("http://", "it is no address of a web service"),
    ],
)
def test_a_text_of_a_learners_does_not_lead_into_our_network(work: Work, address: str, problem: str) -> None:
    work.write("README.md", f"It runs at {address}\n")
    one = work.judge("url", pattern=r"(?:https?|file)://[^\s]*")
    assert one.status is Outcome.FAILED
    assert problem in one.found


def test_an_address_that_answers_and_one_that_redirects(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    replies = [Reply(301, location="/home"), Reply(200)]

    def answer(_: str, address: str, **__: object) -> Reply:
        asked.append(address)
        return replies[len(asked) - 1]

    monkeypatch.setattr(url, "ask", answer)
    monkeypatch.setattr(url, "_not_public", lambda _: "")
    work.write("README.md", "Try **https://demo.example.org/**.\n")
    assert work.judge("url").status is Outcome.PASSED
    assert asked == ["https://demo.example.org/", "https://demo.example.org/home"]


def test_no_address(work: Work) -> None:
    work.write("README.md", "Nothing.\n")
    assert work.judge("url").found == "no address in `README.md`"
    assert work.verdict(spec("url")).status is Standing.PASSED


def test_a_sign_off_is_waited_for(work: Work) -> None:
    asks = spec("manual", asks="Are the trade-offs understood?", approvers=["organiser"])
    assert work.verdict(asks).status is Standing.PASSED
    assert work.verdict(asks).results[0].awaited
    assert work.verdict(asks, judging=True).status is Standing.NEEDS_WORK
    assert work.verdict(asks, judging=True, approvals=frozenset({"peer"})).status is Standing.NEEDS_WORK
    approved = work.verdict(asks, judging=True, approvals=frozenset({"organiser"}))
    assert approved.results[0].status is Outcome.PASSED


PROBES = [
    Probe(method="POST", path="/p", body={"age": 20, "share": 0.5, "job": "a", "old": True}, answer=1),
    Probe(method="POST", path="/p", body={"age": 40, "share": 1.5, "job": "b", "old": False}, answer=2),
    Probe(path="/other"),
]


def test_varied_requests_stay_between_the_known_ones() -> None:
    bodies = [probe.body for probe in varied(PROBES, seed=1, count=50)]
    for body in bodies:
        assert isinstance(body, dict)
        assert 20 <= body["age"] <= 40  # type: ignore[operator]
        assert 0.5 <= body["share"] <= 1.5  # type: ignore[operator]
        assert body["job"] in ("a", "b")
        assert body["old"] in (True, False)
    assert len({str(body) for body in bodies}) > 40


def test_varied_requests_can_be_repeated_and_promise_no_answer() -> None:
    assert varied(PROBES, seed=1) == varied(PROBES, seed=1) != varied(PROBES, seed=2)
    assert all(probe.answer is None for probe in varied(PROBES, seed=1))
    assert varied([Probe(path="/a")], seed=1) == ()
    assert varied([], seed=1) == ()
