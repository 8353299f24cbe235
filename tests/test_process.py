"""The door to other programs: what comes back, what is kept out, and that nothing stays behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from cohort_bot.confine import Limits
from cohort_bot.process import Outcome, ProgramMissing, run


def python(code: str, tmp_path: Path, **options: object) -> Outcome:
    return run([sys.executable, "-c", code], cwd=tmp_path, **{"timeout": 20, **options})  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_tells_code_and_both_streams(tmp_path: Path) -> None:
    outcome = python("import sys; print('a'); print('b', file=sys.stderr); sys.exit(3)", tmp_path)
    assert (outcome.code, outcome.out, outcome.err, outcome.ok) == (3, "a\n", "b\n", False)
    assert not outcome.timed_out
    assert not outcome.truncated


def test_runs_where_it_is_told(tmp_path: Path) -> None:
    assert python("import os; print(os.getcwd())", tmp_path).out.strip() == str(tmp_path.resolve())


def test_tokens_do_not_reach_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "COHORT_BOT_TOKEN", "AWS_SECRET_ACCESS_KEY", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "very-secret")
    outcome = python("import os; print(dict(os.environ))", tmp_path, env={"MINE": "yes"})
    assert "very-secret" not in outcome.out
    assert "'MINE': 'yes'" in outcome.out


def test_gives_what_it_is_told_to_read_and_else_nothing(tmp_path: Path) -> None:
    assert python("print(input())", tmp_path, stdin=b"hello\n").out == "hello\n"
    assert "EOFError" in python("input()", tmp_path).err


def test_a_command_that_does_not_read_its_input_is_no_failure(tmp_path: Path) -> None:
    assert python("pass", tmp_path, stdin=b"x" * 1_000_000).ok


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match="no-such-program"):
        run(["no-such-program"], cwd=tmp_path, timeout=5)


def test_a_gigabyte_of_output_is_read_but_not_kept(tmp_path: Path) -> None:
    code = "import sys\nfor i in range(1024): sys.stdout.write('x' * 2**20)\nprint('last')"
    outcome = python(code, tmp_path, keep=1000, timeout=60)
    assert outcome.ok
    assert outcome.truncated
    assert len(outcome.out) < 1100
    assert outcome.out.endswith("last\n")
    assert f"{2**30 + 5 - 1000} bytes left out" in outcome.out


def test_bytes_that_are_no_text_are_replaced(tmp_path: Path) -> None:
    assert python("import os; os.write(1, bytes([255, 65]))", tmp_path).out == "\ufffdA"


def test_time_runs_out_even_for_what_ignores_being_asked(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('on', flush=True); time.sleep(99)"
    )
    outcome = python(code, tmp_path, timeout=0.6)
    assert outcome.timed_out
    assert outcome.code == -9
    assert outcome.out == "on\n"
    assert outcome.duration < 10


@pytest.mark.parametrize("leave", ["", "os.setsid();"])
def test_what_a_command_leaves_running_is_ended(tmp_path: Path, leave: str) -> None:
    code = (
        f"import os, time\npid = os.fork()\nif pid == 0:\n    {leave} time.sleep(99)\n"
        "else:\n    time.sleep(0.2); print(pid)"
    )
    started = time.monotonic()
    outcome = python(code, tmp_path)
    assert outcome.ok
    assert not alive(int(outcome.out))
    assert time.monotonic() - started < 60  # it would sleep for 99


def test_a_fork_bomb_ends_with_the_command(tmp_path: Path) -> None:
    code = (
        "import os, time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n"
        "        time.sleep(0.01)"
    )
    before = set(cages())
    outcome = python(code, tmp_path, timeout=1.5, limits=Limits(processes=40))
    assert outcome.timed_out
    marked = [p for p in Path("/proc").glob("[0-9]*/cmdline") if b"os.fork()" in _read(p)]
    assert marked == []
    assert not left_behind(set(cages()) - before)


def cages() -> Iterable[Path]:
    return Path("/sys/fs/cgroup").glob("**/cohort-bot-*")


def left_behind(cages: Iterable[Path]) -> list[Path]:
    """Those that stay although nothing runs in them; other tests' cages come and go meanwhile."""
    empty = [cage for cage in cages if not _read(cage / "cgroup.procs").strip()]
    patience = time.monotonic() + 10
    while empty and time.monotonic() < patience:
        empty = [cage for cage in empty if cage.is_dir() and not _read(cage / "cgroup.procs").strip()]
        time.sleep(0.05)
    return empty


def test_only_so_many_processes_can_be_started(tmp_path: Path) -> None:
    groups = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/pids"))
    if os.getuid() == 0 and not any((group / "cgroup.procs").exists() for group in groups):
        pytest.skip("root is bound by a control group only, and there is none here")
    code = (
        "import os, time\ncount = 0\nwhile count < 500:\n    try:\n        pid = os.fork()\n"
        "    except OSError:\n        break\n    if pid == 0:\n        time.sleep(20)\n        os._exit(0)\n"
        "    count += 1\nprint(count, flush=True)"
    )
    outcome = python(code, tmp_path, limits=Limits(processes=30))
    assert 0 < int(outcome.out) <= 30
    assert outcome.duration < 10


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_file_may_not_fill_the_disk(tmp_path: Path) -> None:
    outcome = python("open('big', 'wb').write(b'x' * 3_000_000)", tmp_path, limits=Limits(file_mb=1))
    assert not outcome.ok
    assert os.path.getsize(tmp_path / "big") <= 1_000_448


def test_arguments_reach_a_limited_command_as_they_are(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "$(id)", "; ls", "a b", "", "*"]
    outcome = run(argv, cwd=tmp_path, timeout=10, limits=Limits())
    assert outcome.out.strip() == "['$(id)', '; ls', 'a b', '', '*']"
