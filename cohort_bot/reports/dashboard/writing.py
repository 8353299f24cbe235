"""Putting the site into a folder, and taking away what an earlier build left there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cohort_bot.errors import UsageError

MANIFEST = "cohort-bot-files.json"


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write `files` into `folder`. Pages of an earlier build go: they may show more than they should now.

    Raises UsageError for a folder that holds something else, and leaves it as it is.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file() and folder.is_dir() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} is not empty, and no dashboard", "Choose a new folder; nothing was written."
        )
    for name in json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else ():
        stale = folder / name
        if stale.resolve().is_relative_to(folder.resolve()):
            stale.unlink(missing_ok=True)
    # First of all, so that a build that is stopped can be told from a stranger's folder.
    folder.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps(sorted(files), indent=0) + "\n", encoding="utf-8")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
