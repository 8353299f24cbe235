"""GitHub's published descriptions, installed from npm when first needed; none is ever in the repo."""

from __future__ import annotations

import fcntl
import json
import subprocess
from functools import cache
from pathlib import Path

from graphql import GraphQLSchema

from tests.contract.graphql import Contract, read_schema
from tests.contract.openapi import Description

OPENAPI = ("@octokit/openapi", "23.0.2")
GRAPHQL = ("@octokit/graphql-schema", "15.26.1")
FOLDER = Path(__file__).parents[2] / ".tools" / "contracts"


@cache
def rest_description() -> Description:
    """GitHub's OpenAPI description, read once a run (0.3 s)."""
    path = _package(*OPENAPI) / "generated" / "api.github.com.json"
    return Description(json.loads(path.read_bytes()))


@cache
def graphql_contract() -> Contract:
    """GitHub's GraphQL schema with the newer fields that we name, ready to judge by."""
    return Contract(published_schema(newer=True))


@cache
def published_schema(*, newer: bool) -> GraphQLSchema:
    """GitHub's GraphQL schema, as published, or with the newer fields that we name."""
    return read_schema((_package(*GRAPHQL) / "schema.graphql").read_text(encoding="utf-8"), newer=newer)


def _package(name: str, version: str) -> Path:
    """The folder of an npm package, installed on first use and kept in `.tools/contracts` between runs."""
    folder = FOLDER / "node_modules" / name
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes that run side by side install it once
        if _installed_version(folder) != version:
            _install([f"{package}@{number}" for package, number in (OPENAPI, GRAPHQL)])
    return folder


def _install(packages: list[str]) -> None:
    command = ["npm", "install", "--prefix", str(FOLDER), "--silent", "--no-audit", "--no-fund"]
    subprocess.run([*command, "--ignore-scripts", *packages], check=True, timeout=300)


def _installed_version(folder: Path) -> str:
    try:
        return str(json.loads((folder / "package.json").read_bytes())["version"])
    except FileNotFoundError:
        return ""
