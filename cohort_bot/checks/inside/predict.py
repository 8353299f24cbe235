"""Load a saved model and predict, inside a container without network: read a request, print an answer.

The request is JSON on standard input: `model` (path), `format`, `pickled` (the file that holds the
estimator of an MLflow model of scikit-learn's), `rows` (each a mapping or a list), `shape` and `mark`. The
answer is one line, `mark` and JSON: `predictions` and, where the model gives probabilities of two, `scores`.
What goes wrong is told as Python tells it, without an answer. Loading a model runs code of its author's; that
is why it happens here.
"""

from __future__ import annotations

import json
import pathlib
import pickle
import sys
from typing import Any

Path = pathlib.Path


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    answer = predict(request)
    print("\n" + request["mark"] + json.dumps(answer, default=plain), flush=True)


def predict(request: dict[str, Any]) -> dict[str, Any]:
    """Predictions for the rows, and scores where there are any."""
    model = pathlib.Path(request["model"])
    kind = request["format"]
    if kind == "auto":
        kind = guessed(model)
    if kind == "onnx":
        return with_onnx(model, request["rows"], request["shape"])
    if kind == "mlflow":
        loaded = from_mlflow(model, request["pickled"])
    else:
        loaded = from_skops(model) if kind == "skops" else from_pickle(model)
    return with_estimator(loaded, request["rows"], request["shape"])


def guessed(model: Path) -> str:
    """The format, by the file's name."""
    if model.is_dir():
        return "mlflow"
    return {".onnx": "onnx", ".skops": "skops"}.get(model.suffix, "pickle")


def from_skops(path: Path) -> Any:
    """A model saved with skops, with whatever types it holds: the container is what guards us."""
    import skops.io

    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))


def from_pickle(path: Path) -> Any:
    """A model saved with joblib or pickle."""
    try:
        import joblib
    except ImportError:
        with path.open("rb") as file:
            return pickle.load(file)  # noqa: S301 - it is why this runs in a container
    return joblib.load(path)


def from_mlflow(path: Path, pickled: str) -> Any:
    """A model saved by MLflow: its estimator alone, where it has one, so that MLflow need not be here."""
    if pickled:
        file = path / pickled
        return from_skops(file) if file.suffix == ".skops" else from_pickle(file)
    import mlflow.pyfunc

    return mlflow.pyfunc.load_model(str(path))


def with_estimator(model: Any, rows: list[Any], shape: list[int]) -> dict[str, Any]:
    """Ask something that has `predict`, in the manner of scikit-learn."""
    table = as_table(rows, shape)
    try:
        predictions = model.predict(table)
    except (ValueError, TypeError, KeyError, AttributeError):  # trained on bare arrays, it wants those
        table = as_array(rows, shape)
        predictions = model.predict(table)
    answer = {"predictions": listed(predictions)}
    if hasattr(model, "predict_proba"):
        try:
            chances = listed(model.predict_proba(table))
        except (ValueError, TypeError, AttributeError, NotImplementedError, RuntimeError):
            return answer
        if chances and len(chances[0]) == 2:
            answer["scores"] = [chance[1] for chance in chances]
    return answer


def with_onnx(path: Path, rows: list[Any], shape: list[int]) -> dict[str, Any]:
    """Ask an ONNX model: one tensor for all columns, or one for each."""
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()
    types = {"tensor(string)": object, "tensor(int64)": np.int64, "tensor(double)": np.float64}
    if len(inputs) == 1:
        wanted = types.get(inputs[0].type, np.float32)
        feed = {inputs[0].name: as_array(rows, shape).astype(wanted)}
    else:
        feed = {
            one.name: np.array([[row[one.name]] for row in rows]).astype(types.get(one.type, np.float32))
            for one in inputs
        }
    first, *others = session.run(None, feed)
    answer = {"predictions": listed(first.argmax(axis=1)) if is_scores(first) else listed(first)}
    if others and isinstance(others[0], list) and others[0] and len(others[0][0]) == 2:
        answer["scores"] = [list(chance.values())[1] for chance in others[0]]
    return answer


def is_scores(output: Any) -> bool:
    """Whether an output holds one number a class rather than the answer."""
    return bool(output.ndim == 2 and output.shape[1] > 1)


def as_table(rows: list[Any], shape: list[int]) -> Any:
    """The rows as a data frame, where they have column names and pandas is here; else as an array."""
    if shape or not isinstance(rows[0], dict):
        return as_array(rows, shape)
    try:
        import pandas as pd
    except ImportError:
        return as_array(rows, shape)
    return pd.DataFrame(rows)


def as_array(rows: list[Any], shape: list[int]) -> Any:
    """The rows' values as an array of the wanted shape."""
    import numpy as np

    values = [list(row.values()) if isinstance(row, dict) else row for row in rows]
    array = np.array(values)
    return array.reshape((len(rows), *shape)).astype(np.float32) if shape else array


def listed(values: Any) -> list[Any]:
    """An array, a series or a list as a plain list; a column becomes a flat list."""
    flat: list[Any] = values.tolist() if hasattr(values, "tolist") else list(values)
    if flat and all(isinstance(value, list) and len(value) == 1 for value in flat):
        return [value[0] for value in flat]
    return flat


def plain(value: Any) -> Any:
    """What JSON does not know, as something it does."""
    return value.item() if hasattr(value, "item") else str(value)


if __name__ == "__main__":
    main()
