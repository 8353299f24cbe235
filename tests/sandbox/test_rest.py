"""REST: the behaviours of GitHub that a client can trip over."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests
from github import Auth, Github

from tests.sandbox_process import SandboxProcess

LATE_S = 0.4
WEEK_S = 7 * 24 * 3600


def made(box: SandboxProcess, name: str = "lab", **more: object) -> str:
    """A private repository of the organisation with a first commit; its path in the API."""
    body = {"name": name, "private": True, "auto_init": True, **more}
    answer = box.api("POST", f"/orgs/{box.org}/repos", json=body)
    assert answer.status_code == 201, answer.text
    return f"/repos/{box.org}/{name}"


def joined(box: SandboxProcess, repo: str, login: str, permission: str = "push") -> str:
    """An outsider who has accepted an invitation; their token."""
    token = box.new_user(login)
    invitation = box.api("PUT", f"{repo}/collaborators/{login}", json={"permission": permission}).json()
    accepted = box.api("PATCH", f"/user/repository_invitations/{invitation['id']}", token)
    assert accepted.status_code == 204
    return token


def put_file(box: SandboxProcess, repo: str, path: str, token: str = "", **more: object) -> requests.Response:
    """Write a file through the contents API."""
    body = {"message": f"Write {path}", "content": base64.b64encode(b"hello\n").decode(), **more}
    answer: requests.Response = box.api("PUT", f"{repo}/contents/{path}", token, json=body)
    return answer


def codes(answer: requests.Response) -> list[tuple[str, str, str]]:
    """The entries of a 422's `errors[]`."""
    assert answer.status_code == 422, answer.text
    return [(one["resource"], one["field"], one["code"]) for one in answer.json()["errors"]]


# who may see and do what


def test_a_missing_or_wrong_token_is_told_apart(box: SandboxProcess) -> None:
    assert box.api("GET", "/user", "nonsense").json()["message"] == "Bad credentials"
    assert box.api("GET", "/user", "nonsense").status_code == 401
    assert requests.get(f"{box.url}/user", timeout=10).status_code == 404
    assert requests.get(f"{box.url}/users/ada", timeout=10).status_code == 200


@pytest.mark.parametrize("scheme", ["token", "Bearer", "basic"])
def test_every_way_of_sending_a_token_works(box: SandboxProcess, scheme: str) -> None:
    if scheme == "basic":
        answer = requests.get(f"{box.url}/user", auth=("whoever", box.token), timeout=10)
    else:
        headers = {"Authorization": f"{scheme} {box.token}"}
        answer = requests.get(f"{box.url}/user", headers=headers, timeout=10)
    assert answer.json()["login"] == "organiser"


def test_a_private_repository_does_not_exist_for_strangers(box: SandboxProcess) -> None:
    repo, stranger = made(box), box.new_user("eve")
    answer = box.api("GET", repo, stranger)
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")
    assert answer.json()["status"] == "404"
    assert box.api("GET", f"/orgs/{box.org}/repos", stranger).json() == []


def test_a_writer_may_not_manage(box: SandboxProcess) -> None:
    repo = made(box)
    ada = joined(box, repo, "ada")
    for method, path in (("PATCH", repo), ("DELETE", repo), ("PUT", f"{repo}/collaborators/bob")):
        answer = box.api(method, path, ada, json={})
        assert answer.status_code == 403
        assert answer.json()["message"] == "Must have admin rights to Repository."


def test_deleting_needs_the_scope_for_it(box: SandboxProcess) -> None:
    repo = made(box)
    token = box.new_token("organiser", "repo", "admin:org")
    assert box.api("DELETE", repo, token).status_code == 403
    assert box.api("DELETE", repo).status_code == 204
    assert box.api("GET", repo).status_code == 404


def test_scopes_are_told_in_headers_and_limit_the_token(box: SandboxProcess) -> None:
    repo = made(box)
    narrow = box.new_token("organiser", "read:org")
    assert box.api("GET", repo, narrow).status_code == 404
    answer = box.api("GET", f"/orgs/{box.org}", narrow)
    assert answer.headers["X-OAuth-Scopes"] == "read:org"
    assert box.api("GET", repo).headers["X-Accepted-OAuth-Scopes"] == "repo"
    assert box.api("GET", f"/orgs/{box.org}/projectsV2", narrow).status_code == 403


def test_workflow_files_need_the_workflow_scope(box: SandboxProcess) -> None:
    repo = made(box)
    plain = box.new_token("organiser", "repo")
    assert put_file(box, repo, ".github/workflows/check.yml", plain).status_code == 404
    assert put_file(box, repo, "check.yml", plain).status_code == 201
    assert put_file(box, repo, ".github/workflows/check.yml").status_code == 201


def test_a_workflow_token_belongs_to_one_repository(box: SandboxProcess) -> None:
    repo, other = made(box), made(box, "other")
    bot = box.actions_token(f"{box.org}/lab")
    issue = box.api("POST", f"{repo}/issues", bot, json={"title": "By the bot"}).json()
    assert (issue["user"]["login"], issue["user"]["type"]) == ("github-actions[bot]", "Bot")
    assert box.api("GET", other, bot).status_code == 404
    assert box.api("GET", "/user", bot).json()["message"] == "Resource not accessible by integration"
    assert box.api("GET", f"/orgs/{box.org}/projectsV2", bot).status_code == 403


def test_an_archived_repository_is_read_only(box: SandboxProcess) -> None:
    repo = made(box)
    assert box.api("PATCH", repo, json={"archived": True}).json()["archived"] is True
    answer = box.api("POST", f"{repo}/issues", json={"title": "Late"})
    assert answer.status_code == 403
    assert answer.json()["message"] == "Repository was archived so is read-only."
    assert box.api("PATCH", repo, json={"archived": False}).status_code == 200


# invitations


def test_an_outsider_is_invited_and_a_member_is_in_at_once(box: SandboxProcess) -> None:
    repo = made(box)
    box.new_user("mia", org_role="member")
    invited = box.api("PUT", f"{repo}/collaborators/ada", json={"permission": "push"})
    assert (invited.status_code, invited.json()["permissions"]) == (201, "write")
    again = box.api("PUT", f"{repo}/collaborators/ada", json={"permission": "push"})
    assert again.json()["id"] == invited.json()["id"]
    assert box.api("PUT", f"{repo}/collaborators/mia").status_code == 204
    assert box.api("GET", f"{repo}/collaborators/ada").status_code == 404
    assert box.api("GET", f"{repo}/collaborators/mia").status_code == 204


def test_accepting_lets_in_and_adding_again_answers_204(box: SandboxProcess) -> None:
    repo = made(box)
    ada = joined(box, repo, "ada")
    assert box.api("GET", repo, ada).json()["permissions"]["push"] is True
    assert box.api("PUT", f"{repo}/collaborators/ada").status_code == 204
    assert box.api("GET", f"{repo}/invitations").json() == []
    shown = box.api("GET", f"{repo}/collaborators/ada/permission").json()
    assert (shown["permission"], shown["role_name"]) == ("write", "write")
    outside = box.api("GET", f"/orgs/{box.org}/outside_collaborators").json()
    assert [one["login"] for one in outside] == ["ada"]


def test_an_invitation_expires_after_seven_days(box: SandboxProcess) -> None:
    repo, ada = made(box), box.new_user("ada")
    old = box.api("PUT", f"{repo}/collaborators/ada").json()["id"]
    box.advance(WEEK_S - 60)
    assert [one["expired"] for one in box.api("GET", f"{repo}/invitations").json()] == [False]
    box.advance(60)
    assert [one["expired"] for one in box.api("GET", f"{repo}/invitations").json()] == [True]
    assert box.api("GET", "/user/repository_invitations", ada).json() == []
    assert box.api("PATCH", f"/user/repository_invitations/{old}", ada).status_code == 404
    new = box.api("PUT", f"{repo}/collaborators/ada")
    assert new.status_code == 201
    assert new.json()["id"] != old
    assert box.api("PATCH", f"/user/repository_invitations/{new.json()['id']}", ada).status_code == 204


def test_nobody_takes_up_somebody_elses_invitation(box: SandboxProcess) -> None:
    repo, eve = made(box), box.new_user("eve")
    number = box.api("PUT", f"{repo}/collaborators/ada").json()["id"]
    assert box.api("PATCH", f"/user/repository_invitations/{number}", eve).status_code == 404


def test_every_wellformed_login_is_somebody_unless_absent(box: SandboxProcess) -> None:
    repo = made(box)
    box.new_user("nobody-there", absent=True)
    assert box.api("GET", "/users/never-seen-before").json()["login"] == "never-seen-before"
    assert box.api("GET", "/users/nobody-there").status_code == 404
    assert box.api("PUT", f"{repo}/collaborators/nobody-there").status_code == 404
    assert box.api("GET", "/users/not--a--login-").status_code == 404


# repositories


def test_contents_of_a_template_arrive_late(box: SandboxProcess) -> None:
    template = made(box, "start", is_template=True)
    put_file(box, template, "src/a.py")
    body = {"owner": box.org, "name": "lab", "private": True}
    created = box.api("POST", f"{template}/generate", json=body)
    assert (created.status_code, created.json()["size"]) == (201, 0)
    assert created.json()["template_repository"]["name"] == "start"
    repo = f"/repos/{box.org}/lab"
    contents = box.api("GET", f"{repo}/contents/")
    assert (contents.status_code, contents.json()["message"]) == (404, "This repository is empty.")
    ref = box.api("GET", f"{repo}/git/ref/heads/main")
    assert (ref.status_code, ref.json()["message"]) == (409, "Git Repository is empty.")
    box.advance(LATE_S)
    assert {one["name"] for one in box.api("GET", f"{repo}/contents/").json()} == {"README.md", "src"}
    commits = box.api("GET", f"{repo}/commits").json()
    assert [one["commit"]["message"] for one in commits] == ["Initial commit"]
    assert box.api("GET", repo).json()["size"] > 0


def test_only_files_are_copied_from_a_template(box: SandboxProcess) -> None:
    template = made(box, "start", is_template=True)
    box.api("POST", f"{template}/labels", json={"name": "stage", "color": "ff0000"})
    box.api("POST", f"{template}/milestones", json={"title": "One"})
    box.api("POST", f"{template}/issues", json={"title": "Begin"})
    box.api("POST", f"{template}/generate", json={"owner": box.org, "name": "lab"})
    box.advance(LATE_S)
    repo = f"/repos/{box.org}/lab"
    assert "stage" not in {one["name"] for one in box.api("GET", f"{repo}/labels").json()}
    assert box.api("GET", f"{repo}/milestones").json() == []
    assert box.api("GET", f"{repo}/issues").json() == []


def test_only_templates_can_be_copied(box: SandboxProcess) -> None:
    repo = made(box)
    assert box.api("POST", f"{repo}/generate", json={"owner": box.org, "name": "b"}).status_code == 404


def test_a_taken_name_is_refused_and_nothing_is_idempotent(box: SandboxProcess) -> None:
    repo = made(box)
    taken = box.api("POST", f"/orgs/{box.org}/repos", json={"name": "LAB"})
    assert codes(taken) == [("Repository", "name", "custom")]
    numbers = [box.api("POST", f"{repo}/issues", json={"title": "Same"}).json()["number"] for _ in "ab"]
    assert numbers == [1, 2]


def test_a_renamed_repository_redirects(box: SandboxProcess) -> None:
    repo = made(box)
    box.api("POST", f"{repo}/issues", json={"title": "Begin"})
    box.api("PATCH", repo, json={"name": "workshop"})
    moved = box.api("GET", f"{repo}/issues?state=all")
    assert moved.status_code == 301
    assert moved.headers["Location"].endswith("/issues?state=all")
    followed = box.api("GET", moved.headers["Location"].removeprefix(box.url))
    assert [one["title"] for one in followed.json()] == ["Begin"]
    assert box.api("POST", f"{repo}/issues", json={"title": "x"}).status_code == 307
    made(box)
    assert box.api("GET", repo).status_code == 200


def test_deleting_a_repository_takes_everything_with_it(box: SandboxProcess) -> None:
    repo = made(box)
    box.api("POST", f"{repo}/issues", json={"title": "Begin", "labels": ["x"]})
    box.api("PUT", f"{repo}/collaborators/ada")
    assert box.api("DELETE", repo).status_code == 204
    assert made(box) == repo
    assert box.api("GET", f"{repo}/issues?state=all").json() == []
    assert box.api("GET", f"{repo}/invitations").json() == []


# files and git


def test_the_first_file_makes_the_first_commit(box: SandboxProcess) -> None:
    repo = made(box, auto_init=False)
    blob = box.api("POST", f"{repo}/git/blobs", json={"content": "x"})
    assert (blob.status_code, blob.json()["message"]) == (409, "Git Repository is empty.")
    first = put_file(box, repo, "a/b.txt")
    assert (first.status_code, first.json()["commit"]["parents"]) == (201, [])
    shown = box.api("GET", f"{repo}/contents/a/b.txt").json()
    assert base64.b64decode(shown["content"]) == b"hello\n"


def test_replacing_a_file_takes_its_sha(box: SandboxProcess) -> None:
    repo = made(box)
    sha = put_file(box, repo, "a.txt").json()["content"]["sha"]
    assert put_file(box, repo, "a.txt").status_code == 422
    assert put_file(box, repo, "a.txt", sha="0" * 40).status_code == 409
    assert put_file(box, repo, "a.txt", sha=sha, content="Yg==").status_code == 200
    new = box.api("GET", f"{repo}/contents/a.txt").json()["sha"]
    gone = box.api("DELETE", f"{repo}/contents/a.txt", json={"message": "Remove", "sha": new})
    assert (gone.status_code, gone.json()["content"]) == (200, None)


def test_a_commit_is_built_from_its_parts(box: SandboxProcess) -> None:
    repo = made(box)
    head = box.api("GET", f"{repo}/git/ref/heads/main").json()["object"]["sha"]
    base = box.api("GET", f"{repo}/git/commits/{head}").json()["tree"]["sha"]
    lines = [{"path": "x/y.txt", "mode": "100644", "type": "blob", "content": "new"}]
    tree = box.api("POST", f"{repo}/git/trees", json={"base_tree": base, "tree": lines}).json()["sha"]
    body = {"message": "Add y", "tree": tree, "parents": [head]}
    commit = box.api("POST", f"{repo}/git/commits", json=body).json()["sha"]
    lone = box.api("POST", f"{repo}/git/commits", json={"message": "Alone", "tree": tree}).json()["sha"]
    refused = box.api("PATCH", f"{repo}/git/refs/heads/main", json={"sha": lone})
    assert refused.json()["message"] == "Update is not a fast forward"
    assert box.api("PATCH", f"{repo}/git/refs/heads/main", json={"sha": commit}).status_code == 200
    whole = box.api("GET", f"{repo}/git/trees/main?recursive=1").json()["tree"]
    assert [one["path"] for one in whole] == ["README.md", "x", "x/y.txt"]
    shown = box.api("GET", f"{repo}/commits/{commit}").json()
    assert [(one["filename"], one["status"]) for one in shown["files"]] == [("x/y.txt", "added")]


# labels and milestones


def test_default_labels_come_late_and_count_once(box: SandboxProcess) -> None:
    repo = made(box)
    assert box.api("GET", f"{repo}/labels").json() == []
    early = box.api("POST", f"{repo}/labels", json={"name": "bug", "color": "123456"})
    assert early.status_code == 201
    box.advance(LATE_S)
    labels = box.api("GET", f"{repo}/labels").json()
    assert len(labels) == 9
    assert [one["color"] for one in labels if one["name"] == "bug"] == ["123456"]
    again = box.api("POST", f"{repo}/labels", json={"name": "Documentation", "color": "ffffff"})
    assert codes(again) == [("Label", "name", "already_exists")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "", "color": "ffffff"}, ("Label", "name", "missing_field")),
        ({"name": "x", "color": "#ffffff"}, ("Label", "color", "invalid")),
        ({"name": "x" * 51, "color": "ffffff"}, ("Label", "name", "invalid")),
    ],
)
def test_bad_labels_are_refused(box: SandboxProcess, body: Any, expected: tuple[str, str, str]) -> None:
    assert codes(box.api("POST", f"{made(box)}/labels", json=body)) == [expected]


def test_a_label_with_a_slash_is_found(box: SandboxProcess) -> None:
    repo = made(box)
    box.api("POST", f"{repo}/labels", json={"name": "area/ml", "color": "ffffff"})
    assert box.api("GET", f"{repo}/labels/area%2Fml").json()["name"] == "area/ml"


def test_milestones_keep_their_instant_and_their_titles_apart(box: SandboxProcess) -> None:
    repo = made(box)
    body = {"title": "One", "due_on": "2026-11-30T23:59:59+05:45"}
    stone = box.api("POST", f"{repo}/milestones", json=body).json()
    assert (stone["due_on"], stone["number"]) == ("2026-11-30T18:14:59Z", 1)
    assert codes(box.api("POST", f"{repo}/milestones", json=body)) == [
        ("Milestone", "title", "already_exists")
    ]
    box.api("POST", f"{repo}/issues", json={"title": "Begin", "milestone": 1})
    box.api("PATCH", f"{repo}/issues/1", json={"state": "closed"})
    counted = box.api("GET", f"{repo}/milestones/1").json()
    assert (counted["open_issues"], counted["closed_issues"]) == (0, 1)
    assert box.api("DELETE", f"{repo}/milestones/1").status_code == 204
    assert box.api("GET", f"{repo}/issues/1").json()["milestone"] is None


# issues


def test_who_has_not_accepted_cannot_be_assigned(box: SandboxProcess) -> None:
    repo = made(box)
    box.api("PUT", f"{repo}/collaborators/ada")
    issue = box.api("POST", f"{repo}/issues", json={"title": "Begin", "assignees": ["ada"]}).json()
    assert issue["assignees"] == []
    refused = box.api("PATCH", f"{repo}/issues/1", json={"assignees": ["ada"]})
    assert codes(refused) == [("Issue", "assignees", "invalid")]
    joined(box, repo, "ada")
    assert (
        box.api("PATCH", f"{repo}/issues/1", json={"assignees": ["ada"]}).json()["assignee"]["login"] == "ada"
    )


def test_a_reader_reports_without_sorting(box: SandboxProcess) -> None:
    repo = made(box)
    reader = joined(box, repo, "ada", "pull")
    body = {"title": "Hm", "labels": ["bug"], "assignees": ["ada"]}
    issue = box.api("POST", f"{repo}/issues", reader, json=body).json()
    assert (issue["labels"], issue["assignees"], issue["user"]["login"]) == ([], [], "ada")
    assert box.api("PATCH", f"{repo}/issues/1", reader, json={"state": "closed"}).status_code == 200
    box.api("POST", f"{repo}/issues", json={"title": "Not hers"})
    assert box.api("PATCH", f"{repo}/issues/2", reader, json={"state": "closed"}).status_code == 403


def test_events_tell_what_happened_and_who_did_it(box: SandboxProcess) -> None:
    repo = made(box)
    ada = joined(box, repo, "ada")
    box.api("POST", f"{repo}/issues", json={"title": "Begin", "labels": ["bug"], "assignees": ["ada"]})
    closed = box.api(
        "PATCH", f"{repo}/issues/1", ada, json={"state": "closed", "state_reason": "not_planned"}
    )
    assert (closed.json()["closed_by"]["login"], closed.json()["state_reason"]) == ("ada", "not_planned")
    box.api("PATCH", f"{repo}/issues/1", json={"state": "open"})
    events = box.api("GET", f"{repo}/issues/1/events").json()
    assert [(one["event"], one["actor"]["login"]) for one in events] == [
        ("labeled", "organiser"),
        ("assigned", "organiser"),
        ("closed", "ada"),
        ("reopened", "organiser"),
    ]


def test_bodies_have_a_limit(box: SandboxProcess) -> None:
    repo = made(box)
    body = {"title": "Long", "body": "x" * 65_536}
    assert box.api("POST", f"{repo}/issues", json=body).status_code == 201
    body["body"] += "x"
    assert codes(box.api("POST", f"{repo}/issues", json=body)) == [("Issue", "body", "custom")]


def test_issues_are_narrowed_and_searched(box: SandboxProcess) -> None:
    repo = made(box)
    for title, labels in (("One", ["a"]), ("Two", ["a", "b"]), ("Three", [])):
        box.api("POST", f"{repo}/issues", json={"title": title, "labels": labels})
    box.api("PATCH", f"{repo}/issues/1", json={"state": "closed"})

    def titles(path: str) -> list[str]:
        found = box.api("GET", path).json()
        rows = found["items"] if isinstance(found, dict) else found
        return [one["title"] for one in rows]

    assert titles(f"{repo}/issues") == ["Three", "Two"]
    assert titles(f"{repo}/issues?state=all&labels=a&direction=asc") == ["One", "Two"]
    assert titles(f"{repo}/issues?labels=a,b") == ["Two"]
    assert titles(f"/search/issues?q=repo:{box.org}/lab+is:issue+is:closed") == ["One"]
    assert titles("/search/issues?q=label:b+author:organiser") == ["Two"]


# the protocol


def test_a_known_answer_is_not_sent_again(box: SandboxProcess) -> None:
    repo = made(box)
    first = box.api("GET", repo)
    assert first.headers["ETag"].startswith('W/"')
    headers = {"If-None-Match": first.headers["ETag"]}
    again = box.api("GET", repo, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    box.api("PATCH", repo, json={"description": "Changed"})
    assert box.api("GET", repo, headers=headers).status_code == 200


def test_pages_are_linked(box: SandboxProcess) -> None:
    repo = made(box)
    for number in range(5):
        box.api("POST", f"{repo}/milestones", json={"title": str(number)})
    second = box.api("GET", f"{repo}/milestones?per_page=2&page=2")
    assert [one["title"] for one in second.json()] == ["2", "3"]
    links = {rel: link["url"].partition("?")[2] for rel, link in second.links.items()}
    assert links == {
        "prev": "per_page=2&page=1",
        "next": "per_page=2&page=3",
        "last": "per_page=2&page=3",
        "first": "per_page=2&page=1",
    }
    assert "Link" not in box.api("GET", f"{repo}/milestones?per_page=100").headers


def test_headers_say_which_version_and_which_request(box: SandboxProcess) -> None:
    first, second = box.api("GET", "/user"), box.api("GET", "/user")
    assert first.headers["X-GitHub-Api-Version-Selected"] == "2022-11-28"
    assert first.headers["X-GitHub-Media-Type"] == "github.v3; format=json"
    assert first.headers["X-GitHub-Request-Id"] != second.headers["X-GitHub-Request-Id"]
    assert not [name for name in first.headers if name.lower().startswith("x-ratelimit")]
    unlimited = box.api("GET", "/rate_limit")
    assert (unlimited.status_code, unlimited.json()["message"]) == (404, "Rate limiting is not enabled.")


@pytest.mark.parametrize(("sent", "status"), [(b"{", 400), (b"[]", 400), (b'{"name": 1}', 422), (b"{}", 422)])
def test_bodies_that_make_no_sense_are_refused(box: SandboxProcess, sent: bytes, status: int) -> None:
    answer = box.api("POST", f"/orgs/{box.org}/repos", data=sent)
    assert answer.status_code == status
    assert answer.json()["status"] == str(status)


def test_links_are_spelt_as_the_client_came(box: SandboxProcess) -> None:
    made(box)
    enterprise = box.api("GET", f"/api/v3/repos/{box.org}/lab").json()
    assert enterprise["url"] == f"{box.url}/api/v3/repos/{box.org}/lab"
    assert enterprise["html_url"] == f"{box.url}/{box.org}/lab"
    headers = {"Authorization": f"token {box.token}"}
    through = requests.get(
        f"http://api.github.localhost/repos/{box.org}/lab",
        headers=headers,
        proxies={"http": box.url},
        timeout=10,
    ).json()
    assert through["url"] == f"http://api.github.localhost/repos/{box.org}/lab"
    assert through["html_url"] == f"http://github.localhost/{box.org}/lab"
    assert through["clone_url"] == f"http://github.localhost/{box.org}/lab.git"


def test_pygithub_enrols_somebody(box: SandboxProcess) -> None:
    template = made(box, "start", is_template=True)
    assert template
    with Github(auth=Auth.Token(box.token), base_url=box.url, seconds_between_requests=0) as github:
        org = github.get_organization(box.org)
        repo = org.create_repo_from_template("lab", org.get_repo("start"), private=True)
        box.advance(LATE_S)
        label = repo.create_label("stage", "ff8800")
        stone = repo.create_milestone("One")
        issue = repo.create_issue("Begin", body="Go", labels=[label], milestone=stone)
        repo.add_to_collaborators("ada", "push")
        issue.edit(state="closed")
        assert repo.get_issue(1).milestone.closed_issues == 1
        assert [one.event for one in issue.get_events()] == ["milestoned", "labeled", "closed"]
        assert [one.invitee.login for one in repo.get_pending_invitations()] == ["ada"]
        readme = repo.get_contents("README.md")
        assert not isinstance(readme, list)
        assert readme.decoded_content.startswith(b"# start")
