"""The judges themselves: each kind of mistake is seen, and GitHub's own examples pass."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import build_schema

from tests.contract.exceptions import NEWER_GRAPHQL, UNDESCRIBED
from tests.contract.graphql import outside
from tests.contract.published import graphql_contract, published_schema, rest_description
from tests.contract.traffic import Exchange

pytestmark = pytest.mark.needs("npm")

LABEL = {
    "id": 1,
    "node_id": "LA_1",
    "url": "https://api.github.com/repos/o/r/labels/bug",
    "name": "bug",
    "description": None,
    "color": "d73a4a",
    "default": True,
}


def listed(*labels: dict[str, Any], target: str = "/repos/o/r/labels", status: int = 200) -> Exchange:
    body = json.dumps(list(labels)).encode()
    return Exchange("GET", target, status, received=body, received_type="application/json; charset=utf-8")


def created(body: dict[str, Any]) -> Exchange:
    answer = json.dumps(LABEL).encode()
    sent = json.dumps(body).encode()
    return Exchange("POST", "/repos/o/r/labels", 201, sent, answer, received_type="application/json")


def test_what_github_documents_passes() -> None:
    judge = rest_description().judge
    assert list(judge(listed(LABEL, target="/repos/o/r/labels?per_page=100&page=2"))) == []
    assert list(judge(created({"name": "bug", "color": "d73a4a"}))) == []


@pytest.mark.parametrize(
    ("exchange", "complaint"),
    [
        (listed(target="/repos/o/r/stickers"), "no such endpoint"),
        (listed(target="/repos/o/r/labels?sort=name"), "query parameter 'sort' is not documented"),
        (listed(target="/repos/o/r/labels?per_page=many"), "query parameter per_page='many'"),
        (listed(status=207), "this status is not documented"),
        (listed(LABEL | {"favourite": True}), "'favourite' was unexpected"),
        (listed({k: v for k, v in LABEL.items() if k != "color"}), "'color' is a required property"),
        (listed(LABEL | {"id": "1"}), "'1' is not of type 'integer'"),
        (listed(LABEL | {"url": "not a uri"}), "is not a 'uri'"),
        (created({"color": "d73a4a"}), "'name' is a required property"),
        (created({"name": "bug", "shade": "dark"}), "'shade' was unexpected"),
        (Exchange("GET", "/repos/o/r/labels", 200), "a body is documented, none came"),
    ],
)
def test_each_mistake_in_a_rest_exchange_is_seen(exchange: Exchange, complaint: str) -> None:
    mistakes = list(rest_description().judge(exchange))
    assert len(mistakes) == 1
    assert complaint in mistakes[0]


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/repos/o/r/issues/comments", "/repos/{owner}/{repo}/issues/comments"),
        ("/repos/o/r/issues/7", "/repos/{owner}/{repo}/issues/{issue_number}"),
        ("/repos/o/r/contents/a/b/c.md", "/repos/{owner}/{repo}/contents/{path}"),
        ("/repos/o/r/git/ref/heads/main", "/repos/{owner}/{repo}/git/ref/{ref}"),
        ("/user/repos", "/user/repos"),
    ],
)
def test_a_path_finds_its_template(path: str, template: str) -> None:
    operation = rest_description().find("GET", path)
    assert operation is not None
    assert operation.template == template


@pytest.mark.parametrize(
    ("operation", "complaint"),
    [
        ("query { viewer { login } }", None),
        ("query { viewer { shoeSize } }", "Cannot query field 'shoeSize' on type 'User'"),
        ('query { organization(login: "o", age: 1) { id } }', "Unknown argument 'age'"),
        (
            'mutation { createIssue(input: {repositoryId: "R", title: "t", projectV2Ids: ["P"]}) '
            "{ issue { id } } }",
            None,
        ),
    ],
)
def test_each_mistake_in_an_operation_is_seen(operation: str, complaint: str | None) -> None:
    _, mistakes = graphql_contract().operation(operation)
    assert len(mistakes) == (complaint is not None)
    assert complaint is None or complaint in mistakes[0]


@pytest.mark.parametrize(
    ("issue", "complaint"),
    [
        ({"number": 1, "state": "OPEN", "milestone": None}, None),
        ({"number": "1", "state": "OPEN", "milestone": None}, "'1' is no Int"),
        ({"number": 1, "state": "AJAR", "milestone": None}, "'AJAR' is no IssueState"),
        ({"number": None, "state": "OPEN", "milestone": None}, "null, GitHub says Int!"),
        ({"number": 1, "state": "OPEN"}, "'milestone' is missing"),
        ({"number": 1, "state": "OPEN", "milestone": {"dueOn": "soon"}}, "'soon' is no DateTime"),
        ({"number": 1, "state": "OPEN", "milestone": None, "mood": 1}, "'mood' was not asked for"),
    ],
)
def test_each_mistake_in_an_answer_is_seen(issue: dict[str, Any], complaint: str | None) -> None:
    text = 'query { node(id: "I") { __typename ... on Issue { number state milestone { dueOn } } } }'
    answer = {"data": {"node": {"__typename": "Issue"} | issue}}
    exchange = Exchange(
        "POST", "/graphql", 200, json.dumps({"query": text}).encode(), json.dumps(answer).encode()
    )
    mistakes = list(graphql_contract().judge(exchange))
    assert len(mistakes) == (complaint is not None), mistakes
    assert complaint is None or complaint in mistakes[0]


def test_variables_are_held_to_their_types() -> None:
    contract = graphql_contract()
    operation, _ = contract.operation(
        "query($first: Int!) { viewer { issues(first: $first) { totalCount } } }"
    )
    assert operation is not None
    assert contract.variables(operation, {"first": 3}) == []
    assert "Int" in contract.variables(operation, {"first": "three"})[0]
    assert contract.variables(operation, {"first": 3, "last": 4}) == ["variable $last is not declared"]


def test_a_schema_that_is_not_a_part_of_githubs_is_seen() -> None:
    ours = build_schema("""
        type Query { viewer: User  weather: String }
        type User { login: String  issues(first: Int! = 10): String! }
        enum IssueState { OPEN AJAR }
        input CreateLabelInput { name: String! color: String repositoryId: ID! }
        scalar Mood
    """)
    found = "\n".join(outside(ours, published_schema(newer=True)))
    assert "Query.viewer: is User, GitHub says User!" in found
    assert "Query.weather: no such field" in found
    assert "User.issues(first): is Int!, GitHub says Int" in found
    assert "IssueState.AJAR: no such value" in found
    assert "CreateLabelInput(color): is String, GitHub says String!" in found
    assert "Mood: GitHub has no such" in found


def test_every_named_exception_is_still_one() -> None:
    schema = published_schema(newer=False)
    for place in NEWER_GRAPHQL:
        name, _, field = place.partition(".")
        kind: Any = schema.type_map[name]
        assert field not in kind.fields, f"{place} has been published: take it off the list"
    for component, field in UNDESCRIBED:
        assert not rest_description().publishes(component, field), f"{component}.{field} is described now"
