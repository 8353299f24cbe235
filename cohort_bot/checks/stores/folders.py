"""Read an MLflow file store: `<experiment>/<run>/…`, written by MLflow 1 to 3."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cohort_bot.checks.stores.places import Places, around
from cohort_bot.checks.stores.texts import about, history, number, word
from cohort_bot.checks.submission import Submission
from cohort_bot.tracking import Model, Run, Store, Version

RUN = re.compile(r"^(?:(?P<store>.*)/)?(?P<experiment>[^/]+)/(?P<run>[0-9a-f]{32})/meta\.yaml$")
VERSION = re.compile(r"^(?:(?P<store>.*)/)?models/(?P<name>[^/]+)/version-[^/]+/meta\.yaml$")
# entities.RunStatus of MLflow; older stores hold the number, newer ones sometimes the word
STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_MOST_RUNS = 2000


@dataclass
class _Pile:
    """What was found of one store, while looking through the files."""

    runs: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    versions: list[str] = field(default_factory=list)
    metas: list[str] = field(default_factory=list)


def read_all(submission: Submission, files: Sequence[str], models: Sequence[Model]) -> list[Store]:
    """Every file store among `files`. `models` are the saved models of the whole submission."""
    piles = _piles(files)
    places = Places(files)
    return [_read(submission, root, pile, places, models) for root, pile in sorted(piles.items())]


def _piles(files: Sequence[str]) -> dict[str, _Pile]:
    piles: dict[str, _Pile] = defaultdict(_Pile)
    inner: dict[str, tuple[str, str]] = {}
    for path in files:
        if match := RUN.match(path):
            inner[path.rpartition("/")[0]] = (match["store"] or "", path)
            piles[match["store"] or ""].metas.append(path)
        elif match := VERSION.match(path):
            piles[match["store"] or ""].versions.append(path)
    for path in files:
        if owner := _owner(path, inner):
            store, meta = inner[owner]
            piles[store].runs[meta].append(path)
    return piles


def _owner(path: str, runs: Mapping[str, object]) -> str:
    """The run's folder that `path` is in, among `runs`."""
    for kind in ("/metrics/", "/params/", "/tags/"):
        before, found, _ = path.partition(kind)
        if found and before in runs:
            return before
    return ""


def _read(submission: Submission, root: str, pile: _Pile, places: Places, models: Sequence[Model]) -> Store:
    bases = around(root)
    problems: list[str] = []
    runs = []
    for meta in sorted(pile.metas)[:_MOST_RUNS]:
        told = about(submission, meta)
        if told is None:
            problems.append(f"{meta} cannot be read")
        elif told.get("lifecycle_stage") != "deleted":
            runs.append(_run(submission, meta, told, pile.runs[meta]))
    names = {run.experiment for run in runs}
    titles = {name: _experiment(submission, root, name) for name in names}
    kept = [run for run in runs if titles[run.experiment] is not None]
    named = tuple(_named(run, titles[run.experiment] or "") for run in kept)
    versions = [_version(submission, path, places, bases, models) for path in sorted(pile.versions)]
    found = tuple(version for version in versions if version is not None)
    foreign = tuple(version.source for version in found if not version.path)
    return Store(root or ".", "files", named, tuple(models), found, tuple(problems[:20]), foreign[:20])


def _named(run: Run, experiment: str) -> Run:
    return replace(run, experiment=experiment)


def _experiment(submission: Submission, root: str, folder: str) -> str | None:
    """An experiment's name; None if it was deleted. Its folder's name where its `meta.yaml` is missing."""
    told = about(submission, f"{root}/{folder}/meta.yaml" if root else f"{folder}/meta.yaml")
    if told is None:
        return folder
    return None if told.get("lifecycle_stage") == "deleted" else word(told.get("name")) or folder


def _run(submission: Submission, meta: str, told: Mapping[str, object], files: Sequence[str]) -> Run:
    folder = meta.rpartition("/")[0]
    values = {
        kind: {path[len(folder) + len(kind) + 2 :]: submission.text(path, 5_000_000) or "" for path in files
               if path.startswith(f"{folder}/{kind}/")}
        for kind in ("metrics", "params", "tags")
    }  # fmt: skip
    logged = {key: history(text) for key, text in values["metrics"].items()}
    status = told.get("status")
    return Run(
        id=folder.rpartition("/")[2],
        experiment=folder.split("/")[-2],
        name=word(told.get("run_name")) or values["tags"].get("mlflow.runName", ""),
        status=STATUS.get(status, "") if isinstance(status, int) else word(status),
        start=number(told.get("start_time")),
        end=number(told.get("end_time")),
        metrics={key: value for key, (value, _) in logged.items()},
        steps={key: steps for key, (_, steps) in logged.items()},
        params={key: text.strip() for key, text in values["params"].items()},
        tags=values["tags"],
        artifacts=f"{folder}/artifacts",
    )


def _version(
    submission: Submission, path: str, places: Places, bases: Sequence[str], models: Sequence[Model]
) -> Version | None:
    told = about(submission, path)
    match = VERSION.match(path)
    if told is None or match is None or told.get("current_stage") == "Deleted_Internal":
        return None
    addresses = [word(told.get("storage_location")), word(told.get("source"))]
    run_id, model_id = word(told.get("run_id")), word(told.get("model_id"))
    return Version(
        name=word(told.get("name")) or match["name"],
        version=word(told.get("version")),
        run_id=run_id,
        source=next(filter(None, addresses), ""),
        path=lead(addresses, places, bases, models, run_id, model_id),
    )


def lead(
    addresses: Sequence[str],
    places: Places,
    bases: Sequence[str],
    models: Sequence[Model],
    run_id: str,
    model_id: str,
) -> str:
    """Where a version's model lies: by its address, by its id, or as the one model of its run."""
    for address in filter(None, addresses):
        known = address.partition("models:/")[2] or model_id
        by_id = next((model.path for model in models if known and model.model_id == known), "")
        place = by_id or places.rebase(address, bases)
        if f"{place}/MLmodel" in places.files:
            return place
    of_run = [model.path for model in models if run_id and model.run_id == run_id]
    return of_run[0] if len(of_run) == 1 else ""
