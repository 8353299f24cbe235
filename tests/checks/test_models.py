"""Saved models, asked again; the learner's own predictions; short training runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cohort_bot.checks.docker.models import wanted
from cohort_bot.checks.tables import TableError, parse, typed
from cohort_bot.result import document, to_json
from cohort_bot.verdict import Outcome, Result, roll_up
from tests.checks import mlflow_stores as stores
from tests.checks.work import Work, spec


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The organiser's folder, with rows that no learner holds: whether `x` is above 5."""
    folder = tmp_path / "course"
    folder.mkdir()
    rows = [f"{x},{'red' if x % 2 else 'blue'},{int(x > 5)}" for x in range(12)]
    (folder / "rows.csv").write_text("x,colour,high\n" + "\n".join(rows) + "\n")
    (folder / "ids.csv").write_text("id,answer\n" + "\n".join(f"q{n},{n % 3}" for n in range(9)) + "\n")
    return folder


def judge(work: Work, course: Path | None, **parameters: Any) -> Result:
    given = {"model": "model.skops", "data": "rows.csv", "metric": "accuracy", "min": 0.9, **parameters}
    return work.verdict(spec("model_eval", **given), course=course, judging=course is not None).results[0]


PREDICTIONS = {"model": "p.csv", "format": "predictions", "data": "ids.csv"}


def answers(*wrong: int) -> str:
    return (
        "prediction,id\n" + "\n".join(f"{9 if n in wrong else n % 3},q{n}" for n in reversed(range(9))) + "\n"
    )


def test_predictions_are_matched_by_id(work: Work, course: Path) -> None:
    work.write("p.csv", answers())
    one = judge(work, course, **PREDICTIONS)
    assert one.status is Outcome.PASSED, one
    assert one.evidence["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (answers(1, 2, 3), "`accuracy` 0.667 on 9 unseen rows"),
        ("id,answer\nq1,2\n", "its columns are id, answer"),
        ("id,prediction\nq1,2\n", "8 of 9 ids have no answer, among them q0"),
        ("id,prediction\nq1\n", "line 2 has 1 columns, the header 2"),
        ("", "it is empty"),
    ],
)
def test_predictions_that_will_not_do(work: Work, course: Path, text: str, found: str) -> None:
    work.write("p.csv", text)
    one = judge(work, course, **PREDICTIONS)
    assert one.status is Outcome.FAILED
    assert found in one.found


def test_without_the_organisers_rows_it_is_awaited(work: Work) -> None:
    one = judge(work, None)
    assert one.status is Outcome.SKIPPED
    assert one.awaited


@pytest.mark.parametrize("text", [None, "", "x\n1\n", "x,y\n1\n"])
def test_broken_held_out_data_is_the_courses_fault(work: Work, course: Path, text: str | None) -> None:
    (course / "rows.csv").unlink()
    if text is not None:
        (course / "rows.csv").write_text(text)
    one = judge(work, course)
    assert (one.status, one.fault) == (Outcome.ERROR, "course")


def test_a_model_that_was_never_pushed(work: Work, course: Path) -> None:
    work.write("models/best.skops")
    one = judge(work, course)
    assert one.found == "no `model.skops` in the repo"
    assert "models/best.skops" in one.why


def test_a_gap_to_what_was_logged(work: Work, course: Path) -> None:
    work.write("p.csv", answers(1))
    stores.file_run(work, "mlruns/0", 1, metrics={"acc": [0.2, 0.99]})
    one = judge(work, course, **PREDICTIONS, min=0.5, close_to_logged=0.05, logged_as="acc")
    assert one.status is Outcome.FAILED
    assert "your best run logged 0.990" in one.found
    assert (
        judge(work, course, **PREDICTIONS, min=0.5, close_to_logged=0.2, logged_as="acc").status == "passed"
    )
    one = judge(work, course, **PREDICTIONS, min=0.5, close_to_logged=0.2, logged_as="f2")
    assert "no finished run logs `f2`" in one.found


def test_the_same_answer_for_everything_is_named(work: Work, course: Path) -> None:
    work.write("p.csv", "id,prediction\n" + "".join(f"q{n},0\n" for n in range(9)))
    assert "the same answer, `0`" in judge(work, course, **PREDICTIONS).why


def test_tables() -> None:
    table = parse("\ufeffa,b,c\n1,x,\n2.5,,3\n")
    assert typed(table, [0, 1, 2]) == [{"a": 1.0, "b": "x", "c": None}, {"a": 2.5, "b": None, "c": 3}]
    with pytest.raises(TableError, match="line 2"):
        parse("a,b\n1\n")


def test_the_learners_versions_are_taken_and_nothing_else(work: Work) -> None:
    work.write(
        "s/requirements.txt", "scikit_learn==1.5.2  # pinned\nevil==1 --index-url x\nxgboost==2.0\nnumpy>=1\n"
    )
    packages = wanted(work.submission(), "s/models/a.skops")
    assert "scikit-learn==1.5.2" in packages
    assert "xgboost==2.0" in packages
    assert "numpy" in packages
    assert not any("evil" in one or "index" in one for one in packages)


# Models are made in a process of their own, as a learner's would be.
TRAIN = """
import sys
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier
rows = pd.DataFrame([{"x": n / 2, "colour": ["red", "blue"][n % 2]} for n in range(40)])
columns = ColumnTransformer([("c", OneHotEncoder(), ["colour"])], remainder="passthrough")
model = make_pipeline(columns, DecisionTreeClassifier(random_state=0)).fit(rows, (rows.x > 5).astype(int))
"""


def train(work: Work, code: str) -> None:
    subprocess.run([sys.executable, "-c", TRAIN + code], cwd=work.root, check=True, timeout=100)


def pinned(work: Work) -> None:
    """The versions that the models are made with."""
    import skl2onnx
    import sklearn
    import skops

    del skl2onnx
    work.write("requirements.txt", f"scikit-learn=={sklearn.__version__}\nskops=={skops.__version__}\n")


docker_models = [
    pytest.mark.needs("docker", "sklearn", "skops", "skl2onnx", "mlflow"),
    pytest.mark.timeout(600),
]


class TestInContainers:
    """Models that are loaded. The image with the libraries is built once, and takes a minute."""

    pytestmark = docker_models

    def test_a_pipeline_takes_raw_rows(self, work: Work, course: Path) -> None:
        pinned(work)
        train(work, "import skops.io; skops.io.dump(model, 'model.skops')")
        one = judge(work, course, metric="roc_auc")
        assert one.status is Outcome.PASSED, one
        assert one.evidence["roc_auc"] == 1.0

    def test_an_onnx_model(self, work: Work, course: Path) -> None:
        pinned(work)
        (course / "rows.csv").write_text("a,b,y\n" + "".join(f"{n},{-n},{int(n > 5)}\n" for n in range(12)))
        train(
            work,
            "import numpy as np\nfrom skl2onnx import to_onnx\n"
            "X = np.array([[n / 2, -n / 2] for n in range(40)], dtype=np.float32)\n"
            "tree = DecisionTreeClassifier(random_state=0).fit(X, (X[:, 0] > 5).astype(int))\n"
            "open('model.onnx', 'wb').write(to_onnx(tree, X[:1]).SerializeToString())",
        )
        one = judge(work, course, model="model.onnx")
        assert one.status is Outcome.PASSED, one

    def test_an_mlflow_model(self, work: Work, course: Path) -> None:
        pinned(work)
        train(work, "import mlflow; mlflow.sklearn.save_model(model, 'saved', serialization_format='pickle')")
        one = judge(work, course, model="saved", format="mlflow")
        assert one.status is Outcome.PASSED, one

    def test_a_model_that_wants_prepared_columns(self, work: Work, course: Path) -> None:
        pinned(work)
        train(
            work,
            "import skops.io\nbare = DecisionTreeClassifier().fit(rows[['x']], rows.x > 5)\n"
            "skops.io.dump(bare, 'model.skops')",
        )
        one = judge(work, course)
        assert one.status is Outcome.FAILED
        assert "could not be loaded and asked" in one.found
        assert "preprocessing included" in one.next

    def test_a_pickle_that_runs_code_runs_it_where_it_does_no_harm(self, work: Work, course: Path) -> None:
        pinned(work)
        harm = work.root / "pwned"
        work.write(
            "make.py",
            f"""
            import pickle, pathlib
            class Evil:
                def __reduce__(self):
                    return exec, ('''
            import pathlib, os, urllib.request
            for place in ("{harm}", "/cohort-bot/x", "/etc/x"):
                try: pathlib.Path(place).write_text("x")
                except OSError as e: print("REFUSED", e)
            print("SECRETS", sorted(os.environ))
            try: urllib.request.urlopen("http://192.0.2.1", timeout=1)
            except OSError as e: print("NO WAY OUT", e)
            raise SystemExit("ran in here")
            '''.replace("\\n            ", "\\n").strip(),)
            pathlib.Path("model.pkl").write_bytes(pickle.dumps(Evil()))
            """,
        )
        subprocess.run([sys.executable, "make.py"], cwd=work.root, check=True)
        one = judge(work, course, model="model.pkl")
        assert one.status is Outcome.FAILED
        assert not harm.exists()
        assert one.log_tail.count("REFUSED") == 3
        assert "NO WAY OUT" in one.log_tail
        assert "TOKEN" not in one.log_tail
        assert "ran in here" in one.log_tail

    def test_a_file_that_is_no_model(self, work: Work, course: Path) -> None:
        pinned(work)
        work.write("model.skops", "version https://git-lfs.github.com/spec/v1\n")
        one = judge(work, course)
        assert one.status is Outcome.FAILED
        assert one.fault == "learner"


SMOKE: dict[str, tuple[str, str]] = {
    "falls": ("for n in range(20): print(f'step={n} loss={1 / (n + 1):.4f}')", ""),
    "stays": ("for n in range(20): print(f'loss: {0.7:.3f}')", "the loss goes from 0.7 to 0.7"),
    "explodes": ("print('loss=1.0'); print('loss=nan')", "loss number 2 is `nan`"),
    "says nothing": ("print('done')", "0 losses"),
    "crashes": ("print('loss=1'); raise ValueError('shapes differ')", "shapes differ"),
    "asks": ("input('epochs? ')", "EOFError"),
    "lacks a package": ("import no_such_thing", "no_such_thing"),
}


@pytest.mark.parametrize(("code", "found"), SMOKE.values(), ids=SMOKE.keys())
def test_short_training_runs(work: Work, code: str, found: str) -> None:
    work.write("s/train.py", code)
    one = work.judge("train_smoke", command="python train.py", workdir="s", loss_pattern=r"loss[=: ]+(\S+)")
    assert (one.status is Outcome.PASSED) is (found == "")
    assert found in one.found


@pytest.mark.parametrize("pattern", ["loss=(", r"loss=\d+"])
def test_a_pattern_that_cannot_find_a_loss_is_refused_in_the_roadmap(pattern: str) -> None:
    with pytest.raises(ValidationError, match=r"regular expression|parentheses"):
        spec("train_smoke", command="python train.py", loss_pattern=pattern)


def test_a_training_run_that_never_ends(work: Work) -> None:
    work.write("train.py", "import itertools\nfor n in itertools.count():\n    pass\n")
    one = work.judge("train_smoke", command="python train.py", max_seconds=1)
    assert "still running after 1 s" in one.found


def test_a_setup_that_fails_is_told_as_such(work: Work) -> None:
    work.write("train.py", "print('loss=1')")
    one = work.judge(
        "train_smoke", command="python train.py", setup=["python -m pip install -r requirements.txt"]
    )
    assert one.status is Outcome.FAILED
    assert "requirements.txt" in one.found


def test_a_setup_makes_an_environment_of_its_own(work: Work) -> None:
    work.write("mine.txt", "LOSS = 1\n")
    copy = "shutil.copy('mine.txt', sysconfig.get_path('purelib') + '/mine.py')"
    work.write("install.py", f"import shutil, sysconfig\n{copy}")
    work.write("train.py", "import mine\nfor n in range(5): print('loss', mine.LOSS / (n + 1))\n")
    one = work.judge("train_smoke", command="python train.py", setup=["python install.py"])
    assert one.status is Outcome.PASSED, one
    assert find_spec("mine") is None


def test_json_of_results_holds_no_number_that_json_lacks(work: Work) -> None:
    work.write("train.py", "print('loss=inf'); print('loss=nan')")
    one = work.judge("train_smoke", command="python train.py", loss_pattern=r"loss=(\S+)")
    text = to_json([document(roll_up([one]), milestone="m", specs=[])])
    parse_constant: Callable[[str], Any] = pytest.fail
    assert json.loads(text, parse_constant=parse_constant)["checks"][0]["evidence"]["first"] is None
