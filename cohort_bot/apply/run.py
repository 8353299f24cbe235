"""One run: waves in order, looking again where an answer stayed away, and a last look at what was made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cohort_bot.apply.learners import Learners
from cohort_bot.apply.template import Template
from cohort_bot.apply.view import Became, Forge, Outcome, Settings, View, Watch
from cohort_bot.change import Action, Change, Thing
from cohort_bot.errors import PartialError
from cohort_bot.forge.batch import Batch
from cohort_bot.forge.connection import UnclearError, UnreachableError
from cohort_bot.forge.protocol import Reply
from cohort_bot.plan import ALIASES, Plan, Step, make_plan
from cohort_bot.state import CohortState

# A wave is planned anew this often before the run gives up on clear answers for now.
LOOKS = 5
# What GitHub lets two runs make twice, because nothing about it has to be unique.
CAN_BE_DOUBLED = {Thing.BOARD, Thing.ISSUE}

Key = tuple[str, Thing, str]


def apply_plan(
    plan: Plan, desired: CohortState, actual: CohortState, forge: Forge, settings: Settings, watch: Watch
) -> list[Outcome]:
    """Carry out `plan` and return an outcome for each change, in order, and for what came to it on the way.

    `watch` is called after every step. A refusal that concerns one learner fails that learner and goes on
    with the others. Where no clear answer comes to a write, its wave is read and planned anew. A limit or a
    budget ends the run, with what is left marked as not tried. Raises ForgeError when the template cannot be
    made or the token is no longer accepted.
    """
    run = _Run(plan, View(desired, actual), forge, settings, watch)
    try:
        for wave in plan.waves:
            run.carry_out(wave)
        run.look_back()
    except PartialError as stop:
        run.stopped = f"{stop.message}. {stop.hint}".rstrip()
    return run.outcomes()


class _Run:
    def __init__(self, plan: Plan, view: View, forge: Forge, settings: Settings, watch: Watch) -> None:
        self._plan, self._view, self._forge = plan, view, forge
        self._settings, self._watch = settings, watch
        self._template = Template(view, forge.writer, settings)
        self._learners = Learners(view, forge, settings)
        self._batches = {phase: Batch(size) for phase, size in ALIASES.items()}
        self._book: dict[Key, Outcome] = {}
        self._failed: dict[str, str] = {}
        self._finished: set[Key] = set()
        self._pending: list[Change] = []
        self.stopped = ""

    def carry_out(self, steps: Sequence[Step]) -> None:
        """One wave, until all its answers are clear. Raises PartialError where they never are."""
        repos = list(dict.fromkeys(change.repo for step in steps for change in step.changes))
        wave = {_key(change) for step in steps for change in step.changes}
        for _ in range(LOOKS):
            self._pending = [change for step in steps for change in step.changes]
            if not self._round(steps):
                self._pending = []
                self._finished |= wave
                return
            steps = self._look_again(repos)
        raise PartialError("GitHub's answers stay unclear", "Run the same command again later.")

    def look_back(self) -> None:
        """Read what was made once more: if another run was at it too, some of it is there twice."""
        made = [change for change in self._plan.changes if change.action is Action.CREATE]
        repos = {change.repo for change in made if change.thing in CAN_BE_DOUBLED} - {self._plan.template}
        repos -= self._failed.keys()
        if repos and (steps := self._look_again(sorted(repos))):
            self.carry_out(steps)

    def outcomes(self) -> list[Outcome]:
        """What became of every change."""
        planned = [self._became(change) for change in self._plan.changes]
        known = {_key(change) for change in self._plan.changes}
        extra = [outcome for key, outcome in self._book.items() if key not in known]
        left = [c for c in self._pending if _key(c) not in known and _key(c) not in self._book]
        return [*planned, *extra, *(Outcome(change, Became.NOT_TRIED, self.stopped) for change in left)]

    def _became(self, change: Change) -> Outcome:
        """What is in the book; else what was found done on looking again, or was not come to."""
        if booked := self._book.get(_key(change)):
            return booked
        if change.repo in self._failed:
            return Outcome(change, Became.NOT_TRIED, self._failed[change.repo])
        if _key(change) in self._finished:
            return Outcome(change, Became.DONE)
        return Outcome(change, Became.NOT_TRIED, self.stopped)

    def _look_again(self, repos: Iterable[str]) -> list[Step]:
        """What is left to do for `repos`, by what the forge says now."""
        names = [name for name in repos if name not in self._failed]
        wanted, actual = self._view.look_again(self._forge, self._settings, names)
        if self._plan.template not in names:
            wanted = CohortState(None, wanted.repos)
        plan = make_plan(wanted, actual, fan_out=self._settings.fan_out)
        return [step for wave in plan.waves for step in wave if any(map(self._is_due, step.changes))]

    def _is_due(self, change: Change) -> bool:
        """Whether a change is still needed.

        The card of an issue just made arrives by itself; a workflow that was set going is not started again.
        """
        if change.thing is Thing.START:
            return change.repo not in self._view.ordered
        issue = self._book.get((change.repo, Thing.ISSUE, change.key))
        if change.thing is not Thing.CARD or issue is None or issue.change.there:
            return True
        return issue.change.action is not Action.CREATE or issue.became is not Became.DONE

    def _round(self, steps: Iterable[Step]) -> bool:
        """Carry out steps. Whether something about them has to be looked at again."""
        held: set[str] = set()
        for step in steps:
            due = [c for c in step.changes if c.repo not in self._failed.keys() | held and self._is_due(c)]
            try:
                replies = self._in_batches(due)
            except UnclearError:
                return True
            held |= {c.repo for c, reply in zip(due, replies, strict=True) if reply.unsure}
            self._watch(step, [self._note(c, reply) for c, reply in zip(due, replies, strict=True)])
        return bool(held)

    def _in_batches(self, changes: Sequence[Change]) -> list[Reply]:
        replies: list[Reply] = []
        while rest := changes[len(replies) :]:
            batch = self._batches.get(rest[0].phase)
            door = self._template if rest[0].repo == self._plan.template else self._learners
            part = rest[: batch.size] if batch else rest
            try:
                replies += door.carry_out(part)
            except UnclearError:
                if batch:
                    batch.shrink(len(part))
                raise
            except UnreachableError as gone:
                raise PartialError(gone.message, gone.hint) from None
            if batch:
                batch.grow()
        return replies

    def _note(self, change: Change, reply: Reply) -> Outcome:
        if reply.error and not reply.unsure:
            self._failed.setdefault(change.repo, reply.error)
            outcome = Outcome(change, Became.FAILED, reply.error)
        elif reply.error:
            return Outcome(change, Became.NOT_TRIED, reply.error)
        else:
            outcome = Outcome(change, Became.DONE)
        if reply.id:
            self._view.set(change.repo, change.thing, change.key, reply.id)
        self._book[_key(change)] = outcome
        return outcome


def _key(change: Change) -> Key:
    return change.repo, change.thing, change.key
