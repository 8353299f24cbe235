"""The progress bar: what is being done now, how far it is, and an honest time to go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from cohort_bot.apply import Became, Outcome, Watch
from cohort_bot.change import Phase
from cohort_bot.plan import Plan, Step

NOW = {
    Phase.REPO: "making repos",
    Phase.BOARD: "copying boards, making labels",
    Phase.MILESTONE: "dating milestones",
    Phase.ISSUE: "writing issues",
    Phase.FILES: "waiting for the starter files",
    Phase.INVITATION: "inviting",
    Phase.SEAL: "linking boards, opening them",
    Phase.ASSIGNMENT: "assigning",
}


@contextmanager
def showing(console: Console, plan: Plan) -> Iterator[Watch]:
    """A bar on `console` that counts requests: they, not changes, are what takes the time.

    The time to go is the measured speed of the last requests times those that are left.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", table_column=None),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("requests,"),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("to go"),
    )
    steps = plan.steps
    with Progress(*columns, console=console, transient=True, speed_estimate_period=30) as progress:
        task = progress.add_task(_now(steps[0]), total=plan.cost.requests)
        position = 0

        def watch(step: Step, outcomes: Sequence[Outcome]) -> None:
            nonlocal position
            position += 1
            for outcome in outcomes:
                if outcome.became is Became.FAILED:
                    console.print(f"failed: {outcome.change}: {outcome.reason}", markup=False)
            description = _now(steps[position]) if position < len(steps) else "done"
            progress.update(task, advance=step.requests, description=description)

        yield watch


def _now(step: Step) -> str:
    repos = list(dict.fromkeys(change.repo for change in step.changes))
    where = repos[0] if len(repos) == 1 else f"{repos[0]} … {repos[-1]}"
    return f"{NOW[step.phase]}: {where}"
