"""The ledger: nothing is lost, nothing is merged, nothing is there twice, and what is wrong is found."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from cohort_bot.errors import EXIT_CONFIG, EXIT_DONE
from cohort_bot.ledger import ContradictionError, append, check, read
from tests import cohort_folder
from tests.ledger_entries import START, entry

WRITER = """
import sys
from pathlib import Path
from cohort_bot.ledger import append
from tests.ledger_entries import entry
folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    append(folder, entry(commit=f"{name}{number}"))
    print(number, flush=True)
"""
TOP = Path(__file__).parent.parent


def writer(folder: Path, name: str, count: int) -> subprocess.Popen[str]:
    """A process that appends `count` entries once it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), name, str(count)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=TOP,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    first, second = entry(), entry(commit="b", status="needs_work")
    assert append(tmp_path, first)
    assert append(tmp_path, second)
    assert append(tmp_path, entry(learner="Grace-H"))
    ledger = read(tmp_path)
    assert ledger.of("ADA") == (first, second)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["ada.jsonl", "grace-h.jsonl"]
    assert ledger.damage == ()


def test_an_empty_or_missing_folder_is_an_empty_ledger(tmp_path: Path) -> None:
    assert read(tmp_path / "nowhere").records == {}


def test_the_same_verdict_is_written_once(tmp_path: Path) -> None:
    assert append(tmp_path, entry())
    assert not append(tmp_path, entry(judged_at=START + timedelta(days=20)))
    assert len(read(tmp_path).of("ada")) == 1


def test_another_spec_judges_the_same_commit_anew(tmp_path: Path) -> None:
    append(tmp_path, entry())
    assert append(tmp_path, entry(spec_sha256="0" * 64, status="needs_work"))
    assert len(read(tmp_path).passes("ada", "one")) == 1


def test_what_could_not_be_checked_gives_way_to_a_verdict_and_never_the_other_way(tmp_path: Path) -> None:
    assert append(tmp_path, entry(status="could_not_check"))
    assert not append(tmp_path, entry(status="could_not_check"))
    assert append(tmp_path, entry())
    assert not append(tmp_path, entry(status="could_not_check"))
    assert read(tmp_path).verdict("ada", entry().key) == entry()


def test_a_verdict_changes_only_with_a_reason(tmp_path: Path) -> None:
    append(tmp_path, entry())
    with pytest.raises(ContradictionError, match="ada · one"):
        append(tmp_path, entry(status="needs_work"))
    assert append(tmp_path, entry(status="needs_work", reason="copied from another learner"))
    ledger = read(tmp_path)
    assert ledger.passes("ada") == ()
    assert check(ledger, ["one"], ["ada"]) == []


def test_two_processes_lose_nothing_and_merge_nothing(tmp_path: Path) -> None:
    writers = [writer(tmp_path, name, 60) for name in "xy"]
    for process in writers:
        go(process)
    with ThreadPoolExecutor() as pool:
        assert [len(told[0].split()) for told in pool.map(lambda p: p.communicate(), writers)] == [60, 60]
    assert len({found.sha for found in read(tmp_path).of("ada")}) == 120
    lines = (tmp_path / "ada.jsonl").read_text("utf-8").splitlines()
    assert len([json.loads(line) for line in lines]) == 120


def test_two_processes_with_the_same_verdict_leave_one(tmp_path: Path) -> None:
    writers = [writer(tmp_path, "same", 20) for _ in range(2)]
    for process in writers:
        go(process)
    for process in writers:
        process.communicate()
    assert len(read(tmp_path).of("ada")) == 20


def test_whatever_was_confirmed_before_a_kill_is_there_and_the_next_run_goes_on(tmp_path: Path) -> None:
    process = writer(tmp_path, "k", 5000)
    go(process)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(25)]
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    confirmed = len(told) + len([line for line in rest.splitlines() if line])
    assert confirmed <= len(read(tmp_path).of("ada")) <= confirmed + 1
    again = writer(tmp_path, "k", confirmed + 2)
    go(again)
    again.communicate()
    assert len(read(tmp_path).of("ada")) == confirmed + 2


@pytest.mark.parametrize("cut", [1, 2, 40, 200])
def test_a_torn_last_line_never_runs_into_the_next(tmp_path: Path, cut: int) -> None:
    append(tmp_path, entry())
    path = tmp_path / "ada.jsonl"
    path.write_bytes(path.read_bytes() + entry(commit="b").line()[:-cut])
    torn = read(tmp_path)
    assert len(torn.damage) == (cut > 1)
    assert append(tmp_path, entry(commit="c"))
    ledger = read(tmp_path)
    assert ledger.of("ada")[-1] == entry(commit="c")
    assert len(ledger.of("ada")) + len(ledger.damage) == 3


def test_the_torn_line_is_named_with_its_place(tmp_path: Path) -> None:
    append(tmp_path, entry())
    with (tmp_path / "ada.jsonl").open("ab") as file:
        file.write(b'{"schema":1,"lear')
    (problem,) = check(read(tmp_path), ["one"], ["ada"])
    assert problem.place == f"{tmp_path / 'ada.jsonl'}:2:1"
    assert "torn" in problem.message


def test_passes_are_told_by_when_the_push_came_not_by_when_it_was_judged(tmp_path: Path) -> None:
    due = START + timedelta(days=14)
    early, last, late = entry(commit="a", day=3), entry(commit="b", day=13.5), entry(commit="c", day=15)
    for made in (late, last, early):
        append(tmp_path, made.model_copy(update={"judged_at": START + timedelta(days=30)}))
    ledger = read(tmp_path)
    best = ledger.best_pass("ada", "one", due)
    assert best is not None
    assert best.sha == last.sha
    assert [found.sha for found in ledger.passes("ada")] == [early.sha, last.sha, late.sha]
    tardy = ledger.best_pass("ada", "one", START + timedelta(days=1))
    assert tardy is not None
    assert tardy.sha == early.sha
    assert ledger.best_pass("ada", "two", due) is None


def test_an_extension_makes_a_later_pass_count(tmp_path: Path) -> None:
    for commit, day in (("a", 16), ("b", 18)):
        append(tmp_path, entry(commit=commit, day=day))
    best = read(tmp_path).best_pass("ada", "one", START + timedelta(days=20))
    assert best is not None
    assert best.sha == entry(commit="b").sha


def test_check_finds_every_kind_of_trouble(tmp_path: Path) -> None:
    lines = [
        entry(day=10).line(),
        entry(day=10).line(),
        entry(day=10, status="needs_work").line(),
        entry(commit="b", day=2).line(),
        entry(commit="c", day=11, milestone="gone").line(),
        entry(learner="bob", commit="d", day=12).line(),
        b"not json\n",
        b'{"schema": 2}\n',
        entry(commit="e", day=30, judged_at=START + timedelta(days=20)).line(),
    ]
    (tmp_path / "ada.jsonl").write_bytes(b"".join(lines))
    (tmp_path / "eve.jsonl").write_bytes(entry(learner="eve").line())
    found = {
        (Path(p.file).name, p.line, p.message.split(":")[0][:30])
        for p in check(read(tmp_path), ["one"], ["Ada"])
    }
    assert {(name, line) for name, line, _ in found} == {
        ("ada.jsonl", 2), ("ada.jsonl", 3), ("ada.jsonl", 4), ("ada.jsonl", 5), ("ada.jsonl", 6),
        ("ada.jsonl", 7), ("ada.jsonl", 8), ("ada.jsonl", 9), ("eve.jsonl", 1),
    }  # fmt: skip


def test_the_command_ends_with_3_where_something_is_wrong(tmp_path: Path) -> None:
    config = cohort_folder.write(tmp_path)
    append(tmp_path / "ledger", entry())

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cohort_bot", "--config", str(config), "ledger", "check"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    fine = run()
    assert (fine.returncode, fine.stdout) == (EXIT_DONE, "1 verdict of 1 learner: all is well.\n")
    (tmp_path / "ledger" / "ada.jsonl").write_bytes(b"?\n" + entry().line())
    spoiled = run()
    assert spoiled.returncode == EXIT_CONFIG
    assert "ada.jsonl:1:1: this line is damaged" in spoiled.stdout
