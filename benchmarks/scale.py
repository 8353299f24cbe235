"""Cohorts of growing size at GitHub's documented limits, on a virtual clock.

The share is that of the rate which the limit on creating content allows: 500 an hour, 80 a minute.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.cohort import measure, sandbox, write_folder
from benchmarks.report import Report, arguments

SIZES = (30, 1000, 10_000)
FANNED_OUT = 1000
PLANNED = 10_000
CONTENT_A_MINUTE, CONTENT_AN_HOUR = 80, 500


def least_seconds(content: int) -> float:
    """The least time in which so many things may be created, the first at once and the last at the end."""
    hours, rest = divmod(max(content - 1, 0), CONTENT_AN_HOUR)
    minutes, _ = divmod(rest, CONTENT_A_MINUTE)
    return hours * 3600.0 + minutes * 60.0


def enrol(place: Path, learners: int, report: Report) -> None:
    """Enrol that many from nothing, then look whether a second run has anything to do."""
    folder = place / f"cohort-{learners}"
    with sandbox(place / f"sandbox-{learners}", "--clock", "virtual", "--limits", "real") as target:
        write_folder(folder, target.org, learners)
        run = measure(folder, target, "enroll", "--yes")
        entries = target.requests()
        again = measure(folder, target, "enroll", "--yes")
        second = target.requests(len(entries))
    assert (run.code, again.code) == (0, 0), (run, again)
    content = sum(entry["created_content"] for entry in entries)
    refused = sum(entry["status"] in {403, 429} for entry in entries)
    writes = sum(bool(entry["mutations"]) for entry in second)
    least = least_seconds(content)
    report.rows.append(
        (
            f"{learners:,}",
            len(entries),
            len(entries) / learners,
            content,
            refused,
            run.virtual_seconds / 3600,
            f"{least / run.virtual_seconds:.1%}" if content > CONTENT_AN_HOUR else "not bound by it",
            run.wall_seconds,
            run.peak_mb,
            len(second),
            writes,
        )
    )


def fan_out(place: Path, learners: int) -> str:
    """Enrol that many whose repos furnish themselves. That takes real time, so nothing is limited."""
    folder = place / "cohort-fan-out"
    with sandbox(place / "sandbox-fan-out") as target:
        write_folder(folder, target.org, learners)
        run = measure(folder, target, "enroll", "--yes", "--fan-out")
        entries = target.requests()
        again = measure(folder, target, "enroll", "--yes", "--fan-out")
        second = target.requests(int(entries[-1]["id"]))
    assert (run.code, again.code) == (0, 0), (run, again)
    ours = [entry for entry in entries if entry["actor"] == entries[0]["actor"]]
    content = sum(entry["created_content"] for entry in ours)
    return (
        f"In fan-out mode, limits off: {learners:,} learners took {len(ours):,} requests of the organiser's "
        f"({len(ours) / learners:.2f} a learner), {content:,} of them creating content, which takes at least "
        f"{least_seconds(content) / 3600:.1f} h at the documented limits; {run.wall_seconds:,.0f} s on the "
        f"wall, with every repo's workflow run on this machine; second run: {len(second)} requests, "
        f"{sum(bool(entry['mutations']) for entry in second)} writes."
    )


def plan(learners: int, *options: str) -> str:
    """Time and memory of a plan for that many, the forge already read, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scale", "--plan-only", str(learners), *options]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    mode, done = (", fanned out,", " At this size it was planned only.") if options else ("", "")
    return (
        f"Planning {learners:,} learners{mode} with the forge already read: {found['seconds']:.1f} s, "
        f"{found['peak_mb']:.0f} MB at the peak; {found['requests']:,} requests, {found['content']:,} "
        f"creations, {found['hours']:.0f} h at the documented limits.{done}"
    )


def plan_only(learners: int, *, fan_out: bool) -> None:
    """Plan a cohort from nothing, and print what that took."""
    from cohort_bot.cli import wiring
    from cohort_bot.cli.context import Context
    from cohort_bot.plan import make_plan
    from cohort_bot.state import CohortState

    with tempfile.TemporaryDirectory() as place:
        write_folder(Path(place), "academy", learners)
        begun = time.perf_counter()
        state = wiring.intent(Context(config_path=Path(place) / "cohort.yaml")).state
        cost = make_plan(state, CohortState(None), fan_out=fan_out).cost
        seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    hours = cost.seconds / 3600
    facts = {"seconds": seconds, "peak_mb": peak, "requests": cost.requests}
    print(json.dumps({**facts, "content": cost.content, "hours": hours}))


def main() -> None:
    """Measure and publish."""
    parser = arguments(__doc__)
    parser.add_argument("--plan-only", type=int, metavar="N")
    parser.add_argument("--fan-out", action="store_true")
    given = parser.parse_args()
    if given.plan_only:
        plan_only(given.plan_only, fan_out=given.fan_out)
        return
    report = Report(
        "scale",
        "Enrolling cohorts at GitHub's documented limits",
        (
            "learners",
            "requests",
            "a learner",
            "content creations",
            "refused by a limit",
            "virtual hours",
            "of the rate allowed",
            "wall seconds",
            "peak MB",
            "second run",
            "its writes",
        ),
        notes=[
            "From nothing, the template included; the sandbox has GitHub's documented limits and counts an "
            "aliased request once. Virtual hours are what it would take on GitHub, answers taking no time.",
            "A cohort within the first 500 creations is bound by the second between writes that GitHub asks "
            "for, not by the content limit.",
        ],
    )
    with tempfile.TemporaryDirectory() as place:
        for learners in (3, 10) if given.short else SIZES:
            enrol(Path(place), learners, report)
        report.notes.append(fan_out(Path(place), 5 if given.short else FANNED_OUT))
    report.notes += [plan(1000 if given.short else PLANNED, *options) for options in ((), ("--fan-out",))]
    report.publish(keep=given.keep)


if __name__ == "__main__":
    main()
