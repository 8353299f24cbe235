"""The group `cohort-bot`, its global options, and the table of its commands."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from cohort_bot import __version__
from cohort_bot.cli.context import Context

# name → (module, attribute, the line that --help shows without loading the command)
COMMANDS = {
    "init": ("config_commands", "init", "Start a cohort folder that validates as it stands."),
    "validate": ("config_commands", "validate", "Show every problem of every file, with a cure for each."),
    "doctor": ("doctor", "doctor", "Look at token, organisation, limits, schedules: what will work."),
    "plan": ("enrol_commands", "plan", "Show what enroll would change, and what that costs."),
    "enroll": ("enrol_commands", "enroll", "Make and mend every learner's repo, issues and board."),
    "furnish": ("furnish", "furnish", "Make a repo's own labels and issues, in its own workflow."),
    "check": ("check", "check", "Judge a submission and say what to do next."),
    "concerned": ("feedback", "concerned", "Name the milestones that a push concerns."),
    "feedback": ("feedback", "feedback", "Tell the learner the result, in the milestone's issue."),
    "verify": ("verify_command", "verify", "Judge claimed passes again, isolated, and put them on record."),
    "reviews": ("review_commands", "reviews", "Show which learner reviews whom, and what became of it."),
    "digest": ("digest_commands", "digest", "Tell everybody once a week where they stand."),
    "status": ("report_commands", "status", "Show who stands where, those at risk first."),
    "dashboard": ("report_commands", "dashboard", "Write a static site that shows the cohort."),
    "export": ("report_commands", "export", "Write results and dates for other tools."),
    "import": ("import_roster", "import_roster", "Take in a roster or an old classroom from another tool."),
    "extend": ("extend", "extend", "Give learners more days, or take some back, in the roster."),
    "withdraw": ("withdraw", "withdraw", "Take learners out of the cohort, or let them pause or come back."),
    "clone": ("clone", "clone", "Clone every learner's repo, now or as it was when a milestone was due."),
    "archive": ("archive", "archive", "End the cohort: archive all repos and close all boards."),
    "ledger": ("ledger_commands", "ledger", "Find what is wrong with the organiser's record of verdicts."),
    "rehearse": ("rehearse", "rehearse", "Play a whole cohort on the sandbox, to see it beforehand."),
    "sandbox": ("sandbox_commands", "sandbox", "Run GitHub on your laptop, to rehearse a cohort."),
    "schema": ("config_commands", "schema", "Print the JSON Schema of roadmap.yaml or cohort.yaml."),
}


def _set(attribute: str, value: Any) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(context: click.Context, _: click.Parameter, given: Any) -> None:
        if given is not None and given is not False:
            setattr(context.ensure_object(Context), attribute, given if value is None else value)

    return callback


def _option(*names: str, sets: str, value: Any = None, **settings: Any) -> click.Option:
    return click.Option(list(names), expose_value=False, callback=_set(sets, value), **settings)


def global_options() -> list[click.Parameter]:
    """The options that may stand before or after the name of a command."""
    path = click.Path(path_type=Path)
    return [
        _option("--config", sets="config_path", type=path, help="The cohort file.  [default: cohort.yaml]"),
        _option(
            "--sandbox", sets="sandbox", is_flag=True, help="Use the embedded server; data in .cohort-bot/."
        ),
        _option(
            "--api-url", sets="api_url", metavar="URL", help="Another GitHub, such as an Enterprise Server."
        ),
        _option("--verbose", "-v", sets="verbose", is_flag=True, help="Say more on standard error."),
        _option("--no-color", sets="color", value=False, is_flag=True, help="No colour, no animation."),
        _option("--json-logs", sets="json_logs", is_flag=True, help="Log lines as JSON objects."),
    ]


class CommandTable(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All commands, in the order in which a cohort needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, with the global options added to its own."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"cohort_bot.cli.{module}"), attribute)
        _add_global_options(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown command names the nearest one."""
        from difflib import get_close_matches

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, 1)
            ctx.fail(f"No such command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)


def _add_global_options(command: click.Command) -> None:
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _add_global_options(inner)
        return
    present = {option for param in command.params for option in param.opts}
    for option in global_options():
        if not present & set(option.opts):
            option.hidden = True  # type: ignore[attr-defined]
            command.params.append(option)


@click.group(
    cls=CommandTable,
    params=global_options(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Global options may also follow the command. Tokens come from COHORT_BOT_TOKEN, GH_TOKEN, "
    "GITHUB_TOKEN, a GitHub App (COHORT_BOT_APP_ID, COHORT_BOT_APP_PRIVATE_KEY) or `gh auth token`.",
)
@click.version_option(__version__, prog_name="cohort-bot")
@click.pass_context
def cohort_bot(context: click.Context) -> None:
    """Turn a learning roadmap into a running cohort: one repo, dated issues and a board for every learner."""
    context.ensure_object(Context).start_logging()
