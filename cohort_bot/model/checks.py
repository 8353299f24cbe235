"""The checks a milestone can ask for: one model a kind, told apart by `kind`.

These are the parameters a roadmap author writes. What gathers the evidence for each lives in
`cohort_bot.checks`, one module a kind; what the evidence amounts to is decided in `cohort_bot.verdict`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from cohort_bot.model.base import Fraction, Line, Path, Regex, Seconds, Slug, Written, regex


def _regex_with_group(text: str) -> str:
    if re.compile(regex(text)).groups < 1:
        raise ValueError("the part that is the loss must stand in parentheses")
    return text


SETUP = "Commands run first in `workdir`, for example to install requirements."
WORKDIR = "The folder, relative to the submission, in which commands run and whose code is the project's own."


class CheckBase(Written):
    """What every check has, whatever its kind."""

    id: Slug
    title: Line = Field(description="What the learner reads, as a promise kept: `The image builds`.")
    required: bool = Field(
        True, description="False makes it advice: it never keeps a milestone from passing."
    )
    needs: tuple[Slug, ...] = Field((), description="Checks that must pass first; else this one is skipped.")
    points: int = Field(1, ge=0, le=100, description="What passing it earns.")
    hidden: bool = Field(False, description="Runs only in the organiser's judge, never in the learner's CI.")


class Files(CheckBase):
    """What must, and must not, be in the repo."""

    kind: Literal["files"]
    all_of: tuple[Path, ...] = Field((), description="Glob patterns; each must match at least one file.")
    any_of: tuple[Path, ...] = Field((), description="Glob patterns; at least one must match.")
    forbid: tuple[Path, ...] = Field((), description="Glob patterns that must match nothing.")
    max_mb: float = Field(
        50, gt=0, description="No single file may be larger than this many MB (10^6 bytes)."
    )


class Sections(CheckBase):
    """A write-up: its headings, its length, its pictures."""

    kind: Literal["sections"]
    file: Path
    headings: tuple[Line, ...] = Field(
        (), description="Each must be part of a heading with text under it; case does not matter."
    )
    min_words: int = Field(0, ge=0, description="Words of prose; code and comments do not count.")
    images: int = Field(0, ge=0, description="At least this many images whose files exist.")


class Notebook(CheckBase):
    """A notebook that was run from top to bottom, or can be."""

    kind: Literal["notebook"]
    path: Path
    executed_fraction: Fraction = Field(1.0, description="Share of the code cells that must have been run.")
    allow_errors: bool = Field(False, description="Whether cells may end with an error.")
    rerun: bool = Field(False, description="Run it again here, from the first cell to the last.")
    cell_timeout: Seconds = Field(120, description="Seconds that a cell may take in a re-run.")


class Pytest(CheckBase):
    """The learner's own tests, and that they test something."""

    kind: Literal["pytest"]
    path: Path = "tests"
    min_tests: int = Field(1, ge=1, description="Tests that pass and that test something.")
    min_coverage: float = Field(0, ge=0, le=100, description="Percent of the project's own lines.")
    setup: tuple[Line, ...] = Field((), description=SETUP)
    workdir: Path = Field(".", description=WORKDIR)
    timeout: Seconds = Field(600, description="Seconds for all tests together.")


class Case(Written):
    """One input of a black-box check and the answer it must get."""

    stdin: str = Field("", description="What the command reads.")
    args: tuple[str, ...] = Field((), description="Arguments added to the command.")
    expect: str = Field(description="The right answer.")


class Blackbox(CheckBase):
    """A command's answers to given inputs, compared outside the learner's process."""

    kind: Literal["blackbox"]
    command: Line = Field(description="What to run; `python` is the Python that has what `setup` installed.")
    inputs: Annotated[tuple[Case, ...], Field(min_length=1)]
    compare: Literal["exact", "trimmed", "json", "number"] = Field(
        "trimmed", description="`trimmed` overlooks space at the ends of lines and of the answer."
    )
    tolerance: float = Field(0, ge=0, description="How far numbers may be off, in `json` and `number`.")
    setup: tuple[Line, ...] = Field((), description=SETUP)
    workdir: Path = Field(".", description=WORKDIR)
    timeout: Seconds = Field(60, description="Seconds for each input.")


class Mlflow(CheckBase):
    """Tracked runs, their metrics and parameters, and registered model versions."""

    kind: Literal["mlflow"]
    stores: tuple[Path, ...] = Field(
        (),
        description="Stores, or folders searched to their depths; empty means the whole submission.",
    )
    experiment: Line | None = Field(None, description="Only the runs of the experiment of this name count.")
    min_finished_runs: int = Field(1, ge=0, description="Runs that came to their end by themselves.")
    metrics: tuple[Line, ...] = Field(
        (), description="Each must be logged, as a finite number, in a finished run."
    )
    params: tuple[Line, ...] = Field((), description="Each must be logged in a finished run.")
    distinct_params: dict[str, int] = Field(
        {}, description="Parameter → how many different values it must take."
    )
    param_values: dict[str, tuple[Line, ...]] = Field(
        {},
        description="Parameter → values that must each occur in a finished run; `*` stands for anything, "
        "case does not matter.",
    )
    history_steps: int = Field(0, ge=0, description="Some metric must have at least this many steps.")
    registered: int = Field(0, ge=0, description="At least this many versions of one registered model.")


class ModelEval(CheckBase):
    """A saved model, evaluated again on rows the learner does not hold."""

    kind: Literal["model_eval"]
    model: Path
    format: Literal["auto", "onnx", "skops", "mlflow", "predictions"] = Field(
        "auto",
        description="With `predictions`, `model` is no model but a CSV of the learner's answers, columns `id`"
        " and `prediction`, to rows handed out without theirs; nothing of the learner's is run.",
    )
    data: Path = Field(
        description="Held-out CSV in the organiser's checks/ folder; last column is the answer. With "
        "`predictions` the first column is `id`."
    )
    shape: tuple[Annotated[int, Field(gt=0)], ...] = Field(
        (), description="Shape of one row's other columns as an array, such as 3, 32, 32; empty: a table row."
    )
    metric: Literal["accuracy", "f1_macro", "roc_auc", "rmse", "mae", "r2"] = Field(
        description="Reckoned by us from the predictions."
    )
    min: float | None = Field(None, description="The least that will do.")
    max: float | None = Field(None, description="The most that will do, for errors.")
    close_to_logged: float | None = Field(
        None, gt=0, description="Largest gap to the metric logged in MLflow."
    )
    logged_as: Line | None = Field(
        None, description="That metric's name in MLflow, where it is not `metric`'s own."
    )
    stores: tuple[Path, ...] = Field((), description="Where the logged metric is looked for, as in `mlflow`.")
    timeout: Seconds = Field(300, description="Seconds for loading and predicting.")


class DockerBuild(CheckBase):
    """The image builds, in reasonable time and size."""

    kind: Literal["docker_build"]
    context: Path = "."
    dockerfile: Path = Field("Dockerfile", description="Relative to `context`.")
    max_image_mb: int = Field(3000, gt=0, description="MB are 10^6 bytes.")
    timeout: Seconds = Field(900, description="Seconds for the build.")
    advice: bool = Field(True, description="Advise on USER, HEALTHCHECK and .dockerignore; never a failure.")


class Probe(Written):
    """One request to the learner's service and what must come back."""

    method: Literal["GET", "POST"] = "GET"
    path: Annotated[str, Field(pattern=r"^/")]
    body: dict[str, object] | list[object] | None = Field(None, description="Sent as JSON.")
    status: int = Field(200, ge=100, le=599, description="The status that must come back.")
    has_keys: tuple[str, ...] = Field((), description="Keys that the answer, a JSON object, must have.")
    answer: str | float | int | None = Field(None, description="The right answer, under `answer_key`.")
    answer_key: str = Field("prediction", description="Where in the answer the prediction stands.")
    without_keys: tuple[str, ...] = Field(
        ("error",), description="A 200 that carries one of these keys is a failure in disguise."
    )


class DockerService(CheckBase):
    """The API that the image serves."""

    kind: Literal["docker_service"]
    port: int = Field(8000, gt=0, lt=65536, description="Where it listens, in its container.")
    ready: Annotated[str, Field(pattern=r"^/")] = Field(
        "/health", description="Answers 200 as soon as the service is ready."
    )
    ready_seconds: Seconds = Field(60, description="How long getting ready may take.")
    probes: tuple[Probe, ...] = Field((), description="Requests whose answers are known.")
    distinct_answers: int = Field(
        0, ge=0, description="The probes must get at least this many different answers."
    )
    examples: Path | None = Field(
        None,
        description="A JSON file of the learner's: a list of further probes, for a service whose answers "
        "only its author knows.",
    )
    registered: Line | None = Field(
        None,
        description="A registered MLflow model (`*`: whichever there is) whose newest version must answer "
        "each probe as the service does, the body being one row.",
    )
    stop_seconds: Seconds = Field(10, description="How long after SIGTERM the service may take to end.")
    bad_input: Probe | None = Field(None, description="A malformed request; anything but a 4xx fails.")
    memory: str = Field("1g", pattern=r"^[0-9]+[mg]$", description="More than this ends it.")
    network: bool = Field(False, description="Whether the service may reach the network.")


class TrainSmoke(CheckBase):
    """One short training run whose loss falls."""

    kind: Literal["train_smoke"]
    command: Line = Field(description="What to run; it prints the loss as it goes.")
    max_seconds: Seconds = Field(300, description="How long it may take.")
    loss_pattern: Annotated[str, AfterValidator(_regex_with_group)] = Field(
        r"loss[=: ]+([0-9.eE+-]+|nan|inf)", description="A regular expression; group 1 is the loss."
    )
    setup: tuple[Line, ...] = Field((), description=SETUP)
    workdir: Path = Field(".", description=WORKDIR)
    min_drop: Fraction = Field(0.05, description="The last loss must be lower than the first by this share.")


class Git(CheckBase):
    """The repo's history: work on several days, on the right branch, without huge files."""

    kind: Literal["git"]
    min_commit_days: int = Field(1, ge=1, description="Different days, by the authors' own calendars.")
    min_commits: int = Field(1, ge=1, description="Merges do not count.")
    branch: str = Field("main", description="The branch that must hold the commit.")
    path: Path = Field(".", description="Only commits that touch something under here count.")
    max_file_mb: float = Field(50, gt=0, description="For each file of the commit, in MB (10^6 bytes).")


class Url(CheckBase):
    """A public deployment. Advisory by default: free tiers sleep."""

    kind: Literal["url"]
    file: Path = Field("README.md", description="Where the learner writes the address.")
    pattern: Regex = Field(
        r"https://[^\s)>\"]+", description="A regular expression; its first match is the address."
    )
    expect: int = Field(200, ge=100, le=599, description="The status that must come back.")
    required: bool = False


class Manual(CheckBase):
    """A person's sign-off."""

    kind: Literal["manual"]
    approvers: tuple[Literal["organiser", "peer"], ...] = Field(
        ("organiser",), description="Whose sign-off counts. An organiser's always does."
    )
    asks: Line = Field(description="What the reviewer is asked to look at.")
    reviewers: int = Field(
        1, ge=1, le=3, description="With `peer`: how many other learners are asked. All have to approve."
    )
    blind: bool = Field(
        False,
        description="With `peer`: reviewers get a copy of the work that does not say whose it is, and its "
        "author is not told who they are.",
    )


CheckSpec = Annotated[
    Files
    | Sections
    | Notebook
    | Pytest
    | Blackbox
    | Mlflow
    | ModelEval
    | DockerBuild
    | DockerService
    | TrainSmoke
    | Git
    | Url
    | Manual,
    Field(discriminator="kind"),
]
