"""Gather what a write-up holds."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import WriteUp
from cohort_bot.model.checks import Sections

# https://spec.commonmark.org/0.31.2/: ATX and setext headings, fenced code, inline images
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ATX = re.compile(r"^ {0,3}(#{1,6})[ \t]+([^\n]+)$", re.MULTILINE)
_SETEXT = re.compile(r"^(?=\S)([^\n]+)\n(=+|-{2,})[ \t]*$", re.MULTILINE)
_IMAGE = re.compile(
    r"!\[[^\]\n]{0,500}\]\(\s*<?([^)>\s]{1,1000})>?[^)\n]{0,500}\)"
    r"|<img\b[^>]{0,500}?\bsrc=[\"']([^\"'\n]{1,1000})[\"']",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w[\w'’-]*")
_READ_BYTES = 1_000_000
_MOST_HEADINGS = 500
_FAR = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)


class _Heading(NamedTuple):
    start: int
    end: int
    level: int
    title: str


def gather(spec: Sections, submission: Submission) -> WriteUp:
    """Read the headings, the words outside code and comments, and which images are there."""
    text = submission.text(spec.file, _READ_BYTES)
    if text is None:
        return WriteUp(spec.file, exists=False)
    text = text.replace("\r\n", "\n")
    prose = _blank(_FENCE, _blank(_COMMENT, text))
    headings = _headings(prose)
    images, broken = _images(spec.file, prose, submission)
    words = len(_WORD.findall(_IMAGE.sub(" ", prose)))
    titles = tuple(heading.title for heading in headings)
    return WriteUp(spec.file, True, titles, words, images, broken, _empty(prose, headings))


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """`text` with each match emptied but its line breaks kept, so that line numbers still hold."""
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), text)


def _headings(prose: str) -> list[_Heading]:
    atx = (_Heading(m.start(), m.end(), len(m[1]), _plain(m[2].rstrip("# \t"))) for m in _ATX.finditer(prose))
    setext = (
        _Heading(m.start(), m.end(), 1 + (m[2][0] == "-"), _plain(m[1])) for m in _SETEXT.finditer(prose)
    )
    return sorted([*atx, *setext])[:_MOST_HEADINGS]


def _plain(title: str) -> str:
    return re.sub(r"[*_`]", "", title).strip()


def _empty(prose: str, headings: list[_Heading]) -> tuple[str, ...]:
    """Headings with no word of text before the next one of their own rank or higher."""
    found = []
    for index, heading in enumerate(headings):
        after = headings[index + 1 :]
        end = next((other.start for other in after if other.level <= heading.level), len(prose))
        inner = [other for other in after if other.start < end]
        text = len(_WORD.findall(prose[heading.end : end]))
        if text <= sum(len(_WORD.findall(other.title)) for other in inner):
            found.append(heading.title)
    return tuple(found)


def _images(file: str, prose: str, submission: Submission) -> tuple[int, tuple[tuple[str, int], ...]]:
    """How many images are there, and those whose files are not, with their lines. Far ones count as there."""
    there, broken = 0, []
    for match in _IMAGE.finditer(prose):
        target = match[1] or match[2]
        place = submission.locate(file).parent / unquote(target.split("#")[0].split("?")[0])
        if _FAR.match(target) or (submission.inside(place) and place.is_file()):
            there += 1
        else:
            broken.append((target, prose.count("\n", 0, match.start()) + 1))
    return there, tuple(broken)
