"""Ask the newest registered version of a model what its service was asked."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from cohort_bot.checks.docker.predict import predict
from cohort_bot.checks.stores import find
from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import Registered
from cohort_bot.tracking import Version


def answers_of(
    wanted: str, bodies: Sequence[object], submission: Submission, image: str, memory: str
) -> Registered:
    """What the model named `wanted` (`*`: the one with most versions) answers to `bodies`, each as one row.

    It is loaded in the learner's own image, which has the packages that it needs.
    """
    version = newest(wanted, submission)
    if version is None:
        return Registered(wanted, problem="no version of it is registered")
    found = Registered(version.name, version.version, version.path, version.source)
    if not version.path:
        return found
    asked = [body for body in bodies if body is not None]
    model = submission.locate(version.path)
    if not submission.inside(model):
        return found
    told = predict(image, submission.name, model.resolve(), asked, memory=memory, timeout=120)
    answers = iter(told.predictions)
    return Registered(
        name=version.name,
        version=version.version,
        path=version.path,
        source=version.source,
        answers=tuple(next(answers, None) if body is not None else None for body in bodies),
        problem=told.error,
        log=told.outcome.err[-10_000:],
    )


def newest(wanted: str, submission: Submission) -> Version | None:
    """The newest version of the wanted model; of several models, the one with the most versions."""
    versions = [version for store in find(submission, []).stores for version in store.registered]
    chosen = [version for version in versions if fnmatchcase(version.name, wanted)]
    names = [version.name for version in chosen]
    chosen = [version for version in chosen if version.name == max(names, key=names.count)]
    return max(
        chosen, key=lambda version: int(version.version) if version.version.isdigit() else 0, default=None
    )
