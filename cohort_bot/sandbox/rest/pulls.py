"""Pull requests, as far as starter updates need them."""

from __future__ import annotations

from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.domain import access, accounts, automation, issues
from cohort_bot.sandbox.failures import ApiError, Invalid, NotFound, field_error
from cohort_bot.sandbox.gitrepo import GitRepo
from cohort_bot.sandbox.rest.git import move_ref
from cohort_bot.sandbox.rest.shapes import pulls as shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
BASE = "/repos/<owner>/<repo>/pulls"


class NotMergeable(ApiError):
    """The branches cannot be joined, or are already."""

    status = 405


@routes.get(BASE, "repo")
def _list(call: Call) -> Reply:
    args = call.request.args
    sql = "SELECT * FROM issues WHERE repo_id = ? AND is_pull ORDER BY id DESC"
    rows = [
        row
        for row in call.ctx.db.all(sql, call.repo["id"])
        if args.get("state", "open") in {"all", row["state"]}
    ]
    if head := args.get("head"):
        rows = [row for row in rows if row["head_ref"] == head.rpartition(":")[2]]
    if base := args.get("base"):
        rows = [row for row in rows if row["base_ref"] == base]
    return call.listing(rows, shapes.simple)


@routes.post(BASE, "repo")
def _create(call: Call) -> Reply:
    access.need_write(call.ctx, call.repo, "read")
    access.need_actor(call.ctx)
    git = call.ctx.git(call.repo)
    head, base = call.need_text("head").rpartition(":")[2], call.need_text("base")
    shas = {name: git.head(name) for name in (head, base)}
    for field, name in (("head", head), ("base", base)):
        if shas[name] is None:
            raise Invalid("Validation Failed", [field_error("PullRequest", field, "invalid")])
    _need_new(call, git, head, base)
    columns = {
        "is_pull": 1,
        "head_ref": head,
        "base_ref": base,
        "head_sha": shas[head],
        "base_sha": shas[base],
    }
    title = call.need_text("title")
    row = issues.create(
        call.ctx, call.repo, title, call.text("body"), **columns, draft=int(call.flag("draft"))
    )
    shown = shapes.full(call.ctx, row)
    return Reply(shown, 201, {"Location": shown["url"]})


def _need_new(call: Call, git: GitRepo, head: str, base: str) -> None:
    sql = (
        "SELECT id FROM issues WHERE repo_id = ? AND is_pull AND state = 'open' AND head_ref = ?"
        " AND base_ref = ?"
    )
    if call.ctx.db.one(sql, call.repo["id"], head, base):
        login = call.path["owner"]
        message = f"A pull request already exists for {login}:{head}."
        raise Invalid("Validation Failed", [field_error("PullRequest", "head", "custom", message)])
    new, old = git.head(head), git.head(base)
    if new and old and git.is_ancestor(new, old):
        message = f"No commits between {base} and {head}"
        raise Invalid("Validation Failed", [field_error("PullRequest", "base", "custom", message)])


def _pull(call: Call) -> Row:
    found = issues.need(call.ctx, call.repo, call.path["number"])
    if not found["is_pull"]:
        raise NotFound
    return found


@routes.get(f"{BASE}/<int:number>", "repo")
def _get(call: Call) -> Payload:
    return shapes.full(call.ctx, _pull(call))


@routes.patch(f"{BASE}/<int:number>", "repo")
def _patch(call: Call) -> Payload:
    row = _pull(call)
    issues.need_editor(call.ctx, call.repo, row)
    issues.change_text(call.ctx, row, call.text("title"), call.text("body"))
    state = call.text("state")
    if state == "closed":
        issues.close(call.ctx, row)
    elif state == "open" and not row["merged_at"]:
        issues.reopen(call.ctx, row)
    return shapes.full(call.ctx, _pull(call))


@routes.get(f"{BASE}/<int:number>/merge", "repo")
def _is_merged(call: Call) -> Reply:
    if _pull(call)["merged_at"] is None:
        raise NotFound
    return Reply(None, 204)


@routes.put(f"{BASE}/<int:number>/merge", "repo")
def _merge(call: Call) -> Payload:
    access.need_write(call.ctx, call.repo)
    row, git = _pull(call), call.ctx.git(call.repo)
    head, base = git.head(row["head_ref"]), git.head(row["base_ref"])
    if row["state"] != "open" or head is None or base is None:
        raise NotMergeable("Pull Request is not mergeable")
    title = f"Merge pull request #{row['number']} from {call.path['owner']}/{row['head_ref']}"
    message = f"{call.text('commit_title') or title}\n\n{call.text('commit_message') or row['title']}"
    author = accounts.person(call.ctx, access.need_actor(call.ctx).user)
    sha = git.merge(base, head, message, author)
    if sha is None:
        raise NotMergeable("Merge conflict")
    move_ref(call.ctx, call.repo, f"refs/heads/{row['base_ref']}", sha, base)
    _note_merged(call, row, sha, head, base)
    return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}


def _note_merged(call: Call, row: Row, sha: str, head: str, base: str) -> None:
    merged = {"merged_at": call.ctx.now, "merge_sha": sha, "head_sha": head, "base_sha": base}
    call.ctx.db.update("issues", row["id"], **merged, merged_by_id=access.need_actor(call.ctx).id)
    issues.record(call.ctx, row, "merged", sha)
    automation.pull_merged(call.ctx, row["id"])
    issues.close(call.ctx, issues.reload(call.ctx, row["id"]))
