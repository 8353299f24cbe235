"""What authors and reviewers read of a review. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from cohort_bot.forge.claims import Said
from cohort_bot.model import Stage
from cohort_bot.model.checks import Manual
from cohort_bot.render.views import inert, line

_MARK = re.compile(r"<!-- cohort-bot: reviewer=([0-9a-f]+) -->")
_HOW = """\
- `/approve` if you would sign it.
- `/changes` and then, on the same line, what should change first.
"""
_NAMED = """\
Everything that a machine can judge passes on `{sha}`. Now {who} to look at it, with this question:

> {asks}

{names}: the work is [here]({url}/tree/{full}); if you cannot see it yet, accept the invitation that \
GitHub has sent you. Answer by {date} with a comment on this issue, on a line of its own:

{how}
Your answer is about this one commit. After another push it has to be given again. A comment that \
was edited does not count, so write a new one. An organiser can decide at any time.
"""
_UNNAMED = """\
Everything that a machine can judge passes on `{sha}`. Now {who} to look at a copy of it that does \
not say whose it is, with this question:

> {asks}

What they say comes here; you need not do anything. It is about this one commit: after another push \
it has to be said again.
"""
_COPY = """\
You are asked to look at this work. You are not told whose it is, and its author is not told who you \
are. Your question:

> {asks}

It is about the folder `{folder}`. Names that its author wrote into the files are still there: \
please look past them.

Answer by {date} with a comment on this issue that has one of these on a line of its own:

{how}
The whole comment is passed on as that of “your reviewer”, so do not sign it. One that was edited \
does not count; write a new one. When you have answered, you are done, and this copy is closed.
"""


def mark(key: str) -> str:
    """The hidden line that says which reviewer a comment tells. `key` says nothing about who it is."""
    return f"<!-- cohort-bot: reviewer={key} -->"


def told(comments: Iterable[Said]) -> Mapping[str, int]:
    """The keys of those who were told by a comment of ours, and the first such comment's number."""
    found: dict[str, int] = {}
    for said in comments:
        for key in _MARK.findall(said.body) if said.ours and not said.edited else ():
            found.setdefault(key, said.number)
    return found


def named(check: Manual, work: tuple[str, str], reviewers: Sequence[str], until: date) -> str:
    """The comment that asks `reviewers` on the author's issue. `work`: address of the repo, and commit."""
    url, sha = work
    names = ", ".join(f"@{login}" for login in reviewers)
    who = f"{names} {'is' if len(reviewers) == 1 else 'are'} asked"
    return _NAMED.format(
        sha=sha[:10],
        full=sha,
        url=url,
        who=who,
        names=names,
        asks=_asks(check),
        how=_HOW,
        date=until.isoformat(),
    )


def unnamed(check: Manual, sha: str, count: int) -> str:
    """What the author of a work under blind review is told."""
    who = "another learner is asked" if count == 1 else f"{count} other learners are asked"
    return _UNNAMED.format(sha=sha[:10], who=who, asks=_asks(check))


def of_copy(stage: Stage, check: Manual, until: date) -> tuple[str, str]:
    """Title and text of the issue in a blind copy."""
    text = _COPY.format(asks=_asks(check), folder=stage.milestone.folder, how=_HOW, date=until.isoformat())
    return f"Review: {line(stage.milestone.title)}"[:250], text


def _asks(check: Manual) -> str:
    return line(inert(check.asks))
