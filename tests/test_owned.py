"""Owned regions: what the roadmap writes and what a learner writes live in one text without harm."""

from hypothesis import given
from hypothesis import strategies as st

from cohort_bot import owned

REGION = """## Aim

Learn to walk.

- [ ] A first step <!-- deliverable: step -->
- [ ] A second step <!-- deliverable: second -->
"""
TITLE = "Milestone 1: Walking"
BODY = owned.wrap("walking", TITLE, REGION)
LATER = owned.wrap("walking", TITLE, REGION.replace("walk.", "walk, then run."))

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<>\r"), max_size=60)


def merged(actual: str, desired: str = LATER, title: str = TITLE) -> str:
    return owned.merge((title, actual), (TITLE, desired))[1]


def test_a_new_body_says_whose_it_is() -> None:
    found = owned.read(BODY)
    assert found is not None
    assert (found.key, found.before, found.after) == ("walking", "", "\n")
    assert owned.key_of(BODY) == "walking"
    assert owned.key_of("nothing of ours") is None


def test_nothing_changes_while_the_roadmap_stays() -> None:
    edited = BODY.replace("[ ] A first", "[x] A first").replace("Learn to walk.", "Learn to dance.") + "mine"
    assert owned.merge(("My own title", edited), (TITLE, BODY)) == ("My own title", edited)


def test_a_roadmap_edit_keeps_ticks_and_text_around() -> None:
    edited = "above\n" + BODY.replace("[ ] A first", "[X] A first") + "below, with words of mine\n"
    result = merged(edited)
    assert result.startswith("above\n<!-- cohort-bot: milestone=walking")
    assert "walk, then run." in result
    assert "- [x] A first step" in result
    assert "- [ ] A second step" in result
    assert result.endswith("below, with words of mine\n")
    assert owned.KEPT not in result


def test_windows_line_ends_from_the_web_editor_are_no_edit() -> None:
    assert owned.KEPT not in merged(BODY.replace("\n", "\r\n"))
    assert owned.merge((TITLE, BODY.replace("\n", "\r\n")), (TITLE, BODY))[1] == BODY.replace("\n", "\r\n")


def test_words_written_inside_the_region_move_below_it() -> None:
    result = merged(BODY.replace("Learn to walk.", "Learn to walk.\n\nNote to myself: buy shoes."))
    region, _, below = result.partition(owned.END)
    assert "buy shoes" not in region
    assert owned.KEPT in below
    assert "Note to myself: buy shoes." in below


def test_a_lost_end_marker_loses_nothing() -> None:
    result = merged(BODY.replace(owned.END, "") + "Text at the end.")
    assert "walk, then run." in result
    assert "Text at the end." in result


def test_merging_twice_is_merging_once() -> None:
    once = merged(BODY.replace("walk.", "walk.\nMine."))
    assert merged(once) == once


@given(texts, texts, st.sets(st.sampled_from(["step", "second"])))
def test_no_word_of_the_learners_is_lost(inside: str, below: str, ticked: set[str]) -> None:
    actual = owned.tick(BODY, frozenset(ticked)).replace("walk.", f"walk.\n{inside}") + below
    result = merged(actual)
    found = owned.read(result)
    assert found is not None
    assert owned.ticks(found.region) == ticked
    assert result.endswith(below)
    for line in inside.split("\n"):
        assert line.strip() in result


@given(texts, texts)
def test_a_short_signed_text_tells_what_was_last_written(title: str, text: str) -> None:
    signed = owned.sign("walking", title, text)
    assert owned.key_of(signed) == "walking"
    assert owned.digest_of(signed) == owned.digest(title, text)
