"""Fetching one commit of a learner's repo, and laying its files out, without running anything of it.

The token reaches git through its environment alone: it is in no argument, no address and no file. Hooks,
filters, LFS, submodules and redirects are off; symbolic links become small text files, so that none leads
anywhere.
"""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cohort_bot.confine import Limits
from cohort_bot.errors import CohortError
from cohort_bot.process import Outcome, run

SECONDS = 300
MOST_BYTES = 2_000_000_000
MOST_FILES = 50_000
_REF = "refs/heads/submission"
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# Given with every command, so that neither the machine's settings nor those in a repo count.
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "core.attributesFile": "/dev/null",
    "core.protectNTFS": "true",
    "core.protectHFS": "true",
    "core.quotePath": "false",
    "core.autocrlf": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "http.followRedirects": "false",
    "credential.helper": "",
    "safe.directory": "*",
    "gc.auto": "0",
}


# Who makes the commit of a copy, and when: nobody in particular, and always the same.
_NOBODY = {
    f"GIT_{who}_{what}": said
    for who in ("AUTHOR", "COMMITTER")
    for what, said in (
        ("NAME", "cohort-bot"),
        ("EMAIL", "cohort-bot@users.noreply.github.com"),
        ("DATE", "2000-01-01T00:00:00Z"),
    )
}


class FetchError(CohortError):
    """The commit cannot be had, or is more than can be laid out."""


@dataclass(frozen=True)
class File:
    """A file of a commit. `mode` as git has it: 120000 is a symbolic link, 160000 a submodule."""

    path: str
    blob: str
    mode: str
    size: int


def fetch(url: str, sha: str, token: str, bundle: Path) -> None:
    """Fetch the commit `sha` with its history from `url` and write it as a git bundle. Raises FetchError."""
    if not _SHA.fullmatch(sha) or urlsplit(url).scheme not in ("http", "https"):
        raise FetchError(f"no commit can be fetched from {url} by the name {sha[:80]!r}")
    with tempfile.TemporaryDirectory(prefix="cohort-bot-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        call(place, "init", "--quiet", "--bare", "--template=", ".")
        call(
            place, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
            url, f"{sha}:{_REF}", settings=credential(url, token), protocols="https:http",
        )  # fmt: skip
        call(place, "bundle", "create", "--quiet", str(bundle.resolve()), _REF)


def lay_out(bundle: Path, sha: str, root: Path) -> tuple[File, ...]:
    """Make `root` a checkout of the commit `sha` in `bundle`; its files. Raises FetchError."""
    root.mkdir(parents=True)
    call(root, "init", "--quiet", "--template=", ".")
    call(
        root, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
        str(bundle.resolve()), f"{_REF}:{_REF}", protocols="file",
    )  # fmt: skip
    if call(root, "rev-parse", _REF).out.strip() != sha:
        raise FetchError("what was fetched is another commit than the one that was asked for")
    found = files(root, sha)
    if len(found) > MOST_FILES or sum(file.size for file in found) > MOST_BYTES:
        raise FetchError(
            f"the commit has {len(found)} files of {sum(file.size for file in found) / 1e6:,.0f} MB in all",
            f"At most {MOST_FILES} files and {MOST_BYTES / 1e6:,.0f} MB can be judged.",
        )
    call(root, "checkout", "--quiet", "-B", "main", sha)
    return found


def publish(bundle: Path, sha: str, without: str, url: str, token: str) -> None:
    """Push the files of the commit `sha` in `bundle` to the empty repo at `url`, as one without history.

    Files in the folder `without` stay out. The commit says nothing about whose work it is, and is the same
    each time. No file is laid out, so none is read or run. Raises FetchError.
    """
    with tempfile.TemporaryDirectory(prefix="cohort-bot-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        call(place, "init", "--quiet", "--bare", "--template=", ".")
        call(
            place, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
            str(bundle.resolve()), f"{_REF}:{_REF}", protocols="file",
        )  # fmt: skip
        call(place, "read-tree", sha)
        call(place, "rm", "--quiet", "-r", "--cached", "--ignore-unmatch", "--", f":(top,icase){without}")
        tree = call(place, "write-tree").out.strip()
        made = call(
            place, "commit-tree", "-m", "The work, as it was handed in", tree, more=_NOBODY
        ).out.strip()
        call(
            place, "push", "--quiet", "--no-verify", url, f"{made}:refs/heads/main",
            settings=credential(url, token), protocols="https:http",
        )  # fmt: skip


def follow(root: Path, url: str, branch: str, token: str) -> None:
    """Make `root` a checkout of the newest commit of `branch` at `url`. Raises FetchError.

    What `root` has of an earlier time is not fetched again; what was changed there is thrown away.
    """
    if not (root / ".git").exists():
        root.mkdir(parents=True, exist_ok=True)
        call(root, "init", "--quiet", "--template=", ".")
    call(
        root, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
        url, f"+refs/heads/{branch}:{_REF}", settings=credential(url, token), protocols="https:http",
    )  # fmt: skip
    call(root, "checkout", "--quiet", "--force", "-B", "main", _REF)


def files(root: Path, sha: str) -> tuple[File, ...]:
    """Every file of the commit `sha` in the repo at `root`."""
    told = call(root, "ls-tree", "-r", "-l", "-z", "--full-tree", sha).out
    found = []
    for line in filter(None, told.split("\0")):
        about, _, path = line.partition("\t")
        mode, _, blob, size = about.split()
        found.append(File(path, blob, mode, int(size) if size.isdigit() else 0))
    return tuple(found)


def credential(url: str, token: str) -> Mapping[str, str]:
    """The setting that sends `token` to the host of `url`, and to no other."""
    parts = urlsplit(url)
    pair = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {f"http.{parts.scheme}://{parts.netloc}/.extraHeader": f"Authorization: Basic {pair}"}


def call(
    cwd: Path,
    *words: str,
    settings: Mapping[str, str] | None = None,
    protocols: str = "none",
    more: Mapping[str, str] | None = None,
) -> Outcome:
    """What `git WORDS` says in `cwd`, without the machine's settings. Raises FetchError when it fails.

    `settings` are added to ours, `more` to its environment; `protocols`: what it may fetch over.
    """
    ended = attempt(cwd, *words, settings=settings, protocols=protocols, more=more)
    if ended.ok:
        return ended
    why = f"it took more than {SECONDS} s" if ended.timed_out else _last(ended.err)
    raise FetchError(f"git {words[0]}: {why}", "Run the same command again; look at the repo if it stays so.")


def attempt(
    cwd: Path,
    *words: str,
    settings: Mapping[str, str] | None = None,
    protocols: str = "none",
    more: Mapping[str, str] | None = None,
) -> Outcome:
    """As `call`, where failing is an answer too."""
    env = _environment({**_SETTINGS, **(settings or {})}, protocols) | dict(more or {})
    return run(
        ["git", *words], cwd=cwd, timeout=SECONDS, env=env, keep=64_000_000,
        limits=Limits(file_mb=MOST_BYTES // 1_000_000),
    )  # fmt: skip


def _environment(settings: Mapping[str, str], protocols: str) -> dict[str, str]:
    numbered = enumerate(settings.items())
    pairs = {f"GIT_CONFIG_{what}_{n}": text for n, pair in numbered for what, text in _named(pair)}
    return {
        **pairs,
        "GIT_CONFIG_COUNT": str(len(settings)),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_PROTOCOL_FROM_USER": "0",
        "HOME": "/nonexistent",
    }


def _named(pair: tuple[str, str]) -> Sequence[tuple[str, str]]:
    return (("KEY", pair[0]), ("VALUE", pair[1]))


def _last(told: str) -> str:
    lines = [line for line in told.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no word of why"
