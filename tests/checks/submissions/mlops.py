"""Stage 4: the census model in a container, behind an API, tracked and registered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.checks.submissions import PREPARE, Broken, census, csv_of, run, versions, write_up
from tests.checks.work import Work

FOLDER = "stage-4-production"
HEADINGS = ["Release", "Roll back", "Monitoring", "Cost"]
DOCKERFILE = """
FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN python -m pip install --no-cache-dir -r requirements.txt
COPY service ./service
COPY models ./models
EXPOSE 8000
CMD ["python", "-m", "uvicorn", "service.app:app", "--host", "0.0.0.0", "--port", "8000"]
"""
REQUIREMENTS = "fastapi\nuvicorn\nhttpx2\n"
APP = '''
"""The API: one person in, one answer out."""

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from service.model import answer, load

app = FastAPI()
model = load()


class Person(BaseModel):
    """One row of the census table."""

    model_config = ConfigDict(extra="forbid")
    age: int
    workclass: str
    education: str
    education_num: int
    marital_status: str
    occupation: str
    relationship: str
    capital_gain: int
    capital_loss: int
    hours_per_week: int


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/predict")
def predict(person: Person):
    return {"prediction": answer(model, person.model_dump())}
'''
MODEL = '''
"""The model that was registered last, and how to ask it."""

from pathlib import Path

import pandas as pd
import skops.io

PATH = Path(__file__).parent.parent / "models" / "pipeline.skops"


def load():
    return skops.io.load(PATH, trusted=skops.io.get_untrusted_types(file=PATH))


def answer(model, person):
    return str(model.predict(pd.DataFrame([person]))[0])
'''
TESTS = """
import pytest
from fastapi.testclient import TestClient

from service.app import app
from service.model import answer, load

PERSON = dict(
    age=40, workclass="Private", education="Doctorate", education_num=16, marital_status="Never-married",
    occupation="Sales", relationship="Wife", capital_gain=15024, capital_loss=0, hours_per_week=60,
)


def test_health():
    assert TestClient(app).get("/health").status_code == 200


@pytest.mark.parametrize(("years", "wanted"), [(16, ">50K"), (6, "<=50K")])
def test_years_of_education_count(years, wanted):
    person = PERSON | {"education_num": years, "capital_gain": 0, "hours_per_week": 30 + years}
    assert answer(load(), person) == wanted


def test_answer_over_http():
    assert TestClient(app).post("/predict", json=PERSON).json() == {"prediction": ">50K"}


@pytest.mark.parametrize("change", [{"age": "old"}, {"extra": 1}])
def test_nonsense_is_refused(change):
    assert TestClient(app).post("/predict", json=PERSON | change).status_code == 422
"""
TRAIN = (
    PREPARE
    + """
import pathlib, shutil
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("census")
pathlib.Path("models").mkdir(exist_ok=True)
for name, model in {
    "bayes": GaussianNB(), "cautious": LogisticRegression(C=0.001),
    "logistic": LogisticRegression(max_iter=500),
}.items():
    with mlflow.start_run(run_name=name):
        best = pipeline(model).fit(train_X, train_y)
        mlflow.log_param("model", name)
        mlflow.log_metric("f1_macro", f1_score(test_y, best.predict(test_X), average="macro"))
        if name != "bayes":
            mlflow.sklearn.log_model(best, name="model", registered_model_name="census-income")
skops.io.dump(best, "models/pipeline.skops")
"""
)


def build(work: Work, course: Path) -> None:
    """The passing work; the organiser keeps nothing back."""
    del course
    work.write(f"{FOLDER}/data/train.csv", csv_of(census(600, seed=1)))
    service(work, FOLDER)
    work.write(f"{FOLDER}/live.png", b"\x89PNG")
    notes = write_up("https://census.example.org", HEADINGS, 260, "live.png")
    work.write(f"{FOLDER}/DEPLOYMENT.md", notes)
    run(work, TRAIN, FOLDER)
    work.commit()


def service(work: Work, folder: str) -> None:
    """The image, the API in it, and its tests."""
    work.write(f"{folder}/Dockerfile", DOCKERFILE)
    work.write(f"{folder}/requirements.txt", versions() + REQUIREMENTS)
    work.write(f"{folder}/service/__init__.py")
    work.write(f"{folder}/service/app.py", APP)
    work.write(f"{folder}/service/model.py", MODEL)
    work.write(f"{folder}/tests/test_service.py", TESTS)


def edit(file: str, old: str, new: str, folder: str = FOLDER) -> Callable[[Work], object]:
    """A change of one file."""

    def change(work: Work) -> None:
        place = work.root / folder / file
        text = place.read_text()
        assert old in text
        place.write_text(text.replace(old, new))

    return change


def old_model(work: Work) -> None:
    """Serve another model than the one that was registered last: one that goes by age alone."""
    code = PREPARE + "from sklearn.tree import DecisionTreeClassifier\n"
    code += "by_age = (X.age > 33).map({True: '>50K', False: '<=50K'})\n"
    code += "skops.io.dump(pipeline(DecisionTreeClassifier()).fit(X, by_age), 'models/pipeline.skops')"
    run(work, code, FOLDER)


def accept_anything(work: Work) -> None:
    """Answer whatever is asked."""
    edit("service/app.py", "person: Person", "person: dict")(work)
    edit(
        "service/model.py",
        "    return str(",
        "    if len(person) < 10:\n        return '<=50K'\n    return str(",
    )(work)
    edit("service/app.py", "person.model_dump()", "person")(work)


def unregistered(work: Work) -> None:
    """Delete one of the two registered versions."""
    sql = "DELETE FROM model_versions WHERE version = 1"
    run(work, f"import sqlite3; c = sqlite3.connect('mlflow.db'); c.execute('{sql}'); c.commit()", FOLDER)


def foreign_registry(work: Work) -> None:
    """Leave the registered models where they were trained."""
    for file in (work.root / FOLDER).glob("mlruns/**/MLmodel"):
        file.unlink()


def empty_tests(work: Work) -> None:
    """Test nothing, many times."""
    work.write(
        f"{FOLDER}/tests/test_service.py", "".join(f"def test_{n}():\n    assert True\n\n" for n in range(6))
    )


SERVICE = "service-answers"
BROKEN = {
    "no tests": Broken(
        lambda work: (work.root / FOLDER / "tests/test_service.py").unlink(),
        "production-files",
        "tests/**/test_*.py",
        "Add and push",
    ),
    "requirement that does not exist": Broken(
        edit("requirements.txt", "fastapi\n", "fastapi==0.0.0.1\n"),
        "image-builds",
        "fastapi==0.0.0.1",
        "requirements.txt",
    ),
    "package missing from the requirements": Broken(
        edit("service/model.py", "import skops.io", "import mlflow\nimport skops.io"),
        SERVICE,
        "'mlflow'",
        "Add `mlflow`",
    ),
    "model not in the image": Broken(
        edit("Dockerfile", "COPY models ./models\n", ""),
        SERVICE,
        "models/pipeline.skops",
        "copy it in the Dockerfile",
    ),
    "error inside a 200": Broken(
        edit(
            "service/app.py",
            '{"prediction": answer(model, person.model_dump())}',
            '{"error": "Model not loaded"}',
        ),
        SERVICE,
        "answers 200, but with `error: Model not loaded`",
        "503",
    ),
    "canned answer": Broken(
        edit("service/model.py", "return str(model", 'return "<=50K"\n    return str(model'),
        SERVICE,
        "answers `<=50K`",
        "right answer is known",
    ),
    "accepts nonsense": Broken(accept_anything, SERVICE, "nonsense", "before the model sees it"),
    "not the registered model": Broken(old_model, SERVICE, "census-income", "registered"),
    "listens to itself": Broken(
        edit("Dockerfile", "0.0.0.0", "127.0.0.1"), SERVICE, "127.0.0.1:8000", "0.0.0.0"
    ),
    "registered model not pushed": Broken(
        foreign_registry, SERVICE, "which is not in the repo", "Push the model's folder"
    ),
    "one version only": Broken(unregistered, "production-runs", "`census-income` with 1", "register_model"),
    "tests that test nothing": Broken(
        empty_tests, "production-tests", "6 of them cannot fail", "assert what it must answer"
    ),
    "no price": Broken(
        lambda work: work.write(f"{FOLDER}/DEPLOYMENT.md", write_up("x", HEADINGS[:3], 260)),
        "deployment-notes",
        "Release",
        "`Cost`",
    ),
}
