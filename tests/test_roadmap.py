"""The roadmap that ships: whole, consistent, and every line of it reaches the learner."""

import re
from datetime import date
from functools import cache

import pytest
import yaml

from cohort_bot import calendar
from cohort_bot.desired import LABELS
from cohort_bot.model import CheckSpec, Cohort, Learner, Roadmap, Stage
from cohort_bot.render import Renderer
from cohort_bot.shipped import ROADMAP as FILE
from cohort_bot.shipped import TEMPLATES

COHORT = Cohort(org="acme", slug="ml26", start=date(2026, 9, 7), timezone="Europe/Berlin")
LEARNER = Learner(github="ada")
# Facts and places rather than deliverables: a clean repo, and two addresses that may be asleep.
TIED_TO_NOTHING = {"classical-tidy", "live-address", "capstone-live"}


@cache
def roadmap() -> Roadmap:
    return Roadmap.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@cache
def renderer() -> Renderer:
    return Renderer()


@cache
def issue(number: int) -> str:
    stage = roadmap().stages[number - 1]
    due = calendar.due_on(COHORT, stage.span[1])
    return renderer().milestone_body(roadmap(), stage, due, COHORT, LEARNER)


@cache
def readme() -> str:
    return renderer().starter_files(COHORT, roadmap())["README.md"].decode()


def check(stage: Stage, kind: str) -> list[CheckSpec]:
    return [each for each in stage.milestone.checks if each.kind == kind]


STAGES = range(1, 6)

each_stage = pytest.mark.parametrize("number", STAGES)


def test_editors_find_its_schema() -> None:
    assert FILE.read_text(encoding="utf-8").startswith(
        "# yaml-language-server: $schema=roadmap.schema.json\n"
    )


def test_five_stages_fill_48_weeks() -> None:
    assert [(stage.title, stage.weeks) for stage in roadmap().stages] == [
        ("Foundations & Classical ML", "1-8"),
        ("Deep Learning Fundamentals", "9-16"),
        ("Specialization & Advanced Architectures", "17-24"),
        ("MLOps & Production Deployment", "25-32"),
        ("Capstone & Job Readiness", "33-48"),
    ]
    assert roadmap().weeks == 48


@pytest.mark.parametrize(
    ("number", "facts"),
    [
        (
            1,
            "scikit-learn|Kaggle Learn|Preprocessing|evaluat|statistics|Statistical Learning|real data set",
        ),
        (1, "several classical models|baseline|at least 0.78"),
        (
            2,
            "PyTorch|TensorFlow|gradient|Dive into Deep Learning|Specialization|optimisation lectures",
        ),
        (2, "CIFAR-10|from scratch|feed-forward|training loop|at least 0.65"),
        (
            3,
            "Hugging Face|transformers|Attention Is All You Need|walk-through|BERT|ResNet|Code to read",
        ),
        (3, "fine-tuned for text classification|modern CNN|pre-trained|computer vision|natural language"),
        (4, "MLflow|DVC|Docker|Certified|engineering blog|case study|monitor|version|reproduc|Made With ML"),
        (4, "container|REST API|cloud service|tracked experiments|versions of the model"),
        (5, "Kaggle competitions|open-source ML project|mock interviews|arXiv|research|[Ii]nterviews"),
        (5, "collect|training|container|trade-offs|design choices|public|end to end"),
    ],
)
def test_what_a_stage_is_about_reaches_its_issue(number: int, facts: str) -> None:
    missing = [fact for fact in facts.split("|") if not re.search(fact, issue(number), re.IGNORECASE)]
    assert missing == []


@each_stage
def test_every_line_of_a_stage_is_in_its_issue(number: int) -> None:
    stage, text = roadmap().stages[number - 1], issue(number)
    milestone = stage.milestone
    lines = [stage.title, stage.aim, *stage.concepts, milestone.summary, milestone.folder]
    lines += [each.title for each in stage.resources] + [str(each.url) for each in stage.resources]
    lines += [each.note for each in stage.resources if each.note]
    lines += [each.text for each in milestone.deliverables] + [each.title for each in milestone.checks]
    assert [line for line in lines if line not in text] == []


@each_stage
def test_an_issue_fits_and_ticks(number: int) -> None:
    text = issue(number)
    assert len(text) < 20_000  # of GitHub's 65,536: room for ticks, and for a mail that people read
    ids = re.findall(r"^- \[ \] \S.* <!-- deliverable: ([a-z0-9-]+) -->$", text, re.MULTILINE)
    assert ids == [each.id for each in roadmap().stages[number - 1].milestone.deliverables]
    assert 4 <= len(ids) <= 8


@each_stage
def test_the_issue_names_the_label_that_calls_for_help(number: int) -> None:
    assert f"**{LABELS['help'].name}**" in issue(number)


def test_the_weeks_become_due_dates() -> None:
    ends = ["1 November 2026", "27 December 2026", "21 February 2027", "18 April 2027", "8 August 2027"]
    for number, end in zip(STAGES, ends, strict=True):
        assert f"due **Sunday {end}, 23:59 (Europe/Berlin)**" in issue(number)
        assert f"Sunday {end}, 23:59 (Europe/Berlin)" in readme()


def test_the_rest_of_it_is_in_the_readme() -> None:
    lines = [roadmap().title, roadmap().promise, *roadmap().prerequisites, *roadmap().careers]
    lines += [stage.title for stage in roadmap().stages] + [each.question for each in roadmap().questions]
    lines += [each.answer for each in roadmap().questions] + [str(roadmap().approach)]
    assert [line for line in lines if line not in readme()] == []


@pytest.mark.parametrize(
    "fact",
    [
        *(
            "[Mm]aths looks frightening",
            "Theory and practice",
            "production",
            "MLOps",
            "deep-learning frameworks",
        ),
        *("Python", "matrices", "[Mm]ean, variance, distributions", "command line", "gradients"),
        *("Machine-learning engineer", "Applied scientist", "MLOps engineer", "Industry AI researcher"),
        *("maths really that important", "intuition", "PyTorch or TensorFlow first", "PyTorch\\. It"),
        *("NeurIPS, ICML and CVPR", "newsletters", "replicate", "Depth", "60 to 40", "without a degree"),
        "public portfolio",
    ],
)
def test_the_facts_around_the_stages_reach_the_readme(fact: str) -> None:
    assert re.search(fact, readme())


def test_tips_last_for_weeks_without_repeating() -> None:
    tips = roadmap().tips
    assert len(set(tips)) == len(tips) >= 24
    assert all(100 < len(tip) < 400 and tip.startswith("**") for tip in tips)
    together = " ".join(tips)
    themes = ["portfolio", "linear regression", "abstract", "Git|Commit", "Docker", "public", "why it works"]
    assert [theme for theme in themes if not re.search(theme, together)] == []


def test_ids_are_unique() -> None:
    stages = roadmap().stages
    for ids in (
        [stage.id for stage in stages],
        [stage.milestone.folder for stage in stages],
        [each.id for stage in stages for each in stage.milestone.deliverables],
        [each.id for stage in stages for each in stage.milestone.checks],
        [str(each.url) for stage in stages for each in stage.resources],
    ):
        assert len(set(ids)) == len(ids)


def test_checks_and_deliverables_belong_together() -> None:
    tied: set[str] = set()
    known: set[str] = set()
    for stage in roadmap().stages:
        ids = [each.id for each in stage.milestone.checks]
        wanted = {name for each in stage.milestone.deliverables for name in each.checks}
        assert all(each.checks for each in stage.milestone.deliverables)
        assert wanted <= set(ids)
        for each in stage.milestone.checks:
            assert set(each.needs) <= set(ids)
            assert each.id not in _reached(stage, each.id), "a circle of needs"
        tied |= wanted
        known |= set(ids)
    assert known - tied == TIED_TO_NOTHING


def _reached(stage: Stage, start: str) -> set[str]:
    needs = {each.id: each.needs for each in stage.milestone.checks}
    reached, waiting = set[str](), list(needs[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += needs[name]
    return reached


def test_paths_of_checks_lie_in_the_milestones_folder() -> None:
    for stage in roadmap().stages:
        for each in stage.milestone.checks:
            paths = [
                getattr(each, name) for name in ("path", "file", "model", "context") if hasattr(each, name)
            ]
            assert all(path.startswith(stage.milestone.folder) for path in paths), each.id


def test_links_are_secure_and_carry_no_credentials() -> None:
    for stage in roadmap().stages:
        assert len(stage.resources) >= 10
        for each in stage.resources:
            assert each.url.scheme == "https"
            assert not each.url.username
    text = FILE.read_text(encoding="utf-8")
    assert "http://" not in text


@each_stage
def test_a_stage_offers_the_kinds_of_resource_it_should(number: int) -> None:
    wanted = {
        1: {"platform", "course", "book", "docs", "tutorial"},
        2: {"course", "tutorial", "book", "video"},
        3: {"course", "paper", "tutorial", "code"},
        4: {"course", "platform", "docs", "article"},
        5: {"platform", "community", "paper"},
    }
    stage = roadmap().stages[number - 1]
    assert wanted[number] <= {each.kind for each in stage.resources}
    assert 8 <= len(stage.concepts) <= 14


def test_milestone_1_wants_three_models_and_a_dummy_and_scores_the_pipeline_again() -> None:
    stage = roadmap().stages[0]
    [runs] = check(stage, "mlflow")
    assert runs.distinct_params == {"model": 4}
    assert runs.param_values == {"model": ("*dummy*",)}
    [score] = check(stage, "model_eval")
    assert score.hidden
    assert score.close_to_logged


def test_milestone_2_wants_falling_losses_and_two_networks() -> None:
    stage = roadmap().stages[1]
    assert len(check(stage, "train_smoke")) == 1
    assert {each.experiment: each.history_steps for each in check(stage, "mlflow")} == {
        "images": 5,
        "tabular": 5,
    }
    [score] = check(stage, "model_eval")
    assert (score.min, score.shape) == (0.65, (3, 32, 32))


def test_milestone_3_never_trains_again() -> None:
    stage = roadmap().stages[2]
    assert check(stage, "train_smoke") == check(stage, "pytest") == []
    assert all({"base_model", "labels"} <= set(each.params) for each in check(stage, "mlflow"))
    assert [each.format for each in check(stage, "model_eval")] == ["predictions", "predictions"]


def test_milestone_4_serves_what_it_registered_and_answers_rightly() -> None:
    stage = roadmap().stages[3]
    [service] = check(stage, "docker_service")
    assert len({probe.answer for probe in service.probes}) == service.distinct_answers == 2
    assert service.ready_seconds == 60
    assert service.registered == "census-income"
    assert not service.network
    assert service.bad_input.status // 100 == 4
    [runs] = check(stage, "mlflow")
    assert (runs.min_finished_runs, runs.registered) == (3, 2)


def test_milestone_5_wants_all_of_4_and_a_person() -> None:
    four, five = ({each.kind for each in stage.milestone.checks} for stage in roadmap().stages[3:])
    assert four | {"git", "manual"} <= five
    [write_up] = check(roadmap().stages[4], "sections")
    assert "Trade-offs" in write_up.headings
    [files] = check(roadmap().stages[4], "files")
    assert {"stage-5-capstone/collect.py", ".github/workflows/ci.yml"} <= set(files.all_of)


def test_what_the_judge_keeps_to_itself_is_hidden_from_the_learners_ci() -> None:
    for stage in roadmap().stages:
        assert all(each.hidden and not each.data.startswith("/") for each in check(stage, "model_eval"))


def test_the_roadmap_in_the_docs_is_valid() -> None:
    text = (FILE.parent / "docs" / "roadmap-authors.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(version: 1\n.*?)```", text, re.DOTALL)
    small = Roadmap.model_validate(yaml.safe_load(example))
    body = renderer().milestone_body(small, small.stages[0], calendar.due_on(COHORT, 1), COHORT, LEARNER)
    assert "at least 50 words" in body


def test_the_docs_name_every_template_block_and_file_of_the_organisers() -> None:
    text = (FILE.parent / "docs" / "roadmap-authors.md").read_text(encoding="utf-8")
    for name in ("issues/milestone.md.j2", "readme.md.j2"):
        blocks = re.findall(r"{% block (\w+) %}", (TEMPLATES / name).read_text(encoding="utf-8"))
        assert blocks
        assert [block for block in blocks if f"`{block}`" not in text] == []
    needed = {each.data for stage in roadmap().stages for each in check(stage, "model_eval")}
    assert [path for path in needed if f"`checks/{path}`" not in text] == []
