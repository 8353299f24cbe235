"""Every REST endpoint of the sandbox, asked and answering as GitHub's OpenAPI description says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cohort_bot.sandbox.rest import dispatch
from tests.contract.published import rest_description
from tests.contract.traffic import Exchange, assert_flawless
from tests.contract.walk import Walk, everything
from tests.recorder import Recorder
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.needs("npm")


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Exchange]]:
    """All that passes when somebody walks past every endpoint."""
    data = tmp_path_factory.mktemp("walk")
    with SandboxProcess(data, "--clock", "virtual") as process, Recorder(process.url) as recorder:
        everything(Walk(process, recorder.url))
        yield recorder.rest()


def test_what_passes_is_what_github_describes(exchanges: list[Exchange]) -> None:
    assert_flawless(mistake for exchange in exchanges for mistake in rest_description().judge(exchange))


def test_the_walk_leaves_no_endpoint_out(exchanges: list[Exchange]) -> None:
    asked = {found[0] for e in exchanges if (found := dispatch.match(e.method, e.path))}
    missed = [f"{route.method} {route.rule}" for route in dispatch.ROUTES if route not in asked]
    assert missed == []
