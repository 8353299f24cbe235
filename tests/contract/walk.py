"""A walk past every REST endpoint of the sandbox, so that each answer can be held to its description."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.sandbox_process import SandboxProcess, api

TEMPLATE, REPO = "walk-template", "walk-ada"


@dataclass
class Walk:
    """Somebody with the organiser's token, walking through `url`; `learner` is an outsider's token."""

    sandbox: SandboxProcess
    url: str
    learner: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def repo(self) -> str:
        """The path of the repository that most of the walk is about."""
        return f"/repos/{self.sandbox.org}/{REPO}"

    def ask(self, status: int, method: str, path: str, body: object = None, token: str = "") -> Any:
        """One request that must end in `status`; the JSON of its answer."""
        token = token or self.sandbox.token
        answer = api(self.session, self.url, method, path, token, json=body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else None

    def get(self, *paths: str) -> Any:
        """Several GETs that must succeed; the last answer."""
        return [self.ask(200, "GET", path) for path in paths][-1]

    def file(self, path: str, text: str, **more: object) -> Any:
        """Write a file through the contents API."""
        content = base64.b64encode(text.encode()).decode()
        status = 200 if "sha" in more else 201
        body = {"message": f"Write {path}", "content": content, **more}
        return self.ask(status, "PUT", f"{self.repo}/contents/{path}", body)


def everything(walk: Walk) -> None:
    """The whole walk, in an order in which each step finds what it needs."""
    walk.learner = walk.sandbox.new_user("ada", name="Ada", email="ada@example.org")
    for part in (accounts, making, people, contents, git, planning, issues, comments, pulls, checks):
        part(walk)
    for part in (workflows, boards, refusals, leaving):
        part(walk)


def accounts(walk: Walk) -> None:
    """Accounts, organisations and who belongs to them."""
    org = f"/orgs/{walk.sandbox.org}"
    login = walk.get("/", "/meta", "/user")["login"]
    walk.ask(404, "GET", "/rate_limit")  # as on a server without limits, which this one is
    number = walk.get("/users/ada", f"/users/{login}")["id"]
    walk.get(f"/user/{number}", "/user/orgs", "/user/repos", "/user/memberships/orgs", org)
    walk.ask(
        200, "PATCH", org, {"description": "Learners of all kinds", "default_repository_permission": "none"}
    )
    walk.get(f"{org}/members", f"{org}/memberships/{login}", f"{org}/invitations")
    walk.ask(204, "GET", f"{org}/members/{login}")
    walk.ask(404, "GET", f"{org}/members/ada")
    bob = walk.sandbox.new_user("bob")
    walk.ask(200, "PUT", f"{org}/memberships/bob", {"role": "member"})
    walk.get(f"{org}/invitations")
    walk.ask(200, "PATCH", f"/user/memberships{org}", {"state": "active"}, bob)
    walk.get(f"{org}/members", f"{org}/members?role=admin", f"{org}/outside_collaborators")
    walk.ask(204, "DELETE", f"{org}/memberships/bob")


def making(walk: Walk) -> None:
    """Repositories: from nothing and from a template, renamed, listed."""
    org = walk.sandbox.org
    body = {"name": TEMPLATE, "private": True, "is_template": True, "auto_init": True, "description": "Start"}
    walk.ask(201, "POST", f"/orgs/{org}/repos", body)
    body = {"owner": org, "name": REPO, "private": True, "description": "Ada's"}
    walk.ask(201, "POST", f"/repos/{org}/{TEMPLATE}/generate", body)
    walk.sandbox.advance(60)
    walk.ask(201, "POST", "/user/repos", {"name": "mine", "private": False})
    walk.ask(200, "PATCH", walk.repo, {"has_wiki": False, "homepage": "https://example.org"})
    walk.ask(200, "PATCH", f"/repos/{org}/{TEMPLATE}", {"name": "walk-start"})
    walk.ask(301, "GET", f"/repos/{org}/{TEMPLATE}")
    found = walk.get(f"/orgs/{org}/repos", f"/orgs/{org}/repos?per_page=1&page=2&sort=full_name", walk.repo)
    walk.get(
        f"/repositories/{found['id']}", f"/users/{walk.get('/user')['login']}/repos", "/user/repos?per_page=5"
    )


def people(walk: Walk) -> None:
    """Invitations: made, changed, refused, accepted; collaborators and assignees."""
    one = f"{walk.repo}/collaborators/ada"
    walk.ask(404, "GET", one)
    invitation = walk.ask(201, "PUT", one, {"permission": "push"})
    walk.get(f"{walk.repo}/invitations")
    walk.ask(200, "PATCH", f"{walk.repo}/invitations/{invitation['id']}", {"permissions": "write"})
    assert walk.ask(200, "GET", "/user/repository_invitations", token=walk.learner)
    walk.ask(204, "DELETE", f"/user/repository_invitations/{invitation['id']}", token=walk.learner)
    invitation = walk.ask(201, "PUT", one, {"permission": "push"})
    walk.ask(204, "DELETE", f"{walk.repo}/invitations/{invitation['id']}")
    invitation = walk.ask(201, "PUT", one, {"permission": "push"})
    walk.ask(204, "PATCH", f"/user/repository_invitations/{invitation['id']}", token=walk.learner)
    walk.ask(204, "PUT", one, {"permission": "push"})
    walk.ask(204, "GET", one)
    walk.get(
        f"{one}/permission", f"{walk.repo}/collaborators", f"{walk.repo}/collaborators?affiliation=outside"
    )
    walk.get(f"{walk.repo}/assignees", f"/orgs/{walk.sandbox.org}/outside_collaborators")
    walk.ask(204, "GET", f"{walk.repo}/assignees/ada")
    walk.ask(404, "GET", f"{walk.repo}/assignees/nobody")


def contents(walk: Walk) -> None:
    """Files and commits."""
    first = walk.file("notes/one.md", "# One\n")
    walk.file("notes/one.md", "# Uno\n", sha=first["content"]["sha"], branch="main")
    walk.file(".github/workflows/check.yml", "name: check\non: [push, workflow_dispatch]\n")
    sha = walk.get(f"{walk.repo}/contents", f"{walk.repo}/contents/notes/one.md")["sha"]
    walk.get(f"{walk.repo}/contents/notes?ref=main", f"{walk.repo}/contents/", f"{walk.repo}/readme")
    walk.ask(200, "DELETE", f"{walk.repo}/contents/notes/one.md", {"message": "Tidy up", "sha": sha})
    head = walk.get(f"{walk.repo}/commits?per_page=1", f"{walk.repo}/commits?path=notes&sha=main")[0]["sha"]
    walk.get(f"{walk.repo}/commits/{head}", f"{walk.repo}/commits/main")


def git(walk: Walk) -> None:
    """Git's own objects and refs."""
    ref = walk.get(f"{walk.repo}/branches", f"{walk.repo}/branches/main", f"{walk.repo}/git/ref/heads/main")
    parent = walk.get(f"{walk.repo}/git/commits/{ref['object']['sha']}")
    walk.get(f"{walk.repo}/git/trees/{parent['tree']['sha']}?recursive=1", f"{walk.repo}/git/trees/main")
    blob = walk.ask(201, "POST", f"{walk.repo}/git/blobs", {"content": "hello\n", "encoding": "utf-8"})
    walk.get(f"{walk.repo}/git/blobs/{blob['sha']}", f"{walk.repo}/git/matching-refs/heads/m")
    entry = {"path": "src/hello.txt", "mode": "100644", "type": "blob", "sha": blob["sha"]}
    body = {"base_tree": parent["tree"]["sha"], "tree": [entry]}
    tree = walk.ask(201, "POST", f"{walk.repo}/git/trees", body)
    author = {"name": "Ada", "email": "ada@example.org", "date": "2026-10-01T10:00:00Z"}
    body = {"message": "Say hello", "tree": tree["sha"], "parents": [parent["sha"]], "author": author}
    commit = walk.ask(201, "POST", f"{walk.repo}/git/commits", body)
    walk.ask(201, "POST", f"{walk.repo}/git/refs", {"ref": "refs/heads/topic", "sha": parent["sha"]})
    walk.ask(200, "PATCH", f"{walk.repo}/git/refs/heads/topic", {"sha": commit["sha"], "force": False})
    walk.ask(201, "POST", f"{walk.repo}/git/refs", {"ref": "refs/heads/gone", "sha": parent["sha"]})
    walk.ask(204, "DELETE", f"{walk.repo}/git/refs/heads/gone")
    walk.get(f"{walk.repo}/activity", f"{walk.repo}/activity?ref=refs/heads/topic&direction=asc")


def planning(walk: Walk) -> None:
    """Labels and milestones."""
    labels, stages = f"{walk.repo}/labels", f"{walk.repo}/milestones"
    walk.ask(201, "POST", labels, {"name": "stage: one", "color": "0a675d", "description": "The first"})
    walk.ask(200, "PATCH", f"{labels}/stage: one", {"new_name": "stage: 1", "color": "ffffff"})
    walk.ask(201, "POST", labels, {"name": "spare", "color": "000000"})
    walk.ask(204, "DELETE", f"{labels}/spare")
    walk.get(labels, f"{labels}?per_page=2&page=2", f"{labels}/stage: 1", stages)
    body = {"title": "1. Begin", "description": "Begin.", "due_on": "2026-12-24T22:59:59Z"}
    walk.ask(201, "POST", stages, body)
    walk.ask(201, "POST", stages, {"title": "Spare"})
    walk.ask(200, "PATCH", f"{stages}/1", {"due_on": "2026-12-31T22:59:59Z", "state": "open"})
    walk.ask(204, "DELETE", f"{stages}/2")
    walk.get(f"{stages}?state=all&sort=due_on&direction=desc", f"{stages}/1")


def issues(walk: Walk) -> None:
    """Issues and what is on them."""
    base, one = f"{walk.repo}/issues", f"{walk.repo}/issues/1"
    body = {
        "title": "Begin",
        "body": "Hello @ada",
        "labels": ["stage: 1"],
        "milestone": 1,
        "assignees": ["ada"],
    }
    walk.ask(201, "POST", base, body)
    walk.ask(201, "POST", base, {"title": "A question"}, walk.learner)
    walk.get(
        base, f"{base}?state=all&milestone=1&labels=bug&per_page=1", one, f"{walk.repo}/milestones/1/labels"
    )
    walk.ask(200, "PATCH", one, {"title": "Begin!", "body": "Hello", "labels": ["bug"], "assignees": []})
    walk.ask(200, "PATCH", one, {"state": "closed", "state_reason": "not_planned"})
    walk.ask(200, "PATCH", one, {"state": "open", "milestone": None})
    walk.ask(200, "POST", f"{one}/labels", {"labels": ["question", "stage: 1"]})
    walk.ask(200, "DELETE", f"{one}/labels/question")
    walk.ask(200, "PUT", f"{one}/labels", {"labels": ["wontfix"]})
    walk.ask(204, "DELETE", f"{one}/labels")
    walk.ask(201, "POST", f"{one}/assignees", {"assignees": ["ada"]})
    walk.ask(200, "DELETE", f"{one}/assignees", {"assignees": ["ada"]})
    walk.get(f"{one}/labels", f"{walk.repo}/issues?assignee=none", "/search/issues?q=is:issue+Begin")


def comments(walk: Walk) -> None:
    """Comments, events and the timeline."""
    base, one = f"{walk.repo}/issues", f"{walk.repo}/issues/1"
    comment = walk.ask(201, "POST", f"{one}/comments", {"body": "Well done"})
    path = f"{base}/comments/{comment['id']}"
    walk.ask(200, "PATCH", path, {"body": "Very well done"})
    walk.get(
        path, f"{one}/comments?since=2026-01-01T00:00:00Z", f"{base}/comments?sort=updated&direction=desc"
    )
    spare = walk.ask(201, "POST", f"{one}/comments", {"body": "Oops"})
    walk.ask(204, "DELETE", f"{base}/comments/{spare['id']}")
    event = walk.get(f"{one}/timeline", f"{one}/events", f"{base}/events?per_page=100")[-1]
    walk.get(f"{base}/events/{event['id']}")


def pulls(walk: Walk) -> None:
    """A pull request, opened, changed, merged."""
    base = f"{walk.repo}/pulls"
    body = {"title": "Say hello", "head": "topic", "base": "main", "body": "Please"}
    number = walk.ask(201, "POST", base, body, walk.learner)["number"]
    walk.get(base, f"{base}?state=all&head={walk.sandbox.org}:topic", f"{base}/{number}")
    walk.ask(200, "PATCH", f"{base}/{number}", {"title": "Say hello, please"})
    walk.ask(404, "GET", f"{base}/{number}/merge")
    walk.ask(200, "PUT", f"{base}/{number}/merge", {"merge_method": "squash"})
    walk.ask(204, "GET", f"{base}/{number}/merge")
    walk.get(f"{base}/{number}", f"{walk.repo}/issues/{number}", f"{walk.repo}/issues?state=all")


def checks(walk: Walk) -> None:
    """Statuses and check runs of a commit."""
    sha = walk.get(f"{walk.repo}/commits/main")["sha"]
    body = {"state": "success", "context": "cohort-bot", "description": "All passed"}
    walk.ask(201, "POST", f"{walk.repo}/statuses/{sha}", body)
    walk.get(f"{walk.repo}/commits/main/statuses", f"{walk.repo}/commits/{sha}/status")
    runs, token = f"{walk.repo}/check-runs", walk.sandbox.actions_token(f"{walk.sandbox.org}/{REPO}")
    note: dict[str, object] = {"path": "README.md", "start_line": 1, "end_line": 1, "message": "Hm"}
    note["annotation_level"] = "notice"
    output = {"title": "Seen", "summary": "Fine", "annotations": [note]}
    started = {"name": "judge", "head_sha": sha, "status": "in_progress", "output": output}
    run = walk.ask(201, "POST", runs, started, token)["id"]
    walk.ask(200, "PATCH", f"{runs}/{run}", {"status": "completed", "conclusion": "success"}, token)
    walk.get(f"{runs}/{run}", f"{runs}/{run}/annotations", f"{walk.repo}/commits/{sha}/check-runs")


def workflows(walk: Walk) -> None:
    """Workflows and their runs."""
    rules = f"/orgs/{walk.sandbox.org}/actions/permissions"
    walk.ask(204, "PUT", rules, {"enabled_repositories": "all", "allowed_actions": "selected"})
    walk.get(rules)
    base = f"{walk.repo}/actions"
    workflow = walk.get(f"{base}/workflows")["workflows"][0]["id"]
    walk.ask(204, "PUT", f"{base}/workflows/{workflow}/disable")
    walk.ask(204, "PUT", f"{base}/workflows/check.yml/enable")
    walk.ask(204, "POST", f"{base}/workflows/{workflow}/dispatches", {"ref": "main"})
    walk.get(f"{base}/workflows/check.yml", f"{base}/workflows/{workflow}/runs", f"{base}/runs")
    for run in walk.get(f"{base}/runs?per_page=1")["workflow_runs"]:
        walk.get(f"{base}/runs/{run['id']}")


def boards(walk: Walk) -> None:
    """The REST side of boards; the board itself can only be made by GraphQL."""
    owner = walk.ask(200, "GET", f"/orgs/{walk.sandbox.org}")["node_id"]
    payload = "{ projectV2 { number } }"
    mutation = f'mutation($id: ID!) {{ createProjectV2(input: {{ownerId: $id, title: "Walk"}}) {payload} }}'
    answer = walk.ask(200, "POST", "/graphql", {"query": mutation, "variables": {"id": owner}})
    base = f"/orgs/{walk.sandbox.org}/projectsV2"
    one = f"{base}/{answer['data']['createProjectV2']['projectV2']['number']}"
    fields = walk.get(base, one, f"{one}/fields")
    walk.get(f"{one}/fields/{fields[0]['id']}")
    walk.ask(201, "POST", f"{one}/fields", {"name": "Effort", "data_type": "number"})
    issue = walk.get(f"{walk.repo}/issues/1")
    item = walk.ask(201, "POST", f"{one}/items", {"type": "Issue", "id": issue["id"]})["id"]
    status = next(found for found in fields if found["name"] == "Status")
    change = {"id": status["id"], "value": status["options"][0]["id"]}
    walk.ask(200, "PATCH", f"{one}/items/{item}", {"fields": [change]})
    walk.get(f"{one}/items", f"{one}/items/{item}")
    walk.ask(201, "POST", f"{one}/views", {"name": "Road", "layout": "roadmap"})
    walk.ask(204, "DELETE", f"{one}/items/{item}")


def refusals(walk: Walk) -> None:
    """What is refused, in the shapes that GitHub documents for it."""
    org, stranger = walk.sandbox.org, walk.sandbox.new_user("eve")
    walk.ask(401, "GET", "/user", token="nobody's")
    walk.ask(404, "GET", walk.repo, token=stranger)
    walk.ask(404, "GET", f"{walk.repo}/issues/999")
    walk.ask(404, "GET", f"{walk.repo}/contents/no/such/file")
    walk.ask(422, "POST", f"{walk.repo}/labels", {"name": "bug", "color": "ffffff"})
    walk.ask(422, "POST", f"{walk.repo}/milestones", {"title": "1. Begin"})
    walk.ask(422, "POST", f"/orgs/{org}/repos", {"name": REPO})
    walk.ask(422, "POST", f"{walk.repo}/issues", {"title": ""})
    walk.ask(422, "POST", f"{walk.repo}/git/refs", {"ref": "refs/heads/main", "sha": "0" * 40})
    walk.ask(403, "PUT", f"{walk.repo}/collaborators/eve", {"permission": "push"}, walk.learner)
    tag = api(walk.session, walk.url, "GET", walk.repo, walk.sandbox.token).headers["ETag"]
    headers = {"Accept": "application/vnd.github+json", "If-None-Match": tag}
    again = api(walk.session, walk.url, "GET", walk.repo, walk.sandbox.token, headers=headers)
    assert again.status_code == 304


def leaving(walk: Walk) -> None:
    """Taking things away again."""
    walk.ask(204, "DELETE", f"{walk.repo}/collaborators/ada")
    walk.ask(200, "PATCH", walk.repo, {"archived": True})
    walk.ask(204, "DELETE", walk.repo)
