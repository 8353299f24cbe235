"""The image in which saved models are loaded, at the library versions that the learner pinned."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from cohort_bot.checks.docker.engine import docker
from cohort_bot.checks.inside import FOLDER
from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import Fault, Unavailable

# What every such image has. Others come only when the learner pinned them.
_ALWAYS = ("joblib", "numpy", "onnxruntime", "pandas", "PyYAML", "scikit-learn", "skops")
_PINNABLE = {*_ALWAYS, "lightgbm", "mlflow", "mlflow-skinny", "scipy", "xgboost"}
_NEEDED_BY = {"mlflow": "mlflow-skinny"}
_PIN = re.compile(r"^\s*([A-Za-z0-9._-]+)\s*==\s*([0-9][A-Za-z0-9.+!]*)\s*(?:[;#].*)?$", re.MULTILINE)
_BUILD_SECONDS = 900


def image_for(submission: Submission, model: str) -> str | Unavailable:
    """The name of an image that can load `model`. It is built once for each set of versions, and kept."""
    packages = wanted(submission, model)
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    image = f"cohort-bot-models:{key}"
    if docker("image", "inspect", image).ok:
        return image
    built = docker(
        "build", "--force-rm", "--tag", image, "--build-arg", f"PACKAGES={' '.join(packages)}",
        "--file", str(FOLDER / "Dockerfile.models"), str(FOLDER), timeout=_BUILD_SECONDS,
    )  # fmt: skip
    if built.ok:
        return image
    lines = [line for line in (built.out + built.err).splitlines() if line.strip()]
    return Unavailable(
        Fault.RUNNER,
        "the image that loads models could not be built",
        "Run the check again later; if it stays so, see whether the versions in requirements.txt exist.",
        lines[-1] if lines else "",
    )


def wanted(submission: Submission, model: str) -> list[str]:
    """The packages to install: ours, and the learner's versions of those that a model may need."""
    pins = _pins(submission, model)
    chosen = [*_ALWAYS, *(name for name in sorted(pins) if name not in _ALWAYS)]
    return [f"{name}=={pins[name]}" if name in pins else name for name in chosen]


def _pins(submission: Submission, model: str) -> Mapping[str, str]:
    """The pinned versions in the requirements nearest to the model; only `name==version` counts."""
    folder = model
    while folder:
        folder = folder.rpartition("/")[0]
        text = submission.text(f"{folder}/requirements.txt".lstrip("/"), 1_000_000)
        if text is not None:
            found = {name.lower().replace("_", "-"): version for name, version in _PIN.findall(text)}
            known = {name.lower(): name for name in _PINNABLE}
            return {known[name]: version for name, version in found.items() if name in known}
    return {}
