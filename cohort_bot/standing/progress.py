"""How far a milestone is."""

from __future__ import annotations

from enum import StrEnum


class Progress(StrEnum):
    """Open; claimed, as the learner's own CI passed; or verified, as the ledger holds a pass."""

    OPEN = "open"
    CLAIMED = "claimed"
    VERIFIED = "verified"
