"""A small GitHub for rehearsals and tests: REST, GraphQL, git and readable pages in one process over HTTP.

Nothing here is imported by the rest of cohort-bot except by its command line; clients reach it over HTTP
only, so the code that talks to it is the code that talks to GitHub. What it does and does not imitate:
docs/sandbox.md.
"""
