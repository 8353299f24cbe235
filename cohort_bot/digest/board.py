"""The status of a learner's board, as Projects v2 has it."""

from __future__ import annotations

from enum import StrEnum

from cohort_bot.model import Cohort
from cohort_bot.standing import Standing


class BoardStatus(StrEnum):
    """GitHub's words (https://docs.github.com/en/graphql/reference/enums#projectv2statusupdatestatus)."""

    ON_TRACK = "ON_TRACK"
    AT_RISK = "AT_RISK"
    OFF_TRACK = "OFF_TRACK"
    COMPLETE = "COMPLETE"


def board_status(standing: Standing, cohort: Cohort) -> BoardStatus | None:
    """What the learner's board should say: by dates alone. None for boards that are left as they are.

    A public board says only good things; whoever does not take part, or has not begun, has no status.
    """
    if not standing.board_id or not standing.active or not standing.begun or standing.archived:
        return None
    if standing.finished:
        return BoardStatus.COMPLETE
    if cohort.board.public:
        return None
    if not standing.overdue_days:
        return BoardStatus.ON_TRACK
    late = standing.overdue_days > cohort.policies.at_risk.late_days
    return BoardStatus.OFF_TRACK if late else BoardStatus.AT_RISK
