"""What `make demo` runs: the example cohort, enrolled on the embedded sandbox, and two learners' first work.

Every `$` line is a command you can type yourself; everything else that is shown was read back from the
sandbox over HTTP, the way GitHub would be read.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from learner import Learner, learner
from rich.columns import Columns
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table

from cohort_bot.cli.wiring import SANDBOX_DATA, running_sandbox

HERE = Path(__file__).parent
FOLDER = Path(".cohort-bot") / "demo"
ORG, REPO, OTHER = "sandbox-academy", "ml-jonas-lindqvist", "ml-mei-tanaka"
console = Console(width=min(Console().width, 110), highlight=False)

BOARD = """
query($org: String!, $name: String!) {
  repository(owner: $org, name: $name) {
    projectsV2(first: 1) { nodes {
      title url
      items(first: 20) { nodes {
        fieldValueByName(name: "Status") { ... on ProjectV2ItemFieldSingleSelectValue { name } }
        content { ... on Issue { title milestone { dueOn } } }
      } }
    } }
  }
}
"""


def main() -> None:
    """Enrol the example cohort, show one learner's repo, and what two of them hear about their work."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(HERE / "cohort", FOLDER)
    with running_sandbox(FOLDER / SANDBOX_DATA, ORG) as sandbox:
        tell("Four learners on three continents: one starts later, one has a week more, one has withdrawn.")
        run("validate")
        tell("First the plan. Nothing is written yet.")
        run("plan")
        tell("Now make it so.")
        run("enroll", "--yes")
        tell("Once more: what is as it should be is left alone.")
        run("enroll", "--yes")
        show(sandbox)
        hand_in(sandbox)
    tell("And what a cohort is like: six invented learners live through ten weeks, in half a minute or so.")
    run("rehearse", "--learners", "6", "--weeks", "10", "--out", str(FOLDER / "rehearsal"))
    tell("Open it in a browser: make browse, then http://127.0.0.1:8080/" + ORG)


def tell(text: str) -> None:
    """A line between the scenes."""
    console.print()
    console.print(Rule(text, align="left", style="cyan"))


def run(*words: str) -> None:
    """One cohort-bot command, shown as it would be typed."""
    console.print(f"[bold]$ cohort-bot --sandbox {' '.join(words)}[/bold]")
    command = [sys.executable, "-m", "cohort_bot", "--sandbox", "--config", str(FOLDER / "cohort.yaml")]
    subprocess.run([*command, *words], check=True)


def show(sandbox: dict[str, str]) -> None:
    """One learner's repo, first issue and board, as the sandbox gives them."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {sandbox['token']}"
    repo = f"{sandbox['url']}/repos/{ORG}/{REPO}"
    show_repo(read(session, repo), read(session, f"{repo}/contents/"), read(session, f"{repo}/milestones"))
    issue = read(session, f"{repo}/issues?sort=created&direction=asc")[0]
    tell(f"Its first issue, #{issue['number']}")
    console.print(Panel(Markdown(visible(issue["body"])), title=issue["title"]))
    show_board(board(sandbox, REPO))


def hand_in(sandbox: dict[str, str]) -> None:
    """Two learners push their first milestone: one has done it all, one has left something out."""
    jonas = learner("jonas-lindqvist", sandbox, f"{ORG}/{REPO}", FOLDER / "jonas")
    mei = learner("mei-tanaka", sandbox, f"{ORG}/{OTHER}", FOLDER / "mei")
    tell("Weeks later, two push their work. Mei found the dummy model silly and left it out.")
    for person in (jonas, mei):
        person.join()
        person.clone()
        person.work()
    mei.forget_the_dummy()
    for person in (jonas, mei):
        console.print(f"[bold]{person.login}$ git push[/bold]")
        person.push("Compare four classical models")
    # The repo's own workflow runs now, as it would on GitHub; this answers when it has ended.
    waited = requests.get(f"{sandbox['url']}/_sandbox/runs?wait=1", timeout=180)
    waited.raise_for_status()
    for person in (jonas, mei):
        show_answer(person)
    show_board(board(sandbox, REPO))


def show_answer(person: Learner) -> None:
    """The first milestone's issue of a learner: open or closed, its ticks, and our comment on it."""
    issues = person.ask("GET", f"/repos/{person.repo}/issues?state=all&sort=created&direction=asc")
    issue = issues[0]
    boxes = re.findall(r"^- \[([ x])\]", issue["body"], re.MULTILINE)
    labels = ", ".join(label["name"] for label in issue["labels"])
    tell(f"{person.login}: {issue['state']}, {boxes.count('x')} of {len(boxes)} ticked, labels: {labels}")
    for comment in person.ask("GET", f"/repos/{person.repo}/issues/{issue['number']}/comments"):
        console.print(Panel(Markdown(visible(comment["body"])), title=escape(comment["user"]["login"])))


def board(sandbox: dict[str, str], repo: str) -> dict[str, Any]:
    """The board of a repo, with its cards."""
    answer = requests.post(
        sandbox["graphql_url"], headers={"Authorization": f"Bearer {sandbox['token']}"},
        json={"query": BOARD, "variables": {"org": ORG, "name": repo}}, timeout=30,
    )  # fmt: skip
    found: dict[str, Any] = answer.json()["data"]["repository"]["projectsV2"]["nodes"][0]
    return found


def read(session: requests.Session, url: str) -> Any:
    """What a GET answers."""
    answer = session.get(url, timeout=30)
    answer.raise_for_status()
    return answer.json()


def show_repo(repo: dict[str, Any], files: list[dict[str, Any]], milestones: list[dict[str, Any]]) -> None:
    """A repo's files and milestones."""
    tell(f"One learner's repo: {repo['full_name']}")
    names = Table("files", box=None)
    for file in files:
        names.add_row(file["name"] + ("/" if file["type"] == "dir" else ""))
    dates = Table("milestone", "due (UTC)", box=None)
    for milestone in milestones:
        dates.add_row(milestone["title"], milestone["due_on"])
    console.print(Columns([names, dates], padding=(0, 4)))


def visible(body: str) -> str:
    """The text of an issue without our hidden markers, which a browser does not show either."""
    bare = re.sub(r"</?(?:details|summary|sub)>", "", body)
    return "\n".join(line.partition("<!--")[0].rstrip() for line in bare.splitlines())


def show_board(board: dict[str, Any]) -> None:
    """A board as a table of cards."""
    tell(f"Its board: {board['title']}")
    table = Table("card", "status", "due (UTC)", box=None)
    for item in board["items"]["nodes"]:
        status = (item["fieldValueByName"] or {}).get("name", "no status yet")
        table.add_row(item["content"]["title"], status, item["content"]["milestone"]["dueOn"])
    console.print(table)


if __name__ == "__main__":
    main()
