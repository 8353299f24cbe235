"""The sandbox's rate limits, against the figures and shapes that GitHub documents."""

from collections.abc import Iterator

import pytest

from tests.sandbox_process import SandboxProcess

LABELS = """
mutation labels($a: CreateLabelInput!, $b: CreateLabelInput!, $c: CreateLabelInput!) {
  a: createLabel(input: $a) { label { id } }
  b: createLabel(input: $b) { label { id } }
  c: createLabel(input: $c) { label { id } }
}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    data = tmp_path_factory.mktemp("limited")
    with SandboxProcess(data, "--clock", "virtual", "--limits", "real") as process:
        yield process


@pytest.fixture
def limited(running: SandboxProcess) -> SandboxProcess:
    """A sandbox with GitHub's limits, nothing of them used."""
    running.reset()
    return running


def make_repo(sandbox: SandboxProcess, name: str = "a") -> str:
    answer = sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json={"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["node_id"])


def make_milestone(sandbox: SandboxProcess, title: str) -> int:
    path = f"/repos/{sandbox.org}/a/milestones"
    return sandbox.api("POST", path, json={"title": title}).status_code


def make_labels(sandbox: SandboxProcess, repo: str, stem: str) -> dict[str, object]:
    inputs = {
        key: {"repositoryId": repo, "name": f"{stem}-{key}", "color": "ffffff", "description": ""}
        for key in "abc"
    }
    return sandbox.graphql(LABELS, **inputs)


def test_every_answer_tells_what_is_left(limited: SandboxProcess) -> None:
    headers = limited.api("GET", "/user").headers
    told = {name: headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "used", "resource")}
    assert told == {"limit": "5000", "remaining": "4999", "used": "1", "resource": "core"}
    assert limited.api("POST", "/graphql", json={"query": "{ viewer { login } }"}).headers[
        "x-ratelimit-resource"
    ] == ("graphql")


def test_asking_for_the_limits_costs_nothing(limited: SandboxProcess) -> None:
    for _ in range(3):
        told = limited.api("GET", "/rate_limit").json()
    assert told["rate"] == told["resources"]["core"]
    assert told["rate"]["used"] == 0
    assert limited.graphql("{ rateLimit { cost remaining } }")["data"]["rateLimit"] == {
        "cost": 1,
        "remaining": 4999,
    }


def test_a_primary_limit_refuses_with_403_and_no_retry_after_until_the_hour_is_over(
    limited: SandboxProcess,
) -> None:
    limited.control("POST", "limits", core_an_hour=3)
    codes = [limited.api("GET", "/user").status_code for _ in range(4)]
    refused = limited.api("GET", "/user")
    assert codes == [200, 200, 200, 403]
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert "retry-after" not in refused.headers
    assert refused.json()["message"].startswith("API rate limit exceeded for user ID")
    assert limited.api("POST", "/graphql", json={"query": "{ viewer { login } }"}).status_code == 200
    limited.advance(3601)
    assert limited.api("GET", "/user").status_code == 200


def test_graphql_tells_of_its_primary_limit_with_status_200(limited: SandboxProcess) -> None:
    limited.control("POST", "limits", graphql_an_hour=1)
    assert "errors" not in limited.graphql("{ viewer { login } }")
    refused = limited.api("POST", "/graphql", json={"query": "{ viewer { login } }"})
    assert refused.status_code == 200
    assert [error["type"] for error in refused.json()["errors"]] == ["RATE_LIMITED"]
    assert refused.headers["x-ratelimit-remaining"] == "0"


def test_a_query_costs_a_point_for_a_hundred_requests_of_its_connections(limited: SandboxProcess) -> None:
    query = """{ rateLimit { cost } viewer { repositories(first: 100) { nodes {
        issues(first: 50) { nodes { labels(first: 60) { nodes { name } } } } } } } }"""
    # GitHub's own example: 1 + 100 + 5,000 requests are 51 points.
    assert limited.graphql(query)["data"]["rateLimit"]["cost"] == 51


def test_an_answer_that_has_not_changed_costs_nothing(limited: SandboxProcess) -> None:
    first = limited.api("GET", "/user")
    again = limited.api("GET", "/user", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"] == "1"


def test_content_is_limited_by_the_minute_and_by_the_hour(limited: SandboxProcess) -> None:
    make_repo(limited)
    limited.advance(60)
    codes = [make_milestone(limited, f"m{number}") for number in range(81)]
    assert codes == [201] * 80 + [403]
    refused = limited.api("POST", f"/repos/{limited.org}/a/milestones", json={"title": "late"})
    assert refused.headers["retry-after"] == "60"
    assert "secondary rate limit" in refused.json()["message"]
    assert int(refused.headers["x-ratelimit-remaining"]) > 0
    assert limited.api("GET", f"/repos/{limited.org}/a").status_code == 200
    limited.advance(60)
    limited.control("POST", "limits", content_an_hour=3)
    assert [make_milestone(limited, f"h{number}") for number in range(4)] == [201, 201, 201, 403]
    limited.advance(3600)
    assert make_milestone(limited, "later") == 201


def test_aliased_mutations_count_once_or_each_as_one_chooses(limited: SandboxProcess) -> None:
    repo = make_repo(limited)
    limited.control("POST", "limits", content_a_minute=4, graphql_status=200)
    assert all("errors" not in make_labels(limited, repo, f"once-{number}") for number in range(4))
    limited.control("POST", "limits", content_counts="objects")
    assert "errors" not in make_labels(limited, repo, "each")
    refused = make_labels(limited, repo, "refused")
    assert "secondary rate limit" in refused["errors"][0]["message"]  # type: ignore[index]


def test_points_are_limited_by_the_minute_and_writes_take_five(limited: SandboxProcess) -> None:
    limited.control("POST", "limits", rest_points_a_minute=12)
    repo = {"name": "a"}
    codes = [limited.api("POST", f"/orgs/{limited.org}/repos", json=repo).status_code for _ in range(2)]
    codes += [limited.api("GET", "/user").status_code for _ in range(3)]
    assert codes == [201, 422, 200, 200, 403]


def test_a_workflows_token_has_a_thousand_requests_of_its_own(limited: SandboxProcess) -> None:
    make_repo(limited)
    token = limited.actions_token(f"{limited.org}/a")
    headers = limited.api("GET", f"/repos/{limited.org}/a", token).headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-used"]) == ("1000", "1")


def test_without_limits_nothing_is_told_of_them(sandbox: SandboxProcess) -> None:
    assert not [name for name in sandbox.api("GET", "/user").headers if "ratelimit" in name.lower()]
    assert sandbox.api("GET", "/rate_limit").status_code == 404
