"""`concerned` and `feedback`: what the Action does with a token, before and after the checks, which have
none.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from cohort_bot import desired, owned, process, shipped
from cohort_bot.cli.context import Context
from cohort_bot.cli.wiring import GITHUB
from cohort_bot.config import load_roadmap
from cohort_bot.conversation import Conversation, Reply
from cohort_bot.errors import EXIT_DONE, EXIT_PARTIAL, UsageError
from cohort_bot.feedback import Telling, reply, said
from cohort_bot.feedback import concerned as concerned_stages
from cohort_bot.forge.auth import credentials
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.feedback import Desk
from cohort_bot.forge.pace import Pace
from cohort_bot.model import Roadmap
from cohort_bot.render import Renderer
from cohort_bot.reports import comment, github
from cohort_bot.result import Document

_DOCUMENTS: TypeAdapter[list[Document] | Document] = TypeAdapter(list[Document] | Document)
# The empty tree, which git knows everywhere.
_NO_FILES = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_GIT = ("git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
repo_option = click.option(
    "--repo",
    envvar="GITHUB_REPOSITORY",
    metavar="OWNER/NAME",
    help="The learner's repo.  [GITHUB_REPOSITORY]",
)
_roadmap_option = click.option(
    "--roadmap", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The cohort's roadmap; without it the shipped one.",
)  # fmt: skip


@click.command()
@click.option(
    "--path", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".", show_default=True,
    help="The checkout, with its history.",
)  # fmt: skip
@repo_option
@_roadmap_option
@click.pass_obj
def concerned(context: Context, /, path: Path, repo: str | None, roadmap: Path | None) -> int:
    """Name the milestones that are to be checked now, one a line.

    A milestone is concerned when its folder changed since its issue was last answered; when shared files did
    and it is open and begun; or when its issue was closed without a pass. Inside a workflow, the event counts
    too.
    """
    known = load_roadmap(roadmap or shipped.ROADMAP)
    conversations = _desk(context, repo).read({stage.id for stage in known.stages})
    event, payload = os.environ.get("GITHUB_EVENT_NAME", ""), _event()
    found = concerned_stages(
        known,
        conversations,
        changed(path, conversations),
        closed=owned.key_of((payload.get("issue") or {}).get("body")) or "",
        everything=event == "workflow_dispatch",
    )
    for stage in found:
        click.echo(stage.id)
    return EXIT_DONE


@click.command()
@click.argument("result", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@repo_option
@_roadmap_option
@click.option(
    "--templates",
    type=click.Path(path_type=Path, file_okay=False),
    help="The cohort's own words, if it has any.",
)
@click.pass_obj
def feedback(
    context: Context, /, result: Path, repo: str | None, roadmap: Path | None, templates: Path | None
) -> int:
    """Tell the learner what `check --format json` found, in the issue of each milestone.

    One comment an issue, kept up to date; proven deliverables ticked; the issue closed when everything
    passes, and opened again when it was closed without that. Ends with 0 whatever the verdict is, 5 if an
    issue is missing.
    """
    known, words = load_roadmap(roadmap or shipped.ROADMAP), Renderer(templates)
    documents = _documents(result, known)
    desk = _desk(context, repo)
    conversations = desk.read({one.milestone for one in documents})

    def worded(telling: Telling) -> str:
        return words.render(comment.TEMPLATE, **comment.values(telling))

    for told in documents:
        conversation = conversations.get(told.milestone)
        if conversation is None:
            click.echo(f"{told.milestone}: its issue is gone; the next `enroll` brings it back", err=True)
            continue
        answer = reply(told, known, conversation, worded)
        if answer:
            desk.write(conversation, answer)
        click.echo(f"{told.milestone}: {_became(told, conversation, answer)}")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        shown = [told.for_learner() for told in documents]
        click.echo(github.render(shown), nl=False)
        github.publish(shown)
    return EXIT_DONE if len(conversations) == len({one.milestone for one in documents}) else EXIT_PARTIAL


def _became(told: Document, conversation: Conversation, answer: Reply) -> str:
    """What was done, for the log."""
    done = [
        text
        for is_so, text in (
            (answer.comment is not None, "comment " + ("updated" if conversation.comment else "written")),
            (answer.body is not None, "checklist ticked"),
            (answer.closed is True, "issue closed"),
            (answer.closed is False, "issue opened again"),
        )
        if is_so
    ]
    return f"{told.status.value.replace('_', ' ')}; {', '.join(done) or 'nothing to write'}"


def _documents(result: Path, roadmap: Roadmap) -> list[Document]:
    """The result documents of a file. Raises UsageError for what is none, or is of another roadmap."""
    try:
        found = _DOCUMENTS.validate_json(result.read_bytes())
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise UsageError(
            f"{result} is no result document: {first['msg']}",
            "Make one with `cohort-bot check --format json --out result.json`.",
        ) from None
    documents = found if isinstance(found, list) else [found]
    known = {stage.id for stage in roadmap.stages}
    if strange := sorted({one.milestone for one in documents} - known):
        raise UsageError(f"the roadmap has no milestone {', '.join(strange)}", "Give the right --roadmap.")
    return documents


def _desk(context: Context, repo: str | None) -> Desk:
    if not repo or repo.count("/") != 1:
        raise UsageError("which repo is meant is not clear", "Say --repo OWNER/NAME.")
    url = context.api_url or os.environ.get("GITHUB_API_URL") or GITHUB
    auth = credentials(os.environ, url, repo.partition("/")[0])
    names = {label.name: label.key for label in desired.LABELS.values()}
    return Desk(Connection(url, auth, Pace(time.time, time.sleep)), repo, names)


def _event() -> Mapping[str, Any]:
    """The event of the workflow run that we are in; nothing outside of one."""
    file = os.environ.get("GITHUB_EVENT_PATH")
    if not file or os.environ.get("GITHUB_EVENT_NAME") != "issues":
        return {}
    found = json.loads(Path(file).read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}


def changed(path: Path, conversations: Mapping[str, Conversation]) -> dict[str, list[str]]:
    """Milestone → the paths that changed since we last answered there, or since the learner began."""
    commits, beginning = set(_git(path, "rev-list", "HEAD").split()), _beginning(path)
    bases: dict[str, list[str]] = defaultdict(list)
    for key, conversation in conversations.items():
        last = said(conversation).commit
        bases[last if last in commits else beginning].append(key)
    found = {
        base: _git(path, "diff", "--name-only", "--no-renames", "-z", base, "HEAD").split("\0")[:-1]
        for base in bases
    }
    return {key: found[base] for base, keys in bases.items() for key in keys}


def _beginning(path: Path) -> str:
    """The commit that brought the template's files; nothing at all where a learner began the history anew.

    GitHub is seen to name that commit so, and to be its committer. Neither is promised, so either will do.
    """
    told = _git(path, "log", "--max-parents=0", "--reverse", "--format=%H %ce %s", "HEAD").splitlines()
    commit, committer, subject = told[0].split(" ", 2)
    ours = committer == "noreply@github.com" or subject == "Initial commit"
    return commit if ours else _NO_FILES


def _git(path: Path, *words: str) -> str:
    """What git says of the checkout. Raises UsageError where it cannot say anything."""
    env = {"GIT_OPTIONAL_LOCKS": "0", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    done = process.run([*_GIT, *words], cwd=path, timeout=120, env=env, keep=64_000_000)
    if not done.ok:
        raise UsageError(
            f"git cannot read {path}: {done.err.strip()[:200]}", "Check the repo out with `fetch-depth: 0`."
        )
    return done.out
