"""The crash matrix: a run struck at every request, in every way, then run again.

`python -m tests.crash_matrix` (or `make crash-matrix`) runs every case, `--sample N` every N-th. A case
is equal when the state after the second run is that of an undisturbed one, field for field, and a third run
writes nothing. Where repos furnish themselves, the organiser's requests are struck; theirs go on beside them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.rig import FILES, ORG, OURS, Rig, Wish, rigged

KINDS: dict[str, dict[str, Any]] = {
    "killed before": {},
    "killed after": {},
    "connection dropped before": {"kind": "drop-before"},
    "connection dropped after": {"kind": "drop-after"},
    "502 before": {"kind": "502"},
    "502 after": {"kind": "502-after"},
    "401": {"kind": "401"},
    "secondary limit": {"kind": "secondary"},
    "secondary limit, retry-after": {"kind": "secondary", "retry_after": 7},
    "secondary limit, 429": {"kind": "secondary", "status": 429},
    "GraphQL secondary limit, 200": {"kind": "secondary", "status": 200},
    "GraphQL error, 200": {"kind": "graphql-error"},
    "first alias fails": {"kind": "alias", "alias": 0},
    "last alias fails": {"kind": "alias", "alias": 99},
    "slow": {"kind": "slow", "seconds": 0.01},
    "truncated body": {"kind": "truncated"},
    "body not JSON": {"kind": "not-json"},
    "repo deleted": {"kind": "repo-deleted", "repo": "ml-bob"},
    "invitation expired": {"kind": "invitation-expired", "repo": "ml-ada"},
}
# Whose requests are struck; what learners' workflows ask goes on beside them.
OWNER = "organiser"
# These strike GraphQL, or mutations, and nothing else.
GRAPHQL_ONLY = {"GraphQL secondary limit, 200", "GraphQL error, 200", "first alias fails", "last alias fails"}
# Deleting a repo takes with it what its learner wrote, so it is no case where a learner has written.
FROM_NOTHING_ONLY = {"repo deleted"}


@dataclass(frozen=True)
class Story:
    """A run to be struck: what was there before, and what the organiser wishes."""

    name: str
    wish: Wish
    before: Callable[[Rig], None]


@dataclass(frozen=True)
class Case:
    """One story struck at one request in one way."""

    story: Story
    request: int
    kind: str

    def __str__(self) -> str:
        return f"{self.story.name}, request {self.request}, {self.kind}"


def nothing(rig: Rig) -> None:
    """An organisation without any repo."""


def lived_in(rig: Rig) -> None:
    """Three enrolled learners; one is in, and has ticked, written and opened an issue."""
    assert rig.enroll(Wish()).how == "done"
    rig.calm()
    token = rig.control("POST", "users", login="ada")["token"]
    for invitation in rig.api("GET", "/user/repository_invitations", token):
        rig.api("PATCH", f"/user/repository_invitations/{invitation['id']}", token)
    issues = f"/repos/{ORG}/ml-ada/issues"
    first = min(rig.api("GET", issues), key=lambda issue: issue["number"])
    body = first["body"].replace("- [ ]", "- [x]") + "\nMy own notes.\n"
    rig.api("PATCH", f"{issues}/{first['number']}", token, json={"body": body})
    rig.api("POST", f"{issues}/{first['number']}/comments", token, json={"body": "I am on it."})
    rig.api("POST", issues, token, json={"title": "Mine", "body": "My own issue."})


EDITED = Wish(words="Do it well.", extension_days=7, files={**FILES, OURS[0]: b'{"edited": true}\n'})
STORIES = (
    Story("enrolment from nothing", Wish(), nothing),
    Story("roadmap and dates edited", EDITED, lived_in),
    Story("enrolment from nothing, fanned out", Wish(fan_out=True), nothing),
    Story("roadmap and dates edited, fanned out", replace(EDITED, fan_out=True), lived_in),
)


@dataclass(frozen=True)
class Undisturbed:
    """What a story comes to when nothing goes wrong: its state, and the kinds of the requests it takes."""

    state: dict[str, Any]
    requests: Sequence[str]


def undisturbed(rig: Rig, story: Story) -> Undisturbed:
    """Run the story as it should go."""
    rig.reset()
    story.before(rig)
    rig.calm()
    mark = rig.mark()
    ended = rig.enroll(story.wish)
    assert ended.how == "done", ended
    entries = [entry for entry in rig.sandbox.log.since(mark) if entry["actor"] == OWNER]
    asked = [entry["api"] + ("+" if entry["mutations"] else "") for entry in entries]
    rig.calm()
    return Undisturbed(rig.state(), asked)


def cases(story: Story, requests: Sequence[str]) -> Iterator[Case]:
    """Every request × every kind that can strike it."""
    for number, api in enumerate(requests, 1):
        for kind in KINDS:
            if kind in GRAPHQL_ONLY and not api.startswith("graphql"):
                continue
            if "alias" in kind and not api.endswith("+"):
                continue
            if kind in FROM_NOTHING_ONLY and story.before is not nothing:
                continue
            yield Case(story, number, kind)


def outcome(rig: Rig, case: Case, right: Undisturbed) -> str:
    """Empty where the case is equal, else what is wrong."""
    rig.reset()
    case.story.before(rig)
    rig.calm()
    if case.kind.startswith("killed"):
        struck = rig.enroll(case.story.wish, dies=case.request, after_it=case.kind.endswith("after"))
    else:
        rig.strike(**KINDS[case.kind], nth=case.request, actor=OWNER)
        struck = rig.enroll(case.story.wish)
    rig.calm()
    again = rig.enroll(case.story.wish)
    rig.calm()
    if again.how != "done":
        return f"struck: {struck.how}, again: {again.how} {[str(o) for o in again.outcomes if o.reason]}"
    if found := differences(right.state, rig.state()):
        return f"struck: {struck.how}; {'; '.join(found[:4])}"
    mark = rig.mark()
    rig.enroll(case.story.wish)
    return f"a third run writes: {rig.writes_since(mark)}" if rig.writes_since(mark) else ""


def differences(right: Any, found: Any, where: str = "") -> list[str]:
    """Where `found` is not as it should be."""
    if isinstance(right, dict) and isinstance(found, dict):
        keys = [*right, *(key for key in found if key not in right)]
        return [d for key in keys for d in differences(right.get(key), found.get(key), f"{where}/{key}")]
    return [] if right == found else [f"{where}: {right!r} became {found!r}"]


def run(
    sample: int = 1, say: Callable[[str], None] = lambda _: None, stories: Sequence[Story] = STORIES
) -> tuple[int, list[str]]:
    """Every `sample`-th case: how many were run, and what was wrong with those that were not equal."""
    count, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder, rigged(Path(folder) / "sandbox") as rig:
        for story in stories:
            right = undisturbed(rig, story)
            chosen = list(cases(story, right.requests))[::sample]
            tally: Counter[str] = Counter()
            for case in chosen:
                if problem := outcome(rig, case, right):
                    wrong.append(f"{case}: {problem}")
                    say(wrong[-1])
                else:
                    tally[case.kind] += 1
            count += len(chosen)
            say(f"{story.name}: {len(right.requests)} requests, {len(chosen)} cases, {tally.total()} equal")
    return count, wrong


def main() -> int:
    """Run the matrix and print its figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every N-th case only")
    parser.add_argument(
        "--story", default="", metavar="WORDS", help="only stories whose name has these words"
    )
    given = parser.parse_args()
    begun = time.monotonic()
    stories = [story for story in STORIES if given.story in story.name]
    count, wrong = run(given.sample, lambda line: print(line, flush=True), stories)
    seconds = time.monotonic() - begun
    print(f"crash matrix: {count} cases run, {count - len(wrong)} equal, {seconds:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
