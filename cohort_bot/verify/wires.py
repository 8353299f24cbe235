"""Trip-wires: what the organiser should look at. Each is a reason to ask, and none is proof. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cohort_bot.verify.likeness import ALIKE, likeness
from cohort_bot.verify.papers import Traces

_MODELS = re.compile(
    r"\.(?:onnx|skops|pkl|joblib|pt|pth|keras|h5|safetensors)$|(?:^|/)predictions?[^/]*\.csv$"
)
_NOTEBOOKS = re.compile(r"\.ipynb$")
_SOURCE = re.compile(r"\.py$")
EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def changed(traces: Traces, template: Mapping[str, str]) -> Iterator[str]:
    """Protected files that are not as the cohort's template has them. `template`: path → blob id."""
    for path, blob in sorted(traces.protected.items()):
        if path not in template:
            yield f"a protected file that the template does not have: {_word(path)}"
        elif template[path] != blob:
            yield f"a protected file was changed: {_word(path)}"
    for path in sorted(template.keys() - traces.protected.keys()):
        yield f"a protected file was removed: {_word(path)}"


def same_work(
    learner: str, mine: Traces, others: Mapping[str, Traces], template: Mapping[str, str]
) -> Iterator[str]:
    """What the work of `learner` has in common with that of others on the same milestone."""
    ours = set(template.values()) | {EMPTY}
    for other, theirs in sorted(others.items()):
        if other == learner:
            continue
        shared = {
            blob
            for kind in (_MODELS, _NOTEBOOKS)
            for blob in _files(mine, ours, kind) & _files(theirs, ours, kind)
        }
        names = sorted(path for path, blob in mine.files.items() if blob in shared)
        if names:
            yield f"the very same file as {other}'s: {', '.join(map(_word, names[:3]))}"
        source = _files(mine, ours, _SOURCE)
        if source and source == _files(theirs, ours, _SOURCE):
            yield f"the very same source as {other}'s"
        elif (share := likeness(mine.prints, theirs.prints)) >= ALIKE:
            yield f"source like {other}'s: {share:.0%} of its fingerprint"


def owners(
    learner: str, mine: Traces, others: Mapping[str, Traces], template: Mapping[str, str]
) -> tuple[str, ...]:
    """Who had one of this learner's model files or predictions before."""
    ours = set(template.values()) | {EMPTY}
    models = _files(mine, ours, _MODELS)
    return tuple(
        sorted(o for o, theirs in others.items() if o != learner and models & _files(theirs, ours, _MODELS))
    )


def _files(traces: Traces, ours: set[str], kind: re.Pattern[str]) -> set[str]:
    return {blob for path, blob in traces.files.items() if kind.search(path) and blob not in ours}


def _word(path: str) -> str:
    return ascii(path[:150])
