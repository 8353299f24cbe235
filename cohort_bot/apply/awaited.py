"""Waiting for what learners' repos make for themselves, and seeing by their state whether they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from cohort_bot import diff
from cohort_bot.apply.view import Forge, Ordered, Settings, View
from cohort_bot.change import Change, Thing
from cohort_bot.forge.protocol import Reply
from cohort_bot.furnishing import WORKFLOW

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0
# As long as repos get done, one after another, the others are waited for: an organisation has a number of
# machines (https://docs.github.com/en/actions/reference/limits), and a large cohort stands in line for them.
PATIENCE = timedelta(minutes=10)


class Awaited:
    """Replies for changes that a repo's own workflow makes. All repos are followed at the first question."""

    def __init__(self, view: View, forge: Forge, settings: Settings) -> None:
        self._view, self._forge, self._settings = view, forge, settings
        self._why: dict[str, str] = {}
        self._left: dict[str, set[tuple[Thing, str]]] = {}

    def carry_out(self, changes: Sequence[Change]) -> list[Reply]:
        """Wait, look, and reply to each change by whether it has been made."""
        if new := {repo: one for repo, one in self._view.ordered.items() if repo not in self._left}:
            self._follow(new)
            wanted, actual = self._view.look_again(self._forge, self._settings, new)
            for name, repo in wanted.repos.items():
                left = diff.learner_changes(repo, actual.repos.get(name))
                self._left[name] = {(change.thing, change.key) for change in left}
        return [self._reply(change) for change in changes]

    def _reply(self, change: Change) -> Reply:
        left = self._left.get(change.repo)
        if left is None:
            return Reply(error="its own workflow was not set going")
        if (change.thing, change.key) in left:
            return Reply(error=self._why.get(change.repo, "its own workflow is through and has not made it"))
        return Reply(self._view.get(change.repo, change.thing, change.key))

    def _follow(self, ordered: dict[str, Ordered]) -> None:
        """Look at the workflow runs until all are over, or none has ended for a while."""
        waiting, pause, moved = dict(ordered), FIRST_PAUSE, self._settings.now()
        while waiting:
            over = self._over(waiting)
            waiting = {repo: one for repo, one in waiting.items() if repo not in over}
            now = self._settings.now()
            moved = now if over else moved
            if not waiting or now - moved > PATIENCE:
                break
            done = len(ordered) - len(waiting)
            self._settings.tell(
                f"{done} of {len(ordered)} repos have furnished themselves; waiting for the others."
            )
            self._settings.pause(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        minutes = round(PATIENCE.total_seconds() / 60)
        for repo in waiting:
            self._why[repo] = f"its workflow {WORKFLOW} has not ended, and no other has for {minutes} minutes"

    def _over(self, waiting: Mapping[str, Ordered]) -> set[str]:
        """The repos whose workflow is through; a failure is noted with the page that tells more."""
        paths = {self._view.path(repo, self._settings.org): repo for repo in waiting}
        runs = self._forge.reader.runs({path: waiting[repo].sha for path, repo in paths.items()}, WORKFLOW)
        found = {paths[path]: run for path, run in runs.items()}
        over = {repo for repo, run in found.items() if run.over and run.url != waiting[repo].before}
        for repo in over:
            if not found[repo].well:
                self._why[repo] = f"its workflow {WORKFLOW} has failed: {found[repo].url}"
        return over
