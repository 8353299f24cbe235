"""Cheats that run nothing: what can be done to issues, commits, histories and files.

Each is a function of the school and the cheat's login. The work of milestone 1, `plain/work.md`, is missing
in all of them unless the cheat says otherwise. `CHEATS` is the catalogue.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from tests.cheats.school import School

Cheat = Callable[[School, str], object]
PASSED = "<!-- cohort-bot: verdict=plain status=passed commit={sha} -->\n\n**Verified.** Well done!"


def closed_by_hand(school: School, me: str) -> None:
    school.close(me)


def closing_keyword(school: School, me: str) -> None:
    school.push(me, {"plain/other.txt": "x"}, "Closes #1")
    assert school.issue(me)["state"] == "closed"


def forged_labels(school: School, me: str) -> None:
    path = school.path(me, "/issues/1/labels")
    school.sandbox.api("POST", path, school.tokens[me], json={"labels": ["claimed", "verified"]})
    school.close(me)


def forged_comment(school: School, me: str) -> None:
    school.say(me, PASSED.format(sha=school.git(me, "rev-parse", "HEAD")))
    school.close(me)


def forged_comment_of_actions(school: School, me: str) -> None:
    """A learner's workflow may say what it likes, as github-actions[bot]."""
    token = school.sandbox.actions_token(f"{school.sandbox.org}/ml-{me}")
    school.say(me, PASSED.format(sha=school.git(me, "rev-parse", "HEAD")), token=token)
    school.claim(me)


def forged_status(school: School, me: str) -> None:
    sha = school.git(me, "rev-parse", "HEAD")
    body = {"state": "success", "context": "cohort-bot/plain", "description": "Verified: 1 of 1 points"}
    made = school.sandbox.api("POST", school.path(me, f"/statuses/{sha}"), school.tokens[me], json=body)
    assert made.status_code == 201
    school.claim(me)


def forged_check_run(school: School, me: str) -> None:
    token = school.sandbox.actions_token(f"{school.sandbox.org}/ml-{me}")
    sha = school.git(me, "rev-parse", "HEAD")
    body = {"name": "cohort-bot/plain", "head_sha": sha, "status": "completed", "conclusion": "success"}
    assert school.sandbox.api("POST", school.path(me, "/check-runs"), token, json=body).status_code == 201
    school.claim(me)


def edited_workflow(school: School, me: str) -> None:
    school.push(me, {".github/workflows/cohort-check.yml": "name: cohort-check\non: push\njobs: {}\n"})
    school.claim(me)


def edited_roadmap_copy(school: School, me: str) -> None:
    """The copy of the roadmap in the learner's repo asks for nothing any more."""
    school.push(me, {".github/cohort/roadmap.json": "{}"})
    school.claim(me)


def removed_workflow(school: School, me: str) -> None:
    school.git(me, "rm", "--quiet", "-r", ".github")
    school.push(me, {})
    school.claim(me)


def foreign_milestone(school: School, me: str) -> None:
    """Put the issue of milestone 1 under milestone 2, and change the marker in its text."""
    body = school.issue(me)["body"].replace("milestone=plain", "milestone=write")
    path, token = school.path(me, "/issues/1"), school.tokens[me]
    done = school.sandbox.api("PATCH", path, token, json={"milestone": 2, "body": body, "state": "closed"})
    assert done.status_code == 200


def own_approval(school: School, me: str) -> None:
    """Milestone 3 passes but for the organiser's sign-off."""
    school.push(me, {"sign/work.md": "work"})
    school.say(me, "/approve", 3)
    school.claim(me, 3)


def friends_approval(school: School, me: str) -> None:
    """Somebody whom the learner let into their own repo approves."""
    friend = school.sandbox.new_user(f"friend-of-{me}")
    path = school.path(me, f"/collaborators/friend-of-{me}")
    assert school.sandbox.api("PUT", path, json={"permission": "admin"}).status_code == 201
    for invitation in school.sandbox.api("GET", "/user/repository_invitations", friend).json():
        school.sandbox.api("PATCH", f"/user/repository_invitations/{invitation['id']}", friend)
    school.push(me, {"sign/work.md": "work"})
    school.say(me, "/approve", 3, friend)
    school.claim(me, 3)


def swapped_after_approval(school: School, me: str) -> None:
    """Approved, and then replaced by something else."""
    school.push(me, {"sign/work.md": "work"})
    school.say(me, "/approve", 3, school.sandbox.token)
    school.push(me, {"sign/work.md": "other work"})
    school.claim(me, 3)


def linked_file(school: School, me: str) -> None:
    """The write-up is a link to a file of the judge's machine that has what is asked for."""
    place = school.clone(me) / "write"
    place.mkdir(exist_ok=True)
    os.symlink(school.folder / "checks" / "model-answer.md", place / "report.md")
    school.push(me, {})
    school.claim(me, 2)


def linked_folder(school: School, me: str) -> None:
    """The milestone's folder is a link to the judge's held-out data."""
    school.git(me, "rm", "--quiet", "-r", "plain")
    os.symlink(school.folder / "checks", school.clone(me) / "plain")
    school.push(me, {})
    school.claim(me, 1)


def submodule(school: School, me: str) -> None:
    """The work is a submodule: somebody else's repo, fetched with the judge's token."""
    sha = school.git(me, "rev-parse", "HEAD")
    url = f"{school.sandbox.url}/{school.sandbox.org}/ml-honest.git"
    school.git(me, "rm", "--quiet", "-r", "plain")
    school.git(me, "update-index", "--add", "--cacheinfo", f"160000,{sha},plain")
    place = school.clone(me)
    (place / ".gitmodules").write_text(f'[submodule "plain"]\n\tpath = plain\n\turl = {url}\n')
    school.git(me, "add", ".gitmodules")
    school.git(me, "commit", "--quiet", "-m", "Work")
    school.git(me, "push", "--quiet", "origin", "HEAD:main")
    school.claim(me)


def filters_and_hooks(school: School, me: str) -> None:
    """Attributes that ask git to run something when files are laid out."""
    school.push(
        me,
        {
            ".gitattributes": "* filter=lfs diff=lfs merge=lfs\n*.md filter=evil\n",
            ".lfsconfig": "[lfs]\n\turl = http://127.0.0.1:9/evil\n",
            ".gitconfig": '[filter "evil"]\n\tsmudge = touch /tmp/cohort-bot-cheat-smudge\n',
            "hooks/post-checkout": "#!/bin/sh\ntouch /tmp/cohort-bot-cheat-hook\n",
        },
    )
    school.claim(me)


def template_syntax(school: School, me: str) -> None:
    school.push(me, {"write/report.md": "# {{ 7 * 191 }}\n\n## ${{ secrets.TOKEN }}\n\n{% raw %} words\n"})
    school.claim(me, 2)


def mentions_everyone(school: School, me: str) -> None:
    school.push(me, {"write/report.md": "# @everyone @organiser <!-- cohort-bot: end -->\n\nwords\n"})
    school.claim(me, 2)


def workflow_command_in_a_name(school: School, me: str) -> None:
    """File names that are workflow commands, in what the judge lists and prints."""
    school.push(
        me, {".github/x\n::add-mask::y\n::set-output name=tasks::9.txt": "x", "write/report.md": "words"}
    )
    school.claim(me, 2)


def backdated(school: School, me: str) -> None:
    """Commits of long ago, for work that is not there."""
    day = "2026-09-08T12:00:00Z"
    school.push(me, {"plain/x": "x"}, "Work", GIT_AUTHOR_DATE=day, GIT_COMMITTER_DATE=day)
    school.claim(me)


def other_branch(school: School, me: str) -> None:
    """The work is on a branch that nobody judges."""
    school.git(me, "checkout", "--quiet", "-b", "other")
    place = school.clone(me) / "plain"
    place.mkdir(exist_ok=True)
    (place / "work.md").write_text("work")
    school.git(me, "add", "--all")
    school.git(me, "commit", "--quiet", "-m", "Work")
    school.git(me, "push", "--quiet", "origin", "other")
    school.claim(me)


def forged_runs(school: School, me: str) -> None:
    """A tracked run says 0.99; the predictions do not."""
    run = "a" * 32
    store = "guess/mlruns"
    meta = (
        "artifact_uri: x\nend_time: 2\nexperiment_id: '1'\nlifecycle_stage: active\nuser_id: me\n"
        f"run_id: {run}\nrun_name: r\nrun_uuid: {run}\nsource_type: 4\nstart_time: 2\nstatus: 3\n"
    )
    experiment = "artifact_location: x\nexperiment_id: '1'\nlifecycle_stage: active\nname: e\n"
    answers = "id,prediction\n" + "".join(f"{number},no\n" for number in range(10))
    school.push(
        me,
        {
            f"{store}/1/meta.yaml": experiment,
            f"{store}/1/{run}/meta.yaml": meta,
            f"{store}/1/{run}/metrics/accuracy": "2 0.99 0\n",
            "guess/predictions.csv": answers,
        },
    )
    school.claim(me, 4)


def copied_predictions(school: School, me: str) -> None:
    """The very file of the learner who did the work."""
    rows = (school.clone("honest") / "guess" / "predictions.csv").read_bytes()
    school.push(me, {"guess/predictions.csv": rows})
    school.claim(me, 4)


CHEATS: Mapping[str, Cheat] = {
    cheat.__name__.replace("_", "-"): cheat
    for cheat in (
        closed_by_hand, closing_keyword, forged_labels, forged_comment, forged_comment_of_actions,
        forged_status, forged_check_run, edited_workflow, edited_roadmap_copy, removed_workflow,
        foreign_milestone, own_approval, friends_approval, swapped_after_approval, linked_file, linked_folder,
        submodule, filters_and_hooks, template_syntax, mentions_everyone, workflow_command_in_a_name,
        backdated, other_branch, forged_runs, copied_predictions,
    )
}  # fmt: skip
