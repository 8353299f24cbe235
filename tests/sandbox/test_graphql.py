"""GraphQL: boards, mutations one after the other, pages, and errors as GitHub tells them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.test_rest import LATE_S, joined, made, put_file
from tests.sandbox_process import SandboxProcess

STATUS = 'fieldValueByName(name: "Status") { ... on ProjectV2ItemFieldSingleSelectValue { name optionId } }'
ITEMS = f"items(first: 20) {{ totalCount nodes {{ id content {{ ... on Issue {{ id title }} }} {STATUS} }} }}"


def asked(box: SandboxProcess, query: str, token: str = "", **variables: object) -> Any:
    """The data of a request that must not fail."""
    answer = box.graphql(query, token, **variables)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def refused(box: SandboxProcess, query: str, token: str = "", **variables: object) -> dict[str, Any]:
    """The one error of a request."""
    answer = box.graphql(query, token, **variables)
    assert len(answer.get("errors", [])) == 1, answer
    error: dict[str, Any] = answer["errors"][0]
    return error


def mutated(box: SandboxProcess, name: str, given: Mapping[str, object], wanted: str, token: str = "") -> Any:
    """The payload of one mutation that must not fail."""
    kind = name[0].upper() + name[1:] + "Input!"
    return asked(box, f"mutation($i: {kind}) {{ {name}(input: $i) {{ {wanted} }} }}", token, i=given)[name]


@dataclass
class Board:
    """An organisation's board, and a repository to put issues of."""

    box: SandboxProcess
    org: str
    repo: str
    repo_id: str
    id: str

    def show(self, wanted: str, token: str = "") -> Any:
        """Fields of the board."""
        query = f"query($id: ID!) {{ node(id: $id) {{ ... on ProjectV2 {{ {wanted} }} }} }}"
        return asked(self.box, query, token, id=self.id)["node"]

    def issue(self, title: str = "Begin", on_board: bool = True) -> str:
        """A new issue; its id."""
        given: dict[str, object] = {"repositoryId": self.repo_id, "title": title}
        if on_board:
            given["projectV2Ids"] = [self.id]
        return str(mutated(self.box, "createIssue", given, "issue { id }")["issue"]["id"])

    def statuses(self) -> list[str | None]:
        """The Status of each item, in order."""
        rows = self.show(ITEMS)["items"]["nodes"]
        return [row["fieldValueByName"] and row["fieldValueByName"]["name"] for row in rows]


@pytest.fixture
def board(box: SandboxProcess) -> Board:
    """A board and a repository."""
    repo = made(box)
    found = asked(
        box, 'query($o: String!) { organization(login: $o) { id repository(name: "lab") { id } } }', o=box.org
    )
    org = found["organization"]["id"]
    given: dict[str, object] = {"ownerId": org, "title": "Plan"}
    project = mutated(box, "createProjectV2", given, "projectV2 { id }")["projectV2"]["id"]
    return Board(box, org, repo, found["organization"]["repository"]["id"], project)


# boards


def test_a_new_board_is_furnished(board: Board) -> None:
    options = "... on ProjectV2SingleSelectField { name dataType options { name color } }"
    fields = f"fields(first: 20) {{ nodes {{ ... on ProjectV2Field {{ name dataType }} {options} }} }}"
    shown = board.show(
        f"{fields} views(first: 5) {{ nodes {{ name layout }} }}"
        " workflows(first: 20) { nodes { name enabled } }"
    )
    assert [one["name"] for one in shown["fields"]["nodes"]] == [
        "Title",
        "Assignees",
        "Status",
        "Labels",
        "Linked pull requests",
        "Milestone",
        "Repository",
    ]
    status = shown["fields"]["nodes"][2]
    assert [one["name"] for one in status["options"]] == ["Todo", "In Progress", "Done"]
    assert shown["views"]["nodes"] == [{"name": "View 1", "layout": "TABLE_LAYOUT"}]
    enabled = {one["name"] for one in shown["workflows"]["nodes"] if one["enabled"]}
    assert enabled == {"Item closed", "Pull request merged"}


def test_an_issue_made_for_a_board_arrives_late(board: Board) -> None:
    issue = board.issue()
    add: dict[str, object] = {"projectId": board.id, "contentId": issue}
    query = "mutation($i: AddProjectV2ItemByIdInput!) { addProjectV2ItemById(input: $i) { item { id } } }"
    assert board.show(ITEMS)["items"]["totalCount"] == 0
    assert refused(board.box, query, i=add)["message"] == "Content already exists in this project"
    board.box.advance(LATE_S)
    assert board.show(ITEMS)["items"]["nodes"][0]["content"]["id"] == issue
    assert refused(board.box, query, i=add)["message"] == "Content already exists in this project"


def test_fields_of_an_item_cannot_be_set_before_it_shows(board: Board) -> None:
    issue = board.issue()
    status = board.show(
        'field(name: "Status") { ... on ProjectV2SingleSelectField { id options { id name } } }'
    )["field"]
    # Ids count up, so the item's can be guessed; it must not be there yet all the same.
    guessed = "PVTI_" + issue.partition("_")[2]
    given = {
        "projectId": board.id,
        "itemId": guessed,
        "fieldId": status["id"],
        "value": {"singleSelectOptionId": status["options"][1]["id"]},
    }
    query = (
        "mutation($i: UpdateProjectV2ItemFieldValueInput!)"
        " { updateProjectV2ItemFieldValue(input: $i) { projectV2Item { id } } }"
    )
    assert refused(board.box, query, i=given)["type"] == "NOT_FOUND"
    board.box.advance(LATE_S)
    asked(board.box, query, i=given)
    assert board.statuses() == ["In Progress"]


def test_closing_an_issue_sets_its_status_to_done(board: Board) -> None:
    issues = [board.issue("One"), board.issue("Two")]
    board.box.advance(LATE_S)
    assert board.statuses() == [None, None]
    mutated(board.box, "closeIssue", {"issueId": issues[0]}, "issue { state stateReason }")
    board.box.api("PATCH", f"{board.repo}/issues/2", json={"state": "closed"})
    assert board.statuses() == ["Done", "Done"]
    mutated(board.box, "reopenIssue", {"issueId": issues[0]}, "issue { state }")
    assert board.statuses() == ["Done", "Done"]


def test_a_copy_has_everything_but_the_items(board: Board) -> None:
    box = board.box
    option = {"name": "Hard", "color": "RED", "description": ""}
    field = {
        "projectId": board.id,
        "name": "Effort",
        "dataType": "SINGLE_SELECT",
        "singleSelectOptions": [option],
    }
    wanted = "projectV2Field { ... on ProjectV2SingleSelectField { id } }"
    source_field = mutated(box, "createProjectV2Field", field, wanted)["projectV2Field"]["id"]
    box.api("POST", f"/orgs/{box.org}/projectsV2/1/views", json={"name": "Road", "layout": "roadmap"})
    mutated(box, "addProjectV2DraftIssue", {"projectId": board.id, "title": "Draft"}, "projectItem { id }")
    board.issue()
    box.advance(LATE_S)
    copy = {"ownerId": board.org, "projectId": board.id, "title": "Ada"}
    parts = (
        'projectV2 { number template field(name: "Effort") {'
        " ... on ProjectV2SingleSelectField { id options { name } } }"
        " views(first: 5) { nodes { name layout } } workflows(first: 20) { totalCount }"
        " items(first: 5) { totalCount } }"
    )
    new = mutated(box, "copyProjectV2", copy, parts)["projectV2"]
    assert new["number"] == 2
    assert new["field"]["options"] == [{"name": "Hard"}]
    assert new["field"]["id"] != source_field
    assert [one["name"] for one in new["views"]["nodes"]] == ["View 1", "Road"]
    assert (new["workflows"]["totalCount"], new["items"]["totalCount"]) == (6, 0)
    drafts = mutated(box, "copyProjectV2", copy | {"includeDraftIssues": True}, parts)["projectV2"]
    assert drafts["items"]["totalCount"] == 1


def test_fields_take_their_own_kind_of_value(board: Board) -> None:
    box = board.box
    board.issue()
    box.advance(LATE_S)
    item = board.show(ITEMS)["items"]["nodes"][0]["id"]
    query = (
        "mutation($i: UpdateProjectV2ItemFieldValueInput!)"
        " { updateProjectV2ItemFieldValue(input: $i) { projectV2Item { id } } }"
    )
    for kind, key, value in (
        ("TEXT", "text", "x"),
        ("NUMBER", "number", 2.5),
        ("DATE", "date", "2026-12-01"),
    ):
        given = {"projectId": board.id, "name": kind, "dataType": kind}
        made_field = mutated(
            box, "createProjectV2Field", given, "projectV2Field { ... on ProjectV2Field { id } }"
        )
        field = made_field["projectV2Field"]["id"]
        base = {"projectId": board.id, "itemId": item, "fieldId": field}
        wrong = {"text": 1} if key == "number" else {"number": 1}
        assert "errors" in box.graphql(query, i=base | {"value": wrong})
        asked(box, query, i=base | {"value": {key: value}})
    shown = board.show(
        "items(first: 1) { nodes { fieldValues(first: 20) { nodes { __typename"
        " ... on ProjectV2ItemFieldTextValue { text } ... on ProjectV2ItemFieldNumberValue { number }"
        " ... on ProjectV2ItemFieldDateValue { date } } } } }"
    )["items"]["nodes"][0]["fieldValues"]["nodes"]
    values = [one.get("text") or one.get("number") or one.get("date") for one in shown]
    assert [value for value in values if value] == ["Begin", "x", 2.5, "2026-12-01"]


def test_a_board_is_hidden_from_outsiders_until_they_are_let_in(board: Board) -> None:
    box, ada = board.box, board.box.new_user("ada")
    query = "query($id: ID!) { node(id: $id) { ... on ProjectV2 { title } } }"
    assert refused(box, query, ada, id=board.id)["type"] == "NOT_FOUND"
    user = asked(box, '{ user(login: "ada") { id } }')["user"]["id"]
    given = {"projectId": board.id, "collaborators": [{"userId": user, "role": "READER"}]}
    mutated(
        box,
        "updateProjectV2Collaborators",
        given,
        "collaborators(first: 5) { nodes { ... on User { login } } }",
    )
    assert board.show("title viewerCanUpdate", ada) == {"title": "Plan", "viewerCanUpdate": False}
    mutation = "mutation($i: UpdateProjectV2Input!) { updateProjectV2(input: $i) { projectV2 { id } } }"
    assert refused(box, mutation, ada, i={"projectId": board.id, "title": "Mine"})["type"] == "FORBIDDEN"
    mutated(box, "updateProjectV2", {"projectId": board.id, "public": True}, "projectV2 { public }")
    assert board.show("title", box.new_user("eve")) == {"title": "Plan"}


def test_boards_are_linked_to_repositories_and_marked_as_templates(board: Board) -> None:
    box = board.box
    both = {"projectId": board.id, "repositoryId": board.repo_id}
    wanted = "repository { projectsV2(first: 5) { nodes { title } } }"
    linked = mutated(box, "linkProjectV2ToRepository", both, wanted)
    assert linked["repository"]["projectsV2"]["nodes"] == [{"title": "Plan"}]
    gone = mutated(box, "unlinkProjectV2FromRepository", both, wanted)
    assert gone["repository"]["projectsV2"]["nodes"] == []
    marked = mutated(box, "markProjectV2AsTemplate", {"projectId": board.id}, "projectV2 { template }")
    assert marked["projectV2"]["template"] is True


def test_a_status_update_is_the_latest(board: Board) -> None:
    for status in ("ON_TRACK", "AT_RISK"):
        given = {"projectId": board.id, "status": status, "body": "Week 1", "startDate": "2026-09-01"}
        mutated(board.box, "createProjectV2StatusUpdate", given, "statusUpdate { id startDate }")
    shown = board.show("statusUpdates(first: 1) { totalCount nodes { status body creator { login } } }")
    newest = {"status": "AT_RISK", "body": "Week 1", "creator": {"login": "organiser"}}
    assert shown["statusUpdates"] == {"totalCount": 2, "nodes": [newest]}


def test_a_workflow_token_cannot_touch_boards(board: Board) -> None:
    bot = board.box.actions_token(f"{board.box.org}/lab")
    query = "query($id: ID!) { node(id: $id) { ... on ProjectV2 { title } } }"
    error = refused(board.box, query, bot, id=board.id)
    assert (error["type"], error["message"]) == ("FORBIDDEN", "Resource not accessible by integration")


# mutations


def test_a_failing_mutation_leaves_the_others_standing(board: Board) -> None:
    label = 'createLabel(input: {repositoryId: $r, name: "%s", color: "ffffff"}) { label { name } }'
    query = f"mutation Labels($r: ID!) {{ a: {label % 'x'} b: {label % 'X'} c: {label % 'y'} }}"
    answer = board.box.graphql(query, r=board.repo_id)
    assert answer["data"] == {"a": {"label": {"name": "x"}}, "b": None, "c": {"label": {"name": "y"}}}
    (error,) = answer["errors"]
    assert error["type"] == "UNPROCESSABLE"
    assert error["path"] == ["b"]
    assert error["message"] == "Name has already been taken"
    assert error["locations"][0].keys() == {"line", "column"}
    logged = board.box.requests()[-1]
    assert (logged["operation"], logged["mutations"], logged["created_content"]) == ("Labels", 3, True)


def test_what_a_failing_mutation_began_is_undone(board: Board) -> None:
    """The issue is there before its board refuses it: it must not stay."""
    query = (
        'mutation($r: ID!) { createIssue(input: {repositoryId: $r, title: "x", labelIds: ["LA_nope"]})'
        " { issue { id } } }"
    )
    assert refused(board.box, query, r=board.repo_id)["type"] == "NOT_FOUND"
    assert board.box.api("GET", f"{board.repo}/issues?state=all").json() == []


def test_a_repository_is_cloned_with_late_contents(box: SandboxProcess) -> None:
    template = made(box, "start", is_template=True)
    ids = [box.api("GET", path).json()["node_id"] for path in (f"/orgs/{box.org}", template)]
    given = {"ownerId": ids[0], "repositoryId": ids[1], "name": "lab", "visibility": "PRIVATE"}
    parts = (
        "repository { nameWithOwner isEmpty isPrivate defaultBranchRef { name } templateRepository { name } }"
    )
    repo = mutated(box, "cloneTemplateRepository", given, parts)["repository"]
    assert repo == {
        "nameWithOwner": f"{box.org}/lab",
        "isEmpty": True,
        "isPrivate": True,
        "defaultBranchRef": None,
        "templateRepository": {"name": "start"},
    }
    box.advance(LATE_S)
    query = (
        'query($o: String!) { repository(owner: $o, name: "lab") { isEmpty defaultBranchRef { target {'
        " ... on Commit { message history(first: 5) { totalCount } } } }"
        ' object(expression: "HEAD:README.md") { ... on Blob { text } } } }'
    )
    found = asked(box, query, o=box.org)["repository"]
    assert found["isEmpty"] is False
    assert found["defaultBranchRef"]["target"] == {"message": "Initial commit", "history": {"totalCount": 1}}
    assert found["object"]["text"].startswith("# start")


COMMIT = "mutation($i: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $i) { commit { oid } } }"


def _commit(box: SandboxProcess, head: str, path: str) -> dict[str, object]:
    return {
        "branch": {"repositoryNameWithOwner": f"{box.org}/lab", "branchName": "main"},
        "expectedHeadOid": head,
        "message": {"headline": "Add", "body": "Closes #1"},
        "fileChanges": {"additions": [{"path": path, "contents": base64.b64encode(b"x").decode()}]},
    }


def test_a_commit_needs_the_head_it_was_made_for(board: Board) -> None:
    box = board.box
    board.issue(on_board=False)
    head = box.api("GET", f"{board.repo}/git/ref/heads/main").json()["object"]["sha"]
    new = asked(box, COMMIT, i=_commit(box, head, "a.txt"))["createCommitOnBranch"]["commit"]["oid"]
    error = refused(box, COMMIT, i=_commit(box, head, "b.txt"))
    assert error["type"] == "STALE_DATA"
    assert head in error["message"]
    assert asked(box, COMMIT, i=_commit(box, new, "b.txt"))
    closed = box.api("GET", f"{board.repo}/issues/1").json()
    assert closed["state"] == "closed"
    event = box.api("GET", f"{board.repo}/issues/1/events").json()[-1]
    assert (event["event"], event["commit_id"]) == ("closed", new)


def test_a_commit_of_workflow_files_needs_the_scope(board: Board) -> None:
    box = board.box
    head = box.api("GET", f"{board.repo}/git/ref/heads/main").json()["object"]["sha"]
    plain = box.new_token("organiser", "repo")
    error = refused(box, COMMIT, plain, i=_commit(box, head, ".github/workflows/check.yml"))
    assert "without `workflow` scope" in error["message"]
    assert asked(box, COMMIT, i=_commit(box, head, ".github/workflows/check.yml"))
    found = box.api("GET", f"{board.repo}/actions/workflows").json()["workflows"]
    assert [one["path"] for one in found] == [".github/workflows/check.yml"]


def test_comments_are_changed_by_their_author(board: Board) -> None:
    box, issue = board.box, board.issue(on_board=False)
    ada = joined(box, board.repo, "ada", "pull")
    given = {"subjectId": issue, "body": "Hello"}
    node = mutated(box, "addComment", given, "commentEdge { node { id body author { login } } }", ada)
    comment = node["commentEdge"]["node"]
    assert comment["author"] == {"login": "ada"}
    change = {"id": comment["id"], "body": "Hello!"}
    wanted = "issueComment { body lastEditedAt }"
    changed = mutated(box, "updateIssueComment", change, wanted, ada)["issueComment"]
    assert (changed["body"], changed["lastEditedAt"]) == ("Hello!", "2026-09-01T08:00:00Z")
    theirs = mutated(box, "addComment", given, "commentEdge { node { id } }")["commentEdge"]["node"]["id"]
    query = "mutation($i: DeleteIssueCommentInput!) { deleteIssueComment(input: $i) { clientMutationId } }"
    error = refused(box, query, ada, i={"id": theirs})
    assert error["message"] == "ada does not have the correct permissions to execute `DeleteIssueComment`"


def test_who_has_not_accepted_is_not_assigned(board: Board) -> None:
    box = board.box
    ada = asked(box, '{ user(login: "ada") { id } }')["user"]["id"]
    given = {"repositoryId": board.repo_id, "title": "Begin", "assigneeIds": [ada]}
    issue = mutated(box, "createIssue", given, "issue { id assignees(first: 5) { totalCount } }")["issue"]
    assert issue["assignees"] == {"totalCount": 0}
    joined(box, board.repo, "ada")
    add = {"assignableId": issue["id"], "assigneeIds": [ada]}
    wanted = "assignable { assignees(first: 5) { nodes { login } } }"
    added = mutated(box, "addAssigneesToAssignable", add, wanted)
    assert added["assignable"]["assignees"]["nodes"] == [{"login": "ada"}]


# reading


def test_pages_go_both_ways(board: Board) -> None:
    for number in range(5):
        board.issue(f"Issue {number}", on_board=False)
    query = (
        "query($o: String!, $first: Int, $last: Int, $after: String, $before: String) {"
        ' repository(owner: $o, name: "lab") {'
        " issues(first: $first, last: $last, after: $after, before: $before) { totalCount"
        " pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
        " edges { cursor node { number } } } } }"
    )

    def page(**arguments: Any) -> tuple[list[int], dict[str, Any]]:
        found = asked(board.box, query, o=board.box.org, **arguments)["repository"]["issues"]
        assert found["totalCount"] == 5
        return [edge["node"]["number"] for edge in found["edges"]], found["pageInfo"]

    numbers, info = page(first=2)
    assert (numbers, info["hasNextPage"], info["hasPreviousPage"]) == ([1, 2], True, False)
    numbers, info = page(first=2, after=info["endCursor"])
    assert (numbers, info["hasNextPage"], info["hasPreviousPage"]) == ([3, 4], True, True)
    numbers, _ = page(first=2, after=info["endCursor"])
    assert numbers == [5]
    numbers, info = page(last=2)
    assert (numbers, info["hasNextPage"], info["hasPreviousPage"]) == ([4, 5], False, True)
    numbers, _ = page(last=2, before=info["startCursor"])
    assert numbers == [2, 3]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [("", "MISSING_PAGINATION_BOUNDARIES"), ("(first: 101)", "EXCESSIVE_PAGINATION")],
)
def test_a_page_has_a_size_of_at_most_100(board: Board, arguments: str, kind: str) -> None:
    wanted = f"issues{arguments} {{ nodes {{ id }} }}"
    query = f'query($o: String!) {{ repository(owner: $o, name: "lab") {{ {wanted} }} }}'
    assert refused(board.box, query, o=board.box.org)["type"] == kind


def test_counting_needs_no_size(board: Board) -> None:
    query = 'query($o: String!) { repository(owner: $o, name: "lab") { issues { totalCount } } }'
    assert asked(board.box, query, o=board.box.org)["repository"]["issues"] == {"totalCount": 0}


def test_what_is_not_there_is_null_with_an_error(box: SandboxProcess) -> None:
    query = (
        'query($o: String!) { repository(owner: $o, name: "none") { id } organization(login: $o) { login } }'
    )
    answer = box.graphql(query, o=box.org)
    assert answer["data"] == {"repository": None, "organization": {"login": box.org}}
    (error,) = answer["errors"]
    assert error["type"] == "NOT_FOUND"
    assert error["message"] == f"Could not resolve to a Repository with the name '{box.org}/none'."


def test_renames_are_followed_unless_asked_not_to(box: SandboxProcess) -> None:
    box.api("PATCH", made(box), json={"name": "workshop"})
    query = (
        'query($o: String!, $f: Boolean) { repository(owner: $o, name: "lab", followRenames: $f) { name } }'
    )
    assert asked(box, query, o=box.org)["repository"] == {"name": "workshop"}
    assert refused(box, query, o=box.org, f=False)["type"] == "NOT_FOUND"


def test_scopes_that_lack_are_named(box: SandboxProcess) -> None:
    token = box.new_token("organiser", "repo")
    query = "query($o: String!) { organization(login: $o) { projectsV2(first: 1) { totalCount } } }"
    error = refused(box, query, token, o=box.org)
    assert error["type"] == "INSUFFICIENT_SCOPES"
    assert "The 'projectsV2' field requires one of the following scopes: ['read:project']" in error["message"]


def test_a_token_is_needed_and_a_query_too(box: SandboxProcess) -> None:
    answer = box.api("POST", "/graphql", "nonsense", json={"query": "{ viewer { login } }"})
    assert answer.status_code == 401
    assert "errors" in box.api("POST", "/api/graphql", json={}).json()
    assert asked(box, "{ viewer { login } rateLimit { remaining } }") == {
        "viewer": {"login": "organiser"},
        "rateLimit": None,
    }


def test_an_unknown_field_is_an_error_and_nothing_runs(box: SandboxProcess) -> None:
    answer = box.graphql("{ viewer { login shoeSize } }")
    assert "data" not in answer
    assert "shoeSize" in answer["errors"][0]["message"]


def test_types_can_be_asked_about(box: SandboxProcess) -> None:
    found = asked(box, '{ __type(name: "CreateIssueInput") { inputFields { name } } }')
    assert "projectV2Ids" in {one["name"] for one in found["__type"]["inputFields"]}


def test_the_timeline_tells_who_closed_it(board: Board) -> None:
    issue = board.issue(on_board=False)
    ada = joined(board.box, board.repo, "ada")
    mutated(
        board.box,
        "closeIssue",
        {"issueId": issue, "stateReason": "NOT_PLANNED"},
        "issue { stateReason }",
        ada,
    )
    mutated(board.box, "reopenIssue", {"issueId": issue}, "issue { stateReason }")
    query = (
        "query($id: ID!) { node(id: $id) { ... on Issue { timelineItems(first: 10,"
        " itemTypes: [CLOSED_EVENT, REOPENED_EVENT]) { nodes { __typename"
        " ... on ClosedEvent { stateReason actor { login } }"
        " ... on ReopenedEvent { actor { login } } } } } } }"
    )
    assert asked(board.box, query, id=issue)["node"]["timelineItems"]["nodes"] == [
        {"__typename": "ClosedEvent", "stateReason": "NOT_PLANNED", "actor": {"login": "ada"}},
        {"__typename": "ReopenedEvent", "actor": {"login": "organiser"}},
    ]


def test_collaborators_are_listed_with_their_permission(board: Board) -> None:
    ada = joined(board.box, board.repo, "ada")
    query = (
        'query($o: String!) { repository(owner: $o, name: "lab") { viewerPermission'
        " collaborators(first: 5, affiliation: OUTSIDE) { edges { permission node { login } } } } }"
    )
    found = asked(board.box, query, o=board.box.org)["repository"]
    assert found["viewerPermission"] == "ADMIN"
    assert found["collaborators"]["edges"] == [{"permission": "WRITE", "node": {"login": "ada"}}]
    assert asked(board.box, query, ada, o=board.box.org)["repository"]["viewerPermission"] == "WRITE"


def test_history_and_files_of_a_branch(board: Board) -> None:
    put_file(board.box, board.repo, "src/a.py")
    query = (
        'query($o: String!) { repository(owner: $o, name: "lab") {'
        ' ref(qualifiedName: "main") { name prefix target { ... on Commit {'
        ' history(first: 5, path: "src/a.py") { nodes { messageHeadline author { user { login } } } }'
        " tree { entries { name type } } } } }"
        ' refs(refPrefix: "refs/heads/", first: 5) { nodes { name } } } }'
    )
    found = asked(board.box, query, o=board.box.org)["repository"]
    commit = {"messageHeadline": "Write src/a.py", "author": {"user": {"login": "organiser"}}}
    assert found["ref"]["target"]["history"]["nodes"] == [commit]
    entries = [{"name": "README.md", "type": "blob"}, {"name": "src", "type": "tree"}]
    assert found["ref"]["target"]["tree"]["entries"] == entries
    assert found["refs"]["nodes"] == [{"name": "main"}]
