"""What a learner hears of a verdict: one comment, ticks, and whether the issue is open. Pure.

The comment begins with a hidden marker that says what we last said and did:

    <!-- cohort-bot: feedback=foundations status=needs_work commit=… note= ticked=code,tests -->

A learner could write such a marker too, so a comment counts as ours only when its author is us
(`forge/feedback.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from cohort_bot import owned
from cohort_bot.conversation import Conversation, Reply
from cohort_bot.model import Roadmap, Stage
from cohort_bot.result import Document
from cohort_bot.verdict import Outcome, Standing

CLAIMED, VERIFIED = "claimed", "verified"
_MARK = re.compile(
    r"<!-- cohort-bot: feedback=(?P<key>[a-z0-9-]+) status=(?P<status>[a-z_]+)"
    r" commit=(?P<commit>[0-9a-f]*) note=(?P<note>[a-z]*) ticked=(?P<ticked>[a-z0-9,-]*) -->"
)


@dataclass(frozen=True)
class Said:
    """What our comment says we last said: `commit` was judged, `ticked` are the boxes that we ticked.

    `note` is that of the `Telling`: it stays for as long as the answer is about the same work.
    """

    key: str
    status: str = ""
    commit: str = ""
    note: str = ""
    ticked: frozenset[str] = frozenset()

    def __str__(self) -> str:
        facts = f"status={self.status} commit={self.commit} note={self.note}"
        return f"<!-- cohort-bot: feedback={self.key} {facts} ticked={','.join(sorted(self.ticked))} -->"


@dataclass(frozen=True)
class Telling:
    """What the words of a comment are made for. `note` is why an issue is opened again: `closed` by hand
    without a pass, `slipped` after one; else empty.
    """

    document: Document
    stage: Stage
    roadmap: Roadmap
    note: str = ""


Words = Callable[[Telling], str]


def said(conversation: Conversation) -> Said:
    """What we said last; nothing at all where there is no comment of ours."""
    found = _MARK.search(conversation.comment.body) if conversation.comment else None
    if found is None:
        return Said(conversation.key)
    ticked = frozenset(filter(None, found["ticked"].split(",")))
    return Said(found["key"], found["status"], found["commit"], found["note"], ticked)


def reply(told: Document, roadmap: Roadmap, conversation: Conversation, words: Words) -> Reply:
    """What to write of the verdict `told` into the issue of its milestone; an empty reply when nothing is to
    change.

    A verified milestone is settled, and a failure of ours takes nothing away from one that had passed.
    """
    before, stage = said(conversation), roadmap.stage(told.milestone)
    had_passed = before.status == Standing.PASSED
    unsure = told.status is Standing.COULD_NOT_CHECK
    if is_settled(conversation) or (unsure and had_passed and conversation.closed):
        return Reply()
    commit = before.commit if unsure else told.commit
    note = _note(told, conversation, before, commit)
    body, ticked = _ticks(told, stage, conversation, before)
    now = Said(told.milestone, told.status, commit, note, ticked)
    text = f"{now}\n{words(Telling(told.for_learner(), stage, roadmap, note))}"
    passed = told.status is Standing.PASSED
    return Reply(
        comment=text if conversation.comment is None or conversation.comment.body != text else None,
        body=body if body != conversation.body else None,
        closed=passed if passed != conversation.closed else None,
        add=frozenset({CLAIMED}) - conversation.labels if passed else frozenset(),
        remove=conversation.labels & {CLAIMED} if told.status is Standing.NEEDS_WORK else frozenset(),
    )


def is_settled(conversation: Conversation) -> bool:
    """Whether the organiser's judge has confirmed the pass: then nothing here changes it."""
    return conversation.closed and VERIFIED in conversation.labels


def concerned(
    roadmap: Roadmap,
    conversations: Mapping[str, Conversation],
    changed: Mapping[str, Collection[str]],
    closed: str = "",
    everything: bool = False,
) -> list[Stage]:
    """The stages whose milestones are to be checked now, in the roadmap's order.

    `changed`: stage id → the paths that changed since we last answered there, or since the repo began. A
    change in a milestone's own folder concerns it, open or claimed. A change of shared files concerns the
    open ones that were begun. `closed` is the issue that somebody has just closed; one found closed without a
    pass is looked at in any case. `everything`: somebody asked for all that is begun.
    """
    folders = [stage.milestone.folder for stage in roadmap.stages]

    def concerns(stage: Stage) -> bool:
        conversation = conversations.get(stage.id)
        if conversation is None or is_settled(conversation):
            return False
        before = said(conversation)
        paths = changed.get(stage.id, ())
        own = any(_inside(path, stage.milestone.folder) for path in paths)
        shared = any(not any(_inside(path, folder) for folder in folders) for path in paths)
        begun = bool(before.status) or own
        by_hand = conversation.closed and before.status != Standing.PASSED
        around = everything or (shared and not conversation.closed)
        return own or by_hand or stage.id == closed or (begun and around)

    return [stage for stage in roadmap.stages if concerns(stage)]


def _inside(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/")


def _note(told: Document, conversation: Conversation, before: Said, commit: str) -> str:
    if told.status is Standing.PASSED:
        return ""
    if conversation.closed:
        return "slipped" if before.status == Standing.PASSED else "closed"
    return before.note if (before.status, before.commit) == (told.status, commit) else ""


def _ticks(
    told: Document, stage: Stage, conversation: Conversation, before: Said
) -> tuple[str, frozenset[str]]:
    """The issue's text with the deliverables ticked that the verdict proves, and the boxes that are our
    doing.

    Boxes that the learner ticked stay ticked; of our own, those go whose checks fail by now. Ticks do not
    count in the digest of our text, so a later `enroll` sees no drift.
    """
    parts = owned.read(conversation.body)
    if parts is None:
        return conversation.body, before.ticked
    outcomes = {one.id: one.status for one in told.checks}
    earned = {each.id for each in stage.milestone.deliverables if _all_passed(each.checks, outcomes)}
    failed = {
        each.id
        for each in stage.milestone.deliverables
        if any(outcomes.get(check) is Outcome.FAILED for check in each.checks)
    }
    ticked = owned.ticks(parts.region)
    lost = before.ticked & failed
    ours = (before.ticked - lost) | (earned - ticked)
    wanted = (ticked - lost) | earned
    if wanted == ticked:
        return conversation.body, ours
    region = replace(parts, region=owned.tick(parts.region, frozenset(wanted))).region
    text = f"{parts.before}{owned.start(parts.key, parts.digest)}{region}{owned.END}{parts.after}"
    return text, ours


def _all_passed(checks: Collection[str], outcomes: Mapping[str, Outcome]) -> bool:
    return bool(checks) and all(outcomes.get(check) is Outcome.PASSED for check in checks)
