"""Refs, commits, trees and blobs as GraphQL objects."""

from __future__ import annotations

import itertools

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.clock import parse, stamp
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, repos
from cohort_bot.sandbox.failures import NotFound
from cohort_bot.sandbox.gitobjects import Commit, Entry, Person
from cohort_bot.sandbox.graphql.asking import Ask, account, resolves, typed
from cohort_bot.sandbox.graphql.connections import Connection, from_rows
from cohort_bot.sandbox.store import Row

ABBREVIATED = 7
HISTORY_LIMIT = 10_000


def by_id(ctx: Context, kind: str, repo_id: int, name: str) -> Row | None:
    """The ref or object with that id, typed."""
    repo = repos.by_id(ctx, repo_id)
    if repo is None or not access.visible(ctx, repo):
        return None
    return ref(ctx, repo, name) if kind == "Ref" else git_object(ctx, repo, name)


def ref(ctx: Context, repo: Row, name: str) -> Row | None:
    """A ref by its full name."""
    sha = ctx.git(repo).ref(name)
    return typed("Ref", {"repo": repo, "full": name, "sha": sha}) if sha else None


def git_object(ctx: Context, repo: Row, sha: str | None) -> Row | None:
    """A commit, tree or blob by its sha."""
    found = ctx.git(repo).read(sha) if sha else None
    return typed(found.kind.capitalize(), {"repo": repo, "sha": sha}) if found else None


def by_expression(ctx: Context, repo: Row, expression: str) -> Row | None:
    """What `branch`, `branch:path` or a sha means (https://git-scm.com/docs/gitrevisions)."""
    git = ctx.git(repo)
    name, colon, path = expression.partition(":")
    sha = git.resolve(name, repo["default_branch"])
    commit = git.commit(sha) if sha else None
    if commit is None or not colon:
        return git_object(ctx, repo, sha)
    entry = git.at(commit.tree, path)
    return git_object(ctx, repo, entry.sha) if entry else None


def _commit(ask: Ask) -> Commit:
    key = ("commit", ask.row["sha"])
    if key not in ask.ctx.cache:
        ask.ctx.cache[key] = ask.ctx.git(ask.row["repo"]).commit(ask.row["sha"])
    found = ask.ctx.cache[key]
    if not isinstance(found, Commit):
        raise NotFound(f"No object found for {ask.row['sha']}")
    return found


@resolves("Ref", "id")
def _ref_id(ask: Ask) -> str:
    return nodeids.encode_git("Ref", ask.row["repo"]["id"], ask.row["full"])


@resolves("Ref", "name")
def _ref_name(ask: Ask) -> str:
    return str(ask.row["full"]).removeprefix(_ref_prefix(ask))


@resolves("Ref", "prefix")
def _ref_prefix(ask: Ask) -> str:
    return "/".join(str(ask.row["full"]).split("/")[:2]) + "/"


@resolves("Ref", "repository")
@resolves("Commit", "repository")
@resolves("Tree", "repository")
@resolves("Blob", "repository")
def _repository(ask: Ask) -> Row:
    return dict(ask.row["repo"])


@resolves("Ref", "target")
def _target(ask: Ask) -> Row | None:
    return git_object(ask.ctx, ask.row["repo"], ask.row["sha"])


def _oid(ask: Ask) -> str:
    return str(ask.row["sha"])


def _short(ask: Ask) -> str:
    return _oid(ask)[:ABBREVIATED]


def _object_id(ask: Ask) -> str:
    return nodeids.encode_git(ask.row["_type"], ask.row["repo"]["id"], ask.row["sha"])


def _commit_path(ask: Ask) -> str:
    return f"/{repos.full_name(ask.ctx, ask.row['repo'])}/commit/{ask.row['sha']}"


def _commit_url(ask: Ask) -> str:
    return ask.ctx.urls.html + _commit_path(ask)


for _kind in ("Commit", "Tree", "Blob"):
    resolves(_kind, "oid")(_oid)
    resolves(_kind, "abbreviatedOid")(_short)
    resolves(_kind, "id")(_object_id)
    resolves(_kind, "commitUrl")(_commit_url)
    resolves(_kind, "commitResourcePath")(_commit_path)
resolves("Commit", "url")(_commit_url)
resolves("Commit", "resourcePath")(_commit_path)


@resolves("Commit", "message")
def _message(ask: Ask) -> str:
    return _commit(ask).message


@resolves("Commit", "messageHeadline")
def _headline(ask: Ask) -> str:
    return _commit(ask).message.partition("\n")[0]


@resolves("Commit", "messageBody")
def _body(ask: Ask) -> str:
    return _commit(ask).message.partition("\n")[2].strip("\n")


@resolves("Commit", "committedDate")
def _committed(ask: Ask) -> str:
    return stamp(_commit(ask).committer.when)


@resolves("Commit", "authoredDate")
def _authored(ask: Ask) -> str:
    return stamp(_commit(ask).author.when)


@resolves("Commit", "author")
def _author(ask: Ask) -> Row:
    return _person(_commit(ask).author)


@resolves("Commit", "committer")
def _committer(ask: Ask) -> Row:
    return _person(_commit(ask).committer)


def _person(person: Person) -> Row:
    return {"name": person.name, "email": person.email, "date": person.when.isoformat()}


@resolves("GitActor", "user")
def _user(ask: Ask) -> Row | None:
    number = str(ask.row["email"]).partition("+")[0]
    sql = "SELECT * FROM accounts WHERE kind = 'User' AND (id = ? OR email = ?)"
    hidden = str(ask.row["email"]).endswith("@users.noreply.github.com") and number.isdigit()
    return account(ask.ctx.db.one(sql, int(number) if hidden else -1, ask.row["email"]))


@resolves("Commit", "tree")
def _tree(ask: Ask) -> Row:
    return typed("Tree", {"repo": ask.row["repo"], "sha": _commit(ask).tree})


@resolves("Commit", "parents")
def _parents(ask: Ask) -> Connection:
    rows = [typed("Commit", {"repo": ask.row["repo"], "sha": sha}) for sha in _commit(ask).parents]
    return from_rows(ask, rows)


@resolves("Commit", "history")
def _history(ask: Ask) -> Connection:
    git, path = ask.ctx.git(ask.row["repo"]), ask.args.get("path")
    since, until = (parse(ask.args[name]) if ask.args.get(name) else None for name in ("since", "until"))
    found = (
        commit
        for commit in git.log(ask.row["sha"])
        if (since is None or commit.committer.when >= since)
        and (until is None or commit.committer.when <= until)
    )
    if path:
        found = (commit for commit in found if git.touches(commit, path))
    shas = [commit.sha for commit in itertools.islice(found, HISTORY_LIMIT)]
    return from_rows(ask, [typed("Commit", {"repo": ask.row["repo"], "sha": sha}) for sha in shas])


def _numbers(ask: Ask) -> list[list[str]]:
    lines = ask.ctx.git(ask.row["repo"]).changes(ask.row["sha"])
    return [line.split("\t", 3) for line in lines]


@resolves("Commit", "additions")
def _additions(ask: Ask) -> int:
    return sum(int(line[1]) for line in _numbers(ask) if line[1].isdigit())


@resolves("Commit", "deletions")
def _deletions(ask: Ask) -> int:
    return sum(int(line[2]) for line in _numbers(ask) if line[2].isdigit())


@resolves("Commit", "changedFilesIfAvailable")
def _changed_files(ask: Ask) -> int:
    return len(_numbers(ask))


@resolves("Commit", "file")
def _file(ask: Ask) -> Row | None:
    found = ask.ctx.git(ask.row["repo"]).at(_commit(ask).tree, ask.args["path"])
    return _entry(ask.row["repo"], ask.args["path"], found) if found else None


def _entry(repo: Row, path: str, found: Entry) -> Row:
    kind = "tree" if found.is_tree else "blob"
    return {
        "repo": repo,
        "path": path,
        "name": found.name,
        "mode": int(found.mode, 8),
        "type": kind,
        "oid": found.sha,
    }


@resolves("Tree", "entries")
def _entries(ask: Ask) -> list[Row]:
    git = ask.ctx.git(ask.row["repo"])
    return [_entry(ask.row["repo"], entry.name, entry) for entry in git.tree(ask.row["sha"])]


@resolves("TreeEntry", "object")
def _entry_object(ask: Ask) -> Row | None:
    return git_object(ask.ctx, ask.row["repo"], ask.row["oid"])


@resolves("TreeEntry", "size")
def _entry_size(ask: Ask) -> int:
    return ask.ctx.git(ask.row["repo"]).size(ask.row["oid"])


def _data(ask: Ask) -> bytes:
    found = ask.ctx.git(ask.row["repo"]).read(ask.row["sha"])
    return found.data if found else b""


@resolves("Blob", "byteSize")
def _byte_size(ask: Ask) -> int:
    return len(_data(ask))


@resolves("Blob", "isBinary")
def _is_binary(ask: Ask) -> bool:
    return b"\0" in _data(ask)[:8000]


@resolves("Blob", "isTruncated")
def _is_truncated(_ask: Ask) -> bool:
    return False


@resolves("Blob", "text")
def _text(ask: Ask) -> str | None:
    return None if _is_binary(ask) else _data(ask).decode("utf-8", "replace")
