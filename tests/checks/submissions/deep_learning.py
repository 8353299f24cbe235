"""Stage 2: a network on images and one on a table.

Training a network of the size that learners train takes a GPU; the small one here has convolutions with fixed
random filters and a head that is trained on what they see. It is exported and judged like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.checks.submissions import Broken, run, write_up
from tests.checks.work import Work

FOLDER = "stage-2-deep-learning"
HEADINGS = ["The training loop", "What went wrong", "Results"]
# Ten classes of small images: a stripe of its own direction and colour for each, under noise.
IMAGES = """
import numpy as np
def images(count, seed):
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, 10, count)
    pictures = chance.normal(0, 0.3, (count, 3, 32, 32)).astype(np.float32)
    for picture, label in zip(pictures, labels):
        at = 3 * label
        picture[label % 3, at : at + 2, :] += 2 if label % 2 else -2
    return pictures, labels
"""
HELD_OUT = (
    IMAGES
    + """
import sys
pictures, labels = images(60, 7)
with open(sys.argv[1] if len(sys.argv) > 1 else PATH, "w") as file:
    file.write(",".join(f"p{n}" for n in range(3072)) + ",label\\n")
    for picture, label in zip(pictures, labels):
        file.write(",".join(f"{value:.3f}" for value in picture.ravel()) + f",{label}\\n")
"""
)
EXPORT = (
    IMAGES
    + """
import warnings; warnings.filterwarnings("ignore")
import onnx, mlflow
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from skl2onnx import to_onnx
chance = np.random.default_rng(0)
filters = chance.normal(0, 0.5, (8, 3, 1, 5)).astype(np.float32)
def convolved(pictures):
    windows = np.lib.stride_tricks.sliding_window_view(pictures, (1, 5), axis=(2, 3))[..., 0, :]
    seen = np.maximum(np.einsum("nchwk,fck->nfhw", windows, filters[:, :, 0, :]), 0)
    return seen.mean(axis=3).reshape(len(pictures), -1)
pictures, labels = images(600, 1)
head = LogisticRegression(max_iter=200).fit(convolved(pictures), labels)
weights = {"filters": filters, "head": head.coef_.T.astype(np.float32),
"bias": head.intercept_.astype(np.float32)}
nodes = [
    helper.make_node("Conv", ["image", "filters"], ["seen"]),
    helper.make_node("Relu", ["seen"], ["positive"]),
    helper.make_node("ReduceMean", ["positive"], ["pooled"], axes=[3], keepdims=0),
    helper.make_node("Flatten", ["pooled"], ["flat"]),
    helper.make_node("Gemm", ["flat", "head", "bias"], ["scores"]),
]
graph = helper.make_graph(
    nodes, "cnn", [helper.make_tensor_value_info("image", TensorProto.FLOAT, [None, 3, 32, 32])],
    [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 10])],
    [numpy_helper.from_array(value, name) for name, value in weights.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
model.ir_version = 8
import pathlib; pathlib.Path("models").mkdir()
onnx.save(model, "models/cnn.onnx")
columns = pictures[:, :, :4, 0].reshape(600, -1)
table = MLPClassifier((8,), max_iter=8, random_state=0).fit(columns, labels > 4)
pathlib.Path("models/tabular.onnx").write_bytes(to_onnx(table, columns[:1]).SerializeToString())
mlflow.set_tracking_uri("sqlite:///mlflow.db")
for experiment, accuracy in {"images": head.score(convolved(pictures), labels), "tabular": 0.8}.items():
    mlflow.set_experiment(experiment)
    with mlflow.start_run():
        mlflow.log_param("learning_rate", 0.1)
        for step, loss in enumerate(table.loss_curve_):
            mlflow.log_metric("loss", loss, step=step)
        mlflow.log_metric("accuracy", accuracy)
"""
)
TRAIN = '''
"""A network of one layer, trained by hand: forward, loss, gradient, step."""

import argparse
import math
import random


def batch(chance):
    x = [[chance.gauss(0, 1) for _ in range(4)] for _ in range(32)]
    return x, [float(row[0] - row[1] > 0) for row in x]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true")
    steps = 60 if parser.parse_args().smoke else 6000
    chance, weights = random.Random(0), [0.0] * 4
    for step in range(steps):
        rows, truth = batch(chance)
        given = [1 / (1 + math.exp(-sum(w * v for w, v in zip(weights, row)))) for row in rows]
        loss = -sum(math.log(p if t else 1 - p) for p, t in zip(given, truth)) / len(rows)
        for i in range(4):
            gradient = sum((p - t) * row[i] for p, t, row in zip(given, truth, rows)) / len(rows)
            weights[i] -= RATE * gradient
        print(f"step={step} loss={loss:.4f}")


RATE = 0.5
main()
'''


def build(work: Work, course: Path) -> None:
    """The passing work, and the images that the organiser kept."""
    (course / "stage-2").mkdir(parents=True)
    work.write(f"{FOLDER}/requirements.txt", "# train.py needs nothing but Python\n")
    work.write(f"{FOLDER}/train.py", TRAIN)
    work.write(f"{FOLDER}/curve.png", b"\x89PNG")
    work.write(f"{FOLDER}/README.md", write_up("Two networks", HEADINGS, 260, "curve.png"))
    run(work, f"PATH = {str(course / 'stage-2/images.csv')!r}\n{HELD_OUT}", FOLDER)
    run(work, EXPORT, FOLDER)
    work.commit()


def edit(old: str, new: str) -> Callable[[Work], object]:
    """A change of `train.py`."""
    assert old in TRAIN
    return lambda work: work.write(f"{FOLDER}/train.py", TRAIN.replace(old, new))


def untrained(work: Work) -> None:
    """Export the network before its training."""
    code = """
import onnx, numpy as np
from onnx import numpy_helper
model = onnx.load("models/cnn.onnx")
for weights in model.graph.initializer:
    weights.CopyFrom(numpy_helper.from_array(np.zeros_like(numpy_helper.to_array(weights)), weights.name))
onnx.save(model, "models/cnn.onnx")
"""
    run(work, code, FOLDER)


def sql(statement: str) -> Callable[[Work], object]:
    """A change of the store."""
    code = f"import sqlite3; c = sqlite3.connect('mlflow.db'); c.execute({statement!r}); c.commit()"
    return lambda work: run(work, code, FOLDER)


BROKEN = {
    "one network only": Broken(
        lambda work: (work.root / FOLDER / "models/tabular.onnx").unlink(),
        "deep-files",
        "tabular.onnx",
        "tabular.onnx",
    ),
    "loss does not fall": Broken(
        edit("RATE = 0.5", "RATE = 0.0"), "loss-falls", "the loss goes from", "Overfit one batch"
    ),
    "loss explodes": Broken(
        edit("loss={loss:.4f}", "loss={loss if step < 3 else math.nan:.4f}"),
        "loss-falls",
        "`nan`",
        "learning rate",
    ),
    "package missing": Broken(
        edit("import math", "import math, torch_that_is_not_there"),
        "loss-falls",
        "torch_that_is_not_there",
        "requirements.txt",
    ),
    "loss not printed": Broken(
        edit('print(f"step', 'str(f"step'), "loss-falls", "0 losses", "Print it in the loop"
    ),
    "smoke run never ends": Broken(edit("60 if", "10**12 if"), "loss-falls", "still running", "Ctrl-C"),
    "no curve": Broken(
        sql("DELETE FROM metrics WHERE step > 2"), "cnn-runs", "has 3 steps", "in every epoch"
    ),
    "other experiment": Broken(
        sql("UPDATE experiments SET name = 'Default' || experiment_id WHERE name = 'images'"),
        "cnn-runs",
        "none in an experiment called `images`",
        'set_experiment("images")',
    ),
    "run broken off": Broken(
        sql("UPDATE runs SET status = 'FAILED'"), "tabular-runs", "0 finished runs", "to their end"
    ),
    "untrained network": Broken(untrained, "cnn-score", "`accuracy` 0.", "validation set"),
    "picture missing": Broken(
        lambda work: (work.root / FOLDER / "curve.png").unlink(),
        "deep-write-up",
        "0 pictures",
        "curve.png",
    ),
}
