"""Gather how an image builds."""

from __future__ import annotations

import re
import time

from cohort_bot.checks.bench import told
from cohort_bot.checks.docker.engine import docker, inspect, label, unavailable
from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import Built, Unavailable
from cohort_bot.model.checks import DockerBuild
from cohort_bot.process import Outcome

# The instruction that failed, as the classic builder and as BuildKit tell it
_STEP = re.compile(r"^Step \d+/\d+ : (.+)$|^ > \[[^\]]*\d+/\d+\] (.+?):?$", re.MULTILINE)
_STEP_IMAGE = re.compile(r"^ ---> ([0-9a-f]{12})$", re.MULTILINE)
_TRIES, _PAUSE_SECONDS = 20, 0.5
# A build beside ours was cleaned up, and took a step with it that ours was about to use again.
_ENGINE = re.compile(r"No such image|unknown parent image|layer does not exist|image not known")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def gather(spec: DockerBuild, submission: Submission) -> Built | Unavailable:
    """Build the image and look at it. Its name is kept for the checks that run it."""
    if trouble := unavailable():
        return trouble
    context = submission.locate(spec.context)
    dockerfile = f"{spec.context.rstrip('/')}/{spec.dockerfile}".removeprefix("./")
    place = submission.locate(dockerfile)
    if not submission.inside(context) or not submission.inside(place) or not place.is_file():
        return Built(dockerfile, exists=False)
    image = f"{submission.name}-{spec.id}"
    outcome = _built(spec, submission, image)
    if not outcome.ok and _ENGINE.search(outcome.err):
        outcome = _built(spec, submission, image)
    about = inspect(image, "image") if outcome.ok else {}
    if about:
        submission.images[spec.id] = image
    config = about.get("Config") or {}
    stages = [one or two for one, two in _STEP.findall(outcome.out + "\n" + outcome.err)]
    return Built(
        dockerfile=dockerfile,
        exists=True,
        ran=told(f"docker build -f {dockerfile} {spec.context}", outcome, submission.root),
        size=int(about.get("Size", 0)),
        user=str(config.get("User") or ""),
        healthcheck=bool(config.get("Healthcheck")),
        ignore_file=submission.locate(f"{spec.context}/.dockerignore").is_file(),
        stage=stages[-1].strip() if stages and not outcome.ok else "",
        utf16=_utf16(spec, submission),
    )


def _built(spec: DockerBuild, submission: Submission, image: str) -> Outcome:
    context = submission.locate(spec.context)
    outcome = docker(
        "build", "--force-rm", "--tag", image, "--file", str(context / spec.dockerfile),
        *label(submission.name), str(context), timeout=spec.timeout,
    )  # fmt: skip
    if not outcome.ok:
        _drop_steps(outcome.out)
    return outcome


def _drop_steps(said: str) -> None:
    """Remove what a failed build of the classic builder leaves: its last good step, and those below.

    They carry neither a name nor our label; one with a name is the base image, and not ours.
    """
    for step in reversed(_STEP_IMAGE.findall(said)):
        about = inspect(step, "image")
        if about and not about.get("RepoTags"):
            _remove(step)
            return


def _remove(image: str) -> None:
    """Remove an image; the container of a build that was broken off may hold it for a moment."""
    for _ in range(_TRIES):
        if docker("image", "rm", image).ok:
            return
        time.sleep(_PAUSE_SECONDS)


def _utf16(spec: DockerBuild, submission: Submission) -> tuple[str, ...]:
    found = []
    for path in submission.under(spec.context):
        name = path.rsplit("/", 1)[-1]
        place = submission.locate(path)
        if name.startswith("requirements") and name.endswith(".txt") and submission.inside(place):
            with place.open("rb") as file:
                start = file.read(64)
            if start.startswith(_UTF16) or b"\0" in start:
                found.append(path)
    return tuple(found)
