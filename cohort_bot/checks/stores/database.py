"""Read an MLflow database: sqlite, at whichever revision of its schema it was left."""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from cohort_bot.checks.stores.folders import lead
from cohort_bot.checks.stores.places import Places, around
from cohort_bot.checks.stores.texts import number, word
from cohort_bot.tracking import Model, Run, Store, Version

MAGIC = b"SQLite format 3\0"
_NEEDED = {"experiments", "runs"}
_MOST_ROWS = 500_000
# sqlite asks us after this many of its steps; a query that needs more than all of them is ended.
_STEPS, _ASKED = 1_000_000, 2000

Row = Mapping[str, Any]


def is_database(file: Path) -> bool:
    """Whether a file begins as sqlite databases do, or claims by its name to be one of MLflow's."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def read(file: Path, path: str, places: Places, models: Sequence[Model]) -> Store | None:
    """The store in the database `file`; None when it is a database of something else.

    The file is opened as unchanging and read-only: no lock, no journal and no migration can touch it.
    """
    asked = iter(range(_ASKED))
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.row_factory = sqlite3.Row
            database.set_progress_handler(lambda: next(asked, None) is None, _STEPS)
            database.execute("PRAGMA trusted_schema = OFF")
            tables = _Tables(database)
            if not tables.names >= _NEEDED:
                return None
            return _store(tables, path, places, models)
    # Columns of sqlite hold values of any type, whatever they were declared as.
    except (sqlite3.Error, ValueError, TypeError, OverflowError) as problem:
        return Store(path, "sqlite", problems=(f"{path} cannot be read: {problem}",))


class _Tables:
    """Rows of those tables and columns that this revision of the schema has."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        listed = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self.names = {row["name"] for row in listed}

    def rows(self, table: str, *columns: str) -> list[Row]:
        """Each row as a mapping; columns that are not there are None. The names are ours."""
        if table not in self.names:
            return []
        there = {row["name"] for row in self.database.execute(f"PRAGMA table_info({table})")}
        chosen = [column for column in columns if column in there]
        if not chosen:
            return []
        query = f"SELECT {', '.join(chosen)} FROM {table} LIMIT {_MOST_ROWS}"  # noqa: S608
        found = self.database.execute(query).fetchall()
        blank = dict.fromkeys(columns)
        return [blank | {column: row[column] for column in chosen} for row in found]


def _store(tables: _Tables, path: str, places: Places, models: Sequence[Model]) -> Store:
    bases = around(path.rpartition("/")[0])
    runs = _runs(tables, places, bases)
    versions = tuple(_versions(tables, places, bases, models))
    foreign = tuple(version.source for version in versions if not version.path)
    return Store(path, "sqlite", tuple(runs), tuple(models), versions, foreign=foreign[:20])


def _runs(tables: _Tables, places: Places, bases: Sequence[str]) -> list[Run]:
    experiments = {
        row["experiment_id"]: word(row["name"])
        for row in tables.rows("experiments", "experiment_id", "name", "lifecycle_stage")
        if row["lifecycle_stage"] != "deleted"
    }
    metrics, steps = _metrics(tables)
    params, tags = _pairs(tables, "params"), _pairs(tables, "tags")
    rows = tables.rows(
        "runs", "run_uuid", "name", "status", "start_time", "end_time", "lifecycle_stage", "artifact_uri",
        "experiment_id",
    )  # fmt: skip
    return [
        Run(
            id=word(row["run_uuid"]),
            experiment=experiments[row["experiment_id"]],
            name=word(row["name"]) or tags[row["run_uuid"]].get("mlflow.runName", ""),
            status=word(row["status"]),
            start=number(row["start_time"]),
            end=number(row["end_time"]),
            metrics=metrics[row["run_uuid"]],
            steps=steps[row["run_uuid"]],
            params=params[row["run_uuid"]],
            tags=tags[row["run_uuid"]],
            artifacts=places.rebase(word(row["artifact_uri"]), bases),
        )
        for row in rows
        if row["lifecycle_stage"] != "deleted" and row["experiment_id"] in experiments
    ]


def _metrics(tables: _Tables) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, int]]]:
    """Each run's last values, and at how many steps each metric was logged. NaN is kept as a flag."""
    points: dict[tuple[str, str], dict[int, tuple[int, float]]] = defaultdict(dict)
    for row in tables.rows("metrics", "run_uuid", "key", "value", "timestamp", "step", "is_nan"):
        value = math.nan if row["is_nan"] or row["value"] is None else _unclamped(float(row["value"]))
        step, moment = row["step"] or 0, row["timestamp"] or 0
        before = points[row["run_uuid"], row["key"]].get(step)
        if before is None or before[0] <= moment:
            points[row["run_uuid"], row["key"]][step] = (moment, value)
    metrics: dict[str, dict[str, float]] = defaultdict(dict)
    steps: dict[str, dict[str, int]] = defaultdict(dict)
    for (run, key), by_step in points.items():
        metrics[run][key] = by_step[max(by_step)][1]
        steps[run][key] = len(by_step)
    return metrics, steps


def _unclamped(value: float) -> float:
    """MLflow's database stores infinity as the largest double (mlflow/store/tracking/sqlalchemy_store.py)."""
    return math.copysign(math.inf, value) if abs(value) >= 1.7976931348623157e308 else value


def _pairs(tables: _Tables, table: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in tables.rows(table, "run_uuid", "key", "value"):
        found[row["run_uuid"]][word(row["key"])] = word(row["value"])
    return found


def _versions(
    tables: _Tables, places: Places, bases: Sequence[str], models: Sequence[Model]
) -> list[Version]:
    rows = tables.rows(
        "model_versions",
        "name",
        "version",
        "run_id",
        "source",
        "storage_location",
        "current_stage",
        "model_id",
    )
    return [
        Version(
            name=word(row["name"]),
            version=word(row["version"]),
            run_id=word(row["run_id"]),
            source=word(row["source"]),
            path=lead(
                [word(row["storage_location"]), word(row["source"])], places, bases, models,
                word(row["run_id"]), word(row["model_id"]),
            ),
        )
        for row in rows
        if row["current_stage"] != "Deleted_Internal"
    ]  # fmt: skip
