"""The road as a few lines of text: readable in every mail client, and nothing to load."""

from __future__ import annotations

import textwrap

from cohort_bot.standing import Progress, Standing

SIGNS = {Progress.VERIFIED: "●", Progress.CLAIMED: "◐", Progress.OPEN: "○"}
HERE = "◉"
_TITLE = 44
_BAR = 24


def road(standing: Standing) -> list[str]:
    """One line a milestone: a sign, its title, where it is."""
    return [_line(standing, number) for number in range(len(standing.steps))]


def bar(part: int, whole: int, width: int = _BAR) -> str:
    """`part` of `whole` as a bar of `width` signs; never full before the end, never empty after the start."""
    full = round(width * part / whole) if whole else 0
    if 0 < part < whole:
        full = min(max(full, 1), width - 1)
    return "█" * full + "░" * (width - full)


def plain(text: str) -> str:
    """A title for a line of a code block: no backtick to end it, no line break."""
    return " ".join(text.replace("`", "'").split())


def _line(standing: Standing, number: int) -> str:
    step = standing.steps[number]
    here = step is standing.current and step.progress is Progress.OPEN
    title = textwrap.shorten(f"{step.number}. {plain(step.title)}", _TITLE, placeholder=" …")
    where = "you are here" if here else "" if step.progress is Progress.OPEN else step.progress.value
    return f"{HERE if here else SIGNS[step.progress]} {title:<{_TITLE}} {where}".rstrip()
