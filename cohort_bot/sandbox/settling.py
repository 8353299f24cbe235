"""Carrying out what has become due: see `domain/arrivals.py`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import accounts, arrivals, items, repos
from cohort_bot.sandbox.gitobjects import Person
from cohort_bot.sandbox.gitrepo import NO_OBJECT
from cohort_bot.sandbox.push import pushed
from cohort_bot.sandbox.store import Row

FIRST_COMMIT = "Initial commit"


def settle(ctx: Context) -> None:
    """Bring in everything that is due. A repository or board that has gone meanwhile is passed over."""
    if not arrivals.any_due(ctx):
        return
    with ctx.db.writing():
        # Nobody asked for these: what GitHub does by itself has no actor.
        nobody = replace(ctx, actor=None, cache={})
        for row in arrivals.take_due(ctx):
            _KINDS[row["kind"]](nobody, json.loads(row["detail"]))


def _labels(ctx: Context, detail: Row) -> None:
    repos.arrive_labels(ctx, detail["repo_id"])


def _item(ctx: Context, detail: Row) -> None:
    items.arrive(ctx, detail["item_id"])


def _contents(ctx: Context, detail: Row) -> None:
    """Copy a template's files, each branch as one commit without history."""
    repo, template = repos.by_id(ctx, detail["repo_id"]), repos.by_id(ctx, detail["template_id"])
    if repo is None or template is None or not ctx.git(repo).is_empty():
        return
    heads = ctx.git(template).refs("refs/heads/")
    if not detail["all_branches"]:
        main = f"refs/heads/{template['default_branch']}"
        heads = {name: sha for name, sha in heads.items() if name == main}
    author = accounts.by_id(ctx, detail["author_id"])
    for name, sha in heads.items():
        _copy_branch(ctx, repo, template, name, sha, accounts.person(ctx, author))


def _copy_branch(ctx: Context, repo: Row, template: Row, ref: str, sha: str, author: Person) -> None:
    source, git = ctx.git(template), ctx.git(repo)
    commit = source.commit(sha)
    if commit is None:
        return
    git.copy_tree(source, commit.tree)
    new = git.write_commit(commit.tree, (), FIRST_COMMIT, author, accounts.person(ctx, None))
    git.write_first_ref(ref.removeprefix("refs/heads/"), new)
    pushed(ctx, repo, NO_OBJECT, new, ref, None)


_KINDS: Mapping[str, Callable[[Context, Row], None]] = {
    "labels": _labels,
    "item": _item,
    "contents": _contents,
}
ARRIVING = _KINDS.keys()
