"""cohort-bot: one roadmap file and one roster become a running cohort on GitHub."""

__version__ = "0.1.0"
