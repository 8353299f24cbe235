"""Each slip that people make in cohort.yaml and roadmap.yaml: what is said, where, and what is to be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cohort_folder import COHORT, ROADMAP, STAGE, problems

# What is written → where the problem stands, a part of the message, a part of the cure.
COHORT_SLIPS = {
    "": ("1:1", "the file is empty", "cohort-bot init"),
    "# only a remark\n": ("1:1", "the file is empty", "cohort-bot init"),
    "- a\n- b\n": ("1:1", "the file holds a list", "version: 1"),
    "hello\n": ("1:1", "the file holds `hello`", "version: 1"),
    f"{COHORT}bord:\n  public: true\n": ("6:1", "`bord` is not a key known here", "Did you mean `board`?"),
    f"{COHORT}zzz: 1\n": ("6:1", "`zzz` is not a key known here", "`timezone`"),
    f"{COHORT}board:\n  publik: true\n": ("7:3", "`publik` is not a key", "Did you mean `public`?"),
    f"{COHORT}start: 2026-09-08\n": ("6:1", "`start` is given twice, first at 4:1", "Keep one"),
    f"{COHORT}board: 3\n": ("6:8", "`board` needs a group of keys; found `3`", "indented"),
    f"{COHORT}breaks: soon\n": ("6:9", "`breaks` needs a list; found `soon`", "`- `"),
    f"{COHORT}title: [a]\n": ("6:8", "`title` needs text; found a list", ""),
    f"{COHORT}title: |\n  a\n  b\n": ("6:8", "`title` is", "on one line"),
    f"{COHORT}visibility: Privat\n": ("6:13", "`visibility` is `Privat`", "Did you mean `private`?"),
    f"{COHORT}digest: {{hour: 25}}\n": ("6:16", "`hour` must be at most 23; found `25`", ""),
    f"{COHORT}digest: {{hour: 9:30}}\n": ("6:16", "`hour` needs a whole number; found `9:30`", ""),
    f"{COHORT}digest: {{hour: {'9' * 5000}}}\n": ("6:16", "`hour` needs a", ""),
    f"{COHORT}digest: {{enabled: maybe}}\n": ("6:19", "needs `true` or `false`; found `maybe`", ""),
    COHORT.replace("version: 1", "version: 2"): ("1:10", "`version` is `2`", "`1`"),
    COHORT.replace("slug: ml\n", ""): ("1:1", "`slug` is missing", "Add a line `slug: …`"),
    COHORT.replace("ml", "My Course"): ("3:7", "`slug` is `My Course`", "`deep-learning`"),
    COHORT.replace("acme", "ac me"): ("2:6", "`org` is `ac me`", "GitHub name"),
    COHORT.replace("2026-09-07", "2026-02-30"): ("4:8", "`start` is `2026-02-30`", "28 days"),
    COHORT.replace("2026-09-07", "2026-13-01"): ("4:8", "which is no date", "month (1 to 12) before the day"),
    COHORT.replace("2026-09-07", "07.09.2026"): ("4:8", "which is no date", "such as 2026-09-07"),
    COHORT.replace("2026-09-07", "20260907"): ("4:8", "which is no date", "such as 2026-09-07"),
    COHORT.replace("2026-09-07", "0206-09-07"): ("4:8", "far from today", "2000 to 2100"),
    COHORT.replace(" 2026-09-07", ""): ("4:7", "`start` needs a date", "2026-09-07"),
    COHORT.replace("Europe/Berlin", "Europe/Berln"): (
        "5:11",
        "no timezone `Europe/Berln`",
        "`Europe/Berlin`",
    ),
    COHORT.replace("Europe/Berlin", "berlin"): ("5:11", "no timezone", "`Europe/Berlin`"),
    COHORT.replace("Europe/Berlin", "New York"): ("5:11", "no timezone", "`America/New_York`"),
    COHORT.replace("Europe/Berlin", "Europe"): ("5:11", "no timezone", "That is a region"),
    COHORT.replace("Europe/Berlin", "CET"): ("5:11", "an abbreviation, not a place", "`Europe/Berlin`"),
    COHORT.replace("Europe/Berlin", "EST"): ("5:11", "an abbreviation, not a place", "`America/New_York`"),
    COHORT.replace("Europe/Berlin", "UTC+1"): ("5:11", "no summer time", "Region/City"),
    COHORT.replace("Europe/Berlin", "../etc/passwd"): ("5:11", "no timezone", "Region/City"),
    COHORT.replace(" Europe/Berlin", ""): ("5:10", "`timezone` needs text; found nothing", ""),
    f"{COHORT}breaks:\n  - {{first: 2026-12-24, last: 2026-12-20}}\n": ("7:31", "before it begins", "Swap"),
    f"{COHORT}breaks:\n  - {{first: 2026-01-01, last: 2026-01-03}}\n": (
        "7:13",
        "before the cohort",
        "Remove",
    ),
    (
        f"{COHORT}breaks:\n  - {{first: 2027-01-02, last: 2027-01-05}}\n"
        "  - {first: 2026-12-21, last: 2027-01-03}\n"
    ): ("7:13", "overlaps with the one at 8:5, which lasts until 2027-01-03", "one break"),
    f"{COHORT}roadmap: no.yaml\n": ("6:10", "`roadmap` is `no.yaml`: there is no such file", "Make the file"),
    f"{COHORT}roster: .\n": ("6:9", "this is a folder, and a file is needed", "cohort.yaml?"),
    f"{COHORT}roadmap: /etc/hosts\n": ("6:10", "outside the cohort's folder", "beside cohort.yaml"),
    f"{COHORT}roster: a/../../b.csv\n": ("6:9", "outside the cohort's folder", "beside cohort.yaml"),
    f"{COHORT}templates: 'C:\\x'\n": ("6:12", "outside the cohort's folder", "beside cohort.yaml"),
    f"{COHORT}roster: {'x' * 3000}\n": ("6:9", "the file cannot be read", ""),
    f"{COHORT}title: a: b\n": ("6:9", "a `:` stands where no key can be", "put quotes around"),
    f"{COHORT}title: @ada\n": ("6:8", "starts with a character that means something else", "Put quotes"),
    f"{COHORT}title: 'a\nboard: {{}}\n": ("6:8", "a quote is opened here and never closed", "Close it"),
    f'{COHORT}title: "\\q"\n': ("6:9", "an unknown escape", "single quotes"),
    f"{COHORT}breaks: [1\n": ("6:9", "not closed", "Close the bracket"),
    f"{COHORT}board:\n\tpublic: true\n": ("7:1", "a tab is used to indent", "Use spaces"),
    f"{COHORT}breaks:\n  - name: A\n first: 2026-10-01\n": (
        "8:2",
        "the indentation does not fit",
        "one column",
    ),
    f"{COHORT}title\n": ("6:1", "a key without its `:`", "`key: value`"),
    f"{COHORT}---\na: 1\n": ("6:1", "a second document", "one document"),
    f"{COHORT}title: *x\n": ("6:8", "an alias (`*name`)", "Put quotes"),
    f"{COHORT}breaks: &a [*a]\n": ("6:9", "aliases", "right file"),
    f"{COHORT}<<: {{slug: x}}\n": ("6:1", "`<<`", "Write the keys out"),
    f"{COHORT}? [a]\n: 1\n": ("6:3", "a key must be one word", "quotes"),
    f"{COHORT}title: !secret x\n": ("6:8", "the tag `!secret` is not allowed", "plain value"),
    f"{COHORT}title: !!python/object/apply:os.getcwd []\n": ("6:8", "`!!python/object/apply:os.getcwd`", ""),
    f"{COHORT}title: a\x07b\n": ("6:9", "an invisible character, U+0007", "Delete it"),
    f"{COHORT}breaks: {'[' * 5000}\n": ("6:48", "more than 40 levels deep", ""),
}


@pytest.mark.parametrize("text", COHORT_SLIPS, ids=lambda text: text.removeprefix(COHORT)[:40] or "empty")
def test_each_slip_in_cohort_yaml_is_told_in_its_place(tmp_path: Path, text: str) -> None:
    place, message, cure = COHORT_SLIPS[text]
    found = problems(tmp_path, cohort=text)
    assert any(
        p.place == f"cohort.yaml:{place}" and message in p.message and cure in p.cure for p in found
    ), found


def stages(*spans: str) -> str:
    head = ROADMAP.split("  - id: one")[0]
    return head + "".join(STAGE.format(id=f"s{number}", weeks=span) for number, span in enumerate(spans, 1))


ONE = ROADMAP.split("  - id: two")[0]


CHECK = "{id: tests, title: Tests pass, kind: pytest"


def spoilt(old: str, new: str, text: str = ONE) -> str:
    assert old in text
    return text.replace(old, new)


# What is written, with § where the problem is to stand → a part of the message, a part of the cure.
ROADMAP_SLIPS = {
    "title: T\npromise: P\nstages: §[]\n": ("`stages` needs 1 or more items; found 0", ""),
    stages("§2-3"): ("the first stage starts in week 2", "week 1"),
    stages("§0-3"): ("week 0 does not exist", "from 1"),
    stages("§3-1"): ("run backwards", "`1-3`"),
    stages("1-3", "§3-4"): ("week 3 already belongs to a stage above", "week 4"),
    stages("1-3", "§5-6"): ("week 4 belongs to no stage", "as a break"),
    stages("1-3", "§6-7"): ("weeks 4-5 belong to no stage", "week 4"),
    stages("§one"): ("`weeks` is `one`", "`1-8`"),
    spoilt("id: two", "id: §one", ROADMAP): ("two stages have the id `one`; the first is at 5:9", "Change"),
    spoilt("Stage two", "§stage ONE", ROADMAP): ("two stages have the title", "Change"),
    spoilt("Show two", "§Show one", ROADMAP): ("two milestones have the title", "Change"),
    spoilt("folder: two", "folder: §ONE", ROADMAP): ("two milestones have the folder", "Change"),
    spoilt("[tests]}", "[tests]}\n        - {id: §code, text: More}"): ("two deliverables have", "Change"),
    ONE + "        - {id: §tests, title: More, kind: git}\n": ("two checks have the id `tests`", "Change"),
    spoilt("[tests]", "[§test]"): ("no check `test`", "Did you mean `tests`?"),
    spoilt(CHECK, "§{kind: pytst, id: tests"): (
        "no kind `pytst`",
        "`pytest`?",
    ),
    spoilt(CHECK, "§{id: tests"): (
        "`kind` is missing",
        "a line `kind: …`",
    ),
    spoilt("kind: pytest", "kind: pytest, §min_test: 2"): ("`min_test` is not a key", "`min_tests`"),
    spoilt("kind: pytest", "kind: pytest, needs: [§test]"): ("no check `test`", "`tests`"),
    spoilt("kind: pytest", "kind: pytest, needs: §[tests]"): ("need one another", "Remove"),
    spoilt("kind: pytest", "kind: pytest, points: §-1"): ("`points` must be at least 0; found `-1`", ""),
    spoilt("folder: one", "folder: §a/../../b"): ("leads out of its folder", "inside it"),
    spoilt("folder: one", "folder: §.git/hooks"): ("leads out of its folder", "inside it"),
    spoilt("folder: one", "folder: §a b"): ("`folder` is `a b`", "without spaces"),
    spoilt("kind: pytest", "kind: pytest, path: §/etc"): ("leads out", "inside it"),
    spoilt("kind: pytest", "kind: files, all_of: [a, §../b]"): ("leads out", "inside it"),
    spoilt("kind: pytest", "kind: url, pattern: §'['"): ("not a regular expression", "backslash"),
    spoilt("kind: pytest", "kind: train_smoke, command: x, loss_pattern: §loss"): ("has no group", "( )"),
    spoilt('"https://example.org/book"', "§example"): (
        "`url` is `example`, which is no web address",
        "https://",
    ),
    spoilt("kind: book", "kind: §boook"): ("`kind` is `boook`", "Did you mean `book`?"),
    spoilt("Learn it.", "§" + "x" * 4001): ("at most 4000 characters; found 4001", ""),
    spoilt("Stage one", "§" + "x" * 251): ("at most 250 characters", ""),
    spoilt("aim: Learn it.", "aim:§"): ("`aim` needs text; found nothing", ""),
    spoilt("- id: one", "- §id: one", ONE.replace("    aim: Learn it.\n", "")): (
        "`aim` is missing",
        "a line `aim: …`",
    ),
}


@pytest.mark.parametrize("marked", ROADMAP_SLIPS, ids=range(len(ROADMAP_SLIPS)))
def test_each_slip_in_the_roadmap_is_told_in_its_place(tmp_path: Path, marked: str) -> None:
    message, cure = ROADMAP_SLIPS[marked]
    before, after = marked.split("§")
    place = f"roadmap.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    found = problems(tmp_path, roadmap=before + after)
    assert any(p.place == place and message in p.message and cure in p.cure for p in found), (place, found)


def test_a_slip_in_one_item_is_not_told_as_a_list_that_is_too_short(tmp_path: Path) -> None:
    found = problems(tmp_path, roadmap=ONE.replace("kind: book", "kind: tome"))
    assert len(found) == 1


def test_checks_in_a_circle_are_named_in_order(tmp_path: Path) -> None:
    checks = "".join(
        f"        - {{id: {name}, title: {name}, kind: git, needs: [{other}]}}\n"
        for name, other in ("ab", "ba")
    )
    (found,) = problems(tmp_path, roadmap=ONE + checks)
    assert "`a` → `b` → `a`" in found.message or "`b` → `a` → `b`" in found.message
