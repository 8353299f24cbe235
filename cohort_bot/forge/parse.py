"""What the forge answers, as state. Pure: dictionaries in, frozen values out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern

from cohort_bot import owned
from cohort_bot.forge.answers import Json
from cohort_bot.forge.protocol import FIRST_COMMIT, Run
from cohort_bot.state import Access, Board, Files, Head, Issue, Label, Milestone, Repo

_LABEL_MARK = re.compile(r"\[cohort-bot:([a-z]+)\]\s*$")


@dataclass(frozen=True)
class Names:
    """Names (in lower case) → our keys, by which labels, milestones and issues are known without a marker."""

    labels: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


def learner_repo(name: str, login: str, raw: Json, names: Names, paths: Sequence[str] = ()) -> Repo:
    """A learner's repo. `paths`: the files that were asked for as f0, f1, …"""
    milestones = _milestones(raw["milestones"]["nodes"], names.titles)
    labels = _labels(raw["labels"]["nodes"], names.labels)
    board, spare_boards = boards(raw, name)
    ours, copies = issues(raw["issues"]["nodes"], _Setting(labels, milestones, board, names.titles))
    people = (raw.get("collaborators") or {}).get("nodes") or ()
    person = next((p for p in people if p["login"].lower() == login.lower()), None)
    head, filled = _head(raw)
    return Repo(
        **_common(name, raw),
        filled=filled,
        head=head,
        files=Files({path: raw[f"f{i}"]["oid"] for i, path in enumerate(paths) if raw[f"f{i}"]}),
        labels=labels,
        milestones=milestones,
        issues=ours,
        copies=copies,
        board=board,
        spare_boards=spare_boards,
        learner=login,
        access=Access.JOINED if person else Access.NONE,
        learner_id=person["id"] if person else "",
    )


def template_repo(name: str, raw: Json) -> Repo:
    """The cohort's template, its files left out."""
    board, _ = boards(raw, name)
    return Repo(**_common(name, raw), filled=not raw["isEmpty"], board=board, head=_head(raw)[0])


@dataclass(frozen=True)
class _Setting:
    """What the issues of one repo stand among."""

    labels: Mapping[str, Label]
    milestones: Mapping[str, Milestone]
    board: Board | None
    titles: Mapping[str, str]


def issues(nodes: Iterable[Json], setting: _Setting) -> tuple[dict[str, Issue], tuple[Issue, ...]]:
    """Our issues by key, the oldest where several carry one marker; and those others, which are copies."""
    marked = [(owned.key_of(raw["body"]), raw) for raw in nodes]
    found: dict[str, Issue] = {}
    copies: list[Issue] = []
    for key, raw in marked:
        if key and key not in found:
            found[key] = _issue(key, raw, setting)
        elif key:
            copies.append(_issue(key, raw, setting))
    for _, raw in (pair for pair in marked if pair[0] is None):
        issue = _issue(setting.titles.get(raw["title"].lower(), ""), raw, setting)
        if issue.key and issue.key not in found and issue.milestone == issue.key:
            found[issue.key] = issue  # its marker was edited away
    return found, tuple(copies)


def boards(raw: Json, title: str) -> tuple[Board | None, tuple[Board, ...]]:
    """The board of a repo, one of this title first, and what is there of it a second time."""
    nodes = (raw.get("projectsV2") or {}).get("nodes") or ()
    ranked = sorted(nodes, key=lambda node: (node["closed"], node["title"] != title, node["number"]))
    spare = [board(node) for node in ranked[1:] if node["title"] == title and not node["closed"]]
    return (board(ranked[0]) if ranked else None), tuple(spare)


def board(raw: Json, *, linked: bool = True) -> Board:
    """One Projects v2 board."""
    views = (raw.get("views") or {}).get("nodes") or ()
    layouts = frozenset(view["layout"].removesuffix("_LAYOUT").lower() for view in views)
    return Board(
        raw["title"], linked, layouts, bool(raw.get("template")), raw["id"], raw["number"], raw["url"]
    )


def newest_run(raw: Json | None, workflow: str) -> Run | None:
    """The newest run of a workflow on a commit. A workflow run is a check suite whose app is Actions."""
    suites = ((raw or {}).get("checkSuites") or {}).get("nodes") or ()
    ours = [s for s in suites if s["workflowRun"] and s["workflowRun"]["workflow"]["name"] == workflow]
    if not ours:
        return None
    newest = max(ours, key=lambda suite: int(suite["workflowRun"]["runNumber"]))
    over, well = newest["status"] == "COMPLETED", newest["conclusion"] == "SUCCESS"
    return Run(over, well, newest["workflowRun"]["url"])


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


def _head(raw: Json) -> tuple[Head | None, bool]:
    """The newest commit, and whether the files are there: not after the first of two commits that fill."""
    ref = raw["defaultBranchRef"]
    if ref is None:
        return None, not raw["isEmpty"]
    head = Head(ref["name"], ref["target"]["oid"])
    return head, ref["target"].get("messageHeadline") != FIRST_COMMIT


def _common(name: str, raw: Json) -> Json:
    return {
        "name": name,
        "visibility": raw["visibility"].lower(),
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


def _milestones(nodes: Iterable[Json], titles: Mapping[str, str]) -> dict[str, Milestone]:
    found: dict[str, Milestone] = {}
    marked = [(owned.key_of(raw["description"]), raw) for raw in nodes]
    for mark, raw in sorted(marked, key=lambda pair: (pair[0] is None, pair[1]["number"])):
        # GitHub lets no title be used twice, so one without our marker is in our way, or was ours.
        key = mark or titles.get(raw["title"].lower())
        if key and key not in found:
            due = instant(raw["dueOn"])
            text = raw["description"] or ""
            found[key] = Milestone(key, raw["title"], text, due, raw["closed"], raw["id"], raw["number"])
    return found


def _issue(key: str, raw: Json, setting: _Setting) -> Issue:
    labels, milestones, board = setting.labels, setting.milestones, setting.board
    milestone_id = (raw["milestone"] or {}).get("id")
    label_ids = {node["id"] for node in (raw["labels"] or {}).get("nodes") or ()}
    items = (raw.get("projectItems") or {}).get("nodes") or ()
    cards = {node["project"]["id"]: node["id"] for node in items}
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
        card=cards.get(board.id, "") if board else "",
    )
