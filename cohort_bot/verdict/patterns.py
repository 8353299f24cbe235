"""The table of failures that are seen again and again: how each shows in a log, why, and the one next step.

The patterns come from logs of real course work. In the sentences `{name}` stands for the pattern's group of
that name, shown as code; `{package}` for what to install for the module `{name}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Names that are imported under one name and installed under another.
PACKAGES: Mapping[str, str] = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dotenv": "python-dotenv",
    "multipart": "python-multipart",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
_MODEL_FILE = (
    r"(?P<name>[^'\"\s]*(?:\.(?:pkl|pickle|joblib|h5|keras|pt|pth|onnx|skops|sav|bin|safetensors|model)\b"
    r"|\bmodels?/[^'\"\s]+))"
)


@dataclass(frozen=True)
class Pattern:
    """One known failure. `regex` finds the telling line; `why` and `next` are templates."""

    key: str
    regex: re.Pattern[str]
    why: str
    next: str


def _pattern(key: str, regexes: Sequence[str], why: str, next_step: str) -> Pattern:
    return Pattern(key, re.compile("|".join(regexes), re.MULTILINE), why, next_step)


PATTERNS: Sequence[Pattern] = (
    _pattern(
        "utf16-requirements",
        [r"Invalid requirement: ['\"]?(?:\\x00|\\ufeff|[^\x20-\x7e])", r"Invalid requirement: .*\\x00",
         r"UnicodeDecodeError: .* byte 0xff in position 0"],
        "The file is saved as UTF-16, as PowerShell's `>` does; pip reads UTF-8.",
        "Save `requirements.txt` again as UTF-8, for example with "
        "`pip freeze | Out-File -Encoding utf8 requirements.txt`.",
    ),
    _pattern(
        "unresolved-requirement",
        [r"ERROR: (?:Could not find a version that satisfies the requirement"
         r"|No matching distribution found for) (?P<name>[^\s(]+)"],
        "pip knows no package, or no such version, as {name} for this Python.",
        "Correct the name or the version of {name} in `requirements.txt`.",
    ),
    _pattern(
        "conflicting-requirements",
        [r"ERROR: Cannot install .* conflicting dependencies", r"ERROR: ResolutionImpossible"],
        "Two of the packages ask for versions of a third one that exclude each other.",
        "Loosen one of the versions that the log names in `requirements.txt`.",
    ),
    _pattern(
        "sklearn-version-skew",
        [r"InconsistentVersionWarning", r"Trying to unpickle estimator \w+ from version",
         r"Can't get attribute '_\w+' on <module 'sklearn\.", r"No module named 'sklearn\.\w+\.\w+"],
        "The model was saved with another version of scikit-learn than the one that loads it.",
        "Pin in `requirements.txt` the version of scikit-learn that the model was trained with.",
    ),
    _pattern(
        "numpy-version-skew",
        [r"numpy\.core\.multiarray failed to import", r"module compiled against ABI version",
         r"No module named 'numpy\._core", r"numpy\.dtype size changed", r"is not a known BitGenerator"],
        "Something was built or saved with NumPy 1 and meets NumPy 2, or the other way round.",
        "Pin the same major version of NumPy in `requirements.txt` as where you trained.",
    ),
    _pattern(
        "keras-version-skew",
        [r"Unrecognized keyword arguments? passed to \w+", r"Could not deserialize class '\w+'",
         r"File format not supported: filepath=.*Keras 3", r"TypeError: Error when deserializing class"],
        "The model was saved with another major version of Keras than the one that loads it.",
        "Pin the versions of TensorFlow and Keras that saved it, or save it again as `.keras`.",
    ),
    _pattern(
        "pickle-version-skew",
        [r"unsupported pickle protocol", r"\bUnpicklingError", r"EOFError: Ran out of input",
         r"Can't get attribute '\w+' on <module '__main__'"],
        "The pickle needs code or a Python that is not here; a Git LFS pointer or half a file also looks so.",
        "Put the classes it needs into a module of your own, and save it again with the same Python.",
    ),
    _pattern(
        "missing-module",
        [r"(?:ModuleNotFoundError|ImportError): No module named '?(?P<name>[\w.]+)'?"],
        "`requirements.txt` lacks {package}; or {name} is a file of yours that is not where Python looks.",
        "Add {package} with a version to `requirements.txt`, and push.",
    ),
    _pattern(
        "missing-extra",
        [r"requires the ['\"`]?(?P<name>[\w.-]+)['\"`]? package to be installed",
         r"Missing optional dependency '(?P<optional>[\w.-]+)'"],
        "One of your packages needs another one that it does not bring along.",
        "Add the package that the message names to `requirements.txt`, and push.",
    ),
    _pattern(
        "foreign-mlflow-path",
        [r"(?:No such file|does not exist|cannot be found|not found|INVALID_PARAMETER|MlflowException).*"
         r"(?P<name>file:///?[A-Za-z]:[^\s'\"]*|file:///(?:home|Users)/[^\s'\"]*|/[A-Za-z]:[/\\][^\s'\"]*"
         r"|[^\s'\"]*/mlruns/[^\s'\"]*)"],
        "The address {name} was made on the machine where you trained; here there is no such place.",
        "Put the model beside your code and load it by a path relative to it, not by its MLflow address.",
    ),
    _pattern(
        "credentials-at-start",
        [r"NoCredentialsError", r"Unable to locate credentials", r"DefaultCredentialsError",
         r"KeyError: '\w*(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)\w*'",
         r"\b[A-Z_]*(?:_KEY|_TOKEN|_SECRET|_PASSWORD|_CREDENTIALS)\b.*(?:not set|missing|required|not found)",
         r"\b(?:401|403) Client Error"],
        "It asks for secrets when it starts. Nobody who runs your work has them, nor must the repo.",
        "Start without them: put what they would fetch, such as the model, into the repo or the image.",
    ),
    _pattern(
        "network-at-start",
        [r"Temporary failure in name resolution", r"Name or service not known", r"Network is unreachable",
         r"NameResolutionError", r"Failed to resolve '", r"couldn't connect to 'https?://huggingface\.co"],
        "It fetches something from the network, and here, as behind many firewalls, there is none.",
        "Put what it fetches into the repo, or fetch it while the image is built.",
    ),
    _pattern(
        "missing-model",
        [rf"(?:FileNotFoundError|No such file or directory|NoSuchFile|does not exist)[^\n]*?{_MODEL_FILE}"],
        "The code opens {name}, which was never pushed or is not copied into the image.",
        "Push {name} (look into `.gitignore`), and copy it in the Dockerfile if there is one.",
    ),
    _pattern(
        "missing-file",
        [r"FileNotFoundError: \[Errno 2\] No such file or directory: ['\"](?P<name>[^'\"\n]+)['\"]",
         r"Could not open requirements file: .*'(?P<requirements>[^'\n]+)'",
         r"can't open file '(?P<file>[^'\n]+)'", r"COPY failed: (?P<copied>[^\n]+)"],
        "The code opens a file that is not in the repo under that path.",
        "Push the file, or make its path relative to the file that opens it.",
    ),
    _pattern(
        "app-not-found",
        [r"Error loading ASGI app", r"Failed to find attribute '\w+' in '\w+'",
         r"Could not locate a Flask application", r"Error: While importing '\w+', an ImportError"],
        "The server was started with the name of a module or an app that is not there.",
        "Make the name in the `CMD` of the Dockerfile that of your app, seen from its `WORKDIR`.",
    ),
    _pattern(
        "port-taken",
        [r"[Aa]ddress already in use", r"\[Errno 98\]"],
        "Two programs want the same port.",
        "Start the server once only.",
    ),
    _pattern(
        "read-only-disk",
        [r"Read-only file system", r"\[Errno 30\]"],
        "It runs with a read-only disk, as on most clouds; only `/tmp` can be written.",
        "Write to `/tmp`, or do not write at all.",
    ),
    _pattern(
        "out-of-memory",
        [r"^MemoryError", r"Cannot allocate memory", r"CPUAllocator: can't allocate memory", r"^Killed$"],
        "It needs more memory than there is.",
        "Load one model only, in a smaller type, and read data in parts.",
    ),
    _pattern(
        "asks-for-input",
        [r"EOFError: EOF when reading a line", r"StdinNotImplementedError", r"raw_input was called, but"],
        "It calls `input()`; when a program runs it, nobody is there to answer.",
        "Replace `input()` by a variable, a parameter or a command-line argument.",
    ),
    _pattern(
        "gpu-missing",
        [r"Torch not compiled with CUDA enabled", r"Found no NVIDIA driver",
         r"Attempting to deserialize object on a CUDA device", r"CUDA driver version is insufficient"],
        "It wants a GPU, and there is none here.",
        'Choose the device by `torch.cuda.is_available()`, and load weights with `map_location="cpu"`.',
    ),
    _pattern(
        "syntax-error",
        [r"(?:SyntaxError|IndentationError|TabError): "],
        "Python cannot even read this file.",
        "Open the file at that line and mend what Python points at.",
    ),
)  # fmt: skip
