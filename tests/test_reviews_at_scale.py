"""What a sweep costs while hundreds of reviews are open and nobody has anything new to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cheats.school import is_write
from tests.judged_school import copies
from tests.reviewing import reviewed, reviewing
from tests.sandbox_process import SandboxProcess


@pytest.mark.parametrize(("blind", "waiting"), [(False, 997), (True, 199)], ids=["open", "blind"])
def test_a_thousand_learners_with_open_reviews_cost_twelve_reads(
    tmp_path: Path, blind: bool, waiting: int
) -> None:
    """Olive waits for a review; those like her, and those like Bruno who are still at work, are copies of
    theirs in the sandbox's books, in the ledger and in its journal."""
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        school = reviewing(tmp_path, sandbox, reviewed(blind=blind))
        school.hand_in("olive")
        school.judge()
        (review,) = school.journal("olive")
        sandbox.stop()
        data, place = tmp_path / "sandbox", review.opened.place.partition("/")[2]
        logins = [f"learner-{number}" for number in range(997)]
        alike = logins[:waiting]
        copies(data, "ml-olive", [f"ml-{login}" for login in alike])
        copies(data, "ml-bruno", [f"ml-{login}" for login in logins[waiting:]])
        if blind:
            copies(data, place, [f"{place}-{login}" for login in alike])
        with (tmp_path / "roster.csv").open("a", encoding="utf-8") as roster:
            roster.write("".join(f"{login},,,,,0,active\n" for login in logins))
        for folder in (tmp_path / "ledger", tmp_path / "ledger" / "reviews"):
            text = (folder / "olive.jsonl").read_text(encoding="utf-8")
            for login in alike:
                told = text.replace('"learner":"olive"', f'"learner":"{login}"')
                told = told.replace("/ml-olive", f"/ml-{login}").replace(f"/{place}", f"/{place}-{login}")
                (folder / f"{login}.jsonl").write_text(told, encoding="utf-8")
        sandbox.start()
        assert sum(row["became"] == "asked" for row in school.rows()) == waiting + 1
        mark = school.mark()
        assert school.judge().out == "Nothing to judge.\n"
        seen = [one for one in sandbox.requests(mark) if one["actor"] == "organiser"]
        assert len(seen) <= 12
        assert not [one for one in seen if is_write(one)]
        assert {one["operation"] for one in seen} == {"claims", *(["reviews"] if blind else [])}
