"""What GitHub puts into every new repository and board."""

from __future__ import annotations

# https://docs.github.com/en/issues/using-labels-and-milestones-to-track-work/managing-labels#about-default-labels
LABELS = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
)
DEFAULT_LABEL_NAMES = frozenset(name for name, _, _ in LABELS)

# https://docs.github.com/en/issues/planning-and-tracking-with-projects/understanding-fields
FIELDS = (
    ("Title", "TITLE"),
    ("Assignees", "ASSIGNEES"),
    ("Status", "SINGLE_SELECT"),
    ("Labels", "LABELS"),
    ("Linked pull requests", "LINKED_PULL_REQUESTS"),
    ("Milestone", "MILESTONE"),
    ("Repository", "REPOSITORY"),
)
STATUS = "Status"
DONE = "Done"
STATUS_OPTIONS = (
    ("f75ad846", "Todo", "GREEN", "This item hasn't been started"),
    ("47fc9ee4", "In Progress", "YELLOW", "This is actively being worked on"),
    ("98236657", DONE, "PURPLE", "This has been completed"),
)
# The two that are enabled are the two that are documented to be:
# https://docs.github.com/en/issues/planning-and-tracking-with-projects/automating-your-project/using-the-built-in-automations
ITEM_CLOSED = "Item closed"
PULL_MERGED = "Pull request merged"
WORKFLOWS = (
    ("Item added to project", False),
    ("Item reopened", False),
    (ITEM_CLOSED, True),
    ("Code changes requested", False),
    ("Code review approved", False),
    (PULL_MERGED, True),
)
# What the default table view shows.
SHOWN = ("Title", "Assignees", "Status")
