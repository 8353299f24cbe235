"""Every way in which we allow ourselves to differ from what GitHub published, each with its reason.

docs/contracts.md explains the list to readers; tests fail when an exception here is no longer one.
"""

from __future__ import annotations

# What GitHub's live schema has and the newest published copy (February 2025) lacks, as GraphQL SDL that is
# added to the published schema before anything is judged by it.
NEWER_GRAPHQL = {
    # https://docs.github.com/en/graphql/reference/issues#createissueinput
    "CreateIssueInput.projectV2Ids": "extend input CreateIssueInput { projectV2Ids: [ID!] }",
}

# Statuses that GitHub documents once for its whole API instead of at each endpoint, and where it does so.
_GUIDE = "https://docs.github.com/en/rest/using-the-rest-api"
EVERYWHERE = {
    304: f"{_GUIDE}/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate",
    400: f"{_GUIDE}/troubleshooting-the-rest-api#invalid-request",
    401: "https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api",
    403: f"{_GUIDE}/rate-limits-for-the-rest-api#exceeding-the-rate-limit",
    404: f"{_GUIDE}/troubleshooting-the-rest-api#404-not-found-for-an-existing-resource",
    429: f"{_GUIDE}/rate-limits-for-the-rest-api#exceeding-the-rate-limit",
    502: f"{_GUIDE}/troubleshooting-the-rest-api#timeouts",
}

# Fields that GitHub sends and its description forgets: (component schema, field) and its schema.
UNDESCRIBED = {
    # Every error body carries its status as text; only `basic-error` says so.
    ("validation-error", "status"): {"type": "string"},
    ("validation-error-simple", "status"): {"type": "string"},
}

# Shapes that GitHub answers with where its description lists only others: (component of the choice, shape).
UNDESCRIBED_SHAPES = {
    # The list of an issue's events has no entry for closing and reopening, which are most of what is in it.
    ("issue-event-for-issue", "state-change-issue-event"),
}

# Paths that GitHub answers and does not describe, and the described one that each stands for.
ALIASES = {
    # The root of a repository's files: the described path with nothing for {path}.
    r"(/repos/[^/]+/[^/]+/contents)/?": r"\1/.",
    # Where GitHub's own redirects of a renamed repository lead; the numbers stand for owner and name.
    r"/repositories/(\d+)": r"/repos/id/\1",
}
