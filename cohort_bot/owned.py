"""What is ours inside a text that others may edit: hidden markers, and merging without losing a word.

An owned region sits between two HTML comments. The first carries a key and a digest of what we last wrote:

    <!-- cohort-bot: milestone=foundations text=1f2e3d4c5b6a -->
    …ours…
    <!-- cohort-bot: end -->
    …the learner's…

The digest tells an edit of the roadmap (the desired text has another digest: rewrite the region) from an
edit of the learner's (the desired text has the same one: leave everything as it is).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

END = "<!-- cohort-bot: end -->"
_START = re.compile(
    r"<!-- cohort-bot: (?P<kind>[a-z]+)=(?P<key>[a-z0-9-]+)(?: text=(?P<digest>[0-9a-f]+))? -->"
)
_TICK = re.compile(
    r"^(?P<lead>\s*[-*] )\[(?P<mark>[ xX])\](?P<rest>.*<!-- deliverable: (?P<id>[a-z0-9-]+) -->.*)$", re.M
)
JOINED = "**Moved here from a second copy of this issue:**"
KEPT = "**Kept from what you wrote above, before the roadmap changed:**"


@dataclass(frozen=True)
class Owned:
    """A text taken apart: what stands before our region, the region, what stands after it."""

    key: str
    digest: str
    before: str
    region: str
    after: str


def start(key: str, digest: str, kind: str = "milestone") -> str:
    """The comment that opens an owned region."""
    return f"<!-- cohort-bot: {kind}={key} text={digest} -->"


def sign(key: str, title: str, text: str) -> str:
    """A short text that is ours as a whole, such as a milestone's description, with its marker below."""
    return f"{text}\n\n{start(key, digest(title, text))}"


def key_of(text: str | None, kind: str = "milestone") -> str | None:
    """The key of the first marker of `kind` in `text`, or None."""
    return next((found["key"] for found in _START.finditer(text or "") if found["kind"] == kind), None)


def digest_of(text: str | None) -> str | None:
    """The digest in the first marker of `text`: that of what we last wrote there. None without one."""
    return next((found["digest"] for found in _START.finditer(text or "") if found["digest"]), None)


def digest(title: str, region: str) -> str:
    """A short fingerprint of what we wrote; ticks, line ends and trailing blanks do not count."""
    plain = _TICK.sub(lambda tick: f"{tick['lead']}[ ]{tick['rest']}", _unix(region))
    lines = [line.rstrip() for line in plain.strip().split("\n")]
    return hashlib.sha256("\n".join([title.strip(), *lines]).encode()).hexdigest()[:12]


@lru_cache(maxsize=4096)  # most learners of a cohort share dates, and so texts
def wrap(key: str, title: str, region: str) -> str:
    """The whole body of a new issue: marker, `region`, end marker."""
    region = region.strip("\n")
    return f"{start(key, digest(title, region))}\n{region}\n{END}\n"


def read(body: str) -> Owned | None:
    """`body` taken apart, or None where it carries no marker with a digest."""
    text = _unix(body)
    found = next((mark for mark in _START.finditer(text) if mark["digest"]), None)
    if found is None:
        return None
    region, _, after = text[found.end() :].partition(END)
    return Owned(found["key"], found["digest"], text[: found.start()], region, after)


def ticks(region: str) -> frozenset[str]:
    """The ids of the deliverables that are ticked."""
    return frozenset(tick["id"] for tick in _TICK.finditer(_unix(region)) if tick["mark"] != " ")


def tick(text: str, ids: frozenset[str]) -> str:
    """`text` with exactly the deliverables in `ids` ticked."""

    def mark(found: re.Match[str]) -> str:
        return f"{found['lead']}[{'x' if found['id'] in ids else ' '}]{found['rest']}"

    return _TICK.sub(mark, text)


def merge(actual: tuple[str, str], desired: tuple[str, str]) -> tuple[str, str]:
    """Title and body as they should become, from those on the forge and those of the roadmap.

    Nothing changes while the roadmap says what it said when we last wrote. Otherwise the region is
    written anew with the learner's ticks; text around it stays, and lines that the learner wrote inside
    it move below.
    """
    theirs, ours = read(actual[1]), read(desired[1])
    if ours is None:
        return desired
    if theirs is None:  # the marker was edited away: everything may be the learner's
        theirs = Owned(ours.key, "", "", actual[1], "")
    if theirs.digest == ours.digest:
        return actual
    region = tick(ours.region, ticks(theirs.region))
    untouched = digest(actual[0], theirs.region) == theirs.digest
    after = theirs.after if untouched else _keep(theirs, region)
    return desired[0], f"{theirs.before}{start(ours.key, ours.digest)}{region}{END}{after}"


def absorb(body: str, copy: str) -> str:
    """`body` with the ticks and words of a second copy of the same issue; what it has already stays once."""
    mine, theirs = read(body), read(copy)
    if mine is None or theirs is None:
        return body
    region = tick(mine.region, ticks(mine.region) | ticks(theirs.region))
    known = {_bare(line) for line in body.split("\n")}
    written = [line for line in theirs.region.split("\n") if _bare(line) and _bare(line) not in known]
    texts = [theirs.before.strip(), "\n".join(written), theirs.after.strip()]
    new = [text for text in texts if text and text not in body]
    after = "\n\n".join([mine.after.rstrip("\n"), JOINED, *new]) + "\n" if new else mine.after
    return f"{mine.before}{start(mine.key, mine.digest)}{region}{END}{after}"


def disown(body: str, number: int) -> str:
    """The text of a second copy from now on: no longer ours, pointing to issue `number`, its words kept."""
    note = (
        f"This is a second copy of #{number}, made when two runs crossed. Go on there: it has your words too."
    )
    return f"{note}\n\n{_START.sub('', _unix(body)).replace(END, '').strip()}\n"


def _keep(theirs: Owned, region: str) -> str:
    known = {_bare(line) for line in region.split("\n")}
    lines = [line for line in theirs.region.split("\n") if _bare(line) and _bare(line) not in known]
    if not lines:
        return theirs.after
    return f"\n\n{KEPT}\n\n" + "\n".join(lines) + f"\n{theirs.after}"


def _bare(line: str) -> str:
    found = _TICK.match(line)
    return (found["rest"] if found else line).strip()


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")
