"""Pull requests."""

from __future__ import annotations

from typing import Any

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import repos
from cohort_bot.sandbox.rest.shapes import accounts as account_shapes
from cohort_bot.sandbox.rest.shapes import issues as issue_shapes
from cohort_bot.sandbox.rest.shapes import repos as repo_shapes
from cohort_bot.sandbox.store import Row

Json = dict[str, Any]
_SHARED = (
    "number",
    "state",
    "locked",
    "title",
    "user",
    "body",
    "labels",
    "milestone",
    "active_lock_reason",
    "created_at",
    "updated_at",
    "closed_at",
    "assignee",
    "assignees",
    "author_association",
    "draft",
)


def simple(ctx: Context, row: Row) -> Json:
    """`pull-request-simple`."""
    repo = repos.by_id(ctx, row["repo_id"]) or {}
    base = repo_shapes.api_url(ctx, repo)
    url, issue_url = f"{base}/pulls/{row['number']}", f"{base}/issues/{row['number']}"
    page = issue_shapes.html_url(ctx, row)
    head_sha = ctx.git(repo).head(row["head_ref"]) if row["state"] == "open" else row["head_sha"]
    as_issue = issue_shapes.issue(ctx, row)
    links = {
        "url": url,
        "html_url": page,
        "issue_url": issue_url,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{base}/pulls/comments{{/number}}",
        "comments_url": f"{issue_url}/comments",
        "statuses_url": f"{base}/statuses/{head_sha}",
    }
    return {
        **{key: as_issue[key] for key in _SHARED},
        **links,
        "id": row["id"],
        "node_id": nodeids.encode("PullRequest", row["id"]),
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "merged_at": row["merged_at"],
        "merge_commit_sha": row["merge_sha"],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _side(ctx, repo, row["head_ref"], head_sha or row["head_sha"]),
        "base": _side(ctx, repo, row["base_ref"], row["base_sha"]),
        "_links": _links(links),
        "auto_merge": None,
    }


def _links(links: Json) -> Json:
    names = {"url": "self", "html_url": "html"}
    return {names.get(key, key.removesuffix("_url")): {"href": value} for key, value in links.items()}


def _side(ctx: Context, repo: Row, ref: str, sha: str) -> Json:
    owner = account_shapes.simple_by_id(ctx, repo["owner_id"])
    label = f"{owner['login']}:{ref}" if owner else ref
    return {"label": label, "ref": ref, "sha": sha, "user": owner, "repo": repo_shapes.plain(ctx, repo)}


def full(ctx: Context, row: Row) -> Json:
    """`pull-request`."""
    repo = repos.by_id(ctx, row["repo_id"]) or {}
    git, shown = ctx.git(repo), simple(ctx, row)
    head, base = shown["head"]["sha"], row["base_sha"]
    old = {commit.sha for commit in git.log(base)}
    commits = [commit for commit in git.log(head) if commit.sha not in old]
    numbers = git.diff_numbers(base, head)
    merged = row["merged_at"] is not None
    return {
        **shown,
        "merged": merged,
        "mergeable": None if merged else True,
        "rebaseable": None,
        "mergeable_state": "unknown" if merged else "clean",
        "merged_by": account_shapes.simple_by_id(ctx, row["merged_by_id"]),
        "comments": ctx.db.value("SELECT COUNT(*) FROM comments WHERE issue_id = ?", row["id"]),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(commits),
        "additions": sum(plus for plus, _ in numbers),
        "deletions": sum(minus for _, minus in numbers),
        "changed_files": len(numbers),
    }
