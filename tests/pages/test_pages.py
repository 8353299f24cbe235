"""What a person sees who opens an `html_url` of the sandbox."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from tests.sandbox_process import SandboxProcess

BROWSER = {"Accept": "text/html,application/xhtml+xml,image/webp,*/*;q=0.8"}
BODY = """<!-- cohort-bot: milestone=begin -->
Hello **Ada**,
see [the notes](notes.md) and https://example.org/road.

- [x] done
- [ ] to do

| a | b |
|---|---|
| 1 | 2 |

```mermaid
graph LR
```

<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))
"""
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "circle", "path"}


class Reader(HTMLParser):
    """A page as a parser sees it: links, landmarks, text; it fails on tags that do not match up."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.links += [str(found["href"])] if tag == "a" and found.get("href") else []
        self.ids += [str(found["id"])] if found.get("id") else []
        assert not any(name.startswith("on") for name in found)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag, f"</{tag}> does not match"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data


@pytest.fixture
def sandbox_with_issue(sandbox: SandboxProcess) -> SandboxProcess:
    org = sandbox.org
    path = f"/repos/{org}/ml-ada"
    body: dict[str, Any] = {
        "name": "ml-ada",
        "private": True,
        "auto_init": True,
        "description": "Ada <learns>",
    }
    sandbox.api("POST", f"/orgs/{org}/repos", json=body)
    for name, text in (("README.md", BODY), ("src/app.py", "print('<hello>')\n"), ("plot.png", "\x89PNG")):
        sha = sandbox.api("GET", f"{path}/contents/{name}").json().get("sha")
        body = {"message": f"Write {name}", "content": base64.b64encode(text.encode("latin-1")).decode()}
        answer = sandbox.api("PUT", f"{path}/contents/{name}", json=body | ({"sha": sha} if sha else {}))
        assert answer.status_code in (200, 201), answer.text
    sandbox.api("POST", f"{path}/milestones", json={"title": "1. Begin", "due_on": "2030-01-06T22:59:59Z"})
    body = {"title": "Begin <now>", "body": BODY, "milestone": 1}
    assert sandbox.api("POST", f"{path}/issues", json=body).status_code == 201
    sandbox.api("POST", f"{path}/issues/1/comments", json={"body": "Well done"})
    sandbox.api("PATCH", f"{path}/issues/1", json={"state": "closed"})
    return sandbox


def see(sandbox: SandboxProcess, path: str, status: int = 200) -> Reader:
    """The page at `path`, parsed."""
    answer = requests.get(urljoin(sandbox.url, path), headers=BROWSER, timeout=30)
    assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:200]}"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return Reader(answer.text)


def test_every_link_of_every_page_leads_somewhere(sandbox_with_issue: SandboxProcess) -> None:
    sandbox = sandbox_with_issue
    waiting, seen = ["/"], set()
    while waiting:
        path = waiting.pop()
        if path in seen or "/raw/" in path:
            continue
        seen.add(path)
        page = see(sandbox, path, 404 if path.endswith("notes.md") else 200)
        for link in page.links:
            target = urlsplit(urljoin(f"{sandbox.url}{path}", link))
            if target.netloc == urlsplit(sandbox.url).netloc and not link.startswith("#"):
                waiting.append(target.path + (f"?{target.query}" if target.query else ""))
    assert len(seen) > 20
    assert f"/{sandbox.org}/ml-ada/issues/1" in seen


def test_every_page_has_landmarks_one_title_and_a_way_past_the_header(
    sandbox_with_issue: SandboxProcess,
) -> None:
    base = f"/{sandbox_with_issue.org}/ml-ada"
    for path in ("/", base, f"{base}/issues", f"{base}/issues/1", f"{base}/milestones", f"{base}/commits"):
        page = see(sandbox_with_issue, path)
        assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("title") == 1, path
        assert {"header", "nav", "footer"} <= set(page.tags)
        assert page.links[0] == "#main"
        assert "main" in page.ids
        assert len(page.ids) == len(set(page.ids))


def test_an_issue_shows_its_text_and_hides_what_is_hidden(sandbox_with_issue: SandboxProcess) -> None:
    page = see(sandbox_with_issue, f"/{sandbox_with_issue.org}/ml-ada/issues/1")
    for words in (
        "Begin <now>",
        "Hello Ada",
        "Well done",
        "closed this as completed",
        "1. Begin",
        "6 Jan 2030",
    ):
        assert words in page.text
    assert "cohort-bot: milestone" not in page.text
    assert "<script>alert(1)</script>" in page.text, "learners' HTML shows as the text that it is"
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert not any(link.startswith("javascript") for link in page.links)
    assert "https://example.org/road" in page.links
    assert {"table", "input", "pre", "br"} <= set(page.tags)
    assert any(found.startswith("issuecomment-") for found in page.ids)


def test_files_keep_their_paragraphs_together(sandbox_with_issue: SandboxProcess) -> None:
    """GitHub keeps the line breaks of issues, and joins those of files."""
    assert "br" not in see(sandbox_with_issue, f"/{sandbox_with_issue.org}/ml-ada").tags


def test_files_are_shown_and_raw_files_cannot_run(sandbox_with_issue: SandboxProcess) -> None:
    base = f"/{sandbox_with_issue.org}/ml-ada"
    assert "print('<hello>')" in see(sandbox_with_issue, f"{base}/blob/main/src/app.py").text
    for name, kind in (("src/app.py", "text/plain; charset=utf-8"), ("plot.png", "image/png")):
        url = f"{sandbox_with_issue.url}{base}/raw/main/{name}"
        answer = requests.get(url, headers={"Accept": "image/webp,*/*"}, timeout=30)
        assert answer.headers["Content-Type"] == kind
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_programs_get_json_at_the_same_addresses(sandbox_with_issue: SandboxProcess) -> None:
    sandbox = sandbox_with_issue
    assert sandbox.api("GET", "/").json()["current_user_url"]
    answer = sandbox.api("GET", f"/{sandbox.org}/ml-ada")
    assert answer.status_code == 404
    assert answer.json()["message"] == "Not Found"


def test_what_is_not_there_is_said_kindly(sandbox_with_issue: SandboxProcess) -> None:
    base = f"/{sandbox_with_issue.org}"
    for path in (
        f"{base}/nobody",
        f"{base}/ml-ada/issues/99",
        f"{base}/ml-ada/blob/main/no",
        f"/orgs{base}/projects/9",
    ):
        assert "nothing here" in see(sandbox_with_issue, path, 404).text


def test_an_empty_repository_and_a_search_without_finds_have_pages(sandbox: SandboxProcess) -> None:
    sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json={"name": "empty", "private": True})
    assert "This repository is empty." in see(sandbox, f"/{sandbox.org}/empty").text
    assert re.search("Nothing is called “100%_”", see(sandbox, f"/{sandbox.org}?q=100%25_").text)
