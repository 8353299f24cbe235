"""Templates become issues, READMEs and starter files; bad ones become problems, soon and in little memory."""

import re
import shutil
import subprocess
import time
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cohort_bot import calendar
from cohort_bot.errors import ConfigError
from cohort_bot.model import Break, Cohort, Learner, Roadmap, Stage
from cohort_bot.model.checks import CheckBase
from cohort_bot.render import Renderer, problems, sample
from cohort_bot.render.views import cell, inert, md, moment, scalar
from cohort_bot.shipped import TEMPLATES

COHORT = sample.COHORT
ROADMAP = sample.roadmap()
FULL = ROADMAP.stages[0]
LEARNER = Learner(github="ada", name="Ada")
DUE = datetime(2026, 11, 1, 22, 59, 59, tzinfo=UTC)
ISSUE = "issues/milestone.md.j2"
LINES = """{% for each in stage.milestone.deliverables %}
- [ ] {{ each.text }} <!-- deliverable: {{ each.id }} -->
{% endfor %}
"""


def body(renderer: Renderer, stage: Stage = FULL, due: datetime = DUE, learner: Learner = LEARNER) -> str:
    return renderer.milestone_body(ROADMAP, stage, due, COHORT, learner)


def override(folder: Path, text: str, name: str = ISSUE) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def problem(folder: Path, text: str, name: str = ISSUE) -> tuple[int, str]:
    """The line and the words of the one problem that `text` has as template `name`."""
    [found] = problems(override(folder, text, name))
    assert found.file == str(folder / name)
    return found.line, f"{found.message} {found.cure}"


# --- the milestone issue


def test_the_issue_says_when_it_is_due_in_words_and_with_the_zone() -> None:
    assert "Sunday 1 November 2026, 23:59 (Europe/Berlin)" in body(Renderer())


def test_the_issue_holds_each_deliverable_as_a_line_that_can_be_ticked() -> None:
    text = body(Renderer())
    assert "\n- [ ] A thing <!-- deliverable: one-thing -->\n" in text
    assert "cohort-bot:" not in text


def test_the_issue_says_of_each_check_what_it_asks() -> None:
    section = body(Renderer()).partition("## What will be checked")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("- **A check.** ")]
    assert len(lines) == len(FULL.milestone.checks)
    assert all(len(line) > len("- **A check.** ") + 20 for line in lines)
    assert "at least 0.8" in section
    assert "only before your organiser's judge" in section
    assert "advice: it never keeps you from passing" in section


def test_every_kind_of_check_has_words() -> None:
    kinds = {kind.model_fields["kind"].annotation.__args__[0] for kind in CheckBase.__subclasses__()}
    assert {check.kind for check in FULL.milestone.checks} == kinds
    assert {path.name.removesuffix(".md.j2") for path in (TEMPLATES / "issues/checks").iterdir()} == kinds


def test_a_stage_without_checks_has_no_empty_section() -> None:
    assert "## What will be checked" not in body(Renderer(), ROADMAP.stages[1])


def test_no_paragraph_of_an_issue_is_broken_into_lines() -> None:
    """GitHub shows line breaks of issues, so wrapped source lines would look torn."""
    lines = body(Renderer()).splitlines()
    pairs = pairwise(lines)
    torn = [
        (a, b) for a, b in pairs if a and b and not b.startswith(("- ", "1", "2", "3", "4", "#", "|", "*"))
    ]
    assert torn == []


def test_learners_with_the_same_date_share_one_text_unless_the_template_looks_at_them(tmp_path: Path) -> None:
    bob = Learner(github="bob")
    shared = Renderer()
    assert body(shared) is body(shared, learner=bob)
    assert body(shared) != body(shared, due=DUE + timedelta(days=1))
    own = Renderer(override(tmp_path, "For {{ learner.github }}"))
    assert [body(own), body(own, learner=bob)] == ["For ada", "For bob"]


def test_a_body_may_not_carry_a_marker_of_ours(tmp_path: Path) -> None:
    renderer = Renderer(override(tmp_path, "<!-- cohort-bot: end -->"))
    with pytest.raises(ConfigError) as caught:
        body(renderer)
    assert "marker" in caught.value.problems[0].message


def test_titles_and_descriptions() -> None:
    renderer = Renderer()
    assert renderer.milestone_title(ROADMAP, FULL) == "Milestone 1: A milestone"
    assert renderer.milestone_description(ROADMAP, FULL).startswith("Weeks 1 to 2 of 3: Everything.")


def test_a_title_is_cut_where_github_would_refuse_it() -> None:
    long = FULL.model_copy(update={"milestone": FULL.milestone.model_copy(update={"title": "x" * 250})})
    roadmap = ROADMAP.model_copy(update={"stages": (long,)})
    title = Renderer().milestone_title(roadmap, long)
    assert len(title) == 255
    assert title.endswith("…")


def test_values_are_never_templates() -> None:
    stage = FULL.model_copy(update={"aim": "{{ cohort.org }} {% raise %}"})
    roadmap = ROADMAP.model_copy(update={"stages": (stage,)})
    text = Renderer().milestone_body(roadmap, stage, DUE, COHORT, LEARNER)
    assert "{{ cohort.org }} {% raise %}" in text


# --- the files of the template repo


def test_starter_files_hold_a_readme_a_workflow_and_a_folder_for_each_stage() -> None:
    files = Renderer().starter_files(COHORT, ROADMAP)
    expected = [
        ".github/cohort/roadmap.json",
        ".github/workflows/cohort-check.yml",
        ".github/workflows/cohort-furnish.yml",
        ".gitignore",
        "README.md",
        "one/README.md",
        "two/README.md",
    ]
    assert list(files) == expected
    assert all(content.endswith(b"\n") for content in files.values())


def test_the_readme_has_the_cohorts_dates_with_breaks_counted() -> None:
    cohort = COHORT.model_copy(update={"breaks": (Break(first=date(2026, 9, 14), last=date(2026, 9, 20)),)})
    readme = Renderer().starter_files(cohort, ROADMAP)["README.md"].decode()
    due = calendar.due_on(cohort, 2)
    assert moment(due, cohort.timezone) in readme
    assert "Sunday 27 September 2026" in readme
    assert "Break (Monday 14 September 2026 to Sunday 20 September 2026)" in readme


def test_the_readme_has_every_part_and_its_table_is_one() -> None:
    readme = Renderer().starter_files(COHORT, ROADMAP)["README.md"].decode()
    for words in ("You will see.", "Patience", "Step by step.", "Tester", "Why?", "To find out.", "claimed"):
        assert words in readme
    html = MarkdownIt("commonmark").enable("table").render(readme)
    assert html.count("<table>") == 2
    assert html.count("<td>Everything</td>") == 1


def test_the_workflow_is_yaml_with_the_least_permissions() -> None:
    text = Renderer().starter_files(COHORT, ROADMAP)[".github/workflows/cohort-check.yml"].decode()
    flow = yaml.safe_load(text)
    assert flow["permissions"] == {"contents": "read", "issues": "write"}
    # YAML 1.1 reads `on` as true.
    assert flow[True]["push"] == {"branches": ["main"], "paths-ignore": [".github/cohort/**"]}
    assert flow[True]["issues"] == {"types": ["closed"]}
    assert flow["concurrency"] == {"group": "cohort-check", "cancel-in-progress": True}
    [job] = flow["jobs"].values()
    assert job["if"].startswith("github.repository != 'sample-org/sample-template' && ")
    checkout, python, check = job["steps"]
    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}
    assert check["uses"] == COHORT.action
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"]) for step in (checkout, python))
    assert "run" not in checkout | python | check
    assert "secrets." not in text


def test_the_gitignore_keeps_work_and_leaves_out_the_rest(tmp_path: Path) -> None:
    ignore = Renderer().starter_files(COHORT, ROADMAP)[".gitignore"]
    (tmp_path / ".gitignore").write_bytes(ignore)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    work = [
        *("one/mlflow.db", "one/mlruns/1/abc/meta.yaml", "one/mlruns/1/abc/artifacts/model/data/model.pth"),
        *(
            "one/models/cnn.onnx",
            "one/data/README.md",
            "one/requirements.txt",
            "one/mlruns/models/m/version-1/meta.yaml",
        ),
    ]
    rest = [
        *(
            ".venv/x.py",
            "one/venv/x.py",
            "one/data/raw.csv",
            "one/__pycache__/a.pyc",
            "one/.env",
            "best.ckpt",
        ),
        *("two/model.pt", "one/mlruns/.trash/1/meta.yaml", "kaggle.json", "one/.ipynb_checkpoints/a.ipynb"),
    ]
    asked = subprocess.run(
        ["git", "-C", tmp_path, "check-ignore", "--stdin"],
        input="\n".join(work + rest),
        text=True,
        capture_output=True,
        check=False,
    )
    assert asked.stdout.split() == rest


def test_an_organiser_replaces_one_file_and_adds_others(tmp_path: Path) -> None:
    override(tmp_path, "# For {{ cohort.slug }}, {{ stage.title }}\n", "starter/each-stage/README.md.j2")
    override(tmp_path, "{{ not a template }}", "starter/one/data/rows.csv")
    files = Renderer(tmp_path).starter_files(COHORT, ROADMAP)
    assert files["one/README.md"] == b"# For sample, Everything\n"
    assert files["one/data/rows.csv"] == b"{{ not a template }}"
    assert ".gitignore" in files
    assert problems(tmp_path) == []


def test_an_override_may_extend_what_it_replaces(tmp_path: Path) -> None:
    text = '{% extends "shipped/issues/milestone.md.j2" %}{% block help %}Ask {{ cohort.org }}.{% endblock %}'
    renderer = Renderer(override(tmp_path, text))
    assert "Ask sample-org." in body(renderer)
    assert "## What will be checked" in body(renderer)
    assert problems(tmp_path) == []


# --- words and dates


def test_dates_are_english_whatever_the_machine_speaks() -> None:
    assert (
        moment(datetime(2027, 3, 1, 3, 4, tzinfo=UTC), "Asia/Tokyo")
        == "Monday 1 March 2027, 12:04 (Asia/Tokyo)"
    )


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("<b>Ada</b>", "&lt;b&gt;Ada&lt;/b&gt;"),
        ("@everyone", "@\u2060everyone"),
        ("see #12 and GH-7", "see #\u206012 and GH\u2060-7"),
        ("a|b", "a\\|b"),
        ("one\ntwo\r\n\tthree", "one two three"),
        ("https://evil.example", "https:\u2060//evil.example"),
        ("www.evil.example", "www\u2060.evil.example"),
        ("{{ 7 * 7 }}", "\\{\\{ 7 \\* 7 \\}\\}"),
        ("\u202eright to left\x00", "right to left"),
        ("<!-- cohort-bot: end -->", "&lt;\\!-- cohort-bot: end --&gt;"),
        ("1. Ada", "1\\. Ada"),
        ("Renée O’Neil-李", "Renée O’Neil-李"),
    ],
)
def test_other_peoples_text_stands_in_markdown_as_plain_words(text: str, harmless: str) -> None:
    assert md(text) == harmless


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))))
def test_escaped_text_reads_as_it_was_written_and_makes_no_markup(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(f"x {md(text)}")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    shown = "".join(child.content for child in children).replace("\u2060", "")
    assert shown.split() == ["x", *text.split()]


def test_small_filters() -> None:
    assert cell("a | b\nc") == "a \\| b c"
    assert inert("x --> <!-- y") == "x --&gt; &lt;!-- y"
    assert scalar("owner/action@v1") == "owner/action@v1"
    assert yaml.safe_load(scalar('a: "b" # c')) == 'a: "b" # c'


# --- bad templates


def test_what_ships_has_no_problems(tmp_path: Path) -> None:
    folder = shutil.copytree(
        TEMPLATES, tmp_path / "templates", ignore=shutil.ignore_patterns("cohort", "dashboard")
    )
    assert problems(folder) == []
    assert problems(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("fine\n{% if %}", 2, "Expected an expression"),
        ("a\n\n{{ stge.title }}", 3, "`stge` is not known here Did you mean `stage`?"),
        ("a\n{% if false %}{{ stge }}{% endif %}", 2, "Did you mean `stage`?"),
        ("a\n{{ stage.titel }}", 2, "no `titel` in this Did you mean `title`?"),
        ("{{ 'a' | uper }}", 1, "Did you mean `upper`?"),
        ("\n{% include 'issues/checks/fils.md.j2' %}", 2, "Did you mean `issues/checks/files.md.j2`?"),
        ("{{ stage.concepts }}", 1, "is a list"),
        ("{{ 1 / 0 }}", 1, "division by zero"),
        ("{{ ''.__class__ }}", 1, "unsafe"),
        ("Hello", 0, "misses a deliverable"),
        ("x" * 70_000, 0, "65,536"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_a_cure(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    found, said = problem(tmp_path, text)
    assert found == line
    assert words in said


def test_a_mistake_in_a_block_of_an_extending_template_has_its_own_line(tmp_path: Path) -> None:
    text = '{% extends "shipped/issues/milestone.md.j2" %}\n{% block help %}\n{{ stge }}{% endblock %}'
    assert problem(tmp_path, text) == (3, "`stge` is not known here Did you mean `stage`?")


LOOP = "{% for i in range(999) %}"
END = "{% endfor %}"
GROW = "{% set ns = namespace(x='0123456789', l=[1]) %}{% for i in range(60) %}"


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in range(10**9) %}{% endfor %}",
        LOOP * 3 + END * 3,
        LOOP * 2 + "{{ i }}" + END * 2,
        LOOP * 2 + "{% set x = range(999) | sort %}" + END * 2,
        "{{ 'x' * 10**9 }}",
        "{{ ([1] * 10**9) | length }}",
        "{{ 9**9**9 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '{:999999999}'.format(1) }}",
        "{{ 'x'.center(10**9) }}",
        "{{ 'x' | center(10**9) }}",
        "{{ range(10**20) | length }}",
        GROW + "{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        GROW + "{% set ns.x = ns.x + ns.x %}{% endfor %}",
        GROW + "{% set ns.l = ns.l + ns.l %}{% endfor %}",
        GROW + "{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}{% endfor %}",
        GROW + "{% set ns.x = ns.x | replace('0', ns.x) %}{% endfor %}",
        GROW + "{% set ns.x = [ns.x, ns.x] | join %}{% endfor %}",
        GROW + "{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l ~ '' }}",
        "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% block a %}{{ self.a() }}{% endblock %}",
        "{% include 'issues/milestone.md.j2' %}",
        "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    ],
)
def test_a_runaway_template_ends_soon_in_little_memory_and_as_a_problem(tmp_path: Path, text: str) -> None:
    override(tmp_path, LINES + text)
    tracemalloc.start()
    began = time.monotonic()
    found = problems(tmp_path)
    took, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 1
    assert found[0].file == str(tmp_path / ISSUE)
    assert peak < 30_000_000
    assert took < 60  # tracing makes all of this several times slower


def test_rendering_a_runaway_for_real_is_a_configuration_error_too(tmp_path: Path) -> None:
    renderer = Renderer(override(tmp_path, "{{ 'x' * 10**9 }}"))
    with pytest.raises(ConfigError) as caught:
        body(renderer)
    assert caught.value.problems[0].line == 1


def test_every_problem_of_every_file_comes_at_once(tmp_path: Path) -> None:
    override(tmp_path, "{{ a }}\n{{ b }}", "readme.md.j2")
    override(tmp_path, "{% endif %}", "starter/each-stage/README.md.j2")
    override(tmp_path, "{{ check.minimum_tests }}", "issues/checks/pytest.md.j2")
    found = problems(tmp_path)
    assert [(Path(each.file).name, each.line) for each in found] == [
        ("pytest.md.j2", 1),
        ("readme.md.j2", 1),
        ("readme.md.j2", 2),
        ("README.md.j2", 1),
    ]
    assert "Did you mean `min_tests`?" in found[0].cure


def test_a_file_that_nothing_reads_is_a_problem(tmp_path: Path) -> None:
    _, said = problem(tmp_path, "Hello", "issues/milestones.md.j2")
    assert "Did you mean `issues/milestone.md.j2`?" in said


def test_notes_and_parts_are_welcome(tmp_path: Path) -> None:
    override(tmp_path, "Our own notes", "README.md")
    override(tmp_path, "", "issues/.gitkeep")
    override(tmp_path, "Call {{ whoever }}", "parts/contact.md.j2")
    assert problems(tmp_path) == []


def test_a_part_is_compiled(tmp_path: Path) -> None:
    assert problem(tmp_path, "ok\n{% for %}", "parts/contact.md.j2")[0] == 2


def test_a_template_that_is_not_utf_8_says_so(tmp_path: Path) -> None:
    (tmp_path / "readme.md.j2").write_bytes(b"\xff\xfeH\x00")
    [found] = problems(tmp_path)
    assert "UTF-8" in found.message


def test_a_name_that_the_template_asks_about_first_is_fine(tmp_path: Path) -> None:
    text = "{% if motto is defined %}{{ motto }}{% endif %}{{ greeting | default('Hello') }}"
    assert problems(override(tmp_path, text, "readme.md.j2")) == []


def test_the_sample_is_a_valid_roadmap_for_a_valid_cohort() -> None:
    assert Roadmap.model_validate(ROADMAP.model_dump(mode="json")) == ROADMAP
    assert Cohort.model_validate(COHORT.model_dump(mode="json")) == COHORT
