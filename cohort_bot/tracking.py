"""What an MLflow store holds, whichever way it was written: runs, logged models, registered versions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Run:
    """One tracked run. Times are milliseconds since 1970; `metrics` are the last logged values.

    `steps` says how many different steps each metric was logged at. `artifacts` is the folder's path inside
    the submission, empty when it is not there.
    """

    id: str
    experiment: str
    name: str = ""
    status: str = ""
    start: int | None = None
    end: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    steps: Mapping[str, int] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    artifacts: str = ""

    @property
    def finished(self) -> bool:
        """Whether the run came to its end by itself."""
        return self.status == "FINISHED"

    def finite(self, metric: str) -> bool:
        """Whether `metric` was logged as a finite number."""
        return math.isfinite(self.metrics.get(metric, math.nan))


@dataclass(frozen=True)
class Model:
    """A saved model: a folder with an `MLmodel` file. `path` is inside the submission."""

    path: str
    run_id: str = ""
    model_id: str = ""
    flavors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Version:
    """A registered version. `path` is where its model lies inside the submission, empty if it does not."""

    name: str
    version: str
    run_id: str = ""
    source: str = ""
    path: str = ""


@dataclass(frozen=True)
class Store:
    """One store. `kind` is `files` or `sqlite`; `problems` is what could not be read, in plain words.

    `foreign` counts addresses that point to another machine and lead nowhere in the submission.
    """

    path: str
    kind: str
    runs: tuple[Run, ...] = ()
    models: tuple[Model, ...] = ()
    registered: tuple[Version, ...] = ()
    problems: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
