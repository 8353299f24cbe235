"""`python -m cohort_bot.sandbox`: the sandbox by itself, without the rest of the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from cohort_bot.sandbox.server import DEFAULT_ORG, serve


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m cohort_bot.sandbox", description="A small GitHub on this machine."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument("--data", type=Path, required=True, help="folder to keep everything in")
    parser.add_argument(
        "--org", help=f"organisation to have (default {DEFAULT_ORG}, or the one of last time)"
    )
    parser.add_argument("--limits", choices=("off", "real"), default="off")
    parser.add_argument("--clock", choices=("real", "virtual"), default="real")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    serve(given.port, given.data, given.org, given.limits, given.clock)
