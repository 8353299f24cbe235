"""Whose token it is. Tokens come from the environment, a GitHub App or the `gh` program; never from argv."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import github
from github import Auth

from cohort_bot import process
from cohort_bot.errors import ForgeError

TOKENS = ("COHORT_BOT_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")
GH_NEEDS = ("HOME", "GH_CONFIG_DIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
APP_ID, APP_KEY = "COHORT_BOT_APP_ID", "COHORT_BOT_APP_PRIVATE_KEY"


def credentials(environment: Mapping[str, str], api_url: str, org: str) -> Auth.Auth:
    """The first credentials found. Raises ForgeError where there are none."""
    for name in TOKENS:
        if token := environment.get(name, "").strip():
            return Auth.Token(token)
    if environment.get(APP_ID) and environment.get(APP_KEY):
        return _installation(environment, api_url, org)
    if token := _from_gh(environment):
        return Auth.Token(token)
    raise ForgeError(
        "no token found",
        f"Set {TOKENS[0]} (or {TOKENS[1]}, {TOKENS[2]}), or {APP_ID} and {APP_KEY}, "
        "or log in with `gh auth login`.",
    )


def _installation(environment: Mapping[str, str], api_url: str, org: str) -> Auth.Auth:
    try:
        app = Auth.AppAuth(environment[APP_ID], environment[APP_KEY])
        integration = github.GithubIntegration(auth=app, base_url=api_url)
        return app.get_installation_auth(integration.get_org_installation(org).id)
    except (github.GithubException, ValueError, AssertionError) as problem:
        raise ForgeError(
            f"the GitHub App cannot act in {org}: {type(problem).__name__}",
            f"Check {APP_ID} and {APP_KEY} (the whole PEM text), and that the App is installed in {org}.",
        ) from None


def _from_gh(environment: Mapping[str, str]) -> str:
    own = {name: environment[name] for name in GH_NEEDS if name in environment}
    try:
        said = process.run(["gh", "auth", "token"], cwd=Path.cwd(), timeout=10, env=own)
    except process.ProgramMissing:
        return ""
    return said.out.strip() if said.ok else ""
