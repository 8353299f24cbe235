"""Write-ups."""

from __future__ import annotations

import pytest

from cohort_bot.verdict import Outcome
from tests.checks.work import Work


def test_a_full_write_up(work: Work) -> None:
    work.write("fig.png", b"x")
    work.write(
        "README.md",
        """
        Title
        =====
        ## 1. The *Data*
        Some words of mine.
        ## Results
        ### By class
        More words here. ![curve](fig.png) <img src="https://example.org/x.png">
        """,
    )
    one = work.judge("sections", file="README.md", headings=["data", "Results"], min_words=8, images=2)
    assert one.status is Outcome.PASSED, one
    assert one.evidence["headings"] == ("Title", "1. The Data", "Results", "By class")


def test_headings_in_code_and_comments_are_none(work: Work) -> None:
    work.write("README.md", "# One\ntext\n```\n# Two\n```\n<!--\n# Three\n-->\n")
    one = work.judge("sections", file="README.md", headings=["Two", "Three"])
    assert one.status is Outcome.FAILED
    assert one.expected == "also `Two`, `Three`"


def test_a_heading_with_nothing_under_it(work: Work) -> None:
    work.write("README.md", "# Data\n\n# Results\nGood.\n")
    one = work.judge("sections", file="README.md", headings=["Data", "Results"])
    assert one.found == "nothing is written under `Data`"


def test_too_short(work: Work) -> None:
    work.write("README.md", "# A\none two three\n```\nfour five\n```\n")
    one = work.judge("sections", file="README.md", min_words=100)
    assert one.found == "4 words"
    assert "96" in one.next


def test_pictures_that_are_not_there(work: Work) -> None:
    work.write("docs/README.md", "# A\ntext\n\n![curve](figs/loss%20curve.png)\n")
    one = work.judge("sections", file="docs/README.md", images=1)
    assert one.status is Outcome.FAILED
    assert [(place.path, place.line) for place in one.where] == [("docs/README.md", 4)]
    work.write("docs/figs/loss curve.png", b"x")
    assert work.judge("sections", file="docs/README.md", images=1).status is Outcome.PASSED


def test_no_file(work: Work) -> None:
    one = work.judge("sections", file="README.md")
    assert one.found == "no file `README.md`"


def test_a_file_that_is_a_link_to_elsewhere_is_not_read(work: Work) -> None:
    (work.root / "README.md").symlink_to("/etc/passwd")
    assert work.judge("sections", file="README.md").found == "no file `README.md`"


@pytest.mark.parametrize("text", ["![" * 100_000, "<img " * 100_000, "# " + " " * 300_000, "# a\n" * 100_000])
def test_a_hostile_file_takes_no_time(work: Work, text: str) -> None:
    work.write("README.md", text)
    assert work.judge("sections", file="README.md", headings=["X"]).duration_ms < 60_000
