"""Mutations of repositories, branches and labels."""

from __future__ import annotations

import base64
import binascii

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts, labels, repos
from cohort_bot.sandbox.failures import Conflict, Forbidden, Invalid, NotFound, Stale
from cohort_bot.sandbox.gitrepo import NO_OBJECT
from cohort_bot.sandbox.graphql import gitnodes, nodes
from cohort_bot.sandbox.graphql.asking import typed
from cohort_bot.sandbox.graphql.changing import home, mutation
from cohort_bot.sandbox.push import pushed
from cohort_bot.sandbox.rest.git import move_ref
from cohort_bot.sandbox.store import Row


def _private(given: Row) -> int:
    if given["visibility"] == "INTERNAL":
        raise Invalid("Visibility can't be internal: the organization belongs to no enterprise")
    return int(given["visibility"] == "PRIVATE")


def _owner(ctx: Context, owner_id: str | None) -> Row:
    return nodes.load(ctx, owner_id, "Organization", "User") if owner_id else access.need_person(ctx).user


@mutation("createRepository")
def _create_repository(ctx: Context, given: Row) -> Row:
    columns = {
        "description": given.get("description"),
        "homepage": given.get("homepageUrl"),
        "private": _private(given),
        "is_template": int(given.get("template", False)),
        "has_issues": int(given.get("hasIssuesEnabled", True)),
        "has_wiki": int(given.get("hasWikiEnabled", False)),
    }
    return {"repository": repos.create(ctx, _owner(ctx, given.get("ownerId")), given["name"], **columns)}


@mutation("cloneTemplateRepository")
def _clone_template(ctx: Context, given: Row) -> Row:
    template = nodes.load(ctx, given["repositoryId"], "Repository")
    if not template["is_template"]:
        raise Invalid("Repository is not a template repository.")
    columns = {"description": given.get("description"), "private": _private(given)}
    owner, branches = _owner(ctx, given["ownerId"]), given.get("includeAllBranches", False)
    return {"repository": repos.generate(ctx, template, owner, given["name"], branches, **columns)}


@mutation("updateRepository")
def _update_repository(ctx: Context, given: Row) -> Row:
    repo = nodes.load(ctx, given["repositoryId"], "Repository")
    access.need_write(ctx, repo, "admin")
    names = {"name": "name", "description": "description", "homepageUrl": "homepage"}
    flags = {
        "template": "is_template",
        "hasIssuesEnabled": "has_issues",
        "hasProjectsEnabled": "has_projects",
        "hasWikiEnabled": "has_wiki",
    }
    columns = {column: given[key] for key, column in names.items() if key in given}
    columns |= {column: int(given[key]) for key, column in flags.items() if given.get(key) is not None}
    return {"repository": repos.change(ctx, repo, **columns)}


def _archive(ctx: Context, given: Row, archived: int) -> Row:
    repo = nodes.load(ctx, given["repositoryId"], "Repository")
    access.need(ctx, repo, "admin")
    return {"repository": repos.change(ctx, repo, archived=archived)}


@mutation("archiveRepository")
def _archive_repository(ctx: Context, given: Row) -> Row:
    return _archive(ctx, given, 1)


@mutation("unarchiveRepository")
def _unarchive_repository(ctx: Context, given: Row) -> Row:
    return _archive(ctx, given, 0)


@mutation("createCommitOnBranch")
def _create_commit(ctx: Context, given: Row) -> Row:
    repo, branch = _branch(ctx, given["branch"])
    access.need_write(ctx, repo)
    git = ctx.git(repo)
    ref = f"refs/heads/{branch}"
    head = git.ref(ref)
    if head is None:
        raise NotFound(f"A branch named '{branch}' could not be found on the repository.")
    expected = given["expectedHeadOid"]
    if head != expected:
        raise _stale(expected)
    files = _files(given.get("fileChanges") or {})
    refused = access.lacks_workflow_scope(ctx, files)
    if refused:
        raise Forbidden(
            f"refusing to allow a Personal Access Token to create or update workflow `{refused[0]}`"
            " without `workflow` scope"
        )
    author = accounts.person(ctx, access.need_actor(ctx).user)
    message = "\n\n".join(
        part for part in (given["message"]["headline"], given["message"].get("body")) if part
    )
    new = git.commit_files(head, files, message, author, accounts.person(ctx, None))
    try:
        move_ref(ctx, repo, ref, new, head)
    except Conflict as error:
        raise _stale(expected) from error
    target = typed("Commit", {"repo": repo, "sha": new})
    return {"commit": target, "ref": gitnodes.ref(ctx, repo, ref)}


def _stale(expected: str) -> Stale:
    return Stale(f'Expected branch to point to "{expected}" but it did not. Pull and try again.')


def _branch(ctx: Context, given: Row) -> tuple[Row, str]:
    """A branch by its id, or by the repository's full name and its own."""
    if given.get("id"):
        ref = nodes.load(ctx, given["id"], "Ref")
        return ref["repo"], str(ref["full"]).removeprefix("refs/heads/")
    owner, _, name = (given.get("repositoryNameWithOwner") or "").partition("/")
    repo = repos.lookup(ctx, owner, name) or repos.follow(ctx, owner, name)
    if repo is None or not access.visible(ctx, repo):
        raise NotFound(f"Could not resolve to a Repository with the name '{owner}/{name}'.")
    return repo, given.get("branchName") or ""


def _files(changes: Row) -> dict[str, bytes | None]:
    files: dict[str, bytes | None] = {one["path"]: None for one in changes.get("deletions") or []}
    for one in changes.get("additions") or []:
        try:
            files[one["path"]] = base64.b64decode(one["contents"])
        except (binascii.Error, ValueError) as error:
            raise Invalid(f"The contents of {one['path']} are not valid Base64.") from error
    return files


@mutation("createRef")
def _create_ref(ctx: Context, given: Row) -> Row:
    repo = nodes.load(ctx, given["repositoryId"], "Repository")
    access.need_write(ctx, repo)
    git, name = ctx.git(repo), given["name"]
    if not name.startswith("refs/"):
        raise Invalid("Name must start with 'refs/'.")
    if git.ref(name):
        raise Invalid(f'A ref named "{name}" already exists in the repository.')
    if not git.has(given["oid"]):
        raise Invalid(f"No object found for {given['oid']}")
    move_ref(ctx, repo, name, given["oid"], NO_OBJECT)
    return {"ref": gitnodes.ref(ctx, repo, name)}


@mutation("updateRef")
def _update_ref(ctx: Context, given: Row) -> Row:
    ref = nodes.load(ctx, given["refId"], "Ref")
    repo, git = ref["repo"], ctx.git(ref["repo"])
    access.need_write(ctx, repo)
    if not git.has(given["oid"]):
        raise Invalid(f"No object found for {given['oid']}")
    if not given.get("force") and not git.is_ancestor(ref["sha"], given["oid"]):
        raise Invalid("Update is not a fast forward")
    move_ref(ctx, repo, ref["full"], given["oid"], ref["sha"])
    return {"ref": gitnodes.ref(ctx, repo, ref["full"])}


@mutation("deleteRef")
def _delete_ref(ctx: Context, given: Row) -> Row:
    ref = nodes.load(ctx, given["refId"], "Ref")
    access.need_write(ctx, ref["repo"])
    ctx.git(ref["repo"]).delete_ref(ref["full"])
    pushed(ctx, ref["repo"], ref["sha"], NO_OBJECT, ref["full"], ctx.actor)
    return {}


@mutation("createLabel")
def _create_label(ctx: Context, given: Row) -> Row:
    repo = nodes.load(ctx, given["repositoryId"], "Repository")
    access.need_write(ctx, repo)
    return {"label": labels.create(ctx, repo, given["name"], given["color"], given.get("description"))}


@mutation("updateLabel")
def _update_label(ctx: Context, given: Row) -> Row:
    label = nodes.load(ctx, given["id"], "Label")
    access.need_write(ctx, home(ctx, label))
    columns = {key: given[key] for key in ("name", "color", "description") if key in given}
    return {"label": labels.change(ctx, home(ctx, label), label, **columns)}


@mutation("deleteLabel")
def _delete_label(ctx: Context, given: Row) -> Row:
    label = nodes.load(ctx, given["id"], "Label")
    access.need_write(ctx, home(ctx, label))
    labels.delete(ctx, label)
    return {}
