"""Find again, inside the submission, what a store says lies somewhere on its author's machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

_DRIVE = re.compile(r"^/?[A-Za-z]:(?=/)")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")


class Places:
    """The folders of a submission, to match addresses with."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = frozenset(files)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file, however deep."""
        found: set[str] = set()
        for file in self.files:
            parent = file.rpartition("/")[0]
            while parent and parent not in found:
                found.add(parent)
                parent = parent.rpartition("/")[0]
        return frozenset(found)

    def rebase(self, address: str, bases: Sequence[str]) -> str:
        """Where `address` leads inside the submission, or nothing.

        The longest end of the address that exists under one of `bases` wins. A single name is too little to
        go by, except for an address that was relative to begin with.
        """
        parts = segments(address)
        least = 1 if not _SCHEME.match(address) and not address.startswith(("/", "\\")) else 2
        for start in range(len(parts) - least + 1):
            end = "/".join(parts[start:])
            for base in bases:
                place = f"{base}/{end}" if base else end
                if place in self.folders or place in self.files:
                    return place
        return ""


def segments(address: str) -> list[str]:
    """The names along an address's path, percent-escapes and Windows drives undone, dots left out."""
    path = (
        unquote(urlsplit(address).path) if _SCHEME.match(address) and not _DRIVE.match(address) else address
    )
    path = _DRIVE.sub("", path.replace("\\", "/"))
    return [part for part in PurePosixPath(path).parts if part not in ("/", ".", "..", "~")]


def around(store: str) -> list[str]:
    """Folders to look under for a store's addresses, nearest first.

    Addresses like `mlflow-artifacts:/1/…` leave out the folder that the server kept them in.
    """
    above, here = [store], store
    while here:
        here = here.rpartition("/")[0]
        above.append(here)
    return [f"{base}/{name}".strip("/") for base in above for name in ("", "mlartifacts", "mlruns")]
