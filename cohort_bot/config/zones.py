"""Timezones: IANA names only, and a good guess at what was meant by anything else."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

from cohort_bot.config import slips

# Legacy names and abbreviations: some are in the tz database as fixed offsets or as aliases, which is worse
# than an error, because a cohort in "EST" would silently never change its clocks.
_ABBREVIATIONS = {
    "CET": "Europe/Berlin",
    "CEST": "Europe/Berlin",
    "MET": "Europe/Berlin",
    "MEZ": "Europe/Berlin",
    "EET": "Europe/Helsinki",
    "EEST": "Europe/Helsinki",
    "WET": "Europe/Lisbon",
    "WEST": "Europe/Lisbon",
    "BST": "Europe/London",
    "MSK": "Europe/Moscow",
    "TRT": "Europe/Istanbul",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "ET": "America/New_York",
    "EST5EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "CT": "America/Chicago",
    "CST6CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "MT": "America/Denver",
    "MST7MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "PT": "America/Los_Angeles",
    "PST8PDT": "America/Los_Angeles",
    "HST": "Pacific/Honolulu",
    "AKST": "America/Anchorage",
    "BRT": "America/Sao_Paulo",
    "ART": "America/Argentina/Buenos_Aires",
    "IST": "Asia/Kolkata",
    "PKT": "Asia/Karachi",
    "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "WIB": "Asia/Jakarta",
    "GST": "Asia/Dubai",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
    "AWST": "Australia/Perth",
    "NZST": "Pacific/Auckland",
    "NZDT": "Pacific/Auckland",
    "SAST": "Africa/Johannesburg",
    "EAT": "Africa/Nairobi",
    "WAT": "Africa/Lagos",
}
_OFFSET = re.compile(r"(?i)(?:utc|gmt)?\s*[+-]\s*\d{1,2}(?::?\d\d)?|etc/gmt[+-]\d+")
_WRITE = "Write an IANA name, Region/City, such as `Europe/Berlin`."


@lru_cache
def known() -> frozenset[str]:
    """Every name of the tz database, from the list in the tzdata package: opening each file is slow."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def wrong(name: str) -> tuple[str, str] | None:
    """What is wrong with `name` as a timezone, and the cure; None when it is a good one."""
    if guess := _ABBREVIATIONS.get(name.upper()):
        return f"`{slips.show(name)}` is an abbreviation, not a place", f"Did you mean `{guess}`? {_WRITE}"
    if _OFFSET.fullmatch(name):
        return f"`{slips.show(name)}` is an offset, which knows no summer time", _WRITE
    if name in known():
        return None
    return f"there is no timezone `{slips.show(name)}`", _suggest(name)


def _suggest(name: str) -> str:
    if any(zone.startswith(f"{name}/") for zone in known()):
        return f"That is a region; add a city. {_WRITE}"
    city = name.strip().replace(" ", "_").rsplit("/", 1)[-1].casefold()
    cities = {zone.rsplit("/", 1)[-1].casefold(): zone for zone in sorted(known(), reverse=True)}
    close = slips.nearest(name.replace(" ", "_"), known())
    same_city = cities.get(city)
    guess = close if close and close.casefold() == name.casefold() else same_city or close
    return f"Did you mean `{guess}`?" if guess else _WRITE
