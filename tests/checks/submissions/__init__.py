"""Submissions for the shipped roadmap: for every stage one that passes, and ways to break it.

Each module builds its stage's passing work as a learner would,
with models that are really trained and tracked.
`BROKEN` changes it in one way each, and says which check notices and what it must tell.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from tests.checks.work import Work


@dataclass(frozen=True)
class Broken:
    """One way to break a submission, the check that notices, and words of what it found and of what to do."""

    change: Callable[[Work], object]
    check: str
    found: str
    step: str


def run(work: Work, code: str, folder: str) -> None:
    """Run Python as the learner did while working, in `folder`, with the packages of the tests."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(work.scratch), "MLFLOW_ALLOW_FILE_STORE": "true"}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=work.root / folder,
        env=environment,
        check=True,
        timeout=300,
        capture_output=True,
    )


def prose(words: int, seed: int = 0) -> str:
    """So many words of no great meaning."""
    chance = random.Random(seed)
    known = [
        "the",
        "model",
        "data",
        "score",
        "rows",
        "choice",
        "because",
        "split",
        "error",
        "better",
        "baseline",
    ]
    return " ".join(chance.choice(known) for _ in range(words)) + "."


def write_up(title: str, headings: list[str], words: int, picture: str = "") -> str:
    """A Markdown file with a paragraph under each heading."""
    each = words // len(headings) + 5
    parts = [f"## {heading}\n\n{prose(each, number)}\n" for number, heading in enumerate(headings)]
    shown = f"![what it shows]({picture})\n" if picture else ""
    return f"# {title}\n\n{shown}\n" + "\n".join(parts)


def census(count: int, seed: int) -> list[dict[str, object]]:
    """People and whether they earn more than 50,000: made up, but with a pattern and some noise in it."""
    chance = random.Random(seed)
    people = []
    for _ in range(count):
        years, hours, age = chance.randint(6, 16), chance.randint(15, 70), chance.randint(18, 80)
        gain = chance.choice([0, 0, 0, 15024])
        score = (years - 10) * 1.2 + (hours - 40) * 0.12 + gain / 3000 + chance.gauss(0, 1)
        person = {
            "age": age,
            "workclass": chance.choice(["Private", "Self-emp-inc", "State-gov"]),
            "education": {6: "11th", 16: "Doctorate"}.get(years, "Some-college"),
            "education_num": years,
            "marital_status": chance.choice(["Never-married", "Married-civ-spouse"]),
            "occupation": chance.choice(["Other-service", "Exec-managerial", "Sales"]),
            "relationship": chance.choice(["Own-child", "Husband", "Wife"]),
            "capital_gain": gain,
            "capital_loss": 0,
            "hours_per_week": hours,
            "income": ">50K" if score > 0 else "<=50K",
        }
        people.append(person)
    return people


def csv_of(rows: list[dict[str, object]]) -> str:
    """Rows as CSV with a header."""
    lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    return "\n".join(lines) + "\n"


# The start of every training script: the census table, and columns prepared for a model.
PREPARE = """
import warnings; warnings.filterwarnings("ignore")
import mlflow, pandas as pd, skops.io
from sklearn.compose import ColumnTransformer
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.model_selection import train_test_split
rows = pd.read_csv("data/train.csv")
X, y = rows.drop(columns="income"), rows.income
words = [name for name in X if X[name].dtype not in ("int64", "float64")]
numbers = [name for name in X if name not in words]
def pipeline(model):
    columns = ColumnTransformer(
        [("words", OneHotEncoder(handle_unknown="ignore"), words), ("numbers", StandardScaler(), numbers)]
    )
    return make_pipeline(columns, model)
train_X, test_X, train_y, test_y = train_test_split(X, y, random_state=0)
"""


def versions() -> str:
    """The requirements of a learner who pinned what they trained with."""
    import pandas
    import sklearn
    import skops

    return f"pandas=={pandas.__version__}\nscikit-learn=={sklearn.__version__}\nskops=={skops.__version__}\n"
