"""The one place that turns failures into words and exit codes: expected ones, bugs of ours, and Ctrl-C."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence

import click

from cohort_bot import __version__, errors


def ended_by(command: click.Command, argv: Sequence[str]) -> int:
    """Run `command` with `argv` and return the exit code; every failure has been told on standard error."""
    try:
        result = command.main(args=list(argv), prog_name="cohort-bot", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _say("Stopped.", "It is safe to run the same command again.")
        return errors.EXIT_INTERRUPTED
    except click.ClickException as wrong:
        wrong.show(sys.stderr)
        return errors.EXIT_USAGE
    except errors.CohortError as failure:
        _tell(failure)
        return failure.exit_code
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain again on flushing at exit.
        sys.stdout = None
        return errors.EXIT_DONE
    except Exception as bug:  # noqa: BLE001 - whatever comes here is a bug, and is reported as one
        _report(bug)
        return errors.EXIT_BUG
    return result if isinstance(result, int) else errors.EXIT_DONE


def _say(message: str, hint: str = "") -> None:
    click.echo(f"{click.style('cohort-bot:', bold=True)} {message}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)


def _tell(failure: errors.CohortError) -> None:
    if isinstance(failure, errors.ConfigError):
        for problem in failure.problems:
            click.echo(str(problem), err=True)
        _say(f"{failure.message}. Nothing has been written.")
    else:
        _say(failure.message, failure.hint)


def _report(bug: Exception) -> None:
    """Write the traceback to a file and name it; a traceback on the screen helps nobody but us."""
    trace = errors.scrub("".join(traceback.format_exception(bug)))
    facts = f"cohort-bot {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
    with tempfile.NamedTemporaryFile(
        "w", prefix="cohort-bot-report-", suffix=".txt", delete=False, encoding="utf-8"
    ) as report:
        report.write(f"{facts}\n{trace}")
    _say(
        f"This is a bug in cohort-bot, not in what you did: {type(bug).__name__}.",
        f"Please report it with the file {report.name}",
    )
