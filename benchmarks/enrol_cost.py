"""What it costs to enrol a learner: requests, content creations and points, by the request log."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.cohort import Sandbox, measure, sandbox, write_folder
from benchmarks.report import Report, arguments

LEARNERS = 30
PHASES = {
    "createCommitOnBranch": "order what repos furnish themselves with",
    "runs": "follow their workflows",
    "addProjectV2ItemById": "cards",
    "cohort": "read",
    "learners": "read",
    "boards": "read",
    "heads": "look whether files have arrived",
    "cloneTemplateRepository": "make repos",
    "copyProjectV2_createLabel": "copy boards, make labels",
    "createLabel": "copy boards, make labels",
    "createIssue": "issues and cards",
    "linkProjectV2ToRepository": "link boards",
}


def phase(entry: dict[str, Any]) -> str:
    """Which phase of an enrolment a request of the log belongs to."""
    if entry["operation"]:
        return PHASES.get(entry["operation"], str(entry["operation"]))
    if entry["path"].endswith("/milestones"):
        return "milestones"
    return "invitations" if "/collaborators/" in entry["path"] else "read"


def points(entry: dict[str, Any]) -> int:
    """Points of the limit per minute: 1 to read, 5 to write, however many mutations a request has."""
    write = entry["mutations"] or (entry["api"] == "rest" and entry["method"] not in {"GET", "HEAD"})
    return 5 if write else 1


def tally(entries: list[dict[str, Any]], learners: int, report: Report, mode: str) -> None:
    """A row for each phase, and their sum."""
    requests, content, cost = Counter[str](), Counter[str](), Counter[str]()
    for entry in entries:
        name = phase(entry)
        requests[name] += 1
        content[name] += entry["created_content"]
        cost[name] += points(entry)
    for name in requests:
        report.rows.append((mode, name, requests[name], content[name], cost[name], requests[name] / learners))
    total = requests.total()
    report.rows.append((mode, "together", total, content.total(), cost.total(), total / learners))


def run(folder: Path, learners: int, target: Sandbox, report: Report, *options: str) -> None:
    """Enrol one learner, which makes the template, and then the others, which are counted; then run again."""
    mode = "fan-out" if options else "plain"
    write_folder(folder, target.org, 1)
    measure(folder, target, "enroll", "--yes", *options)
    write_folder(folder, target.org, learners + 1)
    mark = target.mark()
    enrolled = measure(folder, target, "enroll", "--yes", *options)
    entries = target.requests(mark)
    organiser = entries[0]["actor"]
    tally([entry for entry in entries if entry["actor"] == organiser], learners, report, mode)
    if there := [entry for entry in entries if entry["actor"] != organiser]:
        content = sum(entry["created_content"] for entry in there)
        cost = sum(map(points, there))
        row = (mode, "by the repos' own tokens", len(there), content, cost, len(there) / learners)
        report.rows.append(row)
    mark = target.mark()
    again = measure(folder, target, "enroll", "--yes", *options)
    report.rows.append((mode, "second run, nothing to do", len(target.requests(mark)), 0, 0, 0.0))
    assert (enrolled.code, again.code) == (0, 0), (enrolled, again)


def main() -> None:
    """Measure and publish."""
    given = arguments(__doc__).parse_args()
    learners = 5 if given.short else LEARNERS
    report = Report(
        "enrol_cost",
        f"Enrolling {learners} learners, template ready",
        ("mode", "phase", "requests", "content creations", "points", "requests a learner"),
        notes=[
            "A learner has five dated milestones, four labels, five issues, a board with five cards, and an "
            "invitation.",
            "Every request of the organiser's token counts, reads and the last look too; the budget is 8, "
            "in fan-out mode 3.",
            "Fan-out on the real clock and without limits: the repos' workflows would wait a real second "
            "between two writes.",
        ],
    )
    with (
        tempfile.TemporaryDirectory() as place,
        sandbox(Path(place) / "sandbox", "--clock", "virtual", "--limits", "real") as target,
    ):
        run(Path(place) / "cohort", learners, target, report)
    with tempfile.TemporaryDirectory() as place, sandbox(Path(place) / "sandbox") as target:
        run(Path(place) / "cohort", learners, target, report, "--fan-out")
    report.publish(keep=given.keep)


if __name__ == "__main__":
    main()
