"""MLflow stores: every layout is read, nothing is changed, and what is missing is said."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing

import pytest

from cohort_bot.checks.stores import find
from cohort_bot.checks.stores.places import Places, segments
from cohort_bot.checks.stores.texts import history
from cohort_bot.verdict import Outcome
from tests.checks import mlflow_stores as stores
from tests.checks.work import Work

EXP = "stage/mlruns/754890393248291025"


@pytest.fixture
def tracked(work: Work) -> Work:
    """Three finished runs and a failed one, in a file store."""
    stores.experiment(work, EXP, "census")
    for number, (name, score) in enumerate({"dummy": 0.4, "logreg": 0.7, "forest": 0.8}.items()):
        stores.file_run(work, EXP, number, params={"model": name}, metrics={"f1": [score], "loss": [3, 2, 1]})
    stores.file_run(work, EXP, 9, status="FAILED")
    return work


def test_everything_that_was_asked_for(tracked: Work) -> None:
    one = tracked.judge(
        "mlflow", stores=["stage"], min_finished_runs=3, metrics=["f1"], params=["model"],
        distinct_params={"model": 3}, param_values={"model": ["*Dummy*"]}, history_steps=3,
        experiment="census",
    )  # fmt: skip
    assert one.status is Outcome.PASSED, one
    assert one.evidence["finished"] == 3
    assert one.evidence["stores"] == [{"path": "stage/mlruns", "kind": "files", "runs": 4}]


@pytest.mark.parametrize(
    ("asked", "found", "step"),
    [
        ({"min_finished_runs": 5}, "3 finished runs", "Run the missing experiments"),
        (
            {"metrics": ["accuracy"]},
            "the finished runs log `f1`, `loss`",
            'mlflow.log_metric("accuracy", value)',
        ),
        ({"params": ["depth"]}, "the finished runs log `model`", 'mlflow.log_param("depth", value)'),
        ({"distinct_params": {"model": 4}}, "`model` takes 3 values", "another `model`"),
        ({"param_values": {"model": ["svm"]}}, "`dummy`, `forest`, `logreg`", "log `model` as `svm`"),
        ({"history_steps": 5}, "has 3 steps", "in every epoch"),
        ({"registered": 2}, "registered models: none", "mlflow.register_model"),
        ({"experiment": "images"}, "runs in `census`", 'set_experiment("images")'),
        ({"stores": ["other"]}, "no MLflow store under `other`", "start_run"),
    ],
)
def test_what_is_missing(tracked: Work, asked: dict[str, object], found: str, step: str) -> None:
    one = tracked.judge("mlflow", **asked)
    assert one.status is Outcome.FAILED
    assert found in one.found
    assert step in one.next


def test_failed_runs_are_counted_and_named(tracked: Work) -> None:
    assert "1 `failed`" in tracked.judge("mlflow", min_finished_runs=4).why


def test_a_metric_that_is_not_a_number(work: Work) -> None:
    stores.file_run(work, EXP, 1, metrics={"f1": [math.nan]})
    one = work.judge("mlflow", metrics=["f1"])
    assert one.found == "`f1` is `nan` in every run that logs it"
    assert "stops being a number" in one.next


def test_a_missing_experiment_file_a_deleted_run_and_the_bin(work: Work) -> None:
    stores.file_run(work, EXP, 1, metrics={"f1": [0.5]}, end=None)
    stores.file_run(work, EXP, 2, stage="deleted")
    stores.file_run(work, "stage/mlruns/.trash/5", 3)
    stores.file_run(work, "venv/mlruns/5", 4)
    stores.experiment(work, "stage/mlruns/6", "gone", stage="deleted")
    stores.file_run(work, "stage/mlruns/6", 5)
    store = find(work.submission(), []).stores[0]
    assert [run.id for run in store.runs] == [stores.run_id(1)]
    assert store.runs[0].experiment == EXP.rsplit("/", 1)[1]
    assert store.runs[0].end is None


def test_layouts_of_mlflow_2_and_3_find_their_models(work: Work) -> None:
    two, three = "two/mlruns/0", "three/mlruns/0"
    run = stores.file_run(work, two, 1)
    stores.model(work, f"{run}/artifacts/my model", 1)
    address = f"file:///C:/Users/Ada%20L/course/mlruns/0/{stores.run_id(1)}/artifacts/my%20model"
    stores.version(work, "two/mlruns", "iris", 1, address)
    stores.file_run(work, three, 2)
    stores.model(work, f"{three}/models/m-1/artifacts", 2, "m-1")
    stores.version(
        work, "three/mlruns", "iris", 1, "models:/m-1", storage_location="/home/ada/x/models/m-1/artifacts"
    )
    stores.version(work, "three/mlruns", "iris", 2, "s3://bucket/elsewhere/model")
    one, other = sorted(find(work.submission(), []).stores, key=lambda store: store.path, reverse=True)
    assert [version.path for version in one.registered] == [f"{run}/artifacts/my model"]
    assert [version.path for version in other.registered] == [f"{three}/models/m-1/artifacts", ""]
    assert other.foreign == ("s3://bucket/elsewhere/model",)


def test_registered_versions(work: Work) -> None:
    stores.file_run(work, EXP, 1)
    for number in (1, 2):
        stores.version(work, "stage/mlruns", "iris", number, "/home/ada/gone/model")
    stores.version(work, "stage/mlruns", "iris", 3, "x", current_stage="Deleted_Internal")
    one = work.judge("mlflow", registered=2)
    assert one.status is Outcome.PASSED
    assert "nobody who clones it can load" in one.advice[0]
    assert work.judge("mlflow", registered=3).found == "registered models: `iris` with 2"


@pytest.mark.parametrize("schema", [stores.OLD, stores.NEW], ids=["old", "new"])
def test_databases_of_several_revisions(work: Work, schema: str) -> None:
    columns = "(key, value, timestamp, run_uuid, step)"
    stores.database(
        work.write("mlflow.db"), schema,
        "INSERT INTO runs VALUES"
        " ('r1', 'one', 'FINISHED', 0, NULL, 'active', 'mlflow-artifacts:/1/r1/artifacts', 1)",
        "INSERT INTO runs VALUES ('r2', 'two', 'FINISHED', 0, 1, 'deleted', '', 1)",
        "INSERT INTO params VALUES ('model', 'dummy', 'r1')",
        f"INSERT INTO metrics {columns} VALUES ('loss', 3, 1, 'r1', 0)",
        f"INSERT INTO metrics {columns} VALUES ('loss', 2, 2, 'r1', 1)",
        f"INSERT INTO metrics {columns} VALUES ('loss', 9, 0, 'r1', 1)",
        f"INSERT INTO metrics {columns} VALUES ('big', 1.7976931348623157e308, 0, 'r1', 0)",
    )  # fmt: skip
    work.write("mlartifacts/1/r1/artifacts/model/MLmodel", "run_id: r1\n")
    (store,) = find(work.submission(), []).stores
    (run,) = store.runs
    assert (run.experiment, run.params) == ("work", {"model": "dummy"})
    assert (run.metrics["loss"], run.steps["loss"]) == (2, 2)
    assert run.metrics["big"] == math.inf
    assert run.artifacts == "mlartifacts/1/r1/artifacts"
    assert not run.finite("big")


def test_a_flag_says_that_a_stored_number_is_none(work: Work) -> None:
    stores.database(
        work.write("mlflow.db"), stores.NEW,
        "INSERT INTO runs VALUES ('r1', 'one', 'FINISHED', 0, 1, 'active', '', 1)",
        "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('f1', 0, 1, 'r1', 0, 1)",
    )  # fmt: skip
    assert "`nan`" in work.judge("mlflow", metrics=["f1"]).found


def test_the_learners_database_stays_as_it_is(work: Work) -> None:
    place = work.write("mlflow.db")
    stores.database(place, stores.OLD)
    before = (place.read_bytes(), place.stat().st_mtime_ns, sorted(work.root.iterdir()))
    work.judge("mlflow")
    assert (place.read_bytes(), place.stat().st_mtime_ns, sorted(work.root.iterdir())) == before


@pytest.mark.parametrize("damage", [b"", b"garbage", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_database(work: Work, damage: bytes) -> None:
    work.write("mlflow.db", damage)
    one = work.judge("mlflow")
    assert one.status is Outcome.FAILED
    assert one.fault == "learner"
    assert "cannot be read" in one.found


def test_half_a_database(work: Work) -> None:
    place = work.write("mlflow.db")
    rows = [f"INSERT INTO params VALUES ('k{n}', '{'x' * 500}', 'r')" for n in range(200)]
    stores.database(place, stores.OLD, *rows)
    place.write_bytes(place.read_bytes()[:20_000])
    one = work.judge("mlflow")
    assert one.status is Outcome.FAILED


def test_a_database_with_words_where_numbers_belong(work: Work) -> None:
    stores.database(
        work.write("mlflow.db"), stores.OLD,
        "INSERT INTO runs VALUES ('r1', 'one', 'FINISHED', 'x', 'y', 'active', 5, 1)",
        "INSERT INTO metrics VALUES ('f1', 'high', 'now', 'r1', 'first')",
    )  # fmt: skip
    one = work.judge("mlflow", metrics=["f1"])
    assert one.status is Outcome.FAILED
    assert "cannot be read" in one.found


def test_a_database_of_something_else_is_passed_over(work: Work) -> None:
    with closing(sqlite3.connect(work.write("app.db"))) as opened:
        opened.execute("CREATE TABLE users (id)")
    assert find(work.submission(), []).stores == ()


def test_a_database_that_would_compute_for_ever(work: Work) -> None:
    with closing(sqlite3.connect(work.write("mlflow.db"))) as opened:
        endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x"
        opened.execute(f"CREATE VIEW runs AS {endless} AS run_uuid FROM n")
        opened.execute("CREATE TABLE experiments (experiment_id, name)")
        opened.commit()
    assert work.judge("mlflow").duration_ms < 60_000


def test_broken_yaml_is_told_and_the_rest_is_read(tracked: Work) -> None:
    tracked.write(f"{EXP}/{stores.run_id(77)}/meta.yaml", "a: [b\n")
    store = find(tracked.submission(), []).stores[0]
    assert len(store.runs) == 4
    assert store.problems == (f"{EXP}/{stores.run_id(77)}/meta.yaml cannot be read",)


def test_a_store_that_gitignore_keeps_out(tracked: Work) -> None:
    tracked.write(".gitignore", "mlruns/\n")
    tracked.commit()
    one = tracked.judge("mlflow", stores=["stage"])
    assert one.status is Outcome.FAILED
    assert "`stage/mlruns` is on this disk, but `.gitignore`" in one.why


def test_yaml_that_would_run_code_does_not(work: Work) -> None:
    work.write(
        f"{EXP}/{stores.run_id(1)}/meta.yaml", f"!!python/object/apply:os.system ['touch {work.root}/pwned']"
    )
    work.judge("mlflow")
    assert not (work.root / "pwned").exists()


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("file:///C:/Users/A%20B/mlruns/1", ["Users", "A B", "mlruns", "1"]),
        ("C:\\Users\\A\\mlruns", ["Users", "A", "mlruns"]),
        ("mlflow-artifacts:/1/a/artifacts", ["1", "a", "artifacts"]),
        ("../mlruns/./1", ["mlruns", "1"]),
        ("s3://bucket/a/b", ["a", "b"]),
    ],
)
def test_the_names_along_an_address(address: str, parts: list[str]) -> None:
    assert segments(address) == parts


def test_the_longest_end_that_exists_wins() -> None:
    places = Places(["a/mlruns/1/r/artifacts/MLmodel", "artifacts/MLmodel", "r/artifacts/MLmodel"])
    assert places.rebase("/home/x/mlruns/1/r/artifacts", ["a", ""]) == "a/mlruns/1/r/artifacts"
    assert places.rebase("/home/x/other/artifacts", ["a", ""]) == ""
    assert places.rebase("artifacts", ["a", ""]) == "artifacts"


@pytest.mark.parametrize(
    ("text", "last", "steps"),
    [
        ("1 0.5 0\n2 0.7 1\n", 0.7, 2),
        ("5 0.5\n", 0.5, 1),
        ("0.5\n", 0.5, 1),
        ("9 1 0\n3 2 0\n", 1, 1),
        ("1 0.5 0 m-1 x\n", 0.5, 1),
    ],
)
def test_metric_files(text: str, last: float, steps: int) -> None:
    assert history(text) == (last, steps)


@pytest.mark.parametrize("text", ["", "nonsense", "1 two 3"])
def test_metric_files_without_a_value(text: str) -> None:
    last, steps = history(text)
    assert math.isnan(last)
    assert steps == 0
