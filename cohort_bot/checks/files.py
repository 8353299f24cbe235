"""Gather what is, and is not, in the repo."""

from __future__ import annotations

import difflib

from cohort_bot.checks.submission import FOREIGN, Submission
from cohort_bot.evidence import FilesFound
from cohort_bot.model.checks import Files

_MANY = 20


def gather(spec: Files, submission: Submission) -> FilesFound:
    """Look for every pattern of `spec`; sizes are of the files themselves, links not followed."""
    missing = tuple(glob for glob in spec.all_of if not submission.match(glob))
    return FilesFound(
        missing=missing,
        any_matched=not spec.any_of or any(submission.match(glob) for glob in spec.any_of),
        forbidden=_forbidden(spec, submission),
        large=_large(spec, submission),
        outside=tuple(_leading_out(submission))[:_MANY],
        near=_near(missing, submission),
    )


def _forbidden(spec: Files, submission: Submission) -> tuple[str, ...]:
    found = {path for glob in spec.forbid for path in submission.match(glob)}
    return tuple(sorted(found)[:_MANY])


def _large(spec: Files, submission: Submission) -> tuple[tuple[str, int], ...]:
    sizes = ((path, submission.size(path)) for path in submission.files)
    return tuple((path, size) for path, size in sizes if size > spec.max_mb * 1e6)[:_MANY]


def _leading_out(submission: Submission) -> list[str]:
    places = ((path, submission.locate(path)) for path in submission.files)
    return [path for path, place in places if place.is_symlink() and not submission.inside(place)]


def _near(missing: tuple[str, ...], submission: Submission) -> dict[str, str]:
    """For a missing path, the file that its author probably meant: another case, place or spelling.

    A file that is on disk but kept out of the repo by `.gitignore` is the likeliest of all.
    """
    # The shallowest file of a name wins; what tools keep for themselves is no candidate.
    own = (path for path in submission.files if not FOREIGN.search(path) and "/artifacts/" not in path)
    names = {path.rsplit("/", 1)[-1].lower(): path for path in sorted(own, key=lambda one: -one.count("/"))}
    near = {}
    for glob in missing:
        name = glob.rsplit("/", 1)[-1].lower()
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.8)
        if "*" not in glob and submission.locate(glob).is_file():
            near[glob] = glob
        elif close:
            near[glob] = names[close[0]]
    return near
