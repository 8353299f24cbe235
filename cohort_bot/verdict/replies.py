"""Judge what a service answered."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence

from cohort_bot.evidence import Asked, Fault, Place, Registered, Reply, Served
from cohort_bot.model.checks import DockerService, Probe
from cohort_bot.verdict.finding import Finding, code, listing
from cohort_bot.verdict.matchers import match

_NEAR = 1e-3


def answers(spec: DockerService, found: Served, reproduce: str) -> Iterator[Finding]:
    """What is wrong with the replies, the gravest first."""
    if found.examples_problem:
        yield _examples(spec, found.examples_problem)
    wrong = [finding for one in found.known if (finding := _wrong(one, reproduce))]
    yield from wrong
    if not wrong:
        yield from _distinct(spec, found, reproduce)
        yield from _crashes(found.varied, reproduce)
        yield from _bad_input(found, reproduce)
        if found.registered is not None:
            yield from _as_registered(found, found.registered, reproduce)


def _examples(spec: DockerService, problem: str) -> Finding:
    name = spec.examples or ""
    return Finding(
        f"{code(name)}: {code(problem)}",
        "a JSON list of requests, each with `method`, `path`, `body` and `answer`",
        "Only you know what your service must answer; this file says it.",
        f"Write {code(name)} in that form.", f"python -m json.tool {name}", (Place(name),),
    )  # fmt: skip


def _wrong(one: Asked, reproduce: str) -> Finding | None:
    """What is wrong with one reply; None when it is as it must be."""
    probe, reply = one.probe, one.reply
    request = f"{probe.method} {probe.path}"
    given = f" for {code(json.dumps(probe.body))}" if probe.body is not None else ""
    if reply.status != probe.status:
        return _status(probe, reply, f"{code(request)}{given}", reproduce)
    told = reply.json if isinstance(reply.json, dict) else {}
    for key in probe.without_keys:
        if key in told:
            return _error_inside(code(request), key, told[key], probe.status, reproduce)
    missing = [key for key in (*probe.has_keys, *_answer_key(probe)) if key not in told]
    if missing:
        return Finding(
            f"{code(request)} answers {code(reply.text)}", f"a JSON object with {listing(missing)}",
            "Programs that call it look for the answer under that name.",
            f"Put the answer under {code(missing[0])}.", reproduce,
        )  # fmt: skip
    if probe.answer is not None and not same(told[probe.answer_key], probe.answer):
        return Finding(
            f"{code(request)} answers {code(told[probe.answer_key])}{given}", code(probe.answer),
            "For this request the right answer is known. Often the columns arrive in another order than in "
            "training, or the preprocessing is not the model's own.",
            "Send this very request, and print what the model gets to see.", reproduce,
        )  # fmt: skip
    return None


def _answer_key(probe: Probe) -> tuple[str, ...]:
    return (probe.answer_key,) if probe.answer is not None else ()


def _status(probe: Probe, reply: Reply, request: str, reproduce: str) -> Finding:
    told = f"status {reply.status} and {code(reply.text)}" if reply.status else reply.problem
    why, step = (
        "The request is a right one, so the service must take it.",
        "Send this request and read the log.",
    )
    if reply.status == 422:
        why = "The service finds the request wrong: its fields or their types are not the ones agreed on."
        step = "Make the names and types of the request's fields those of the milestone."
    elif reply.status == 404:
        why, step = (
            f"The service has no {code(probe.path)}.",
            f"Serve {code(f'{probe.method} {probe.path}')}.",
        )
    elif reply.status >= 500:
        why = "The service crashed on it; the log below says where."
    return Finding(f"{request} gets {told}", f"status {probe.status}", why, step, reproduce)


def _error_inside(request: str, key: str, told: object, status: int, reproduce: str) -> Finding:
    clue = match(str(told))
    return Finding(
        f"{request} answers {status}, but with {code(f'{key}: {told}')} in it",
        "an answer, or an honest status",
        clue.why if clue else "A 200 says that all went well; whoever calls takes the failure for an answer.",
        clue.next if clue else "Mend what the message says, and answer with status 503 when it fails.",
        reproduce, clue.where if clue else (),
    )  # fmt: skip


def _distinct(spec: DockerService, found: Served, reproduce: str) -> Iterator[Finding]:
    given = {_key(one) for one in (*found.known, *found.varied) if one.reply.status == one.probe.status}
    if len(given) < spec.distinct_answers:
        yield Finding(
            f"all requests get the same: {listing(sorted(given), 3)}" if given else "no answer to compare",
            f"at least {spec.distinct_answers} different answers",
            "A model that has learnt something tells these requests apart.",
            "Look at what the model gets to see: are the request's values really handed to it?", reproduce,
        )  # fmt: skip


def _key(one: Asked) -> str:
    told = one.reply.json
    value = told.get(one.probe.answer_key, told) if isinstance(told, dict) else one.reply.text
    return json.dumps(value, sort_keys=True)


def _crashes(varied: Sequence[Asked], reproduce: str) -> Iterator[Finding]:
    """A request like the known ones may be refused, but must not make the service crash."""
    for one in varied:
        if one.reply.status == 0 or one.reply.status >= 500:
            told = f"status {one.reply.status}" if one.reply.status else one.reply.problem
            yield Finding(
                f"{code(f'{one.probe.method} {one.probe.path}')} gets {told}"
                f" for {code(json.dumps(one.probe.body))}",
                "an answer, or a refusal with a status of 4xx",
                "This request is only a little different from ones that it answers.",
                "Send this request, and mend what the log says.", reproduce,
            )  # fmt: skip
            return


def _bad_input(found: Served, reproduce: str) -> Iterator[Finding]:
    if found.bad is None or 400 <= found.bad.reply.status < 500:
        return
    probe, reply = found.bad.probe, found.bad.reply
    told = f"status {reply.status} and {code(reply.text)}" if reply.status else reply.problem
    yield Finding(
        f"nonsense, {code(f'{probe.method} {probe.path}')} with {code(json.dumps(probe.body))}, gets {told}",
        f"a refusal: status {probe.status}, or another 4xx",
        "The caller made the mistake, and must learn so; a 5xx says that you did, a 200 that all is well.",
        "Check the request before the model sees it, for example with a pydantic model.",
        reproduce,
    )  # fmt: skip


def _as_registered(found: Served, registered: Registered, reproduce: str) -> Iterator[Finding]:
    name = f"{code(registered.name)} version {code(registered.version)}"
    if not registered.version:
        yield Finding(
            f"no version of {code(registered.name)} is registered",
            "the model that you serve, in the registry",
            "Only a model that is registered can be traced back to how it was made.",
            f"Register it: `mlflow.register_model(model_uri, \"{registered.name}\")`.", "mlflow ui",
        )  # fmt: skip
        return
    if not registered.path:
        yield Finding(
            f"{name} lies at {code(registered.source)}, which is not in the repo",
            "its files, in the repo",
            "Nobody but you can load it, so nobody can tell that it is the one you serve.",
            "Push the model's folder together with the store.", "git ls-files '*MLmodel'",
        )  # fmt: skip
        return
    if registered.problem:
        yield _not_loaded(name, registered, reproduce)
        return
    if (differing := _differing(found, registered)) is not None:
        one, answer = differing
        yield Finding(
            f"for {code(json.dumps(one.probe.body))} the service answers {code(_key(one))}, {name} answers "
            f"{code(answer)}",
            "the same answer from both",
            "What runs is then not what you tracked and registered, so its numbers say nothing about it.",
            "Build the image with the newest registered version, or register the one that you serve.",
            reproduce,
            (Place(registered.path),),
        )  # fmt: skip


def _not_loaded(name: str, registered: Registered, reproduce: str) -> Finding:
    clue = match(registered.problem + "\n" + registered.log)
    where = (Place(registered.path),)
    if "python" in registered.log and "executable file not found" in registered.log:
        return Finding(
            "there is no `python` in the image to load the registered model with", "an image with Python",
            "The registered model is asked the same questions as the service, in the service's own image.",
            "Tell your organiser that this service is not in Python.", reproduce, where, Fault.COURSE,
        )  # fmt: skip
    return Finding(
        f"{name} cannot be loaded in your image: {code(registered.problem)}",
        "a model that loads and predicts",
        clue.why if clue else "The image must hold what the registered model needs, for it serves it.",
        clue.next if clue else "Load it there with `mlflow.pyfunc.load_model`, and mend what it says.",
        reproduce, where,
    )  # fmt: skip


def _differing(found: Served, registered: Registered) -> tuple[Asked, object] | None:
    """The first request to which service and model answer differently, labels written otherwise not counted.

    A service may say `yes` where its model says 1, but must then always do so.
    """
    words: dict[str, str] = {}
    for one, answer in zip((*found.known, *found.varied), registered.answers, strict=False):
        told = one.reply.json
        if one.reply.status != 200 or not isinstance(told, dict) or answer is None:
            continue
        served = told.get(one.probe.answer_key)
        agreed = same(served, answer)
        if not agreed and isinstance(answer, float) and isinstance(served, int | float):
            return one, answer
        word = str(answer) if agreed else str(served)
        others = {label for answered, label in words.items() if answered != str(answer)}
        if words.setdefault(str(answer), word) != word or word in others:
            return one, answer
    return None


def same(given: object, wanted: object) -> bool:
    """Whether two answers are the same: numbers nearly, texts but for case and spaces around."""
    if isinstance(given, bool) or isinstance(wanted, bool):
        return given is wanted
    try:
        one, other = float(str(given)), float(str(wanted))
        return math.isclose(one, other, rel_tol=_NEAR, abs_tol=_NEAR)
    except ValueError:
        return str(given).strip().casefold() == str(wanted).strip().casefold()
