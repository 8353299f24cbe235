"""Stage 3: fine-tuned models, shown by their tracked runs and their answers to questions without labels."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from tests.checks.submissions import Broken, run, write_up
from tests.checks.work import Work

FOLDER = "stage-3-specialization"
HEADINGS = ["Text", "Vision", "What the mistakes taught me", "A paper I read"]
COUNTS = {"text": 200, "vision": 500}
TRACK = """
import warnings; warnings.filterwarnings("ignore")
import mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
for experiment, base in {"text": "distilbert-base-uncased", "vision": "microsoft/resnet-18"}.items():
    mlflow.set_experiment(experiment)
    with mlflow.start_run():
        mlflow.log_params({"base_model": base, "labels": "{0: 'bad', 1: 'good'}", "learning_rate": 2e-5})
        for step in range(6):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
            mlflow.log_metric("accuracy", 0.9, step=step)
"""


def truth(task: str) -> list[str]:
    """The right answers, which only the organiser has."""
    chance = random.Random(task)
    return [str(chance.randint(0, 1 if task == "text" else 9)) for _ in range(COUNTS[task])]


def build(work: Work, course: Path) -> None:
    """The passing work, and the labels that the organiser kept."""
    (course / "stage-3").mkdir(parents=True)
    for task, file in {"text": "texts", "vision": "images"}.items():
        rows = "".join(f"{n},{label}\n" for n, label in enumerate(truth(task)))
        (course / f"stage-3/{file}.csv").write_text("id,label\n" + rows)
        answers(work, task, wrong=COUNTS[task] // 10)
        work.write(f"{FOLDER}/train_{task}.py", "print('fine-tuning')\n")
    work.write(f"{FOLDER}/requirements.txt", "transformers==4.46.0\n")
    for name in ("text", "vision"):
        work.write(f"{FOLDER}/{name}.png", b"\x89PNG")
    pictures = "text.png)\n\n![confusion](vision.png"
    work.write(f"{FOLDER}/README.md", write_up("Two fine-tunings", HEADINGS, 420, pictures))
    run(work, TRACK, FOLDER)
    work.commit()


def answers(work: Work, task: str, wrong: int) -> None:
    """Predictions of which so many are wrong."""
    rows = [f"{n},{'x' if n < wrong else label}\n" for n, label in enumerate(truth(task))]
    work.write(f"{FOLDER}/predictions/{task}.csv", "id,prediction\n" + "".join(rows))


def sql(statement: str) -> Callable[[Work], object]:
    """A change of the store."""
    code = f"import sqlite3; c = sqlite3.connect('mlflow.db'); c.execute({statement!r}); c.commit()"
    return lambda work: run(work, code, FOLDER)


def heavy(work: Work) -> None:
    """Push the weights."""
    with work.write(f"{FOLDER}/model.safetensors").open("wb") as file:
        file.truncate(440_000_000)


def shifted(work: Work) -> None:
    """Number the answers from 1."""
    rows = [f"{n + 1},{label}\n" for n, label in enumerate(truth("text"))]
    work.write(f"{FOLDER}/predictions/text.csv", "id,prediction\n" + "".join(rows))


BROKEN = {
    "one task only": Broken(
        lambda work: (work.root / FOLDER / "predictions/vision.csv").unlink(),
        "special-files",
        "vision.csv",
        "vision.csv",
    ),
    "weights in git": Broken(heavy, "special-files", "model.safetensors (440.0 MB)", "out of the repo"),
    "base model not named": Broken(
        sql("DELETE FROM params WHERE key = 'base_model'"),
        "text-runs",
        "`labels`, `learning_rate`",
        '"base_model"',
    ),
    "no curve": Broken(
        sql("DELETE FROM metrics WHERE step > 0"), "vision-runs", "has 1 step", "in every epoch"
    ),
    "too many wrong": Broken(
        lambda work: answers(work, "text", 80), "text-answers", "`accuracy` 0.600 on 200", "validation set"
    ),
    "answers numbered otherwise": Broken(
        shifted, "text-answers", "1 of 200 ids have no answer, among them 0", "every id"
    ),
    "wrong columns": Broken(
        lambda work: work.write(f"{FOLDER}/predictions/vision.csv", "image,class\na,1\n"),
        "vision-answers",
        "its columns are image, class",
        "every id",
    ),
    "half a write-up": Broken(
        lambda work: work.write(f"{FOLDER}/README.md", write_up("Two", HEADINGS, 150)),
        "special-write-up",
        "words",
        "trade-offs",
    ),
}
