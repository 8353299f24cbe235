"""Train, compare and track the models of this milestone; save the best pipeline. Run it from this folder."""

from __future__ import annotations

from pathlib import Path

import mlflow
import pandas as pd
import skops.io
from rows import HEADER, rows
from sklearn.base import ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

MODELS: dict[str, ClassifierMixin] = {
    "dummy": DummyClassifier(strategy="most_frequent"),
    "logistic-regression": LogisticRegression(max_iter=1000),
    "decision-tree": DecisionTreeClassifier(max_depth=6, min_samples_leaf=20, random_state=0),
    "random-forest": RandomForestClassifier(n_estimators=60, min_samples_leaf=5, random_state=0),
    "nearest-neighbours": KNeighborsClassifier(n_neighbors=25),
}
NUMBERS, WORDS = ["age", "education-num", "hours-per-week"], ["workclass"]


def pipeline(model: ClassifierMixin) -> Pipeline:
    """Raw rows in, an income class out: preprocessing goes with the model."""
    prepare = make_column_transformer(
        (StandardScaler(), NUMBERS), (OneHotEncoder(handle_unknown="ignore"), WORDS)
    )
    return make_pipeline(prepare, model)


def main() -> None:
    """One tracked run a model, the dummy included."""
    table = pd.DataFrame(rows(), columns=list(HEADER))
    train, test = train_test_split(table, test_size=0.25, random_state=0, stratify=table["income"])
    mlflow.set_experiment("income")
    scores = {}
    for name, model in MODELS.items():
        with mlflow.start_run(run_name=name):
            fitted = pipeline(model).fit(train[NUMBERS + WORDS], train["income"])
            answers = fitted.predict(test[NUMBERS + WORDS])
            scores[name] = (f1_score(test["income"], answers, average="macro"), fitted)
            mlflow.log_param("model", name)
            mlflow.log_metric("f1_macro", scores[name][0])
            print(f"{name}: f1_macro={scores[name][0]:.3f}")
    best = max(scores, key=lambda name: scores[name][0])
    Path("models").mkdir(exist_ok=True)
    skops.io.dump(scores[best][1], "models/pipeline.skops")
    print("saved", best)


if __name__ == "__main__":
    main()
