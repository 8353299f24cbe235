"""Clones for people: made, brought up to date, and never at the cost of what somebody did in them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from cohort_bot.clones import Became, CloneError, Wish, bring
from cohort_bot.git import FetchError
from tests.cohort_life import enrolled, school
from tests.sandbox_process import SandboxProcess
from tests.test_enroll import Organiser

__all__ = ["enrolled", "school"]
NAMES = {f"GIT_{who}_{what}": "x@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(folder: Path, *words: str) -> str:
    env = {**os.environ, **NAMES, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(["git", *words], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Learner:
    """A learner with a repo on a sandbox, who pushes; and the organiser's clone of it."""

    def __init__(self, folder: Path, sandbox: SandboxProcess) -> None:
        self.sandbox, self.work, self.clone = sandbox, folder / "work", folder / "clones" / "work"
        made = sandbox.api("POST", f"/orgs/{sandbox.org}/repos", json={"name": "work"})
        assert made.status_code == 201
        self.url = f"{sandbox.url}/{sandbox.org}/work.git"
        self.pushing = self.url.replace("://", f"://x:{sandbox.token}@")
        self.work.mkdir()
        git(self.work, "init", "-q", "-b", "main")

    def push(self, *words: str, **files: str) -> str:
        for name, text in files.items():
            (self.work / name).write_text(text, encoding="utf-8")
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "--allow-empty", "-m", "work")
        git(self.work, "push", "-q", *words, self.pushing, "main")
        return git(self.work, "rev-parse", "HEAD")

    def bring(self, pin: str = "") -> tuple[Became, str, str]:
        found = bring(self.clone, Wish("R1", self.url, "main", pin), self.sandbox.token)
        return found.became, found.commit, found.why


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def learner(tmp_path: Path, sandbox: SandboxProcess) -> Learner:
    sandbox.reset()
    return Learner(tmp_path, sandbox)


def test_a_clone_is_made_and_follows(learner: Learner) -> None:
    first = learner.push(notes="one")
    assert learner.bring() == (Became.CLONED, first, "")
    assert learner.bring() == (Became.SAME, first, "")
    second = learner.push(notes="two")
    assert learner.bring() == (Became.UPDATED, second, "")
    assert (learner.clone / "notes").read_text(encoding="utf-8") == "two"
    assert git(learner.clone, "status", "--porcelain", "--branch") == "## main...origin/main"


def test_the_token_is_nowhere_in_a_clone(learner: Learner) -> None:
    learner.push(notes="one")
    learner.bring()
    assert git(learner.clone, "remote", "get-url", "origin") == learner.url
    for path in learner.clone.rglob("*"):
        assert not path.is_file() or learner.sandbox.token.encode() not in path.read_bytes()


def test_a_rewritten_branch_is_followed_where_nobody_worked(learner: Learner) -> None:
    learner.push(notes="one")
    learner.bring()
    git(learner.work, "commit", "-q", "--amend", "-m", "rewritten")
    rewritten = learner.push("--force", notes="three")
    assert learner.bring() == (Became.UPDATED, rewritten, "")


def test_changes_elsewhere_stay_while_it_follows(learner: Learner) -> None:
    learner.push(notes="one", other="a")
    learner.bring()
    (learner.clone / "other").write_text("my remark", encoding="utf-8")
    (learner.clone / "remarks").write_text("mine", encoding="utf-8")
    second = learner.push(notes="two")
    assert learner.bring() == (Became.UPDATED, second, "")
    assert (learner.clone / "other").read_text(encoding="utf-8") == "my remark"
    assert (learner.clone / "remarks").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("ignored", [False, True])
def test_files_in_the_way_keep_it_back(learner: Learner, ignored: bool) -> None:
    first = learner.push(notes="one")
    learner.bring()
    (learner.clone / "late").write_text("mine", encoding="utf-8")
    if ignored:
        (learner.clone / ".git" / "info").mkdir(exist_ok=True)
        (learner.clone / ".git" / "info" / "exclude").write_text("late\n", encoding="utf-8")
    second = learner.push(late="theirs")
    assert learner.bring() == (Became.KEPT, first, "files that you changed are in the way")
    assert (learner.clone / "late").read_text(encoding="utf-8") == "mine"
    assert git(learner.clone, "rev-parse", "origin/main") == second, "it is fetched all the same"


def test_changed_files_in_the_way_keep_it_back(learner: Learner) -> None:
    first = learner.push(notes="one")
    learner.bring()
    (learner.clone / "notes").write_text("mine", encoding="utf-8")
    learner.push(notes="two")
    assert learner.bring() == (Became.KEPT, first, "files that you changed are in the way")
    assert (learner.clone / "notes").read_text(encoding="utf-8") == "mine"


def test_commits_and_branches_of_ones_own_are_left_alone(learner: Learner) -> None:
    learner.push(notes="one")
    learner.bring()
    git(learner.clone, "checkout", "-q", "-b", "remarks")
    learner.push(notes="two")
    assert learner.bring()[2] == "you are on the branch remarks there"
    (learner.clone / "remark").write_text("mine", encoding="utf-8")
    git(learner.clone, "add", "remark")
    git(learner.clone, "commit", "-q", "-m", "mine")
    git(learner.clone, "checkout", "-q", "main")
    own = git(learner.clone, "rev-parse", "remarks")
    assert learner.bring()[2] == "commits of your own are in it"
    assert git(learner.clone, "rev-parse", "remarks") == own


def test_an_earlier_commit_and_back(learner: Learner) -> None:
    first = learner.push(notes="one")
    second = learner.push(notes="two")
    assert learner.bring(pin=first) == (Became.CLONED, first, "")
    assert learner.bring() == (Became.UPDATED, second, "")
    assert git(learner.clone, "symbolic-ref", "--short", "HEAD") == "main"
    assert learner.bring(pin=first) == (Became.UPDATED, first, "")
    git(learner.work, "checkout", "-q", "--orphan", "anew")
    git(learner.work, "branch", "-q", "-M", "main")
    third = learner.push("--force", notes="three")
    assert learner.bring() == (Became.UPDATED, third, ""), "what was pinned is not taken for one's own"


def test_something_else_in_its_place_is_left_alone(learner: Learner) -> None:
    learner.push(notes="one")
    learner.clone.mkdir(parents=True)
    (learner.clone / "letter").write_text("mine", encoding="utf-8")
    with pytest.raises(CloneError, match="no clone of"):
        learner.bring()
    (learner.clone / ".git").mkdir()
    git(learner.clone.parent, "init", "-q")
    git(learner.clone.parent, "remote", "add", "origin", learner.url)
    with pytest.raises(CloneError, match="no clone of"):
        learner.bring()
    assert sorted(os.listdir(learner.clone)) == [".git", "letter"]


def test_a_repo_that_has_moved_is_followed_and_a_clone_made_by_hand_taken_on(learner: Learner) -> None:
    first = learner.push(notes="one")
    learner.bring()
    git(learner.clone, "remote", "set-url", "origin", "http://127.0.0.1:1/elsewhere.git")
    assert learner.bring() == (Became.SAME, first, "")
    assert git(learner.clone, "remote", "get-url", "origin") == learner.url
    git(learner.clone, "config", "--unset", "cohort-bot.repo")
    assert learner.bring() == (Became.SAME, first, "")
    with pytest.raises(CloneError, match="no clone of"):
        bring(learner.clone, Wish("R2", learner.url, "main"), learner.sandbox.token)


def test_a_clone_that_was_broken_off_is_begun_again(learner: Learner) -> None:
    first = learner.push(notes="one")
    half = learner.clone.with_name(".work.half")
    half.mkdir(parents=True)
    (half / "rest").write_text("of an earlier try", encoding="utf-8")
    learner.clone.mkdir()
    assert learner.bring() == (Became.CLONED, first, "")
    assert sorted(os.listdir(learner.clone)) == [".git", "notes"]
    assert not half.exists()


def test_links_lead_nowhere_and_nothing_of_the_learner_runs(learner: Learner, tmp_path: Path) -> None:
    (learner.work / "secret").symlink_to("/etc/passwd")
    (learner.work / ".gitmodules").write_text(
        '[submodule "x"]\n\tpath = x\n\turl = http://127.0.0.1:1/x.git\n', encoding="utf-8"
    )
    (learner.work / ".gitattributes").write_text("* filter=lfs\n", encoding="utf-8")
    learner.push(notes="one")
    learner.bring()
    assert not (learner.clone / "secret").is_symlink()
    assert (learner.clone / "secret").read_text(encoding="utf-8") == "/etc/passwd"
    assert git(learner.clone, "status", "--porcelain") == ""


def test_a_repo_that_is_not_there_leaves_nothing_behind(learner: Learner) -> None:
    with pytest.raises(FetchError):
        bring(learner.clone, Wish("R1", learner.url.replace("work", "none"), "main"), learner.sandbox.token)
    assert not learner.clone.exists()


# the command


def hand_in(school: Organiser, login: str, text: str) -> None:
    path = f"/repos/{school.sandbox.org}/ml-{login}/contents/work-{text}.md"
    answer = school.sandbox.api("PUT", path, json={"message": "work", "content": "d29yaw=="})
    assert answer.status_code == 201, answer.text


def test_everybodys_repos_come_side_by_side(school: Organiser, tmp_path: Path) -> None:
    into = tmp_path / "copies"
    hand_in(school, "ada", "a")
    told = school.run("clone", "--into", str(into))
    assert told.code == 0, told.err
    assert [line.split()[:2] for line in told.out.splitlines()] == [
        ["ada", "cloned"],
        ["bob", "cloned"],
        ["cy", "no"],
    ]
    assert (into / "ml-ada" / "work-a.md").read_text(encoding="utf-8") == "work"
    assert (into / ".gitignore").read_text(encoding="utf-8") == "*\n"
    (into / "ml-ada" / "work-b.md").write_text("mine", encoding="utf-8")
    hand_in(school, "ada", "b")
    hand_in(school, "bob", "b")
    told = school.run("clone", "--into", str(into))
    assert told.code == 0
    assert [" ".join(line.split()[1:4]) for line in told.out.splitlines()[:1]] == ["left as it"]
    assert told.out.splitlines()[1].split()[:2] == ["bob", "updated"]


def test_one_that_fails_does_not_stop_the_others(school: Organiser, tmp_path: Path) -> None:
    (tmp_path / "copies" / "ml-ada").mkdir(parents=True)
    (tmp_path / "copies" / "ml-ada" / "letter").write_text("mine", encoding="utf-8")
    told = school.run("clone", "--into", str(tmp_path / "copies"), "--jobs", "1")
    assert told.code == 5
    assert [line.split()[:2] for line in told.out.splitlines()[:2]] == [["ada", "failed"], ["bob", "cloned"]]


def start(school: Organiser, day: date) -> None:
    """Let the cohort start on another day, without breaks."""
    cohort = school.folder / "cohort.yaml"
    text = cohort.read_text(encoding="utf-8").partition("breaks:")[0]
    cohort.write_text(re.sub(r"start: \S+", f"start: {day}", text), encoding="utf-8")


def test_the_state_when_a_milestone_was_due(enrolled: Path, tmp_path: Path) -> None:
    shutil.copytree(enrolled, tmp_path / "school")
    with SandboxProcess(tmp_path / "school" / "sandbox", "--clock", "virtual") as sandbox:
        school = Organiser(tmp_path / "school", sandbox)
        hand_in(school, "ada", "early")
        now = datetime.fromisoformat(sandbox.advance(timedelta(days=10).total_seconds()))
        hand_in(school, "ada", "late")
        # The first stage ends in week 8.
        start(school, (now - timedelta(days=5 + 55)).date())
        words = ("clone", "--into", str(tmp_path / "copies"), "--at-deadline", "foundations", "--only")
        told = school.run(*words, "ada")
        assert (told.code, told.out.split()[:2]) == (0, ["ada", "cloned"])
        clone = tmp_path / "copies" / "ml-ada"
        assert {path.name for path in clone.glob("work*")} == {"work-early.md"}
        assert git(clone, "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
        start(school, (now - timedelta(days=400)).date())
        told = school.run(*words, "bob")
        assert (told.code, told.out.split()) == (0, ["bob", "nothing", "by", "then"])
        assert not (tmp_path / "copies" / "ml-bob").exists()
    told = school.run(*words[:3], "--at-deadline", "mlopps")
    assert (told.code, "It has foundations" in told.err) == (2, True)
