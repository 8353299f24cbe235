"""Judge the learner's own tests: they pass, there are enough, and they test the project's code."""

from __future__ import annotations

from collections.abc import Iterator

from cohort_bot.evidence import Place, Suspicion, TestsRan
from cohort_bot.model.checks import Pytest
from cohort_bot.verdict.commands import setup_failed, went_wrong
from cohort_bot.verdict.finding import Finding, Judgement, code, count, listing
from cohort_bot.verdict.matchers import match


def pytest(spec: Pytest, found: TestsRan) -> Judgement:
    """The tests pass, there are enough of them, and they test the project's own code."""
    facts = {
        "passed": len(found.passed), "failed": len(found.failures), "broken": len(found.broken),
        "skipped": found.skipped, "coverage": found.coverage, "uncovered": found.uncovered,
        "vacuous": [f"{one.where.path}:{one.where.line}" for one in found.vacuous],
    }  # fmt: skip
    log = found.ran.log if found.ran else next((ran.log for ran in found.setup if not ran.ok), "")
    advice = [
        f"{code(one.name)} at {code(_spot(one.where))} tests nothing: {_why(one)}." for one in found.vacuous
    ]
    if found.coverage == 0 and not spec.min_coverage:
        advice.insert(0, "Your tests run no line of your own code, so nothing in it can make them fail.")
    findings = tuple(_test_findings(spec, found))
    return Judgement(findings, tuple(advice[:5]), facts, log)


def _why(one: Suspicion) -> str:
    return f"{one.reason}: {code(one.claim, 80)}" if one.claim else one.reason


def _spot(where: Place) -> str:
    return f"{where.path}:{where.line}"


def _test_findings(spec: Pytest, found: TestsRan) -> Iterator[Finding]:
    first = _did_not_run(spec, found)
    if first is not None:
        yield first
        return
    yield from _failing(spec, found)
    yield from _too_few(spec, found)
    yield from _coverage(spec, found)


def _did_not_run(spec: Pytest, found: TestsRan) -> Finding | None:
    command = f"pytest {spec.path}"
    if not found.folder_exists:
        return Finding(
            f"no {code(spec.path)}", "a folder with your tests",
            "Tests are how you, and everybody after you, dare to change the code.",
            f"Make {code(spec.path)} with a file `test_….py` in it, and push.", command, (Place(spec.path),),
        )  # fmt: skip
    if finding := setup_failed(found.setup):
        return finding
    if found.tampering:
        one = found.tampering[0]
        return Finding(
            f"{code(_spot(one.where))} defines {code(one.name)}", "tests whose outcomes nothing rewrites",
            "With this hook a project can turn a failure into a pass, so its results say nothing.",
            f"Remove {code(one.name)}; fixtures in `conftest.py` are welcome.", command, (one.where,),
        )  # fmt: skip
    if not found.reported and found.ran is not None:
        return _no_report(spec, found)
    return None


def _no_report(spec: Pytest, found: TestsRan) -> Finding:
    assert found.ran is not None  # noqa: S101 - asked by the only caller
    why = "Something ended Python before pytest could write its report, such as `os._exit`."
    if found.ran.timed_out:
        return went_wrong(found.ran, "tests that come to an end", why=why, next_step="", seconds=spec.timeout)
    if found.ran.code:
        return went_wrong(
            found.ran, "a report of your tests", why=why,
            next_step="Run pytest by yourself and read the end of what it says.",
        )  # fmt: skip
    return Finding(
        "the tests ended with exit code 0, but without a report", "a report of every test", why,
        "Find what ends the program while it is tested or imported, and remove it.", f"pytest {spec.path}",
    )  # fmt: skip


def _failing(spec: Pytest, found: TestsRan) -> Iterator[Finding]:
    command = f"pytest {spec.path}"
    if found.broken:
        one = found.broken[0]
        clue = match(one.message)
        yield Finding(
            f"{code(one.name)} could not be run: {clue.found if clue else _last(one.message)}",
            "tests that can be run",
            clue.why if clue else "An error while a test is read or prepared keeps it from testing anything.",
            clue.next if clue else "Mend that error first; the tests come after.",
            command, (one.where,) if one.where else clue.where if clue else (),
        )  # fmt: skip
    if found.failures:
        one = found.failures[0]
        yield Finding(
            f"{count(len(found.failures), 'test')} failed, first {code(one.name)}: {_last(one.message)}",
            "every test passes",
            "A failing test is a promise that the code does not keep, or a test that is wrong.",
            f"Make {code(one.name)} pass: mend the code, or the test if its claim is wrong.",
            command, (one.where,) if one.where else (),
        )  # fmt: skip


def _last(message: str) -> str:
    told = [line[1:].strip() for line in message.splitlines() if line.startswith("E ")]
    lines = told or [line.strip() for line in message.splitlines() if line.strip()]
    return code(lines[0] if lines else "no message")


def _too_few(spec: Pytest, found: TestsRan) -> Iterator[Finding]:
    empty = {one.name for one in found.vacuous}
    real = sum(name.partition("[")[0] not in empty for name in found.passed)
    if real >= spec.min_tests:
        return
    told = f"{count(len(found.passed), 'test')} passed"
    why = "A handful of tests is the least that would notice when something breaks."
    step = "Write a test for the part of your code that would hurt most if it broke."
    where: tuple[Place, ...] = ()
    if real < len(found.passed):
        told += f", but {len(found.passed) - real} of them cannot fail"
        why = f"{code(found.vacuous[0].name)}: {_why(found.vacuous[0])}."
        step = f"Let {code(found.vacuous[0].name)} call your code, and assert what it must answer."
        where = tuple(one.where for one in found.vacuous)
    elif found.skipped:
        told += f" and {found.skipped} {'was' if found.skipped == 1 else 'were'} skipped"
        why = "A skipped test tests nothing."
        step = "Let the skipped tests run."
    yield Finding(
        told, f"at least {spec.min_tests} that test something", why, step, f"pytest {spec.path}", where
    )


def _coverage(spec: Pytest, found: TestsRan) -> Iterator[Finding]:
    if not spec.min_coverage or (found.coverage is not None and found.coverage >= spec.min_coverage):
        return
    bare = f"No line of {listing(found.uncovered, 3)} ran. " if found.uncovered else ""
    if found.coverage is None:
        yield Finding(
            f"no Python code of your own in {code(spec.workdir)}",
            f"{spec.min_coverage:g} % of it run by tests",
            "What is only in a notebook cannot be tested or imported.",
            f"Move what the tests should test into a `.py` file in {code(spec.workdir)}.",
            f"pytest {spec.path}",
        )  # fmt: skip
        return
    yield Finding(
        f"the tests run {found.coverage:.0f} % of your own code", f"at least {spec.min_coverage:g} %",
        f"{bare}What no test runs can break without anybody noticing.",
        f"Write a test that imports {code(found.uncovered[0])} and calls it." if found.uncovered
        else "Write a test for the lines that none reaches yet.",
        f"coverage run -m pytest {spec.path} && coverage report -m",
    )  # fmt: skip
