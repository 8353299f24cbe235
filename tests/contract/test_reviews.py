"""What reviews by peers send and get, held to GitHub's descriptions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.published import graphql_contract, rest_description
from tests.contract.traffic import assert_flawless
from tests.recorder import Recorder
from tests.reviewing import reviewed, reviewing
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.needs("npm")


@pytest.mark.parametrize("blind", [False, True], ids=["open", "blind"])
def test_reviews_are_carried_out_in_words_that_github_knows(tmp_path: Path, blind: bool) -> None:
    with SandboxProcess(tmp_path / "sandbox") as sandbox, Recorder(sandbox.url) as recorder:
        school = reviewing(tmp_path, sandbox, reviewed(blind=blind))
        school.via = recorder.url
        school.hand_in("olive")
        (reviewer,) = school.reviewers("olive")
        for body in ("/changes Say more", "/approve"):
            school.judge()
            school.accept(reviewer)
            school.answer("olive", body)
            school.judge()
            if not school.passes("olive"):
                school.hand_in("olive", more="more")
        assert school.passes("olive") == 1
        asked = {(one.method, one.target.partition("?")[0].split("/")[-1]) for one in recorder.rest()}
        expected = {("POST", "repos")} if blind else {("GET", "permission")}
        assert asked >= {("PUT", reviewer), ("DELETE", reviewer), ("GET", "invitations")} | expected
        rest = [mistake for one in recorder.rest() for mistake in rest_description().judge(one)]
        graphql = [mistake for one in recorder.graphql() for mistake in graphql_contract().judge(one)]
        assert_flawless([*rest, *graphql])
