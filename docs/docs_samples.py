"""For each kind of check an example as in a roadmap, and evidence of the failure that is seen most."""

from __future__ import annotations

from datetime import date

from cohort_bot import evidence as found
from cohort_bot.evidence import Asked, Place, Ran, Reply
from cohort_bot.model.checks import Probe
from cohort_bot.tracking import Run, Store

PREDICT = {"method": "POST", "path": "/predict", "body": {"hours": 60}, "answer": ">50K"}


def _ran(command: str, code: int, log: str) -> Ran:
    return Ran(command, code, timed_out=False, seconds=2.0, log=log)


SAMPLES: dict[str, tuple[dict[str, object], found.Gathered]] = {
    "files": (
        {"id": "files", "kind": "files", "title": "The work is where it belongs",
         "all_of": ["requirements.txt", "models/pipeline.skops"], "forbid": ["**/.env",
         "**/venv/**"], "max_mb": 50},
        found.FilesFound(
            missing=("models/pipeline.skops",), near={"models/pipeline.skops": "model/pipeline.skops"}
        ),
    ),
    "sections": (
        {"id": "write-up", "kind": "sections", "title": "The write-up tells the story", "file": "README.md",
         "headings": ["Data", "Results"], "min_words": 250, "images": 1},
        found.WriteUp("README.md", True, ("Data",), 300, 1),
    ),
    "notebook": (
        {"id": "notebook", "kind": "notebook", "title": "The exploration runs from top to bottom",
         "path": "notebooks/exploration.ipynb"},
        found.NotebooksRead((
            found.NotebookRead(
                "notebooks/exploration.ipynb", cells=4, executed=4, in_order=False, counts=(3, 1, 7, 2)
            ),
        )),
    ),
    "pytest": (
        {"id": "tests", "kind": "pytest", "title": "Your tests test your code", "path": "tests",
        "min_tests": 5,
         "min_coverage": 50, "setup": ["python -m pip install -r requirements.txt"]},
        found.TestsRan(
            _ran("pytest tests", 0, ""), reported=True, passed=("test_sum",), coverage=60.0,
            vacuous=(found.Suspicion(
                "test_sum", "it asserts only what is always so", Place("tests/test_basic.py", 1), "2 + 2 == 4"
            ),),
        ),
    ),
    "blackbox": (
        {"id": "adder", "kind": "blackbox", "title": "It adds", "command": "python add.py",
        "compare": "number",
         "inputs": [{"stdin": "2 2", "expect": "4"}]},
        found.Answers((found.Answer(_ran("python add.py", 0, ""), "0"),)),
    ),
    "mlflow": (
        {"id": "runs", "kind": "mlflow", "title": "Three models and a baseline, tracked",
        "min_finished_runs": 4,
         "metrics": ["f1_macro"], "params": ["model"], "distinct_params": {"model": 4},
         "param_values": {"model": ["*dummy*"]}},
        found.Tracked((Store("mlruns", "files", tuple(
            Run(str(n), "census", status="FINISHED" if n < 2 else "FAILED", metrics={"f1_macro": 0.8},
                params={"model": name}) for n, name in enumerate(["dummy", "forest", "svm"])
        )),)),
    ),
    "model_eval": (
        {"id": "score", "kind": "model_eval", "title": "Your pipeline holds up on rows it has never seen",
         "hidden": True, "model": "models/pipeline.skops", "data": "stage-1/census.csv", "metric": "accuracy",
         "min": 0.9, "close_to_logged": 0.03},
        found.Evaluated(
            "models/pipeline.skops", True, "skops", predictions=("a",) * 10, truth=("a",) * 7 + ("b",) * 3,
            logged=(0.99,),
        ),
    ),
    "docker_build": (
        {"id": "image", "kind": "docker_build", "title": "The image builds", "context": ".",
        "max_image_mb": 3000},
        found.Built(
            "Dockerfile", True,
            _ran("docker build -f Dockerfile .", 1, "ERROR: No matching distribution found for skit-learn"),
            stage="RUN pip install -r requirements.txt",
        ),
    ),
    "docker_service": (
        {"id": "service", "kind": "docker_service", "title": "The API answers rightly", "needs": ["image"],
         "port": 8000, "ready": "/health", "probes": [PREDICT], "distinct_answers": 2,
         "registered": "census-income",
         "bad_input": {"method": "POST", "path": "/predict", "body": {"hours": "many"}, "status": 422}},
        found.Served(
            image=True, ready_after=2.0, known=(Asked(
                Probe.model_validate(PREDICT),
                Reply(200, '{"error": "Model not loaded"}', {"error": "Model not loaded"}, is_json=True),
            ),),
        ),
    ),
    "train_smoke": (
        {"id": "loss", "kind": "train_smoke", "title": "The loss falls", "command": "python train.py --smoke",
         "max_seconds": 300, "min_drop": 0.05},
        found.Trained(_ran("python train.py --smoke", 0, ""), (0.69, 0.7, 0.69, 0.7)),
    ),
    "git": (
        {"id": "history", "kind": "git", "title": "Work on many days", "min_commit_days": 12,
        "min_commits": 20},
        found.History(True, "main", commits=31, days=(date(2026, 1, 5), date(2026, 1, 6))),
    ),
    "url": (
        {"id": "live", "kind": "url", "title": "The public address answers", "file": "README.md"},
        found.Answered("README.md", True, "https://demo.example.org", Reply(0, problem="no answer in time")),
    ),
    "manual": (
        {"id": "review", "kind": "manual", "title": "A person has reviewed the trade-offs",
         "asks": "Does the learner understand what each choice cost?"},
        found.SignOff(("organiser",)),
    ),
}  # fmt: skip
