"""Judge what was tracked with MLflow."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from fnmatch import translate

from cohort_bot.evidence import Place, Tracked
from cohort_bot.model.checks import Mlflow
from cohort_bot.tracking import Run, Store
from cohort_bot.verdict.finding import Finding, Judgement, code, count, listing

_LOOK = "mlflow ui"


def mlflow(spec: Mlflow, found: Tracked) -> Judgement:
    """Enough finished runs, each thing logged that was asked for, and enough registered versions."""
    runs = [run for store in found.stores for run in store.runs if _counts(spec, run)]
    finished = [run for run in runs if run.finished]
    problem = _no_store(spec, found) if not found.stores or not _anything(found.stores) else None
    findings = [problem] if problem else list(_findings(spec, found, runs, finished))
    return Judgement(tuple(findings), tuple(_advice(found, finished)), _facts(found, runs, finished))


def _counts(spec: Mlflow, run: Run) -> bool:
    return spec.experiment is None or run.experiment == spec.experiment


def _anything(stores: Iterable[Store]) -> bool:
    return any(store.runs or store.registered for store in stores)


def _facts(found: Tracked, runs: list[Run], finished: list[Run]) -> dict[str, object]:
    return {
        "stores": [
            {"path": store.path, "kind": store.kind, "runs": len(store.runs)} for store in found.stores
        ],
        "runs": len(runs),
        "finished": len(finished),
        "metrics": sorted({metric for run in finished for metric in run.metrics})[:50],
        "params": sorted({param for run in finished for param in run.params})[:50],
        "registered": dict(_versions(found.stores)),
    }


def _advice(found: Tracked, finished: list[Run]) -> Iterator[str]:
    empty = [run for run in finished if not run.metrics]
    if empty and len(empty) < len(finished):
        yield f"{count(len(empty), 'finished run')} logged no metric at all; delete what was only a try."
    foreign = [address for store in found.stores for address in store.foreign]
    if foreign:
        yield (
            f"The registry says a model lies at {code(foreign[0])}, which is not in the repo: nobody who "
            "clones it can load that version."
        )


def _no_store(spec: Mlflow, found: Tracked) -> Finding:
    where = listing(spec.stores) if spec.stores else "the repo"
    problems = [problem for store in found.stores for problem in store.problems]
    if problems:
        return Finding(
            f"an MLflow store that cannot be read: {listing(problems, 2)}", "a store with your runs",
            "The file is damaged or only half there, so nobody can see your experiments.",
            "Copy the whole store again from where you trained, with no MLflow running, and push.", _LOOK,
            tuple(Place(store.path) for store in found.stores),
        )  # fmt: skip
    if found.ignored:
        return Finding(
            f"no MLflow store in the repo under {where}", "your runs, in the repo",
            f"{code(found.ignored[0])} is on this disk, but `.gitignore` keeps it out of the repo.",
            f"Take {code(found.ignored[0])} out of `.gitignore`, and push it.", "git status --ignored",
        )  # fmt: skip
    empty = (
        f"an MLflow store without a run under {where}" if found.stores else f"no MLflow store under {where}"
    )
    return Finding(
        empty, "an `mlruns` folder or an `mlflow.db` with your runs",
        "Experiments that nobody wrote down cannot be compared, not even by you.",
        "Wrap your training in `with mlflow.start_run():`, log parameters and metrics, and push the store.",
        _LOOK,
    )  # fmt: skip


def _findings(spec: Mlflow, found: Tracked, runs: list[Run], finished: list[Run]) -> Iterator[Finding]:
    if spec.experiment is not None and not runs:
        yield _no_experiment(spec.experiment, found.stores)
        return
    if len(finished) < spec.min_finished_runs:
        yield _too_few(spec, runs, finished)
    if finished:
        yield from _metrics(spec, finished)
        yield from _params(spec, finished)
        if spec.history_steps:
            yield from _history(spec, finished)
    if spec.registered:
        yield from _registered(spec, found)


def _no_experiment(name: str, stores: Iterable[Store]) -> Finding:
    others = sorted({run.experiment for store in stores for run in store.runs})
    return Finding(
        f"runs in {listing(others)}, none in an experiment called {code(name)}",
        f"runs in the experiment {code(name)}",
        "The experiment's name tells apart which runs belong to which task.",
        f"Call `mlflow.set_experiment(\"{name}\")` before `start_run`, and train once more.", _LOOK,
    )  # fmt: skip


def _too_few(spec: Mlflow, runs: list[Run], finished: list[Run]) -> Finding:
    states = Counter(run.status.lower() or "of unknown state" for run in runs if not run.finished)
    others = ", ".join(f"{number} {code(state)}" for state, number in states.most_common(4))
    why = "One run is an anecdote; several can be compared."
    if others:
        why = f"Others there are, but they did not come to their end: {others}."
    return Finding(
        f"{count(len(finished), 'finished run')}", f"at least {spec.min_finished_runs}", why,
        "Run the missing experiments to their end, and push the store.", _LOOK,
    )  # fmt: skip


def _metrics(spec: Mlflow, finished: list[Run]) -> Iterator[Finding]:
    logged = sorted({metric for run in finished for metric in run.metrics})
    for metric in spec.metrics:
        if any(run.finite(metric) for run in finished):
            continue
        broken = [run for run in finished if metric in run.metrics]
        found = f"the finished runs log {listing(logged)}" if logged else "the finished runs log no metric"
        if broken:
            found = f"{code(metric)} is {code(broken[0].metrics[metric])} in every run that logs it"
        yield Finding(
            found, f"{code(metric)}, as a finite number",
            "Comparing models needs one number that every one of them has.",
            "Find where it stops being a number: an empty class, a division by zero, an exploding loss."
            if broken else f"Log it: `mlflow.log_metric(\"{metric}\", value)`.",
            _LOOK,
        )  # fmt: skip


def _params(spec: Mlflow, finished: list[Run]) -> Iterator[Finding]:
    logged = sorted({param for run in finished for param in run.params})
    for param in spec.params:
        if not any(param in run.params for run in finished):
            yield Finding(
                f"the finished runs log {listing(logged) or 'no parameter'}", f"also {code(param)}",
                "A score without what led to it cannot be repeated.",
                f"Log it: `mlflow.log_param(\"{param}\", value)`.", _LOOK,
            )  # fmt: skip
    for param, least in spec.distinct_params.items():
        values = sorted({run.params[param] for run in finished if param in run.params})
        if len(values) < least:
            yield Finding(
                f"{code(param)} takes {count(len(values), 'value')}: {listing(values) or 'none'}",
                f"at least {least} different ones",
                "The point of tracking is to compare choices that differ.",
                f"Train with another {code(param)}, and log it.", _LOOK,
            )  # fmt: skip
    yield from _values(spec, finished)


def _values(spec: Mlflow, finished: list[Run]) -> Iterator[Finding]:
    for param, wanted in spec.param_values.items():
        values = sorted({run.params[param] for run in finished if param in run.params})
        for value in wanted:
            regex = re.compile(translate(value.casefold()))
            if not any(regex.match(one.casefold()) for one in values):
                yield Finding(
                    f"{code(param)} takes the values {listing(values) or 'of no run'}",
                    f"a finished run with {code(f'{param} = {value}')}",
                    "Without it there is nothing to compare the others with.",
                    f"Train it, log {code(param)} as {code(value.strip('*'))}, and push the store.", _LOOK,
                )  # fmt: skip


def _history(spec: Mlflow, finished: list[Run]) -> Iterator[Finding]:
    steps = Counter[str]()
    for run in finished:
        steps |= Counter(run.steps)
    longest = max(steps.values(), default=0)
    if longest < spec.history_steps:
        yield Finding(
            f"the longest history, of {listing(sorted(steps)) or 'no metric'}, has {count(longest, 'step')}",
            f"at least {spec.history_steps} steps",
            "A curve shows whether the training was going anywhere; a single number does not.",
            "Log it in every epoch: `mlflow.log_metric(\"loss\", value, step=epoch)`.", _LOOK,
        )  # fmt: skip


def _versions(stores: Iterable[Store]) -> Counter[str]:
    return Counter(version.name for store in stores for version in store.registered)


def _registered(spec: Mlflow, found: Tracked) -> Iterator[Finding]:
    versions = _versions(found.stores)
    most = max(versions.values(), default=0)
    if most < spec.registered:
        told = ", ".join(f"{code(name)} with {number}" for name, number in versions.most_common(4))
        yield Finding(
            f"registered models: {told or 'none'}", f"one with at least {spec.registered} versions",
            "Going back to the version before is only possible when it was kept.",
            "Register again after a further training: `mlflow.register_model(model_uri, name)`.", _LOOK,
        )  # fmt: skip
