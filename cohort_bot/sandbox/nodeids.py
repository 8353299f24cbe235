"""Global node ids: opaque to clients, a kind and a row number to us. The prefixes are GitHub's own."""

from __future__ import annotations

import base64
import binascii

PREFIXES = {
    "User": "U",
    "Bot": "BOT",
    "Organization": "O",
    "Repository": "R",
    "Issue": "I",
    "PullRequest": "PR",
    "IssueComment": "IC",
    "Label": "LA",
    "Milestone": "MI",
    "ProjectV2": "PVT",
    "ProjectV2Item": "PVTI",
    "ProjectV2Field": "PVTF",
    "ProjectV2SingleSelectField": "PVTSSF",
    "ProjectV2IterationField": "PVTIF",
    "ProjectV2View": "PVTV",
    "ProjectV2Workflow": "PWF",
    "ProjectV2StatusUpdate": "PVTSU",
    "ProjectV2FieldValue": "PVTFV",
    "DraftIssue": "DI",
    "Event": "EV",
    "Invitation": "RI",
    "OrganizationInvitation": "OI",
    "Status": "SC",
    "CheckRun": "CR",
    "CheckSuite": "CS",
    "Workflow": "W",
    "WorkflowRun": "WFR",
    "Push": "PSH",
    "App": "A",
    "Ref": "REF",
    "Commit": "C",
    "Tree": "T",
    "Blob": "B",
}
_KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}


def encode(kind: str, row_id: int) -> str:
    """The id of a row, as clients see it."""
    raw = base64.urlsafe_b64encode(b"k" + row_id.to_bytes(6, "big")).rstrip(b"=").decode()
    return f"{PREFIXES[kind]}_{raw}"


def encode_git(kind: str, repo_id: int, name: str) -> str:
    """The id of a ref or git object: it belongs to a repository and has a name instead of a number."""
    raw = base64.urlsafe_b64encode(repo_id.to_bytes(6, "big") + name.encode()).rstrip(b"=").decode()
    return f"{PREFIXES[kind]}_{raw}"


def decode(node_id: str) -> tuple[str, int] | None:
    """Kind and row number, or None for what is not an id of ours."""
    found = _unpack(node_id)
    if found is None or len(found[1]) != 7:
        return None
    return found[0], int.from_bytes(found[1][1:], "big")


def decode_git(node_id: str) -> tuple[str, int, str] | None:
    """Kind, repository and name of a ref or git object."""
    found = _unpack(node_id)
    if found is None or found[0] not in {"Ref", "Commit", "Tree", "Blob"}:
        return None
    return found[0], int.from_bytes(found[1][:6], "big"), found[1][6:].decode("utf-8", "replace")


def _unpack(node_id: str) -> tuple[str, bytes] | None:
    prefix, _, raw = node_id.partition("_")
    try:
        data = base64.urlsafe_b64decode(raw.encode() + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return None
    return (_KINDS[prefix], data) if prefix in _KINDS else None
