"""The static site: small, quick, quiet, readable by everybody, and silent about who people are."""

import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urljoin

import pytest
from markupsafe import escape

from cohort_bot.errors import UsageError
from cohort_bot.ledger import Ledger, append
from cohort_bot.model import Learner
from cohort_bot.reports.dashboard import Privacy, charts, site, write
from cohort_bot.standing import Survey
from tests import browser, cohort_folder
from tests.cohort_at_scale import cohort
from tests.cohort_in_progress import ROADMAP, ROSTER, example, ledger, roadmap
from tests.ledger_entries import entry

NASTY = '"><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} @all \u202egpj.exe'
BOOKS = ledger(
    entry("ada", "one", "a1", 8),
    entry("ada", "two", "a2", 24, status="needs_work", results=[{"id": "tests", "status": "failed"}]),
    entry("ada", "two", "a3", 25, reason="checked anew <b>"),
)


class Page(HTMLParser):
    """Links, ids, tags and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.sources: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.handlers += [name for name in found if name.startswith("on")]
        self.ids += [found["id"]] if "id" in found else []
        if tag == "a":
            self.links.append(found["href"])
        elif source := found.get("src") or found.get("href"):
            self.sources.append(source)

    def handle_data(self, data: str) -> None:
        self.text += data


def pages(
    privacy: Privacy = Privacy.INITIALS, seen: Survey | None = None, books: Ledger = BOOKS
) -> dict[str, str]:
    return dict(site(seen or example(), books, privacy))


def test_every_learner_has_a_page_and_every_link_leads_to_one() -> None:
    for privacy in Privacy:
        found = pages(privacy)
        html = [name for name in found if name.endswith(".html")]
        assert len(html) == 1 + len(ROSTER)
        for name in html:
            page = Page(found[name])
            assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("title") == 1
            assert len(page.ids) == len(set(page.ids))
            inside = [link for link in page.links if not link.startswith("https://github.com/")]
            for link in inside:
                target = urljoin(name, link).partition("#")[0]
                assert target in found, f"{name} links to {link}"


def test_nothing_is_asked_of_another_host() -> None:
    for name, text in pages(Privacy.NAMES).items():
        if name.endswith(".html"):
            assert set(Page(text).sources) <= {"data:,", "style.css", "../style.css", "find.js"}
        assert "http:" not in text.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"@import|url\(|fetch\(|XMLHttp", text)


@pytest.mark.parametrize("privacy", [Privacy.INITIALS, Privacy.NONE])
def test_privacy_leaves_out_names_logins_commits_and_links(privacy: Privacy) -> None:
    found = pages(privacy)
    everything = "\n".join([*found, *found.values()])
    for learner in ROSTER:
        words = {learner.github, *learner.name.split(), learner.email} - {""}
        leaked = [word for word in words if re.search(rf"\b{re.escape(word)}\b", everything)]
        assert leaked in ([], ["script"]), leaked
    for secret in ("github.com", "acme", "checked anew", *(e.sha[:7] for e in BOOKS.of("ada"))):
        assert secret not in everything
    assert ("A. L." in everything) is (privacy is Privacy.INITIALS)


def test_names_and_logins_are_shown_where_asked_for() -> None:
    assert "Ada Lovelace" in pages(Privacy.NAMES)["index.html"]
    assert "Ada Lovelace" not in "".join(pages(Privacy.LOGINS).values())
    assert "learners/ada.html" in pages(Privacy.LOGINS)
    assert "https://github.com/acme/ml-ada/issues/4" in pages(Privacy.NAMES)["learners/ada.html"]


def test_those_who_share_initials_are_told_apart() -> None:
    seen = example()
    both = tuple(
        replace(s, learner=Learner(github=f"x{n}", name="Ada Lovelace"))
        for n, s in enumerate(seen.standings[:2])
    )
    found = pages(seen=replace(seen, standings=both))
    assert {"A. L. (1)", "A. L. (2)"} <= set(re.findall(r"A\. L\. \(\d\)", found["index.html"]))


def test_what_people_wrote_shows_as_text() -> None:
    seen = example()
    road = roadmap()
    first = road.stages[0]
    milestone = first.milestone.model_copy(update={"title": NASTY})
    road = road.model_copy(
        update={"stages": (first.model_copy(update={"milestone": milestone}), *road.stages[1:])}
    )
    learner = Learner(github="ada", name=NASTY)
    odd = replace(seen.standings[0], learner=learner)
    cohort_ = seen.cohort.model_copy(update={"title": NASTY})
    found = pages(
        Privacy.NAMES, replace(seen, cohort=cohort_, roadmap=road, standings=(odd, *seen.standings[1:]))
    )
    shown = NASTY.replace("\u202e", "")
    for name in ("index.html", "learners/ada.html"):
        page = Page(found[name])
        assert page.handlers == []
        assert "img" not in page.tags
        assert page.tags.count("script") == (name == "index.html")
        assert str(escape(shown)) in found[name]
        assert "\u202e" not in found[name]


def test_a_learners_page_tells_the_road_and_every_verdict() -> None:
    text = Page(pages(Privacy.NAMES)["learners/ada.html"]).text
    assert "2 of 5 verified" in text
    assert [
        word for word in ("needs work", "passed", "3/3", "tests", "checked anew <b>") if word not in text
    ] == []
    assert "claimed, due 2026-10-25" in text


def test_the_index_sums_up() -> None:
    text = " ".join(Page(pages()["index.html"]).text.split())
    for words in (
        "8 of 25 milestones",
        "2 of 5 learners",
        "1 wait for the judge",
        "Names are hidden",
    ):
        assert words in text
    assert "overdue by 22 days; no push for 25 days" in text


def test_an_empty_cohort_has_a_page() -> None:
    found = pages(seen=replace(example(), standings=()))
    assert set(found) == {"index.html", "style.css", "find.js"}
    assert "Who may need somebody" not in found["index.html"]


def test_the_same_cohort_makes_the_same_site() -> None:
    assert pages() == pages()


def test_a_thousand_learners_stay_below_3_mb_and_two_charts() -> None:
    survey, books = cohort(1000)
    with patch.object(charts, "_drawn", wraps=charts._drawn) as drawn:
        found = site(survey, books, Privacy.INITIALS)
    assert len(found) == 1003
    assert sum(len(text.encode()) for text in found.values()) < 3_000_000
    assert drawn.call_count == 2, "what is drawn does not grow with the cohort"
    assert len(survey.roadmap.stages) == len(ROADMAP.stages) == 5


def test_a_build_takes_away_the_pages_of_an_earlier_one(tmp_path: Path) -> None:
    write(tmp_path / "out", pages(Privacy.NAMES))
    write(tmp_path / "out", pages(Privacy.NONE))
    left = "\n".join(
        str(path) + path.read_text("utf-8") for path in (tmp_path / "out").rglob("*") if path.is_file()
    )
    assert "Lovelace" not in left
    assert not (tmp_path / "out" / "learners" / "ada.html").exists()


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not empty"):
        write(tmp_path, pages())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_command_writes_the_site_without_names(tmp_path: Path) -> None:
    config = cohort_folder.write(tmp_path)
    append(tmp_path / "ledger", entry())
    out = tmp_path / "site"
    command = [sys.executable, "-m", "cohort_bot", "--config", str(config), "dashboard", "--offline", "--out"]
    told = subprocess.run([*command, str(out)], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(out / "index.html")
    assert "--privacy names" in told.stderr
    assert "Ada" not in (out / "index.html").read_text("utf-8")


@pytest.mark.needs("chromium", "node", "npm")
def test_a_browser_finds_nothing_amiss(tmp_path: Path) -> None:
    survey, books = cohort(40)
    write(tmp_path, site(survey, books, Privacy.NAMES))
    late = survey.at_risk[0].learner
    addresses = [(tmp_path / name).as_uri() for name in ("index.html", f"learners/{late.github}.html")]
    found = browser.looked_at(
        addresses,
        [
            {"do": "keys", "text": "Tab"},
            {"do": "focus"},
            {"do": "keys", "text": "Enter Tab"},
            {"do": "tick", "at": "#only"},
            {"do": "text", "at": "#found"},
            {"do": "count", "at": ".heat tbody tr"},
            {"do": "type", "at": "#find", "text": late.name},
            {"do": "count", "at": ".heat tbody tr"},
            {"do": "click", "at": ".risks a"},
            {"do": "text", "at": "h1"},
            {"do": "click", "at": ".kicker a"},
            {"do": "text", "at": "h1"},
        ],
    )
    assert found["violations"] == []
    assert found["requests"] == found["errors"] == found["wide"] == []
    skip, only, rows, named, name, back = found["texts"]
    assert (skip, only, rows) == ("Skip to the learners", f"{len(survey.at_risk)} of 40", len(survey.at_risk))
    assert 1 <= named <= rows
    assert name.startswith(late.name)
    assert back == "Autumn <cohort>"
