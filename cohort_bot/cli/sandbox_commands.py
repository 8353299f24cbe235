"""`sandbox serve`: the embedded GitHub-compatible server, until it is stopped."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def sandbox() -> None:
    """Run GitHub on your laptop, to rehearse a cohort before anybody is invited."""


@sandbox.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 for any free one."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".cohort-bot/sandbox"),
    show_default=True,
)
@click.option("--org", default=None, help="The organisation to make.  [default: sandbox-academy]")
@click.option("--limits", type=click.Choice(["real", "off"]), default="off", show_default=True)
@click.option("--clock", type=click.Choice(["real", "virtual"]), default="real", show_default=True)
def serve(port: int, data: Path, org: str | None, limits: str, clock: str) -> None:
    """Serve REST, GraphQL, git and pages on 127.0.0.1; what is in DATA/sandbox.json says how to reach it."""
    from cohort_bot.sandbox.server import serve as serve_sandbox

    serve_sandbox(port=port, data=data, org=org, limits=limits, clock=clock)
