"""A real browser over pages on disk: puppeteer-core and axe-core from npm, the chromium that is on PATH."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / ".tools" / "browser"
PACKAGES = {"axe-core": "4.10.3", "puppeteer-core": "24.10.0"}


def looked_at(pages: list[str], steps: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """What a browser finds on `pages` (addresses), in light and dark, on a desktop and a phone.

    `violations` of axe's rules; `requests` that left the machine's files; `errors` on the console; pages that
    are `wide`r than the screen; and the `texts` that `steps` on the first page lead to (see look.cjs).
    """
    asked = {"pages": pages, "steps": steps or [], "browser": shutil.which("chromium")}
    script = str(HERE / "look.cjs")
    ended = subprocess.run(
        ["node", script], input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=100,
        env={**os.environ, "NODE_PATH": str(_packages())},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def _packages() -> Path:
    """The folder of the npm packages, installed on first use and kept between runs."""
    folder = FOLDER / "node_modules"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if {name: _version(folder / name) for name in PACKAGES} != PACKAGES:
            command = ["npm", "install", "--prefix", str(FOLDER), "--silent", "--no-audit", "--no-fund"]
            wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
            subprocess.run([*command, "--ignore-scripts", *wanted], check=True, timeout=300)
    return folder


def _version(folder: Path) -> str:
    try:
        return str(json.loads((folder / "package.json").read_bytes())["version"])
    except FileNotFoundError:
        return ""
