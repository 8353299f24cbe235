"""What the forge answers, as state. Pure: dictionaries in, frozen values out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from sys import intern

from cohort_bot import owned
from cohort_bot.forge.connection import Json
from cohort_bot.state import Access, Board, Head, Issue, Label, Milestone, Repo

_LABEL_MARK = re.compile(r"\[cohort-bot:([a-z]+)\]\s*$")


def learner_repo(name: str, login: str, raw: Json, label_keys: Mapping[str, str]) -> Repo:
    """A learner's repo. `label_keys`: label name (lower case) → key, for labels that lost their marker."""
    milestones = _milestones(raw["milestones"]["nodes"])
    labels = _labels(raw["labels"]["nodes"], label_keys)
    board = next(iter(boards(raw, name)), None)
    people = (raw.get("collaborators") or {}).get("nodes") or ()
    person = next((p for p in people if p["login"].lower() == login.lower()), None)
    return Repo(
        **_common(name, raw),
        labels=labels,
        milestones=milestones,
        issues=issues(raw["issues"]["nodes"], labels, milestones, board),
        board=board,
        learner=login,
        access=Access.JOINED if person else Access.NONE,
        learner_id=person["id"] if person else "",
    )


def template_repo(name: str, raw: Json) -> Repo:
    """The cohort's template, its files left out."""
    ref = raw["defaultBranchRef"]
    board = next(iter(boards(raw, name)), None)
    return Repo(
        **_common(name, raw), board=board, head=Head(ref["name"], ref["target"]["oid"]) if ref else None
    )


def issues(
    nodes: Iterable[Json],
    labels: Mapping[str, Label],
    milestones: Mapping[str, Milestone],
    board: Board | None,
) -> dict[str, Issue]:
    """Our issues by key, the oldest where several carry the same marker."""
    found: dict[str, Issue] = {}
    for raw in nodes:
        key = owned.key_of(raw["body"])
        if key and key not in found:
            found[key] = _issue(key, raw, labels, milestones, board)
    return found


def boards(raw: Json, title: str) -> list[Board]:
    """The boards linked to a repo, one of this title first."""
    nodes = sorted((raw["projectsV2"] or {}).get("nodes") or (), key=lambda node: node["title"] != title)
    return [board(node) for node in nodes]


def board(raw: Json, *, linked: bool = True) -> Board:
    """One Projects v2 board."""
    views = (raw.get("views") or {}).get("nodes") or ()
    layouts = frozenset(view["layout"].removesuffix("_LAYOUT").lower() for view in views)
    return Board(
        raw["title"], linked, layouts, bool(raw.get("template")), raw["id"], raw["number"], raw["url"]
    )


def is_ours(text: str | None) -> bool:
    """Whether a text carries a milestone marker."""
    return owned.key_of(text) is not None


def label_mark(description: str | None) -> str:
    """The key in a label's description, by which a label of ours is known; empty for any other."""
    mark = _LABEL_MARK.search(description or "")
    return mark[1] if mark else ""


def instant(text: str | None) -> datetime | None:
    """An ISO 8601 time of the forge's, aware."""
    return datetime.fromisoformat(text) if text else None


def _common(name: str, raw: Json) -> Json:
    return {
        "name": name,
        "visibility": raw["visibility"].lower(),
        "filled": not raw["isEmpty"],
        "template": raw["isTemplate"],
        "archived": raw["isArchived"],
        "created_at": instant(raw["createdAt"]),
        "pushed_at": instant(raw["pushedAt"]),
        "id": raw["id"],
        "url": raw["url"],
        "path": raw["nameWithOwner"],
    }


def _labels(nodes: Iterable[Json], label_keys: Mapping[str, str]) -> dict[str, Label]:
    found: dict[str, Label] = {}
    for raw in nodes:
        mark = label_mark(raw["description"])
        key = mark or label_keys.get(raw["name"].lower())
        if key and (mark or key not in found):
            found[key] = Label(key, raw["name"], raw["color"], raw["description"] or "", raw["id"])
    return found


def _milestones(nodes: Iterable[Json]) -> dict[str, Milestone]:
    found: dict[str, Milestone] = {}
    for raw in sorted(nodes, key=lambda node: node["number"]):
        key = owned.key_of(raw["description"])
        if key and key not in found:
            due = instant(raw["dueOn"])
            text = raw["description"]
            found[key] = Milestone(key, raw["title"], text, due, raw["closed"], raw["id"], raw["number"])
    return found


def _issue(
    key: str, raw: Json, labels: Mapping[str, Label], milestones: Mapping[str, Milestone], board: Board | None
) -> Issue:
    milestone_id = (raw["milestone"] or {}).get("id")
    label_ids = {node["id"] for node in (raw["labels"] or {}).get("nodes") or ()}
    cards = {node["project"]["id"] for node in (raw["projectItems"] or {}).get("nodes") or ()}
    return Issue(
        key=key,
        title=raw["title"],
        body=intern(raw["body"]),  # a cohort of thousands shares a handful of texts
        milestone=next((m.key for m in milestones.values() if m.id == milestone_id), ""),
        labels=frozenset(label.key for label in labels.values() if label.id in label_ids),
        assignees=frozenset(person["login"].lower() for person in raw["assignees"]["nodes"]),
        on_board=board is not None and board.id in cards,
        closed=raw["closed"],
        id=raw["id"],
        number=raw["number"],
    )
