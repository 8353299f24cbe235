"""Templates → the words of a cohort. Organisers may replace any of them; none may run away."""

from cohort_bot.render.proof import problems
from cohort_bot.render.renderer import Renderer

__all__ = ["Renderer", "problems"]
