"""Judge the service that an image serves: it starts, gets ready, answers rightly, and ends."""

from __future__ import annotations

from collections.abc import Iterator

from cohort_bot.evidence import Fault, Place, Ran, Served
from cohort_bot.model.checks import DockerService
from cohort_bot.verdict.commands import IN_IMAGES
from cohort_bot.verdict.finding import Finding, Judgement, code, listing
from cohort_bot.verdict.matchers import last_error, match, place
from cohort_bot.verdict.replies import answers

_WRITES = (
    "It writes to its own disk, which many clouds do not allow, and which is lost with the container: log to "
    "standard output, and put other files into `/tmp`."
)


def docker_service(spec: DockerService, found: Served) -> Judgement:
    """It is ready in time, gives right answers, refuses nonsense, and stops when told to."""
    facts = {
        "ready_after_seconds": None if found.ready_after is None else round(found.ready_after, 1),
        "answers": [one.reply.text[:200] for one in found.known],
        "stop_seconds": None if found.stop_seconds is None else round(found.stop_seconds, 1),
    }
    advice = (_WRITES,) if found.wrote else ()
    return Judgement(tuple(_findings(spec, found)), advice, facts, found.log)


def reproduce(spec: DockerService) -> str:
    """How to see it on one's own machine."""
    return f"docker build -t me . && docker run --rm -p {spec.port}:{spec.port} me"


def _findings(spec: DockerService, found: Served) -> Iterator[Finding]:
    if not found.image:
        yield Finding(
            "no image to run", "an image that an earlier check has built",
            "This check runs what a check of the kind `docker_build` built.",
            "Tell your organiser: the roadmap's checks need mending.", fault=Fault.COURSE,
        )  # fmt: skip
    elif found.started is not None and not found.started.ok:
        yield _not_started(spec, found.started)
    elif found.ready_after is None:
        yield _not_ready(spec, found)
    else:
        yield from answers(spec, found, reproduce(spec))
        if found.exit_code is not None:
            yield _stopped(spec, found, f"while it was asked, {found.lived:.1f} s after starting")
        yield from _stop(spec, found)


def _not_started(spec: DockerService, started: Ran) -> Finding:
    if (
        started.code in (126, 127)
        or "executable file not found" in started.log
        or "exec format" in started.log
    ):
        return Finding(
            f"the container could not be started: {last_error(started.log)}", "a service that starts",
            "What `CMD` or `ENTRYPOINT` names is not in the image, or cannot be run.",
            "Correct `CMD` in the Dockerfile; try it with `docker run`.", reproduce(spec),
        )  # fmt: skip
    return Finding(
        f"Docker could not start the container: {last_error(started.log)}", "a container",
        "This is not about your work, and it costs you nothing.", "Run the check again later.",
        fault=Fault.RUNNER,
    )  # fmt: skip


def _not_ready(spec: DockerService, found: Served) -> Finding:
    if found.exit_code is not None or found.oom:
        return _stopped(spec, found, f"{found.lived:.1f} s after starting")
    expected = f"200 from {code(f'GET {spec.ready}')} within {spec.ready_seconds} s"
    if found.listening and not _reachable(spec, found):
        return _not_reachable(spec, found, expected)
    clue = match(found.log, IN_IMAGES)
    reply = found.last_ready
    told = f"status {reply.status}" if reply and reply.status else reply.problem if reply else "nothing"
    if clue:
        return Finding(
            f"after {spec.ready_seconds} s still {told}; its log says {clue.found}", expected, clue.why,
            clue.next, reproduce(spec), clue.where,
        )  # fmt: skip
    step = f"Serve {code(f'GET {spec.ready}')} with status 200 once the model is loaded."
    if reply and reply.status == 404:
        return Finding(
            f"{code(f'GET {spec.ready}')} answers 404", expected,
            "Whoever runs the service asks this address whether it is ready.", step, reproduce(spec),
        )  # fmt: skip
    return Finding(
        f"after {spec.ready_seconds} s still {told}; its last words: {last_error(found.log)}", expected,
        "It starts, but is not ready in time: it may train, download or load too much first.",
        step, reproduce(spec), place(found.log, IN_IMAGES),
    )  # fmt: skip


def _reachable(spec: DockerService, found: Served) -> bool:
    return any(one.endswith(f":{spec.port}") and not one.startswith("127.") for one in found.listening)


def _not_reachable(spec: DockerService, found: Served, expected: str) -> Finding:
    only_inside = any(one.endswith(f":{spec.port}") for one in found.listening)
    step = f"Let it listen on port {spec.port}, in the `CMD` of the Dockerfile."
    why = f"Nothing listens on port {spec.port}."
    if only_inside:
        step = f"Let it listen on `0.0.0.0`, for example `uvicorn app:app --host 0.0.0.0 --port {spec.port}`."
        why = "Listening on 127.0.0.1 means: only for itself. In a container nobody else can reach that."
    return Finding(f"it listens on {listing(found.listening)}", expected, why, step, reproduce(spec))


def _stopped(spec: DockerService, found: Served, when: str) -> Finding:
    expected = f"an answer on {code(f'GET {spec.ready}')} within {spec.ready_seconds} s, and after"
    where = place(found.log, IN_IMAGES)
    if found.oom:
        return Finding(
            f"your container was stopped {when}: it used more than {spec.memory} of memory", expected,
            "Whoever pays for the machine sets such a limit.",
            "Load one model only and in a smaller type, use one worker, and install CPU builds.",
            reproduce(spec),
        )  # fmt: skip
    clue = match(found.log, IN_IMAGES)
    told = clue.found if clue else last_error(found.log)
    at = f" at {code(f'{where[0].path}:{where[0].line}')}" if where else ""
    return Finding(
        f"your container stopped {when}, with exit code {found.exit_code}: {told}{at}", expected,
        clue.why if clue else "The image builds, but what it starts does not stay up.",
        clue.next if clue else "Run the image on your own machine, and mend what its log ends with.",
        reproduce(spec), where or ((Place("Dockerfile"),) if not found.log else ()),
    )  # fmt: skip


def _stop(spec: DockerService, found: Served) -> Iterator[Finding]:
    if found.stop_forced:
        yield Finding(
            f"told to stop (SIGTERM), it still ran after {spec.stop_seconds} s and had to be killed",
            f"an end within {spec.stop_seconds} s",
            "A shell that starts the server swallows the signal; work that is under way is then lost.",
            'Write `CMD` as a list, `CMD ["uvicorn", …]`, so that the server itself gets the signal.',
            reproduce(spec),
        )  # fmt: skip
