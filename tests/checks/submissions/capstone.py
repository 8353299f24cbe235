"""Stage 5: a project of the learner's own, from the data to the running service, with a history."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from tests.checks.submissions import Broken, census, csv_of, run, write_up
from tests.checks.submissions.mlops import TRAIN, edit, service
from tests.checks.work import Work

FOLDER = "stage-5-capstone"
HEADINGS = ["Problem", "Data", "Design choices", "Trade-offs", "Results", "Limits"]
PERSON: dict[str, object] = {
    "age": 30,
    "workclass": "Private",
    "education": "11th",
    "education_num": 7,
    "marital_status": "Never-married",
    "occupation": "Sales",
    "relationship": "Wife",
    "capital_gain": 0,
    "capital_loss": 0,
    "hours_per_week": 20,
}
RICH = PERSON | {"education": "Doctorate", "education_num": 16, "capital_gain": 15024, "hours_per_week": 60}
MORE_TESTS = """

@pytest.mark.parametrize("hours", [20, 30])
def test_short_hours(hours):
    person = PERSON | {"hours_per_week": hours, "education_num": 6, "capital_gain": 0}
    assert answer(load(), person) == "<=50K"
"""


def build(work: Work, course: Path) -> None:
    """The passing work, made over twenty days."""
    del course
    work.write(f"{FOLDER}/data/train.csv", csv_of(census(600, seed=1)))
    work.write(
        f"{FOLDER}/collect.py", '"""Collects the data again."""\n\n\ndef source():\n    return "census"\n'
    )
    work.write(".github/workflows/ci.yml", "on: push\n")
    work.write(f"{FOLDER}/curve.png", b"\x89PNG")
    text = write_up("https://capstone.example.org", HEADINGS, 820, "curve.png")
    work.write(f"{FOLDER}/README.md", text)
    service(work, FOLDER)
    tests = (work.root / FOLDER / "tests/test_service.py").read_text()
    work.write(f"{FOLDER}/tests/test_service.py", tests + MORE_TESTS)
    examples(work, "<=50K", ">50K")
    run(work, TRAIN, FOLDER)
    for number in range(20):
        work.write(f"{FOLDER}/diary.txt", f"day {number}\n")
        work.commit(day=(date(2026, 9, 1) + timedelta(days=number)).isoformat())


def examples(work: Work, *answers: str) -> None:
    """The requests whose answers the learner promises."""
    asked = [
        {"method": "POST", "path": "/predict", "body": body, "answer": answer}
        for body, answer in zip((PERSON, RICH), answers, strict=False)
    ]
    work.write(f"{FOLDER}/examples.json", json.dumps(asked))


def squashed(work: Work) -> None:
    """Put all the work into one commit."""
    work.git("checkout", "-q", "--orphan", "fresh")
    work.commit("Everything")
    work.git("branch", "-M", "fresh", "main")


SERVICE = "capstone-service"
SERVER = "python -m uvicorn service.app:app --host 0.0.0.0 --port 8000"
BROKEN = {
    "no data collection": Broken(
        lambda work: (work.root / FOLDER / "collect.py").unlink(),
        "capstone-files",
        "collect.py",
        "collect.py",
    ),
    "a key in the repo": Broken(
        lambda work: work.write("kaggle.json", "{}"), "capstone-files", "kaggle.json", "git rm"
    ),
    "examples that are no JSON": Broken(
        lambda work: work.write(f"{FOLDER}/examples.json", "[{'body'}]"),
        SERVICE,
        "examples.json",
        "in that form",
    ),
    "a promise that is not kept": Broken(
        lambda work: examples(work, ">50K", ">50K"), SERVICE, "answers `<=50K`", "right answer is known"
    ),
    "one example only": Broken(examples, SERVICE, "no answer to compare", "request's values"),
    "stops at nothing": Broken(
        edit(
            "Dockerfile",
            'CMD ["python", "-m", "uvicorn", "service.app:app", "--host", "0.0.0.0", "--port", "8000"]',
            f"CMD trap '' TERM; {SERVER}; sleep 60",
            FOLDER,
        ),
        SERVICE,
        "had to be killed",
        "Write `CMD` as a list",
    ),
    "credentials at start": Broken(
        edit(
            "service/app.py",
            "model = load()",
            'import os\n\nmodel = load(), os.environ["AWS_SECRET_KEY"]',
            FOLDER,
        ),
        SERVICE,
        "AWS_SECRET_KEY",
        "Start without them",
    ),
    "all in one commit": Broken(squashed, "capstone-history", "1 commit under", "each finished step"),
    "no trade-offs": Broken(
        edit("README.md", "## Trade-offs", "## Thanks", FOLDER),
        "capstone-write-up",
        "`Thanks`",
        "`Trade-offs`",
    ),
    "a failing test": Broken(
        edit("tests/test_service.py", "status_code == 200", "status_code == 201", FOLDER),
        "capstone-tests",
        "assert 200 == 201",
        "mend the code",
    ),
}
