"""Reading a cohort in bulk: about one request for thirty learners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from cohort_bot.errors import ForgeError
from cohort_bot.forge import parse, queries
from cohort_bot.forge.answers import WENT_WRONG
from cohort_bot.forge.batch import Batch
from cohort_bot.forge.connection import Connection, Json, OverloadedError
from cohort_bot.forge.protocol import Run
from cohort_bot.state import Access, CohortState, Files, Head, Repo

# https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
SCOPES = frozenset({"repo", "workflow", "project"})

# An invitation is good for seven days (https://docs.github.com/en/rest/collaborators/invitations).
INVITATION_LIFE = timedelta(days=7)
# GitHub lists invitations repo by repo only. Where the enrolment is sealed and young, and more learners than
# this have not joined, theirs are taken to be pending rather than asked for one by one.
ASK_FOR = 10


class ForgeReader:
    """The `Reader` that asks a forge over HTTP. `stages` is how many milestone issues to expect a repo.

    `ours`: the paths of the files in a learner's repo that are ours.
    """

    def __init__(
        self,
        connection: Connection,
        label_keys: Mapping[str, str],
        stages: int,
        titles: Mapping[str, str] | None = None,
        ours: Sequence[str] = (),
    ) -> None:
        self._connection = connection
        self._ours = ours
        self._names = parse.Names(label_keys, titles or {})
        self._batch = Batch(queries.REPOS_A_QUERY)
        self._page = min(stages + 10, 100)

    def read(self, org: str, template: str, learners: Mapping[str, str], now: datetime) -> CohortState:
        """See `Reader.read`."""
        org_id, found = self._cohort(org, template)
        repos: dict[str, Repo] = {}
        rest = list(learners)
        while rest:
            names = rest[: self._batch.size]
            try:
                repos |= self._learners(org, names, learners)
            except OverloadedError:
                self._batch.shrink(len(names))
                continue
            rest = rest[len(names) :]
            self._batch.grow()
        gone = learners.keys() - repos.keys() if found else set()
        loose = self._loose_boards(org, template, {n for n, repo in repos.items() if not repo.board} | gone)
        repos |= {name: _with_boards(repos[name], loose[name]) for name in loose.keys() - gone}
        orphans = {name: parse.board(loose[name][0], linked=False) for name in loose.keys() & gone}
        return CohortState(found, self._with_invitations(repos, now), orphans, org_id)

    def heads(self, paths: Sequence[str]) -> Mapping[str, Head]:
        """See `Reader.heads`."""
        found: dict[str, Head] = {}
        for chunk in _chunks(paths, 100):
            data = self._query(queries.heads(chunk), {})
            for i, path in enumerate(chunk):
                ref = (data.get(f"r{i}") or {}).get("defaultBranchRef")
                if ref and ref["target"]:
                    found[path] = Head(ref["name"], ref["target"]["oid"])
        return found

    def runs(self, commits: Mapping[str, str], workflow: str) -> Mapping[str, Run]:
        """See `Reader.runs`."""
        found: dict[str, Run] = {}
        for chunk in _chunks(list(commits), 100):
            data = self._query(queries.runs({path: commits[path] for path in chunk}), {})
            for i, path in enumerate(chunk):
                if run := parse.newest_run((data.get(f"r{i}") or {}).get("object"), workflow):
                    found[path] = run
        return found

    def user_ids(self, logins: Sequence[str]) -> Mapping[str, str]:
        """See `Reader.user_ids`."""
        data = self._query(queries.users(logins), {})
        return {login.lower(): data[f"u{i}"]["id"] for i, login in enumerate(logins) if data.get(f"u{i}")}

    def _query(self, text: str, variables: Json, *, hasty: bool = False) -> Json:
        """The data of a query. What does not exist, or cannot be seen, is null in it."""
        data, errors = self._connection.graphql(text, variables, hasty=hasty)
        for error in errors:
            if hasty and WENT_WRONG in str(error.get("message", "")).lower():
                raise OverloadedError("GitHub gave up on a part of the query")
            if error.get("type") == "INSUFFICIENT_SCOPES":
                raise ForgeError(str(error["message"]), _scope_hint())
            if error.get("type") != "NOT_FOUND":
                raise ForgeError(f"GitHub refuses the query: {error.get('message', 'no reason given')}")
        return data

    def _cohort(self, org: str, template: str) -> tuple[str, Repo | None]:
        data = self._query(queries.COHORT, {"org": org, "template": template})
        self._demand_scopes()
        owner = data.get("organization")
        if not owner:
            raise ForgeError(
                f"the organisation {org} does not exist, or the token may not see it",
                "Check `org:` in cohort.yaml, and whose token it is.",
            )
        if not owner["viewerCanCreateRepositories"]:
            raise ForgeError(
                f"the token may not create repositories in {org}",
                "Use an owner's token, or let members create repositories in the organisation's settings.",
            )
        raw = data.get("template")
        return owner["id"], self._template(parse.template_repo(template, raw)) if raw else None

    def _demand_scopes(self) -> None:
        """Classic tokens say what they may do; others (fine-grained, App) say nothing and are tried."""
        scopes = self._connection.scopes
        missing = SCOPES - scopes if scopes else frozenset()
        if missing:
            raise ForgeError(f"the token lacks the scope {' and '.join(sorted(missing))}", _scope_hint())

    def _template(self, repo: Repo) -> Repo:
        if not repo.head:
            return repo
        tree = self._connection.rest("GET", f"/repos/{repo.path}/git/trees/{repo.head.commit}", recursive="1")
        return replace(repo, files=Files({e["path"]: e["sha"] for e in tree["tree"] if e["type"] == "blob"}))

    def _learners(self, org: str, names: Sequence[str], learners: Mapping[str, str]) -> dict[str, Repo]:
        asked = {"org": org, "issues": self._page}
        data = self._query(queries.learners(names, self._ours), asked, hasty=len(names) > 1)
        raws = {name: data[f"r{i}"] for i, name in enumerate(names) if data.get(f"r{i}")}
        for raw in raws.values():
            self._read_on(raw)
        return {
            name: parse.learner_repo(name, learners[name], raw, self._names, self._ours)
            for name, raw in raws.items()
        }

    def _read_on(self, raw: Json) -> None:
        """Fetch further pages of issues until all of ours are there. Ours come first: they are the oldest."""
        page = raw["issues"]["pageInfo"]
        milestones = {m["id"] for m in raw["milestones"]["nodes"] if parse.is_ours(m["description"])}
        while page["hasNextPage"] and not milestones <= _covered(raw):
            data = self._query(queries.MORE_ISSUES, {"id": raw["id"], "after": page["endCursor"]})
            more = data["node"]["issues"]
            raw["issues"]["nodes"] += more["nodes"]
            page = more["pageInfo"]

    def _loose_boards(self, org: str, template: str, without: Set[str]) -> dict[str, list[Json]]:
        """Boards that were copied but not linked when a run was stopped, or whose repo is gone."""
        found = self._boards(org, template.removesuffix("-template")) if without else {}
        return {name: sorted(found[name], key=lambda raw: raw["number"]) for name in found.keys() & without}

    def _boards(self, org: str, slug: str) -> dict[str, list[Json]]:
        """Title → the open boards of that title."""
        found: dict[str, list[Json]] = {}
        after = None
        while True:
            data = self._query(queries.BOARDS, {"org": org, "slug": slug, "after": after})
            boards = data["organization"]["projectsV2"]
            for node in boards["nodes"]:
                if node and not node["closed"]:
                    found.setdefault(node["title"], []).append(node)
            if not boards["pageInfo"]["hasNextPage"]:
                return found
            after = boards["pageInfo"]["endCursor"]

    def _with_invitations(self, repos: dict[str, Repo], now: datetime) -> dict[str, Repo]:
        outside = {name: repo for name, repo in repos.items() if repo.access is Access.NONE}
        young = {name for name, repo in outside.items() if _is_young(repo, now)}
        presumed = young if len(young) > ASK_FOR else set()
        return repos | {
            name: replace(repo, access=Access.INVITED) if name in presumed else self._ask(repo)
            for name, repo in outside.items()
        }

    def _ask(self, repo: Repo) -> Repo:
        for raw in self._connection.rest("GET", f"/repos/{repo.path}/invitations", per_page=100):
            if (raw["invitee"] or {}).get("login", "").lower() == repo.learner.lower():
                access = Access.EXPIRED if raw.get("expired") else Access.INVITED
                return replace(repo, access=access, invitation=raw["id"])
        return repo


def _with_boards(repo: Repo, raws: list[Json]) -> Repo:
    first, *others = (parse.board(raw, linked=False) for raw in raws)
    return replace(repo, board=first, spare_boards=tuple(others))


def _is_young(repo: Repo, now: datetime) -> bool:
    sealed = repo.board is not None and repo.board.linked
    return sealed and repo.created_at is not None and now - repo.created_at < INVITATION_LIFE


def _covered(raw: Json) -> set[str]:
    return {
        (issue["milestone"] or {}).get("id", "")
        for issue in raw["issues"]["nodes"]
        if parse.is_ours(issue["body"])
    }


def _scope_hint() -> str:
    return f"Make a token with the scopes {', '.join(sorted(SCOPES))}, or use a GitHub App."


def _chunks(items: Sequence[str], size: int) -> list[list[str]]:
    rest = iter(items)
    return list(iter(lambda: list(islice(rest, size)), []))
