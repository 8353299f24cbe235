"""PyGithub, as it is, against the sandbox: what it sends and gets is also held to GitHub's description."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from github import Auth, Github, GithubException, UnknownObjectException
from github.Organization import Organization
from github.Repository import Repository

from tests.contract.published import rest_description
from tests.contract.traffic import assert_flawless
from tests.recorder import Recorder
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.needs("npm")


def connect(url: str, token: str) -> Github:
    """PyGithub without waiting between requests: GitHub's limits are not what is tested here."""
    auth = Auth.Token(token)
    return Github(auth=auth, base_url=url, seconds_between_requests=0, seconds_between_writes=0, retry=0)


@pytest.fixture
def org(sandbox: SandboxProcess, recorder: Recorder) -> Iterator[Organization]:
    """The organisation, reached through the recorder; afterwards all that passed is judged."""
    client = connect(recorder.url, sandbox.token)
    yield client.get_organization(sandbox.org)
    client.close()
    assert_flawless(mistake for e in recorder.rest() for mistake in rest_description().judge(e))


@pytest.fixture
def repo(org: Organization) -> Repository:
    return org.create_repo("ml-ada", private=True, auto_init=True, description="Ada's")


def test_a_template_becomes_a_repository_a_moment_later(
    org: Organization, repo: Repository, sandbox: SandboxProcess
) -> None:
    repo.edit(is_template=True)
    repo.create_file("notes/one.md", "Write", "# One\n")
    made = org.create_repo_from_template("ml-bob", repo, private=True)
    assert made.is_template is False
    with pytest.raises(GithubException):
        made.get_contents("notes/one.md")
    sandbox.advance(60)
    found = made.get_contents("notes/one.md")
    assert not isinstance(found, list)
    assert found.decoded_content == b"# One\n"


def test_planning_an_issue(repo: Repository) -> None:
    due = datetime(2026, 12, 24, 22, 59, 59, tzinfo=UTC)
    milestone = repo.create_milestone("1. Begin", description="Begin.", due_on=due)
    label = repo.create_label("stage: 1", "0a675d", "The first stage")
    issue = repo.create_issue("Begin", "Hello", milestone=milestone, labels=[label])
    issue.create_comment("Well done")
    issue.edit(state="closed", state_reason="completed")
    again = repo.get_issue(issue.number)
    assert (again.state, again.state_reason, again.comments) == ("closed", "completed", 1)
    assert [found.name for found in again.labels] == ["stage: 1"]
    assert again.milestone.title == "1. Begin"
    assert [event.event for event in again.get_events()][-1] == "closed"
    assert [found.title for found in repo.get_milestones(state="all")] == ["1. Begin"]


def test_inviting_and_assigning(repo: Repository, sandbox: SandboxProcess, recorder: Recorder) -> None:
    token = sandbox.new_user("ada")
    issue = repo.create_issue("Begin")
    invitation = repo.add_to_collaborators("ada", "push")
    assert invitation is not None
    issue.add_to_assignees("ada")
    assert repo.get_issue(issue.number).assignees == []
    with connect(recorder.url, token) as learner:
        learner.get_user().accept_invitation(invitation)
    issue.add_to_assignees("ada")
    assert [user.login for user in repo.get_issue(issue.number).assignees] == ["ada"]
    assert repo.get_collaborator_permission("ada") == "write"
    assert repo.add_to_collaborators("ada", "push") is None


def test_lists_longer_than_a_page(repo: Repository) -> None:
    for number in range(35):
        repo.create_label(f"label {number:02}", "ffffff")
    assert len([label for label in repo.get_labels() if label.name.startswith("label ")]) == 35
    assert repo.get_labels().totalCount >= 35


def test_files_and_commits_through_the_api(repo: Repository) -> None:
    repo.create_file("a.txt", "Add", "one\n")
    found = repo.get_contents("a.txt")
    assert not isinstance(found, list)
    repo.update_file("a.txt", "Change", "two\n", found.sha)
    assert [commit.commit.message for commit in repo.get_commits()][:2] == ["Change", "Add"]
    head = repo.get_branch("main").commit
    repo.create_git_ref("refs/heads/topic", head.sha)
    assert {branch.name for branch in repo.get_branches()} == {"main", "topic"}
    head.create_status("success", description="Fine", context="cohort-bot")
    assert head.get_combined_status().state == "success"


def test_refusals_are_the_exceptions_that_pygithub_knows(
    repo: Repository, sandbox: SandboxProcess, recorder: Recorder
) -> None:
    repo.create_label("twice", "ffffff")
    with pytest.raises(GithubException) as taken:
        repo.create_label("twice", "ffffff")
    assert taken.value.status == 422
    assert taken.value.data["errors"][0]["code"] == "already_exists"
    with connect(recorder.url, sandbox.new_user("eve")) as stranger, pytest.raises(UnknownObjectException):
        stranger.get_repo(repo.full_name)
