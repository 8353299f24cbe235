"""Gather how the service in an image behaves: it starts, gets ready, answers, and ends."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from cohort_bot.checks.bench import told
from cohort_bot.checks.docker.container import Container
from cohort_bot.checks.docker.engine import unavailable
from cohort_bot.checks.docker.registered import answers_of
from cohort_bot.checks.docker.vary import varied
from cohort_bot.checks.http import ask
from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import Asked, Reply, Served, Unavailable
from cohort_bot.model.checks import DockerService, Probe

_POLL_SECONDS = 0.25
_MOST_EXAMPLES = 20
_READ_ONLY_DISK = re.compile(r"Read-only file system|\[Errno 30\]")
_EXAMPLES: TypeAdapter[list[Probe]] = TypeAdapter(list[Probe])


def gather(spec: DockerService, submission: Submission) -> Served | Unavailable:
    """Run the image that an earlier check has built, ask it, and end it. Nothing of it stays."""
    if trouble := unavailable():
        return trouble
    image = _image(spec, submission)
    if image is None:
        return Served(image=False)
    served = _run(spec, submission, image, writable=False)
    if served.ready_after is None and _READ_ONLY_DISK.search(served.log):
        # Nobody asked the learner not to write: they are told, and judged on what it does when it may.
        served = replace(_run(spec, submission, image, writable=True), wrote=True)
    return served


def _run(spec: DockerService, submission: Submission, image: str, *, writable: bool) -> Served:
    container = Container(
        f"{submission.name}-{spec.id}", submission.name, image,
        memory=spec.memory, network=spec.network, writable=writable,
    )  # fmt: skip
    try:
        return _serve(spec, submission, container)
    finally:
        container.remove()


def _image(spec: DockerService, submission: Submission) -> str | None:
    """The image of the first check in `needs` that built one, or else the last that was built."""
    named = [submission.images[need] for need in spec.needs if need in submission.images]
    return next(iter([*named, *reversed(submission.images.values())]), None)


def _serve(spec: DockerService, submission: Submission, container: Container) -> Served:
    outcome = container.start()
    started = told(f"docker run -p {spec.port}:{spec.port} me", outcome, submission.root)
    if not outcome.ok:
        return Served(image=True, started=started, log=outcome.err)
    served = _get_ready(spec, container)
    if served.ready_after is not None:
        served = _ask_all(spec, submission, container, served)
    state = container.state()
    if state.running and served.ready_after is not None:
        seconds, forced = container.stop(spec.stop_seconds)
        served = replace(served, stop_seconds=seconds, stop_forced=forced)
    elif not state.running:
        served = replace(served, exit_code=state.exit_code, oom=state.oom)
    return replace(served, started=started, log=container.log())


def _get_ready(spec: DockerService, container: Container) -> Served:
    """Ask until the answer is 200, the container ends, or the time is up."""
    last = Reply(0, problem="it was never asked")
    while container.lived() < spec.ready_seconds:
        state = container.state()
        if not state.running:
            return Served(image=True, last_ready=last, lived=container.lived())
        left = max(spec.ready_seconds - container.lived(), 0.5)
        last = ask("GET", f"http://{state.address}:{spec.port}{spec.ready}", timeout=min(left, 5))
        if last.status == 200:
            return Served(image=True, ready_after=container.lived(), last_ready=last, lived=container.lived())
        time.sleep(_POLL_SECONDS)  # nothing tells us when a service in a container starts to listen
    return Served(
        image=True, last_ready=last, lived=container.lived(), listening=container.listening()
    )  # fmt: skip


def _ask_all(spec: DockerService, submission: Submission, container: Container, served: Served) -> Served:
    base = f"http://{container.state().address}:{spec.port}"
    examples, problem = _examples(spec, submission)
    probes = (*spec.probes, *examples)
    known = _asked(base, probes)
    random_ones = _asked(base, varied(probes, submission.seed))
    bad = _asked(base, [spec.bad_input])[0] if spec.bad_input is not None else None
    registered = None
    if spec.registered is not None:
        bodies = [one.probe.body for one in (*known, *random_ones)]
        registered = answers_of(spec.registered, bodies, submission, container.image, spec.memory)
    return replace(
        served, known=known, varied=random_ones, bad=bad, examples_problem=problem, registered=registered
    )


def _asked(base: str, probes: Sequence[Probe]) -> tuple[Asked, ...]:
    return tuple(
        Asked(probe, ask(probe.method, base + probe.path, body=probe.body)) for probe in probes
    )  # fmt: skip


def _examples(spec: DockerService, submission: Submission) -> tuple[list[Probe], str]:
    """The learner's own probes, and what is wrong with their file."""
    if spec.examples is None:
        return [], ""
    text = submission.text(spec.examples, 1_000_000)
    if text is None:
        return [], "the file is not there"
    try:
        return _EXAMPLES.validate_json(text)[:_MOST_EXAMPLES], ""
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = " → ".join(str(part) for part in first["loc"])
        return [], f"{where}: {first['msg']}" if where else str(first["msg"])
