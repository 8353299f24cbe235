"""Charts as inline SVG, drawn by pygal. Their looks come from the site's stylesheet, light or dark."""

from __future__ import annotations

import warnings
from datetime import datetime
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from cohort_bot.render.views import MONTHS
from cohort_bot.standing import Survey

_SVG = "http://www.w3.org/2000/svg"
_LABELS = 9


def burn_up(survey: Survey) -> str:
    """Milestones due and verified, week by week."""
    import pygal

    series = survey.series
    chart = pygal.Line(**_settings(show_dots=False, truncate_label=-1))
    every = max(1, round(len(series) / _LABELS))
    chart.x_labels = ["" if n % every else short_day(point.at, survey) for n, point in enumerate(series)]
    chart.add("planned", [point.planned for point in series])
    chart.add("verified", [point.verified for point in series])
    return _drawn(chart, "Burn-up: milestones due by the plan, and milestones verified, week by week")


def lead_times(survey: Survey) -> str:
    """How many days each stage took: least, quartiles, median, most."""
    import pygal

    chart = pygal.Box(**_settings(box_mode="extremes"))
    chart.x_labels = [str(number) for number in range(1, len(survey.leads) + 1)]
    for number, lead in enumerate(survey.leads, start=1):
        chart.add(str(number), list(lead.days))
    return _drawn(chart, "Lead times: how many days each milestone took")


def short_day(instant: datetime, survey: Survey) -> str:
    """The date in the cohort's zone, such as `7 Sep`, whatever the machine's language."""
    local = instant.astimezone(ZoneInfo(survey.cohort.timezone))
    return f"{local.day} {MONTHS[local.month - 1][:3]}"


def _settings(**more: Any) -> dict[str, Any]:
    from pygal.style import Style

    # css and js empty: pygal would bring its own style sheet, and a script from another host.
    return {
        "width": 860, "height": 320, "css": (), "js": (), "show_legend": False, "margin": 8,
        # Room for the labels at the size that the site's style sheet gives them on a phone.
        "style": Style(label_font_size=20, major_label_font_size=20),
        "include_x_axis": True, "disable_xml_declaration": True, "no_data_text": "Nothing yet", **more,
    }  # fmt: skip


def _drawn(chart: Any, label: str) -> str:
    """The chart as SVG that is the same in every build: no script, no date, no random id."""
    chart.uuid = "chart"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        root = chart.render_tree()
    bare = ElementTree.fromstring(ElementTree.tostring(root))  # noqa: S314 - our own; parsing drops comments
    for parent in list(bare.iter()):
        for child in list(parent):
            if child.tag in {f"{{{_SVG}}}{name}" for name in ("script", "style", "desc", "title")}:
                parent.remove(child)
    bare.attrib.pop("id", None)
    bare.set("role", "img")
    bare.set("aria-label", label)
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(bare, encoding="unicode")
