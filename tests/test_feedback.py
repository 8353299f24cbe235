"""What a learner hears: one comment, ticks, open or closed; and which milestones a push concerns. Pure."""

from dataclasses import replace
from pathlib import Path

from markdown_it import MarkdownIt

from cohort_bot import owned
from cohort_bot.conversation import Comment, Conversation, Reply
from cohort_bot.evidence import Fault, Place
from cohort_bot.feedback import Said, Telling, concerned, reply, said
from cohort_bot.model import Roadmap
from cohort_bot.render import Renderer, problems
from cohort_bot.render.sample_comment import COMMENTS
from cohort_bot.reports import comment
from cohort_bot.result import Document
from cohort_bot.shipped import TEMPLATES
from cohort_bot.verdict import Outcome, Points, Result, Standing

ROADMAP = Roadmap.model_validate(
    {
        "title": "A road",
        "promise": "You will know it.",
        "stages": [
            {
                "id": key,
                "title": key,
                "weeks": weeks,
                "aim": "Learn it.",
                "concepts": ["An idea"],
                "resources": [{"title": "A book", "url": "https://example.org", "kind": "book"}],
                "milestone": {
                    "title": f"Show {key}",
                    "summary": "Show it.",
                    "folder": f"stage-{key}",
                    "deliverables": [
                        {"id": "code", "text": "The code", "checks": ["files", "tests"]},
                        {"id": "text", "text": "The text", "checks": ["words"]},
                        {"id": "talk", "text": "The talk"},
                    ],
                    "checks": [
                        {"id": "files", "title": "Files are there", "kind": "files", "all_of": ["a"]},
                        {"id": "tests", "title": "Tests pass", "kind": "pytest"},
                        {"id": "words", "title": "The write-up", "kind": "sections", "file": "README.md"},
                    ],
                },
            }
            for key, weeks in (("one", "1-2"), ("two", "3-4"))
        ],
    }
)
STAGE = ROADMAP.stages[0]
REGION = "\n".join(
    f"- [ ] {each.text} <!-- deliverable: {each.id} -->" for each in STAGE.milestone.deliverables
)
BODY = "Mine, before.\n" + owned.wrap("one", "Title", REGION) + "Mine, after.\n"
RENDERER = Renderer()
SHA = "0123456789abcdef0123456789abcdef01234567"


def result(key: str, status: Outcome = Outcome.PASSED, **more: object) -> Result:
    kinds = {each.id: each for each in STAGE.milestone.checks}
    plain = Result(key, kinds[key].kind, kinds[key].title, status, required=True, points=1)
    if status is Outcome.FAILED:
        plain = replace(plain, fault=Fault.LEARNER, found="a", expected="b", why="c", next="d")
    return replace(plain, **more)  # type: ignore[arg-type]


def document(*results: Result, status: Standing = Standing.NEEDS_WORK, commit: str = SHA) -> Document:
    earned = sum(one.status is Outcome.PASSED for one in results)
    return Document(
        commit=commit, milestone="one", spec_sha256="", status=status, checks=results,
        points=Points(earned, len(results)),
    )  # fmt: skip


PASSED = document(result("files"), result("tests"), result("words"), status=Standing.PASSED)
FAILED = document(result("files"), result("tests", Outcome.FAILED), result("words"))
UNSURE = document(result("tests", Outcome.ERROR, fault=Fault.RUNNER), status=Standing.COULD_NOT_CHECK)


def words(telling: object) -> str:
    return RENDERER.render(comment.TEMPLATE, **comment.values(telling))  # type: ignore[arg-type]


def issue(body: str = BODY, **more: object) -> Conversation:
    return replace(Conversation("one", "Title", body), **more)  # type: ignore[arg-type]


def after(conversation: Conversation, told: Document) -> Conversation:
    """The conversation as it is once the reply has been carried out."""
    answer = reply(told, ROADMAP, conversation, words)
    return replace(
        conversation,
        body=conversation.body if answer.body is None else answer.body,
        comment=conversation.comment if answer.comment is None else Comment("c", answer.comment),
        closed=conversation.closed if answer.closed is None else answer.closed,
        labels=(conversation.labels | answer.add) - answer.remove,
    )


def ticks(conversation: Conversation) -> frozenset[str]:
    parts = owned.read(conversation.body)
    assert parts is not None
    return owned.ticks(parts.region)


# --- what is written


def test_a_pass_closes_labels_and_ticks_what_the_checks_prove() -> None:
    done = after(issue(), PASSED)
    assert (done.closed, done.labels, ticks(done)) == (True, {"claimed"}, {"code", "text"})
    assert said(done) == Said("one", "passed", SHA, "", frozenset({"code", "text"}))
    assert done.comment is not None
    assert "Passed" in done.comment.body
    assert SHA[:7] in done.comment.body


def test_the_learners_words_around_and_the_digest_stay() -> None:
    done = after(issue(), PASSED)
    assert done.body.startswith("Mine, before.\n")
    assert done.body.endswith("Mine, after.\n")
    assert owned.merge(("Title", done.body), ("Title", owned.wrap("one", "Title", REGION))) == (
        "Title",
        done.body,
    )


def test_the_same_verdict_again_writes_nothing() -> None:
    for told in (PASSED, FAILED, UNSURE):
        assert not reply(told, ROADMAP, after(issue(), told), words)


def test_a_failure_leaves_the_issue_open_and_says_what_to_do() -> None:
    answer = reply(FAILED, ROADMAP, issue(), words)
    assert (answer.closed, answer.add) == (None, frozenset())
    assert answer.comment is not None
    order = [answer.comment.index(f"**{label}:**") for label in ("Found", "Expected", "Why", "Next")]
    assert order == sorted(order)
    assert "one thing to mend" in answer.comment
    assert "2 checks passed" in answer.comment


def test_only_our_own_ticks_are_taken_back() -> None:
    by_hand = issue(BODY.replace("[ ] The talk", "[x] The talk").replace("[ ] The code", "[x] The code"))
    assert ticks(after(after(by_hand, PASSED), FAILED)) == {"code", "text", "talk"}
    assert ticks(after(after(issue(), PASSED), FAILED)) == {"text"}


def test_a_pass_that_slips_is_opened_again_and_told_apart() -> None:
    slipped = after(after(issue(), PASSED), FAILED)
    assert (slipped.closed, slipped.labels) == (False, frozenset())
    assert slipped.comment is not None
    assert "had passed" in slipped.comment.body


def test_closing_by_hand_without_a_pass_is_answered_and_undone() -> None:
    for told in (FAILED, UNSURE):
        opened = after(issue(closed=True), told)
        assert not opened.closed
        assert opened.comment is not None
        assert "You closed this issue" in opened.comment.body
        # What we write starts nothing that would write again.
        assert not reply(told, ROADMAP, opened, words)


def test_closing_by_hand_with_a_pass_stays_closed() -> None:
    done = after(issue(closed=True), PASSED)
    assert (done.closed, done.labels) == (True, {"claimed"})
    assert done.comment is not None
    assert "You closed" not in done.comment.body


def test_a_failure_of_ours_costs_nothing() -> None:
    assert not reply(UNSURE, ROADMAP, after(issue(), PASSED), words)
    answer = reply(UNSURE, ROADMAP, issue(), words)
    assert answer.closed is None
    assert answer.comment is not None
    assert "costs you nothing" in answer.comment
    # Not answered for good: the next push looks at it again, whatever it changes.
    assert said(after(issue(), UNSURE)).commit == ""


def test_a_verified_milestone_is_settled() -> None:
    settled = issue(closed=True, labels=frozenset({"verified"}))
    assert reply(FAILED, ROADMAP, settled, words) == Reply()


def test_an_issue_whose_marker_was_deleted_still_gets_its_answer() -> None:
    answer = reply(PASSED, ROADMAP, issue("All gone."), words)
    assert (answer.body, answer.closed) == (None, True)


# --- what a learner's text can do in it: nothing

NASTY = (
    "@everyone <img src=x onerror=alert(1)> #12 ![x](http://e.vil/a.png) [y](http://e.vil)"
    " <!-- cohort-bot: end --> ::error::x"
)


def test_text_of_the_learner_is_inert() -> None:
    told = document(
        result("tests", Outcome.FAILED, found=f"{NASTY} `{NASTY}`", next=NASTY, also=(NASTY,),
               where=(Place(f"a`{NASTY}`.py", 3),), log_tail=f"```\n{NASTY}\n````\n</details> @here"),
    )  # fmt: skip
    text = reply(told, ROADMAP, issue(), words).comment
    assert text is not None
    html = MarkdownIt("commonmark").render(text.partition("\n")[2])
    assert "<img" not in html.replace("&lt;img", "")
    assert "<a " not in html
    outside = _outside_code(html)
    assert "@everyone" not in outside
    assert "@here" not in outside
    assert "#12" not in outside
    assert html.count("<details>") == html.count("</details>") == 1
    assert _MARKS not in text.partition("\n")[2]


_MARKS = "<!-- cohort-bot:"


def _outside_code(html: str) -> str:
    parts = html.replace("<pre>", "").split("<code")
    return parts[0] + "".join(part.partition("</code>")[2] for part in parts[1:])


def test_a_hundred_long_failures_still_fit_into_a_comment() -> None:
    one = result("tests", Outcome.FAILED, found="<" * 5000, expected="<" * 5000, why="<" * 5000,
                 next="<" * 5000, log_tail="x" * 6000)  # fmt: skip
    text = reply(document(*[one] * 100), ROADMAP, issue(), words).comment
    assert text is not None
    assert 1000 < len(text) < 65_536


def test_a_cohorts_own_words_take_the_place_of_ours(tmp_path: Path) -> None:
    folder = tmp_path / "comments"
    folder.mkdir()
    (folder / "feedback.md.j2").write_text(
        '{% extends "shipped/comments/feedback.md.j2" %}{% block closing %}Ask in room 4.{% endblock %}'
    )
    own = Renderer(tmp_path)
    answer = reply(
        FAILED, ROADMAP, issue(), lambda telling: own.render(comment.TEMPLATE, **comment.values(telling))
    )
    assert answer.comment is not None
    assert answer.comment.endswith("Ask in room 4.")
    assert "**Next:**" in answer.comment


# --- which milestones a push concerns


def ids(conversations: dict[str, Conversation], changed: dict[str, list[str]], **more: object) -> list[str]:
    found = concerned(ROADMAP, conversations, changed, **more)  # type: ignore[arg-type]
    return [stage.id for stage in found]


FRESH = {key: Conversation(key, key, "") for key in ("one", "two")}


def test_a_push_concerns_the_milestone_whose_folder_it_changed() -> None:
    assert ids(FRESH, {"one": ["stage-one/a.py"], "two": ["stage-one/a.py"]}) == ["one"]
    assert ids(FRESH, {"one": ["stage-one-more/a.py", "README.md"], "two": []}) == []


def test_shared_files_concern_what_is_open_and_begun() -> None:
    begun = FRESH | {"two": replace(after(issue(), FAILED), key="two")}
    changed = {"one": ["pyproject.toml"], "two": ["pyproject.toml"]}
    assert ids(begun, changed) == ["two"]
    claimed = FRESH | {"two": replace(after(issue(), PASSED), key="two")}
    assert ids(claimed, changed) == []
    assert ids(claimed, {"two": ["stage-two/x"]}) == ["two"]


def test_an_issue_closed_without_a_pass_is_always_looked_at() -> None:
    by_hand = FRESH | {"one": replace(FRESH["one"], closed=True)}
    assert ids(by_hand, {}) == ["one"]
    verified = FRESH | {"one": replace(FRESH["one"], closed=True, labels=frozenset({"verified"}))}
    assert ids(verified, {"one": ["stage-one/a"]}) == []
    claimed = FRESH | {"one": after(issue(), PASSED)}
    assert ids(claimed, {}) == []
    assert ids(claimed, {}, closed="one") == ["one"]


def test_a_run_by_hand_concerns_all_that_is_begun() -> None:
    begun = FRESH | {"one": after(issue(), PASSED)}
    assert ids(begun, {}, everything=True) == ["one"]
    assert ids({}, {"one": ["stage-one/a"]}, everything=True) == []


def test_every_name_that_the_template_is_given_is_tried_by_validate() -> None:
    given = comment.values(Telling(FAILED, STAGE, ROADMAP))
    assert all(values.keys() == given.keys() for values in COMMENTS[comment.TEMPLATE])
    check = given["failed"][0]
    assert all(vars(each).keys() == vars(check).keys() for each in COMMENTS[comment.TEMPLATE][0]["failed"])


def test_a_slip_in_a_cohorts_own_words_is_found_before_it_matters(tmp_path: Path) -> None:
    (tmp_path / "comments").mkdir()
    shipped = (TEMPLATES / comment.TEMPLATE).read_text(encoding="utf-8")
    place = tmp_path / comment.TEMPLATE
    place.write_text(shipped, encoding="utf-8")
    assert problems(tmp_path) == []
    place.write_text(shipped.replace("in failed", "in faild"), encoding="utf-8")
    (problem,) = problems(tmp_path)
    assert ("`faild`" in problem.message, "`failed`" in problem.cure) == (True, True)
