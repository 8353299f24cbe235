"""Stage 3: models shown by their tracked runs and their answers to questions without labels.

No pre-trained weights can be had where these tests run, so small linear models stand in for the transformer
and the CNN. They are really trained, epoch by epoch, and the answers are theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.checks.submissions import Broken, run, write_up
from tests.checks.work import Work

FOLDER = "stage-3-specialization"
HEADINGS = ["Text", "Vision", "What the mistakes taught me", "A paper I read"]
TRAIN = """
import csv, pathlib, random, warnings; warnings.filterwarnings("ignore")
import mlflow
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

mlflow.set_tracking_uri("sqlite:///mlflow.db")
chance = random.Random(3)
WORDS = {0: "dull clumsy tedious hollow".split(), 1: "superb charming brilliant moving".split()}
REST = "film plot actor scene music ending light voice".split()

def text():
    labels = [chance.randint(0, 1) for _ in range(1200)]
    reviews = [" ".join(chance.choices(WORDS[label], k=2) + chance.choices(REST, k=8)) for label in labels]
    return "hashed-words", HashingVectorizer(n_features=512).transform(reviews).toarray(), labels, 200

def vision():
    digits = load_digits()
    return "raw-pixels", digits.data / 16, digits.target.tolist(), 500

def keep(path, header, rows):
    path = pathlib.Path(path)
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])

for task in (text, vision):
    base, inputs, labels, held = task()
    model = SGDClassifier(loss="log_loss", random_state=0)
    mlflow.set_experiment(task.__name__)
    with mlflow.start_run():
        known = str(sorted(set(labels)))
        mlflow.log_params({"base_model": base, "labels": known, "learning_rate": "optimal"})
        for step in range(6):
            model.partial_fit(inputs[:-held], labels[:-held], classes=sorted(set(labels)))
            probable = model.predict_proba(inputs[:-held])
            mlflow.log_metric("loss", log_loss(labels[:-held], probable), step=step)
            mlflow.log_metric("accuracy", model.score(inputs[:-held], labels[:-held]), step=step)
    keep(f"predictions/{task.__name__}.csv", ["id", "prediction"], enumerate(model.predict(inputs[-held:])))
    keep(f"truth/{task.__name__}.csv", ["id", "label"], enumerate(labels[-held:]))
"""


def build(work: Work, course: Path) -> None:
    """The passing work, and the labels that the organiser kept."""
    (course / "stage-3").mkdir(parents=True)
    (work.root / FOLDER).mkdir(parents=True, exist_ok=True)
    run(work, TRAIN, FOLDER)
    truth = work.root / FOLDER / "truth"
    for task, file in {"text": "texts", "vision": "images"}.items():
        (truth / f"{task}.csv").rename(course / f"stage-3/{file}.csv")
        work.write(f"{FOLDER}/train_{task}.py", TRAIN)
    truth.rmdir()
    work.write(f"{FOLDER}/requirements.txt", "scikit-learn==1.5.2\nmlflow==3.4.0\n")
    for name in ("text", "vision"):
        work.write(f"{FOLDER}/{name}.png", b"\x89PNG")
    pictures = "text.png)\n\n![confusion](vision.png"
    work.write(f"{FOLDER}/README.md", write_up("Two fine-tunings", HEADINGS, 420, pictures))
    work.commit()


def predicted(work: Work) -> list[list[str]]:
    """The model's answers on texts, as rows of id and prediction."""
    text = (work.root / FOLDER / "predictions/text.csv").read_text()
    return [line.split(",") for line in text.split()[1:]]


def answer(work: Work, rows: list[list[str]]) -> None:
    """Put other answers on texts in place of the model's."""
    lines = [f"{number},{label}\n" for number, label in rows]
    work.write(f"{FOLDER}/predictions/text.csv", "id,prediction\n" + "".join(lines))


def sql(statement: str) -> Callable[[Work], object]:
    """A change of the store."""
    code = f"import sqlite3; c = sqlite3.connect('mlflow.db'); c.execute({statement!r}); c.commit()"
    return lambda work: run(work, code, FOLDER)


def heavy(work: Work) -> None:
    """Push the weights."""
    with work.write(f"{FOLDER}/model.safetensors").open("wb") as file:
        file.truncate(440_000_000)


def spoilt(work: Work) -> None:
    """Turn 80 of the 200 answers into nonsense."""
    answer(work, [[n, "x" if int(n) < 80 else label] for n, label in predicted(work)])


def shifted(work: Work) -> None:
    """Number the answers from 1."""
    answer(work, [[str(int(n) + 1), label] for n, label in predicted(work)])


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
    "too many wrong": Broken(spoilt, "text-answers", "`accuracy` 0.600 on 200", "validation set"),
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
