"""The GraphQL that reads a cohort: many repos in one query, each under its own alias."""

from __future__ import annotations

import json
from collections.abc import Sequence

# 30 repos a query keep 1,000 learners within 40 requests, and each query far from GitHub's 500,000 nodes
# and ten seconds.
REPOS_A_QUERY = 30
BOARDS_A_QUERY = 100

_COMMON = """
fragment common on Repository {
  id name nameWithOwner url visibility isTemplate isArchived isEmpty createdAt pushedAt
  projectsV2(first: 5) { nodes { id number title url closed template views(first: 10) { nodes { layout } } } }
}
"""

_LEARNER = (
    _COMMON
    + """
fragment learner on Repository {
  ...common
  defaultBranchRef { name target { oid ... on Commit { messageHeadline } } }
  labels(first: 50) { nodes { id name color description } }
  milestones(first: 40) { nodes { id number title description dueOn closed } }
  issues(first: $issues, orderBy: {field: CREATED_AT, direction: ASC}) { ...issues }
  collaborators(first: 20, affiliation: DIRECT) { nodes { id login } }
}
"""
)

_ISSUES = """
fragment issues on IssueConnection {
  pageInfo { hasNextPage endCursor }
  nodes {
    id number title body closed
    milestone { id }
    labels(first: 10) { nodes { id } }
    assignees(first: 10) { nodes { login } }
    projectItems(first: 5) { nodes { id project { id } } }
  }
}
"""

COHORT = (
    """
query cohort($org: String!, $template: String!) {
  organization(login: $org) { id login viewerCanCreateRepositories }
  template: repository(owner: $org, name: $template) {
    ...common
    defaultBranchRef { name target { oid } }
  }
}
"""
    + _COMMON
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
    + _ISSUES
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


def learners(names: Sequence[str]) -> str:
    """A query for the repos `names` of one organisation, under the aliases r0, r1, …"""
    fields = "\n".join(
        f"  r{i}: repository(owner: $org, name: {json.dumps(name)}) {{ ...learner }}"
        for i, name in enumerate(names)
    )
    return f"query learners($org: String!, $issues: Int!) {{\n{fields}\n}}{_LEARNER}{_ISSUES}"


def filled(paths: Sequence[str]) -> str:
    """A query that tells which of the repos `owner/name` are empty, under the aliases r0, r1, …"""
    fields = "\n".join(
        f"  r{i}: repository(owner: {json.dumps(owner)}, name: {json.dumps(name)}) {{ isEmpty }}"
        for i, (owner, _, name) in enumerate(path.partition("/") for path in paths)
    )
    return f"query filled {{\n{fields}\n}}"


def users(logins: Sequence[str]) -> str:
    """A query for the ids of accounts, under the aliases u0, u1, …"""
    fields = "\n".join(f"  u{i}: user(login: {json.dumps(login)}) {{ id }}" for i, login in enumerate(logins))
    return f"query users {{\n{fields}\n}}"
