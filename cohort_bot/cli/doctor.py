"""`doctor`: what will work, what will not, how to mend it."""

from __future__ import annotations

import click

from cohort_bot import config, desired, errors
from cohort_bot.cli import wiring
from cohort_bot.cli.context import Context
from cohort_bot.config.schedules import schedules
from cohort_bot.diagnosis import Finding, Health, diagnose
from cohort_bot.forge import facts

SIGNS = {Health.GOOD: ("✓", "green"), Health.LOOK: ("!", "yellow"), Health.BAD: ("✗", "red")}


@click.command()
@click.pass_obj
def doctor(context: Context, /) -> int:
    """Look at token, scopes, organisation, Actions, limits and schedules. Writes nothing; exits with 4 when
    something will not work.
    """
    settings = config.load(context.config_path)
    with wiring.connected(context, settings) as connection:
        seen = facts.look(connection, settings.cohort.org, settings.cohort.template)
    learners = len(desired.enrolled(settings.roster))
    findings = diagnose(seen, settings.cohort, learners, schedules(settings.folder))
    for finding in findings:
        _tell(finding)
    bad = any(finding.health is Health.BAD for finding in findings)
    return errors.EXIT_REFUSED if bad else errors.EXIT_DONE


def _tell(finding: Finding) -> None:
    sign, color = SIGNS[finding.health]
    click.echo(f"{click.style(sign, fg=color)} {finding.text}")
    if finding.cure:
        click.echo(f"    {finding.cure}")
