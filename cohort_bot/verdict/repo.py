"""Judge what is in the repo: its files, its history, its write-up."""

from __future__ import annotations

from collections.abc import Iterator

from cohort_bot.evidence import Fault, FilesFound, History, Place, WriteUp
from cohort_bot.model.checks import Files, Git, Sections
from cohort_bot.verdict.finding import Finding, Judgement, code, count, listing, megabytes


def files(spec: Files, found: FilesFound) -> Judgement:
    """Everything asked for is there, and nothing that must not be."""
    return Judgement(
        tuple(_file_findings(spec, found)),
        facts={"missing": found.missing, "forbidden": found.forbidden, "large": found.large},
    )


def _file_findings(spec: Files, found: FilesFound) -> Iterator[Finding]:
    if found.missing:
        yield _missing(found)
    if not found.any_matched:
        yield Finding(
            f"none of {listing(spec.any_of)}",
            "at least one of them",
            "Without it there is nothing to look at for this part of the milestone.",
            f"Add and push a file that matches {code(spec.any_of[0])}.",
            "git ls-files",
        )
    if found.forbidden:
        yield _forbidden(found)
    if found.large:
        yield _large(found.large, spec.max_mb)
    if found.outside:
        yield Finding(
            f"{listing(found.outside)}: a link that leads out of the repo",
            "files that lie in the repo themselves",
            "Nobody else has what the link points to, so their copy of your work is broken.",
            f"Replace {code(found.outside[0])} by the file itself, or remove it.",
            "git ls-files -s | grep ^120000",
            (Place(found.outside[0]),),
        )


def _missing(found: FilesFound) -> Finding:
    first = found.missing[0]
    near = found.near.get(first)
    step = f"Add {code(first)} and push it."
    why = "It is part of what this milestone must show."
    if near == first:
        why = f"{code(first)} is on this disk, but `.gitignore` keeps it out of the repo, so nobody gets it."
        step = f"Push it with `git add -f`, or take it out of `.gitignore`: {code(first)}."
    elif near:
        why = f"There is a {code(near)}, which looks like the same thing in another place or spelling."
        step = f"Move {code(near)} to {code(first)} and push."
    return Finding(
        f"nothing in the repo matches {listing(found.missing)}",
        f"{count(len(found.missing), 'more file')} in the repo",
        why, step, "git ls-files", (Place(first),) if "*" not in first else (),
    )  # fmt: skip


def _forbidden(found: FilesFound) -> Finding:
    first = found.forbidden[0]
    return Finding(
        f"{listing(found.forbidden)} in the repo",
        "a repo without environments, secrets, caches and raw data",
        "Such files make the repo slow to fetch, break on other machines or give away what is private. "
        "What was pushed once stays in the history: replace any key that was in there.",
        f"Run `git rm -r --cached` on {code(first)}, add it to `.gitignore`, and push.",
        "git ls-files",
        tuple(Place(path) for path in found.forbidden),
    )


def _large(large: tuple[tuple[str, int], ...], limit: float) -> Finding:
    sizes = [f"{path} ({megabytes(size)})" for path, size in large]
    return Finding(
        f"{listing(sizes)}",
        f"no file over {limit:g} MB",
        "Every clone downloads it for ever, and GitHub refuses files over 100 MB.",
        f"Take {code(large[0][0])} out of the repo, and say in the README where to get it or how to make it.",
        "git ls-files -z | xargs -0 du -m | sort -n | tail",
        tuple(Place(path) for path, _ in large),
    )


def sections(spec: Sections, found: WriteUp) -> Judgement:
    """The headings, words and pictures that were asked for."""
    return Judgement(
        tuple(_section_findings(spec, found)),
        facts={"headings": found.headings, "words": found.words, "images": found.images},
    )


def _section_findings(spec: Sections, found: WriteUp) -> Iterator[Finding]:
    here = (Place(spec.file),)
    if not found.exists:
        yield Finding(
            f"no file {code(spec.file)}", "the write-up of this milestone",
            "A reader, and later an employer, starts there.",
            f"Write {code(spec.file)} and push it.", "git ls-files", here,
        )  # fmt: skip
        return
    missing = [heading for heading in spec.headings if not _has(heading, found.headings)]
    if missing:
        yield Finding(
            f"{code(spec.file)} has the headings {listing(found.headings, 12) or 'of no section at all'}",
            f"also {listing(missing, 12)}",
            "Each section answers a question that a reader of this project will ask.",
            f"Add a section headed {code(missing[0])}.", "", here,
        )  # fmt: skip
    empty = [title for title in found.empty if any(_has(heading, (title,)) for heading in spec.headings)]
    if empty:
        yield Finding(
            f"nothing is written under {listing(empty)}", "a few sentences under each heading",
            "A heading alone says nothing.", f"Write what you did and why under {code(empty[0])}.", "", here,
        )  # fmt: skip
    if found.words < spec.min_words:
        yield Finding(
            count(found.words, "word"), f"at least {spec.min_words}, code and comments not counted",
            "That is about what it takes to say what was done, why, and what came out.",
            f"Add about {spec.min_words - found.words} words on your choices and their trade-offs.", "", here,
        )  # fmt: skip
    if found.images < spec.images:
        yield _pictures(spec, found)


def _has(heading: str, headings: tuple[str, ...]) -> bool:
    """Whether one of `headings` contains the wanted one, whatever its case: `3. Results` has `results`."""
    return any(heading.casefold() in title.casefold() for title in headings)


def _pictures(spec: Sections, found: WriteUp) -> Finding:
    broken = [path for path, _ in found.broken]
    why = "A picture of a curve or a confusion matrix shows in a second what a page of numbers hides."
    step = f"Save a figure beside {code(spec.file)} and show it with `![what it shows](figure.png)`."
    if broken:
        why = f"The write-up shows {listing(broken)}, but the repo has no such file."
        step = f"Push {code(broken[0])}, or correct its path."
    return Finding(
        f"{count(found.images, 'picture')} that can be seen", f"at least {spec.images}", why, step, "",
        tuple(Place(spec.file, line) for _, line in found.broken) or (Place(spec.file),),
    )  # fmt: skip


def git(spec: Git, found: History) -> Judgement:
    """Work over several days, on the right branch, without huge files."""
    return Judgement(
        tuple(_git_findings(spec, found)),
        facts={
            "branch": found.branch,
            "commits": found.commits,
            "days": [day.isoformat() for day in found.days],
        },
    )


def _git_findings(spec: Git, found: History) -> Iterator[Finding]:
    if not found.is_repo:
        yield Finding(
            "this folder is not a git repo", "a clone of your repo",
            "The history shows how the work grew.", "Run the check in a clone of your repo.", "git status",
        )  # fmt: skip
        return
    if found.shallow and (found.commits < spec.min_commits or len(found.days) < spec.min_commit_days):
        yield Finding(
            f"a shallow clone with {count(found.commits, 'commit')}", "the whole history",
            "The commits cannot be counted in a clone that leaves them out.",
            "Give the checkout step of the workflow `fetch-depth: 0`.", "git fetch --unshallow",
            fault=Fault.COURSE,
        )  # fmt: skip
        return
    if not found.branch and not found.commits:
        yield Finding(
            "a repo without a single commit", f"your work, committed on {code(spec.branch)}",
            "What is not committed is not there for anybody else.",
            "Commit what you have and push it.", "git log",
        )  # fmt: skip
        return
    if spec.branch not in {found.branch, *found.branches}:
        yield Finding(
            f"the work is on the branch {code(found.branch or '(none)')}", f"on {code(spec.branch)}",
            f"What counts is what is on {code(spec.branch)}.",
            f"Merge your branch into {code(spec.branch)} and push.", "git branch --all --contains HEAD",
        )  # fmt: skip
    yield from _effort(spec, found)
    if found.large:
        yield _large(found.large, spec.max_file_mb)


def _effort(spec: Git, found: History) -> Iterator[Finding]:
    why = "Small, frequent commits are the record of how you worked, and your way back when something breaks."
    if found.commits < spec.min_commits:
        yield Finding(
            f"{count(found.commits, 'commit')} under {code(spec.path)}", f"at least {spec.min_commits}", why,
            "Commit each finished step by itself, with a message that says why.", "git log --oneline",
        )  # fmt: skip
    elif len(found.days) < spec.min_commit_days:
        yield Finding(
            f"commits on {count(len(found.days), 'day')}",
            f"on at least {spec.min_commit_days} different days",
            why, "Go on working in small steps and push at the end of each day.",
            "git log --format=%as | sort -u",
        )  # fmt: skip
