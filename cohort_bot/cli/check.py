"""`cohort-bot check`: judge the work in a folder, and say what to do next."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from cohort_bot import shipped
from cohort_bot.checks.bench import HostBench
from cohort_bot.checks.submission import Submission
from cohort_bot.errors import EXIT_DONE, EXIT_NOT_PASSED, EXIT_PARTIAL, UsageError
from cohort_bot.examine import examine
from cohort_bot.model import Roadmap, Stage
from cohort_bot.reports import FORMATS
from cohort_bot.reports.github import publish
from cohort_bot.result import Document, document
from cohort_bot.verdict import Standing


@click.command(name="check")
@click.argument("milestones", nargs=-1, metavar="[MILESTONE]...")
@click.option(
    "--path", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".", show_default=True,
    help="The top of the repo to judge.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(sorted(FORMATS)), default="text", show_default=True,
    help="How to tell the result.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the result here, not to the screen."
)
@click.option(
    "--roadmap", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Judge by this roadmap; else by the cohort's, else by the shipped one.",
)  # fmt: skip
@click.option(
    "--python", default=sys.executable, metavar="PATH", help="The Python that runs the submission's own code."
)
@click.pass_context
def check(
    context: click.Context,
    milestones: tuple[str, ...],
    path: Path,
    form: str,
    out: Path | None,
    roadmap: Path | None,
    python: str,
) -> None:
    """Judge the work in a folder and say what to do next.

    MILESTONE is the id of a stage of the roadmap, or its folder; without one, every milestone whose folder is
    there is judged. Ends with 0 when all pass, 1 when one needs work, 5 when something could not be checked.
    """
    stages = chosen(_roadmap(context, roadmap), milestones, path)
    documents = judge_all(stages, path.resolve(), python)
    text = FORMATS[form](documents)
    if form == "github":
        publish(documents)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
    context.exit(exit_code(documents))


def chosen(roadmap: Roadmap, milestones: Sequence[str], path: Path) -> list[Stage]:
    """The stages that are named, or else those whose folders are there. Raises UsageError for none."""
    known = {key: stage for stage in roadmap.stages for key in (stage.id, stage.milestone.folder)}
    if unknown := [name for name in milestones if name.rstrip("/") not in known]:
        ids = ", ".join(stage.id for stage in roadmap.stages)
        raise UsageError(f"no milestone is called {', '.join(unknown)}", f"the roadmap has: {ids}")
    if milestones:
        return list({stage.id: stage for stage in (known[name.rstrip("/")] for name in milestones)}.values())
    stages = [stage for stage in roadmap.stages if (path / stage.milestone.folder).is_dir()]
    if not stages:
        folders = ", ".join(stage.milestone.folder for stage in roadmap.stages)
        raise UsageError(
            f"none of the milestones' folders is in {path}", f"name a milestone, or make one of: {folders}"
        )
    return stages


def judge_all(stages: Sequence[Stage], root: Path, python: str) -> list[Document]:
    """A result document for each stage's milestone, judged on the checkout at `root`."""
    documents = []
    with tempfile.TemporaryDirectory(prefix="cohort-bot-", ignore_cleanup_errors=True) as scratch:
        bench = HostBench(root, Path(scratch) / "home", python)
        submission = Submission(root, Path(scratch), bench)
        head = submission.git("rev-parse", "HEAD")
        commit = head.out.strip() if head is not None and head.ok else ""
        for stage in stages:
            specs = stage.milestone.checks
            documents.append(
                document(
                    examine(submission, specs), milestone=stage.id, specs=specs, title=stage.milestone.title,
                    repo=os.environ.get("GITHUB_REPOSITORY", ""), commit=commit,
                )
            )  # fmt: skip
    return documents


def exit_code(documents: Sequence[Document]) -> int:
    """Work to do comes before what could not be checked, for the learner can do something about it."""
    standings = {one.status for one in documents}
    if Standing.NEEDS_WORK in standings:
        return EXIT_NOT_PASSED
    return EXIT_PARTIAL if Standing.COULD_NOT_CHECK in standings else EXIT_DONE


def _roadmap(context: click.Context, named: Path | None) -> Roadmap:
    # Reading configuration takes a YAML parser and more; `--help` does without.
    from cohort_bot.config import load, load_roadmap

    if named is not None:
        return load_roadmap(named)
    cohort_yaml = getattr(context.obj, "config_path", None)
    if cohort_yaml is not None and Path(cohort_yaml).is_file():
        return load(Path(cohort_yaml)).roadmap
    return load_roadmap(shipped.ROADMAP)
