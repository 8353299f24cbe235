"""Find the MLflow stores of a submission."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from cohort_bot.checks.stores import database, folders
from cohort_bot.checks.stores.places import Places
from cohort_bot.checks.stores.texts import model
from cohort_bot.checks.submission import FOREIGN, Submission
from cohort_bot.evidence import Tracked
from cohort_bot.tracking import Model, Store

_DATABASES = (".db", ".sqlite", ".sqlite3")
_USUAL = ("mlruns", "mlflow.db", "mlartifacts")
_MOST_MODELS = 500


def find(submission: Submission, where: Sequence[str]) -> Tracked:
    """The stores under `where` (files or folders), or else anywhere, and which of `where` are missing."""
    files = [path for path in submission.files if not FOREIGN.search(path)]
    chosen = [path for path in files if not where or any(_under(path, place) for place in where)]
    missing = tuple(place for place in where if not any(_under(path, place) for path in files))
    models = _models(submission, chosen)
    stores = folders.read_all(submission, chosen, models) + _databases(submission, chosen, models)
    return Tracked(tuple(stores), missing, _ignored(submission, where or ["."]))


def _under(path: str, place: str) -> bool:
    place = place.rstrip("/").removeprefix("./")
    return place in ("", ".") or path == place or path.startswith(place + "/")


def _models(submission: Submission, files: Sequence[str]) -> list[Model]:
    paths = [path for path in files if PurePosixPath(path).name == "MLmodel"][:_MOST_MODELS]
    return [found for path in paths if (found := model(submission, path)) is not None]


def _databases(submission: Submission, files: Sequence[str], models: Sequence[Model]) -> list[Store]:
    places = Places(files)
    stores = []
    for path in files:
        file = submission.locate(path)
        if not path.endswith(_DATABASES) or not submission.inside(file):
            continue
        if database.is_database(file):
            stores.append(database.read(file, path, places, models))
        elif PurePosixPath(path).name == "mlflow.db":
            stores.append(Store(path, "sqlite", problems=(f"{path} is no database",)))
    return [store for store in stores if store is not None]


def _ignored(submission: Submission, where: Sequence[str]) -> tuple[str, ...]:
    """Stores at their usual places that lie on this disk but not in the repo."""
    found = []
    for place in where:
        for name in ("", *_USUAL):
            path = "/".join(part for part in (place.rstrip("/").removeprefix("."), name) if part)
            usual = PurePosixPath(path).name in _USUAL
            if (
                usual
                and submission.locate(path).exists()
                and not any(_under(f, path) for f in submission.files)
            ):
                found.append(path)
    return tuple(found)
