"""A static site that shows a cohort: works from a file, offline, and asks no other host for anything."""

from cohort_bot.reports.dashboard.privacy import Privacy
from cohort_bot.reports.dashboard.site import site
from cohort_bot.reports.dashboard.writing import write

__all__ = ["Privacy", "site", "write"]
