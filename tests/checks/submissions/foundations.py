"""Stage 1: classical models on the census table, tracked and saved."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests.checks.submissions import PREPARE, Broken, census, csv_of, run, versions, write_up
from tests.checks.work import Work

FOLDER = "stage-1-classical-ml"
NOTEBOOK = f"{FOLDER}/notebooks/exploration.ipynb"
HEADINGS = ["Data", "Models", "Results", "What I would try next"]
TRAIN = (
    PREPARE
    + """
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
mlflow.set_tracking_uri("file:./mlruns")
mlflow.set_experiment("census")
for name, model in {
    "dummy": DummyClassifier(), "tree": DecisionTreeClassifier(max_depth=4, random_state=0),
    "bayes": GaussianNB(), "logistic": LogisticRegression(max_iter=500),
}.items():
    with mlflow.start_run(run_name=name):
        best = pipeline(model).fit(train_X, train_y)
        mlflow.log_param("model", name)
        mlflow.log_metric("f1_macro", f1_score(test_y, best.predict(test_X), average="macro"))
import pathlib; pathlib.Path("models").mkdir()
skops.io.dump(best, "models/pipeline.skops")
"""
)


def build(work: Work, course: Path) -> None:
    """The passing work, and the rows that the organiser kept."""
    work.write(f"{FOLDER}/data/train.csv", csv_of(census(600, seed=1)))
    (course / "stage-1").mkdir(parents=True)
    (course / "stage-1/census.csv").write_text(csv_of(census(200, seed=2)))
    work.write(f"{FOLDER}/requirements.txt", versions())
    work.write(f"{FOLDER}/README.md", write_up("Income", HEADINGS, 260))
    notebook(work, [1, 2, 3])
    run(work, TRAIN, FOLDER)
    work.commit()


def notebook(work: Work, counts: list[int | None]) -> None:
    """An exploration whose cells were run in that order."""
    cells = [new_code_cell(f"x = {n}", execution_count=count) for n, count in enumerate(counts)]
    work.write(NOTEBOOK, nbformat.writes(new_notebook(cells=cells)))


def inflate(work: Work) -> None:
    """Log a score that was measured on the rows that the model had learnt."""
    for file in (work.root / FOLDER / "mlruns").glob("*/*/metrics/f1_macro"):
        file.write_text("1 0.999 0\n")


def without_dummy(work: Work) -> None:
    """Call the baseline something else."""
    for file in (work.root / FOLDER / "mlruns").glob("*/*/params/model"):
        file.write_text(file.read_text().replace("dummy", "forest"))


def bare_model(work: Work) -> None:
    """Save the last step only, which wants prepared columns."""
    run(
        work,
        "import skops.io as s; p = s.load('models/pipeline.skops'); s.dump(p[-1], 'models/pipeline.skops')",
        FOLDER,
    )


def guessing_model(work: Work) -> None:
    """Save a model that guesses."""
    code = PREPARE + "from sklearn.dummy import DummyClassifier\n"
    run(work, code + "skops.io.dump(pipeline(DummyClassifier()).fit(X, y), 'models/pipeline.skops')", FOLDER)


def remove_runs(work: Work) -> None:
    """Keep the store out of the repo."""
    work.write(".gitignore", "mlruns/\n")
    work.git("rm", "-rq", "--cached", f"{FOLDER}/mlruns")


BROKEN = {
    "model never pushed": Broken(
        lambda work: (work.root / FOLDER / "models/pipeline.skops").unlink(),
        "classical-files",
        "models/pipeline.skops",
        "Add `stage-1-classical-ml/models/pipeline.skops`",
    ),
    "environment pushed": Broken(
        lambda work: work.write(f"{FOLDER}/venv/bin/python", "x"),
        "classical-tidy",
        "venv/bin/python",
        "git rm -r",
    ),
    "notebook never run": Broken(
        lambda work: notebook(work, [None, None]),
        "exploration-notebook",
        "0 of 2 code cells",
        "run all",
    ),
    "notebook run in another order": Broken(
        lambda work: notebook(work, [5, 2, 9]),
        "exploration-notebook",
        "`5, 2, 9`",
        "run all",
    ),
    "no baseline": Broken(without_dummy, "classical-runs", "`bayes`, `forest`", "dummy"),
    "store ignored": Broken(remove_runs, "classical-runs", "no MLflow store", "out of `.gitignore`"),
    "score of known rows": Broken(
        inflate, "pipeline-score", "your best run logged 0.999", "no step of the training"
    ),
    "model without its preprocessing": Broken(
        bare_model,
        "pipeline-score",
        "could not be loaded and asked",
        "preprocessing included",
    ),
    "model that guesses": Broken(guessing_model, "pipeline-score", "`f1_macro` 0.4", "validation set"),
    "write-up without results": Broken(
        lambda work: work.write(f"{FOLDER}/README.md", write_up("Income", HEADINGS[:2], 260)),
        "classical-write-up",
        "`Data`, `Models`",
        "`Results`",
    ),
}
