"""`plan` and `enroll`: what would change, and making it so."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from difflib import get_close_matches

import click

from cohort_bot import config, errors
from cohort_bot.apply import Became, Forge, Outcome, Settings, Watch, apply_plan
from cohort_bot.cli import wiring
from cohort_bot.cli.context import Context
from cohort_bot.model import Learner
from cohort_bot.plan import Plan, Step, make_plan
from cohort_bot.reports import plan_report
from cohort_bot.state import CohortState

only_option = click.option(
    "--only", multiple=True, metavar="LOGIN", help="This learner alone; may be given several times."
)
shard_option = click.option(
    "--shard", metavar="I/N", help="The I-th of N parts of the roster, for several machines."
)

fan_out_option = click.option(
    "--fan-out",
    is_flag=True,
    help="Let every repo make its labels, milestones and issues by its own workflow.",
)


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when changes are pending.")
@only_option
@shard_option
@fan_out_option
@click.pass_obj
def plan(
    context: Context, form: str, exit_code: bool, only: tuple[str, ...], shard: str | None, fan_out: bool
) -> int:
    """Read the forge and show what enroll would change, what it costs, and a checksum. Writes nothing."""
    intent = wiring.intent(context, chosen_learners(context, only, shard))
    with wiring.forge(context, intent.config) as (forge, _):
        made = make_plan(intent.state, _read(context, intent, forge), fan_out=fan_out)
    click.echo(plan_report.FORMATS[form](made), nl=False)
    return errors.EXIT_NOT_PASSED if exit_code and made else errors.EXIT_DONE


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@only_option
@shard_option
@fan_out_option
@click.option("--checksum", metavar="X", help="Go on only if the plan still has this checksum.")
@click.option(
    "--max-requests", type=click.IntRange(min=1), metavar="N", help="Stop cleanly after N requests."
)
@click.option("--allow-large", is_flag=True, help="Allow a plan that rewrites most of what exists.")
@click.pass_obj
def enroll(
    context: Context,
    yes: bool,
    only: tuple[str, ...],
    shard: str | None,
    fan_out: bool,
    checksum: str | None,
    max_requests: int | None,
    allow_large: bool,
) -> int:
    """Make every learner's repo, dated milestones, issues, board and invitation; mend what is amiss."""
    intent = wiring.intent(context, chosen_learners(context, only, shard))
    with wiring.forge(context, intent.config, max_requests) as (forge, _):
        actual = _read(context, intent, forge)
        made = make_plan(intent.state, actual, fan_out=fan_out)
        context.console.print(plan_report.summary(made), end="", markup=False)
        if not made:
            return errors.EXIT_DONE
        _guard(made, checksum, allow_large=allow_large)
        ask(yes=yes)
        settings = _settings(context, intent, fan_out=fan_out)
        with _progress(context, made) as watch:
            outcomes = apply_plan(made, intent.state, actual, forge, settings, watch)
    return _tell(outcomes)


def chosen_learners(context: Context, only: Sequence[str], shard: str | None) -> list[Learner] | None:
    """The learners that --only and --shard leave, None for all."""
    if not only and not shard:
        return None
    roster = config.load(context.config_path).roster
    chosen = [named(roster, login) for login in only] if only else list(roster)
    if not shard:
        return chosen
    part, _, parts = shard.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise errors.UsageError(f"--shard {shard} is not I/N with 1 ≤ I ≤ N", "For example: --shard 2/4")
    return chosen[int(part) - 1 :: int(parts)]


def named(roster: Sequence[Learner], login: str) -> Learner:
    """The learner of that login. Raises UsageError, with the nearest login, where there is none."""
    by_login = {learner.github.lower(): learner for learner in roster}
    if found := by_login.get(login.lower().removeprefix("@")):
        return found
    near = get_close_matches(login.lower(), by_login, 1)
    raise errors.UsageError(
        f"{login} is not in the roster", f"Did you mean {by_login[near[0]].github}?" if near else ""
    )


def _read(context: Context, intent: wiring.Intent, forge: Forge) -> CohortState:
    cohort = intent.config.cohort
    learners = {name: repo.learner for name, repo in intent.state.repos.items()}
    return forge.reader.read(cohort.org, cohort.template, learners, context.now())


def _guard(made: Plan, checksum: str | None, *, allow_large: bool) -> None:
    if checksum and checksum != made.checksum:
        raise errors.UsageError(
            f"the plan's checksum is {made.checksum} now, not {checksum}: something has changed since",
            "Look at `cohort-bot plan` again, then give the checksum that it prints.",
        )
    if made.is_large and not allow_large:
        raise errors.UsageError(
            f"this would rewrite {made.updates} of {made.existing} existing things",
            "If that is what you want, add --allow-large.",
        )


def ask(*, yes: bool) -> None:
    """Ask whether to go on, unless `yes`. Raises Abort for a no, UsageError where nobody can answer."""
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise errors.UsageError("nobody is here to ask", "Add --yes to go on without asking.")
    click.confirm("Go on?", abort=True, err=True)


def _settings(context: Context, intent: wiring.Intent, *, fan_out: bool) -> Settings:
    cohort = intent.config.cohort
    return Settings(
        org=cohort.org,
        permission=cohort.policies.permission,
        contents=intent.contents,
        public_boards=cohort.board.public,
        pause=context.sleep,
        now=context.now,
        fan_out=fan_out,
        tell=lambda sentence: context.console.print(sentence, markup=False),
    )


def _unwatched(_step: Step, _outcomes: Sequence[Outcome]) -> None:
    """Nobody looks: standard error is not a terminal."""


def _progress(context: Context, made: Plan) -> AbstractContextManager[Watch]:
    if not context.console.is_terminal or not context.color:
        return nullcontext(_unwatched)
    from cohort_bot.cli.progress import showing

    return showing(context.console, made)


def _tell(outcomes: Sequence[Outcome]) -> int:
    click.echo(plan_report.outcome_text(outcomes), nl=False)
    unfinished = any(outcome.became is not Became.DONE for outcome in outcomes)
    return errors.EXIT_PARTIAL if unfinished else errors.EXIT_DONE
