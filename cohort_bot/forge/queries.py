"""The GraphQL that reads a cohort: many repos in one query, each under its own alias."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

# 30 repos a query keep 1,000 learners within 40 requests, and each query far from GitHub's 500,000 nodes
# and ten seconds.
REPOS_A_QUERY = 30
BOARDS_A_QUERY = 100

_BOARDS = """
fragment boards on ProjectV2Connection {
  nodes { id number title url closed template views(first: 10) { nodes { layout } } }
}
"""

# What a repo's own token may see of itself: no boards, no people.
_OWN = """
fragment own on Repository {
  id name nameWithOwner url visibility isTemplate isArchived isEmpty createdAt pushedAt
  defaultBranchRef { name target { oid ... on Commit { messageHeadline } } }
  labels(first: 50) { nodes { id name color description } }
  milestones(first: 40) { nodes { id number title description dueOn closed } }
}
"""

_ISSUE = """
    id number title body closed
    milestone { id }
    labels(first: 10) { nodes { id } }
    assignees(first: 10) { nodes { login } }
"""
_CARDS = "    projectItems(first: 5) { nodes { id project { id } } }\n"
_ISSUES = """
fragment issues on IssueConnection {
  pageInfo { hasNextPage endCursor }
  nodes {%s  }
}
"""

COHORT = (
    """
query cohort($org: String!, $template: String!) {
  organization(login: $org) { id login viewerCanCreateRepositories }
  template: repository(owner: $org, name: $template) {
    id name nameWithOwner url visibility isTemplate isArchived isEmpty createdAt pushedAt
    projectsV2(first: 5) { ...boards }
    defaultBranchRef { name target { oid } }
  }
}
"""
    + _BOARDS
)

# What a repo reads of itself with its own token. Ours are its oldest issues.
OWN = (
    """
query own($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    ...own
    issues(first: 100, orderBy: {field: CREATED_AT, direction: ASC}) { ...issues }
  }
}
"""
    + _OWN
    + _ISSUES % _ISSUE
)

MORE_ISSUES = (
    """
query moreIssues($id: ID!, $after: String) {
  node(id: $id) {
    ... on Repository {
      issues(first: 100, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) { ...issues }
    }
  }
}
"""
    + _ISSUES % (_ISSUE + _CARDS)
)

BOARDS = """
query boards($org: String!, $slug: String!, $after: String) {
  organization(login: $org) {
    projectsV2(first: 100, after: $after, query: $slug) {
      pageInfo { hasNextPage endCursor }
      nodes { id number title url closed }
    }
  }
}
"""


def learners(names: Sequence[str], ours: Sequence[str] = ()) -> str:
    """A query for the repos `names` of one organisation, under the aliases r0, r1, …

    `ours`: paths of files, whose blobs come under the aliases f0, f1, …
    """
    fields = "\n".join(
        f"  r{i}: repository(owner: $org, name: {json.dumps(name)}) {{ ...learner }}"
        for i, name in enumerate(names)
    )
    blobs = "\n".join(
        f"  f{i}: object(expression: {json.dumps(f'HEAD:{path}')}) {{ oid }}" for i, path in enumerate(ours)
    )
    learner = f"""
fragment learner on Repository {{
  ...own
  projectsV2(first: 5) {{ ...boards }}
  issues(first: $issues, orderBy: {{field: CREATED_AT, direction: ASC}}) {{ ...issues }}
  collaborators(first: 20, affiliation: DIRECT) {{ nodes {{ id login }} }}
{blobs}
}}
"""
    parts = (learner, _OWN, _BOARDS, _ISSUES % (_ISSUE + _CARDS))
    return f"query learners($org: String!, $issues: Int!) {{\n{fields}\n}}{''.join(parts)}"


def heads(paths: Sequence[str]) -> str:
    """A query for the newest commits of the repos `owner/name`, under the aliases r0, r1, …"""
    return _of_each("heads", paths, ["defaultBranchRef { name target { oid } }"] * len(paths))


def runs(commits: Mapping[str, str]) -> str:
    """A query for the workflow runs on one commit of each repo (`owner/name` → sha), as r0, r1, …"""
    run = "status conclusion workflowRun { url runNumber workflow { name } }"
    suites = f"... on Commit {{ checkSuites(last: 10) {{ nodes {{ {run} }} }} }}"
    asked = [f"object(oid: {json.dumps(sha)}) {{ {suites} }}" for sha in commits.values()]
    return _of_each("runs", list(commits), asked)


def _of_each(name: str, paths: Sequence[str], fields: Sequence[str]) -> str:
    lines = (
        f"  r{i}: repository(owner: {json.dumps(owner)}, name: {json.dumps(repo)}) {{ {asked} }}"
        for i, ((owner, _, repo), asked) in enumerate(
            zip((path.partition("/") for path in paths), fields, strict=True)
        )
    )
    return f"query {name} {{\n" + "\n".join(lines) + "\n}"


def users(logins: Sequence[str]) -> str:
    """A query for the ids of accounts, under the aliases u0, u1, …"""
    fields = "\n".join(f"  u{i}: user(login: {json.dumps(login)}) {{ id }}" for i, login in enumerate(logins))
    return f"query users {{\n{fields}\n}}"
