"""MLflow stores written by hand, in the layouts that MLflow 2 and 3 leave on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import yaml

from tests.checks.work import Work

STATUS = {"RUNNING": 1, "FINISHED": 3, "FAILED": 4}


def run_id(number: int) -> str:
    """A run's id: 32 hexadecimal digits."""
    return f"{number:032x}"


def experiment(work: Work, folder: str, name: str, stage: str = "active") -> None:
    """An experiment of a file store."""
    work.write(f"{folder}/meta.yaml", yaml.safe_dump({"name": name, "lifecycle_stage": stage}))


def file_run(
    work: Work,
    folder: str,
    number: int,
    *,
    params: Mapping[str, str] | None = None,
    metrics: Mapping[str, list[float]] | None = None,
    status: str | int = "FINISHED",
    stage: str = "active",
    end: int | None = 1000,
) -> str:
    """A run of a file store; the values of a metric are its history. Returns the run's folder."""
    where = f"{folder}/{run_id(number)}"
    about = {
        "run_id": run_id(number), "status": STATUS.get(str(status), status), "lifecycle_stage": stage,
        "start_time": 0, "end_time": end, "run_name": f"run-{number}",
    }  # fmt: skip
    work.write(f"{where}/meta.yaml", yaml.safe_dump(about))
    for key, value in (params or {}).items():
        work.write(f"{where}/params/{key}", value)
    for key, values in (metrics or {}).items():
        work.write(f"{where}/metrics/{key}", "".join(f"{n} {value} {n}\n" for n, value in enumerate(values)))
    return where


def model(work: Work, folder: str, run: int, model_id: str = "") -> None:
    """A saved model's `MLmodel` file."""
    about = {
        "run_id": run_id(run),
        "flavors": {"sklearn": {}},
        **({"model_id": model_id} if model_id else {}),
    }
    work.write(f"{folder}/MLmodel", yaml.safe_dump(about))


def version(work: Work, store: str, name: str, number: int, source: str, **extra: str) -> None:
    """A registered version of a file store."""
    about = {"name": name, "version": number, "source": source, "current_stage": "None", **extra}
    work.write(f"{store}/models/{name}/version-{number}/meta.yaml", yaml.safe_dump(about))


# The oldest revision that still occurs, and a new one: columns came, and a table.
OLD = """
CREATE TABLE experiments (experiment_id INTEGER, name TEXT, artifact_location TEXT, lifecycle_stage TEXT);
CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, start_time INTEGER, end_time INTEGER,
  lifecycle_stage TEXT, artifact_uri TEXT, experiment_id INTEGER);
CREATE TABLE metrics (key TEXT, value REAL, timestamp INTEGER, run_uuid TEXT, step INTEGER);
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
"""
NEW = (
    OLD.replace("step INTEGER", "step INTEGER, is_nan BOOLEAN, model_id TEXT")
    + """
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE registered_models (name TEXT);
CREATE TABLE model_versions (name TEXT, version INTEGER, source TEXT, run_id TEXT, current_stage TEXT,
  storage_location TEXT, model_id TEXT);
CREATE TABLE logged_models (model_id TEXT);
"""
)


def database(place: Path, schema: str, *statements: str) -> None:
    """A database with `schema` and one experiment called `work`, and then `statements`."""
    with closing(sqlite3.connect(place)) as opened:
        opened.executescript(schema)
        opened.execute("INSERT INTO experiments VALUES (1, 'work', '', 'active')")
        for statement in statements:
            opened.execute(statement)
        opened.commit()
