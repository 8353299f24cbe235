"""What `make demo` runs: the example cohort, enrolled on the embedded sandbox, and looked at.

Every `$` line is a command you can type yourself; everything else that is shown was read back from the
sandbox over HTTP, the way GitHub would be read.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from rich.columns import Columns
from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table

from cohort_bot.cli.wiring import SANDBOX_DATA, running_sandbox

HERE = Path(__file__).parent
FOLDER = Path(".cohort-bot") / "demo"
ORG, REPO = "sandbox-academy", "ml-jonas-lindqvist"
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
    """Enrol the example cohort and show one learner's repo, issue and board."""
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
    answer = session.post(
        sandbox["graphql_url"], json={"query": BOARD, "variables": {"org": ORG, "name": REPO}}, timeout=30
    )
    show_board(answer.json()["data"]["repository"]["projectsV2"]["nodes"][0])


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
    return "\n".join(line.partition("<!--")[0].rstrip() for line in body.splitlines())


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
