"""The GraphQL that reads issues with their comments: many repos in one query."""

from __future__ import annotations

import json
from collections.abc import Sequence

REPOS_A_QUERY = 50
REPOS_A_GLANCE = 100

_COMMENTS = """
fragment comments on IssueCommentConnection {
  pageInfo { hasPreviousPage startCursor }
  nodes { id fullDatabaseId body url createdAt updatedAt viewerDidAuthor author { login } }
}
"""
_ISSUES = """
fragment issues on IssueConnection {
  pageInfo { hasNextPage endCursor }
  nodes {
    id number title body closed viewerDidAuthor
    labels(first: 10) { nodes { name description } }
    comments(last: 20) { ...comments }
  }
}
"""
_REPO = (
    """
fragment learner on Repository {
  id name nameWithOwner url visibility isArchived createdAt pushedAt
  defaultBranchRef {
    name
    target { oid ... on Commit { messageHeadline parents(first: 1) { nodes { committedDate } } } }
  }
  projectsV2(first: 3) {
    nodes { id number title url statusUpdates(first: 1) { nodes { status } } }
  }
  issues(first: $issues, orderBy: {field: CREATED_AT, direction: ASC}) { ...issues }
  collaborators(first: 20, affiliation: DIRECT) { nodes { id login } }
}
"""
    + _ISSUES
    + _COMMENTS
)
MORE_ISSUES = (
    """
query moreThreads($id: ID!, $after: String) {
  node(id: $id) {
    ... on Repository {
      issues(first: 50, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) { ...issues }
    }
  }
}
"""
    + _ISSUES
    + _COMMENTS
)
EARLIER = (
    """
query earlierComments($id: ID!, $before: String) {
  node(id: $id) { ... on Issue { comments(last: 100, before: $before) { ...comments } } }
}
"""
    + _COMMENTS
)
GLANCE = (
    """
query lateComments($ids: [ID!]!, $issues: Int!) {
  nodes(ids: $ids) {
    ... on Repository {
      id
      issues(first: $issues, orderBy: {field: CREATED_AT, direction: ASC}) {
        nodes { id body comments(last: 20) { ...comments } }
      }
    }
  }
}
"""
    + _COMMENTS
)
PLACE = (
    """
query summaries($owner: String!, $name: String!, $issues: Int!) {
  repository(owner: $owner, name: $name) {
    id visibility
    issues(first: $issues, orderBy: {field: CREATED_AT, direction: ASC}) { ...issues }
  }
}
"""
    + _ISSUES
    + _COMMENTS
)


def repos(names: Sequence[str]) -> str:
    """A query for the repos `names` of one organisation, under the aliases r0, r1, …"""
    fields = "\n".join(
        f"  r{i}: repository(owner: $org, name: {json.dumps(name)}) {{ ...learner }}"
        for i, name in enumerate(names)
    )
    return f"query threads($org: String!, $issues: Int!) {{\n{fields}\n}}{_REPO}"
