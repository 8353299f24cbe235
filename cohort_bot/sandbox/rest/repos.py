"""Repositories: reading, changing, making from a template; collaborators and invitations."""

from __future__ import annotations

from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts, people, repos
from cohort_bot.sandbox.failures import Forbidden, Invalid, NotFound, invalid_field
from cohort_bot.sandbox.rest.shapes import accounts as account_shapes
from cohort_bot.sandbox.rest.shapes import repos as shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
_FLAGS = ("is_template", "has_issues", "has_projects", "has_wiki", "archived")


@routes.get("/repos/<owner>/<repo>", "repo")
def _get(call: Call) -> Payload:
    return shapes.full(call.ctx, call.repo)


@routes.get("/repositories/<int:number>", "repo")
def _get_by_id(call: Call) -> Payload:
    found = repos.by_id(call.ctx, call.path["number"])
    if found is None or not access.visible(call.ctx, found):
        raise NotFound
    return shapes.full(call.ctx, found)


@routes.patch("/repos/<owner>/<repo>", "repo")
def _patch(call: Call) -> Payload:
    access.need(call.ctx, call.repo, "admin")
    columns = call.given("description", "homepage", "name")
    columns |= {flag: int(call.flag(flag)) for flag in _FLAGS if flag in call.body}
    if "private" in call.body or "visibility" in call.body:
        columns["private"] = int(call.flag("private") or call.text("visibility") == "private")
    branch = call.text("default_branch")
    if branch is not None and branch != call.repo["default_branch"]:
        if call.ctx.git(call.repo).head(branch) is None:
            message = (
                f"The branch {branch} was not found. Please push that ref first or create it via the Git"
                f" Data API."
            )
            raise invalid_field("Repository", "default_branch", message)
        repos.set_default_branch(call.ctx, call.repo, branch)
    if call.repo["archived"] and columns.get("archived", 1):
        access.need_unlocked(call.repo)
    return shapes.full(call.ctx, repos.change(call.ctx, call.repo, **columns))


@routes.delete("/repos/<owner>/<repo>", "delete_repo")
def _delete(call: Call) -> Reply:
    access.need(call.ctx, call.repo, "admin")
    if call.ctx.actor is None or not call.ctx.actor.has("delete_repo"):
        raise Forbidden("Must have admin rights to Repository.")
    repos.delete(call.ctx, call.repo)
    return Reply(None, 204)


@routes.post("/repos/<owner>/<repo>/generate", "repo")
def _generate(call: Call) -> Reply:
    actor = access.need_person(call.ctx)
    login = call.text("owner")
    owner = accounts.need(call.ctx, login) if login else actor.user
    columns = {"description": call.text("description"), "private": int(call.flag("private"))}
    name, branches = call.need_text("name"), call.flag("include_all_branches")
    repo = repos.generate(call.ctx, call.repo, owner, name, branches, **columns)
    return Reply(shapes.full(call.ctx, repo), 201, {"Location": shapes.api_url(call.ctx, repo)})


@routes.get("/repos/<owner>/<repo>/collaborators", "repo")
def _collaborators(call: Call) -> Reply:
    access.need(call.ctx, call.repo, "write")
    rows = people.collaborators(call.ctx, call.repo, call.request.args.get("affiliation", "all"))
    wanted = access.FROM_REST.get(call.request.args.get("permission", ""), "read")
    found = [row for row in rows if row["rank"] >= access.RANK[wanted]]
    return call.listing(found, account_shapes.collaborator)


@routes.get("/repos/<owner>/<repo>/collaborators/<login>", "repo")
def _is_collaborator(call: Call) -> Reply:
    access.need(call.ctx, call.repo, "write")
    user = accounts.need(call.ctx, call.path["login"])
    if not people.is_collaborator(call.ctx, call.repo, user["id"]):
        raise NotFound
    return Reply(None, 204)


@routes.get("/repos/<owner>/<repo>/collaborators/<login>/permission", "repo")
def _permission(call: Call) -> Payload:
    access.need(call.ctx, call.repo, "read")
    user = accounts.need(call.ctx, call.path["login"])
    rank = access.of_user(call.ctx, call.repo, user["id"])
    level = access.LEVELS[rank]
    # The older word knows only four; the role says which it really is.
    legacy = {"triage": "read", "maintain": "write"}.get(level, level)
    shown = account_shapes.collaborator(call.ctx, user | {"rank": rank})
    return {"permission": legacy, "role_name": level, "user": shown}


@routes.put("/repos/<owner>/<repo>/collaborators/<login>", "repo")
def _add_collaborator(call: Call) -> Reply:
    access.need_write(call.ctx, call.repo, "admin")
    access.need_person(call.ctx)
    given = call.text("permission") or "push"
    if given not in access.FROM_REST:
        raise Invalid(
            "Validation Failed", [{"resource": "Repository", "code": "invalid", "field": "permission"}]
        )
    user = accounts.need(call.ctx, call.path["login"])
    invitation = people.add(call.ctx, call.repo, user, access.FROM_REST[given])
    return Reply(shapes.invitation(call.ctx, invitation), 201) if invitation else Reply(None, 204)


@routes.delete("/repos/<owner>/<repo>/collaborators/<login>", "repo")
def _remove_collaborator(call: Call) -> Reply:
    user = accounts.need(call.ctx, call.path["login"])
    # Leaving is everybody's right.
    if user["id"] != access.need_person(call.ctx).id:
        access.need_write(call.ctx, call.repo, "admin")
    people.remove(call.ctx, call.repo, user)
    return Reply(None, 204)


@routes.get("/repos/<owner>/<repo>/assignees", "repo")
def _assignees(call: Call) -> Reply:
    return call.listing(people.collaborators(call.ctx, call.repo), _simple)


def _simple(ctx: Context, row: Row) -> Payload:
    return account_shapes.simple(ctx, row)


@routes.get("/repos/<owner>/<repo>/assignees/<login>", "repo")
def _may_be_assigned(call: Call) -> Reply:
    user = accounts.known(call.ctx, call.path["login"])
    if call.repo and user and people.is_collaborator(call.ctx, call.repo, user["id"]):
        return Reply(None, 204)
    raise NotFound


@routes.get("/repos/<owner>/<repo>/invitations", "repo")
def _invitations(call: Call) -> Reply:
    access.need(call.ctx, call.repo, "admin")
    rows = call.ctx.db.all("SELECT * FROM invitations WHERE repo_id = ? ORDER BY id", call.repo["id"])
    return call.listing(rows, shapes.invitation)


def _invitation(call: Call) -> Row:
    access.need(call.ctx, call.repo, "admin")
    found = people.need_invitation(call.ctx, call.path["number"])
    if found["repo_id"] != call.repo["id"]:
        raise NotFound
    return found


@routes.patch("/repos/<owner>/<repo>/invitations/<int:number>", "repo")
def _change_invitation(call: Call) -> Payload:
    found = _invitation(call)
    level = call.need_text("permissions")
    if level not in access.LEVELS[1:]:
        raise invalid_field("RepositoryInvitation", "permissions")
    call.ctx.db.update("invitations", found["id"], permission=level)
    return shapes.invitation(call.ctx, found | {"permission": level})


@routes.delete("/repos/<owner>/<repo>/invitations/<int:number>", "repo")
def _cancel_invitation(call: Call) -> Reply:
    call.ctx.db.run("DELETE FROM invitations WHERE id = ?", _invitation(call)["id"])
    return Reply(None, 204)


@routes.get("/user/repository_invitations", "repo", "repo:invite")
def _my_invitations(call: Call) -> Reply:
    return call.listing(people.pending_for_me(call.ctx), shapes.invitation)


@routes.patch("/user/repository_invitations/<int:number>", "repo", "repo:invite")
def _accept(call: Call) -> Reply:
    people.accept(call.ctx, call.path["number"])
    return Reply(None, 204)


@routes.delete("/user/repository_invitations/<int:number>", "repo", "repo:invite")
def _decline(call: Call) -> Reply:
    people.decline(call.ctx, call.path["number"])
    return Reply(None, 204)
