"""Judge how an image builds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cohort_bot.evidence import Built, Fault, Place, Ran
from cohort_bot.model.checks import DockerBuild
from cohort_bot.verdict.commands import went_wrong
from cohort_bot.verdict.finding import Finding, Judgement, code, listing, megabytes

# What the engine says when a registry or the network failed it, and when there is no such image.
_REGISTRY = re.compile(
    r"toomanyrequests|TLS handshake timeout|i/o timeout|connection reset by peer|no such host|dial tcp"
    r"|Client\.Timeout exceeded|503 Service Unavailable|server misbehaving|unexpected EOF"
)
_REQUIREMENTS = re.compile(r"requirements[\w.-]*\.txt")
_PULL = re.compile(r"registry|/v2/|manifest|pull|resolve")
_ENGINE = re.compile(r"No such image|unknown parent image|layer does not exist|no space left on device")
_NO_IMAGE = re.compile(
    r"pull access denied|manifest unknown|manifest for .* not found|repository does not exist"
)


def docker_build(spec: DockerBuild, found: Built) -> Judgement:
    """It builds in its time, and is not too large."""
    findings = tuple(_findings(spec, found))
    advice = tuple(_advice(found)) if spec.advice and not findings else ()
    facts = {
        "image_mb": round(found.size / 1e6, 1),
        "seconds": round(found.ran.seconds, 1) if found.ran else 0,
    }
    return Judgement(findings, advice, facts, found.ran.log if found.ran else "")


def _findings(spec: DockerBuild, found: Built) -> Iterator[Finding]:
    where = (Place(found.dockerfile),)
    if not found.exists or found.ran is None:
        yield Finding(
            f"no {code(found.dockerfile)}", "a recipe for the image",
            "The image is what runs everywhere in the same way.",
            f"Write {code(found.dockerfile)} and push it.", "git ls-files '*Dockerfile*'", where,
        )  # fmt: skip
        return
    if not found.ran.ok:
        yield _failed(spec, found, found.ran)
    elif found.size > spec.max_image_mb * 1e6:
        yield Finding(
            f"an image of {megabytes(found.size)}", f"at most {spec.max_image_mb} MB",
            "A large image is slow to start and costs money wherever it is kept.",
            "Start from a slim base image, install CPU builds only, and list data and "
            "environments in `.dockerignore`.", found.ran.command, where,
        )  # fmt: skip


def _failed(spec: DockerBuild, found: Built, ran: Ran) -> Finding:
    if found.utf16 and _REQUIREMENTS.search(f"{found.stage} {ran.log}"):
        return Finding(
            f"{listing(found.utf16)} is saved as UTF-16", "UTF-8, which is what pip reads",
            "PowerShell's `>` writes UTF-16, and pip sees a zero between any two letters.",
            "Save it again as UTF-8, for example with "
            "`pip freeze | Out-File -Encoding utf8 requirements.txt`.", ran.command,
            tuple(Place(path) for path in found.utf16),
        )  # fmt: skip
    base = _base_image(found, ran)
    if base is not None:
        return base
    at = (
        f"The instruction {code(found.stage)} failed."
        if found.stage
        else "The build did not come to its end."
    )
    return went_wrong(
        ran, f"an image, within {spec.timeout} s", why=at,
        next_step="Build it on your own machine from a fresh clone, and mend what the end of the log says.",
        seconds=spec.timeout,
    )  # fmt: skip


def _base_image(found: Built, ran: Ran) -> Finding | None:
    """The finding for a base image that cannot be had; None when the failure came later."""
    lines = [line for line in ran.log.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    if _ENGINE.search(last):
        return Finding(
            f"Docker itself failed: {code(last)}", "an engine that builds",
            "This is not about your work, and it costs you nothing.", "Run the check again later.",
            ran.command, fault=Fault.RUNNER,
        )  # fmt: skip
    if _NO_IMAGE.search(last):
        return Finding(
            code(last), "a base image that exists",
            "The name or the tag in `FROM` is not one that can be pulled by everybody.",
            "Correct the name and the tag in `FROM`, for example `FROM python:3.11-slim`.", ran.command,
            (Place(found.dockerfile),),
        )  # fmt: skip
    if _REGISTRY.search(last) and _PULL.search(last):
        return Finding(
            f"the base image could not be fetched: {code(last)}", "a registry that answers",
            "This is not about your work, and it costs you nothing.", "Run the check again later.",
            ran.command, fault=Fault.RUNNER,
        )  # fmt: skip
    return None


def _advice(found: Built) -> Iterator[str]:
    if found.utf16:
        yield f"Save {listing(found.utf16)} as UTF-8: it is UTF-16, which many tools cannot read."
    if not found.user or found.user in ("root", "0"):
        yield "Add a `USER` to the Dockerfile: a service that is broken into should not be root."
    if not found.healthcheck:
        yield "Add a `HEALTHCHECK`, so that whatever runs the container notices when it hangs."
    if not found.ignore_file:
        yield "Add a `.dockerignore` with `.git`, environments and data, for a smaller and faster build."
