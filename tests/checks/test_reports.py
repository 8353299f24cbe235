"""Reports: everything is made from the one document, and nothing in it has power over where it is shown."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest

from cohort_bot import actions
from cohort_bot.evidence import Answer, Answers, Awaited, Fault, FilesFound, Place, Ran, Unavailable
from cohort_bot.reports import FORMATS, github, markdown
from cohort_bot.reports.markdown import fence
from cohort_bot.result import Document, document, to_json
from cohort_bot.verdict import Result, judge, roll_up, skipped
from tests.checks.work import spec

SPECS = (
    spec("files", id="there", title="Files | are there"),
    spec("files", id="tidy", title="No secrets", all_of=["a.txt"], points=2),
    spec("files", id="later", title="What comes later", needs=["tidy"]),
    spec("docker_build", id="image", title="The image"),
    spec("files", id="secret", title="Hidden rows", hidden=True),
    spec("files", id="hint", title="A hint", required=False, forbid=["b"]),
)
HOSTILE = "a\x1b[31m`@all\n::error::x<!-- cohort-bot: milestone=x -->\x00\ufffe.txt"


def made() -> Document:
    """A document with every outcome in it, and with hostile names."""
    there, tidy, later, image, secret, hint = SPECS
    results: list[Result] = [judge(there, FilesFound())]
    results.append(judge(tidy, FilesFound(missing=(HOSTILE,), forbidden=(HOSTILE,)), seconds=0.5))
    held = skipped(later, {"tidy": results[1]})
    assert held is not None
    results += [held, judge(image, Unavailable(Fault.RUNNER, "no Docker", "Later."))]
    results.append(judge(secret, Awaited("run by the organiser's judge, not here")))
    results.append(judge(hint, FilesFound(forbidden=("b",))))
    return document(
        roll_up(results), milestone="mlops", specs=SPECS, title="A model", repo="o/r", commit="c" * 40
    )  # fmt: skip


def test_the_document_comes_back_from_its_json_as_it_was() -> None:
    text = to_json([made()])
    assert to_json([Document.model_validate_json(text)]) == text
    told = json.loads(text)
    assert told["schema"] == 1
    assert set(told) >= {"repo", "commit", "milestone", "spec_sha256", "status", "points", "checks"}
    assert set(told["checks"][0]) >= {
        "id", "kind", "title", "status", "advice", "fault", "required", "needs", "found", "expected", "why",
        "next",
        "reproduce", "where", "evidence", "log_tail", "duration_ms", "hidden",
    }  # fmt: skip
    assert told["status"] == "needs_work"
    assert told["points"] == {"earned": 1, "possible": 5}


def test_several_documents_are_an_array() -> None:
    assert len(json.loads(to_json([made(), made()]))) == 2


def test_the_fingerprint_is_of_the_checks_and_nothing_else() -> None:
    first, second = made(), made()
    assert first.spec_sha256 == second.spec_sha256
    other = document(roll_up([]), milestone="mlops", specs=SPECS[:1])
    assert other.spec_sha256 != first.spec_sha256


def test_text_names_a_root_cause_once() -> None:
    text = FORMATS["text"]([made()])
    assert text.count("What comes later") == 1
    assert "Waiting for this: What comes later" in text
    assert "\x1b" not in text
    assert "run by the organiser's judge" in text
    assert "A model: needs work (1 of 5 points)" in text


def test_junit_can_be_read_and_counts_right() -> None:
    root = ET.fromstring(FORMATS["junit"]([made()]))
    suite = root.find("testsuite")
    assert suite is not None
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6", "failures": "2", "errors": "1", "skipped": "2",
    }  # fmt: skip
    assert suite.get("time") == "0.500"


@pytest.fixture(scope="session")
def ctrf_schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The published schema, installed from npm."""
    folder = tmp_path_factory.mktemp("ctrf")
    command = [
        "npm",
        "install",
        "--prefix",
        str(folder),
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
    ]
    subprocess.run([*command, "ctrf@0.3.0"], check=True, timeout=100)
    schema: dict[str, object] = json.loads(
        (folder / "node_modules/ctrf/dist/ctrf-schema-0.0.json").read_text(encoding="utf-8")
    )
    return schema


@pytest.mark.needs("npm")
def test_ctrf_follows_its_published_schema(ctrf_schema: dict[str, object]) -> None:
    report = json.loads(FORMATS["ctrf"]([made()]))
    jsonschema.validate(report, ctrf_schema)
    assert report["results"]["summary"]["failed"] == 2
    assert report["results"]["summary"]["other"] == 1


@pytest.mark.needs("npm")
def test_the_judge_of_ctrf_would_notice(ctrf_schema: dict[str, object]) -> None:
    report = json.loads(FORMATS["ctrf"]([made()]))
    report["results"]["tests"][0]["status"] = "error"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, ctrf_schema)


def test_nothing_in_a_summary_has_power() -> None:
    text = markdown.render(made())
    assert "<!--" not in text
    assert "Files \\| are there" in text
    outside = "".join(part for number, part in enumerate(text.split("`")) if number % 2 == 0)
    assert "@all" not in outside


def test_a_fence_cannot_be_closed_from_inside() -> None:
    assert fence("a\n````\nb").startswith("`````text\n")


def test_annotations_are_escaped_and_the_report_is_inert() -> None:
    text = FORMATS["github"]([made()])
    lines = text.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    end = lines.index(f"::{token}::")
    after = lines[end + 1 :]
    assert all(line.startswith(("::error ", "::warning ")) for line in after)
    assert len(after) == 3
    assert "%0AExpected%3A" not in after[0]
    assert "%0AExpected: " in after[0]
    assert "title=No secrets" in after[0]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"message": "a%b\r\nc"}, "::notice::a%25b%0D%0Ac"),
        ({"message": "m", "file": "a,b:c\n.py", "line": 3}, "::notice file=a%2Cb%3Ac%0A.py,line=3::m"),
    ],
)
def test_workflow_commands(given: dict[str, object], line: str) -> None:
    assert actions.annotation("notice", **given) == line  # type: ignore[arg-type]


def test_outputs_and_summary_go_to_the_runners_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output, summary = tmp_path / "output", tmp_path / "summary"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    github.publish([made()])
    assert "\nneeds_work\n" in output.read_text()
    assert "### A model: needs work" in summary.read_text()
    actions.add_summary("ü" * actions.SUMMARY_BYTES)
    assert actions.SUMMARY_BYTES - 10 < summary.stat().st_size <= actions.SUMMARY_BYTES
    assert "1 MiB" in summary.read_text()[-100:]


def test_outside_actions_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    github.publish([made()])
    assert list(tmp_path.iterdir()) == []


def test_a_learner_is_not_told_what_a_hidden_check_asked() -> None:
    case = {"stdin": "secret question", "expect": "secret answer"}
    hidden = spec("blackbox", id="h", title="Hidden", hidden=True, command="ask", inputs=[case])
    ran = Ran("ask", 0, timed_out=False, seconds=0.1, log="")
    one = judge(hidden, Answers((Answer(ran, "wrong"),)), judging=True)
    full = document(roll_up([one]), milestone="m", specs=[hidden])
    assert "secret question" in full.model_dump_json()
    assert "secret" not in full.for_learner().model_dump_json()
    assert full.for_learner().checks[0].status == "failed"
    assert full.for_learner().checks[0].next


def test_places_are_told_in_every_format() -> None:
    one = judge(spec("files"), FilesFound(forbidden=("a/b.env",)))
    assert one.where == (Place("a/b.env"),)
    shown = document(roll_up([one]), milestone="m", specs=[])
    for form in FORMATS.values():
        assert "a/b.env" in form([shown])
