"""The cohort's summary: one issue in the organisers' private repo, one comment on it a week."""

from __future__ import annotations

from collections.abc import Sequence

from cohort_bot.digest import Week, doubles, summary
from cohort_bot.errors import ForgeError
from cohort_bot.forge.comments import Correspondence, Place
from cohort_bot.forge.connection import UnclearError
from cohort_bot.post.letters import Texts, posted_in
from cohort_bot.reviews import Row
from cohort_bot.standing import Survey

SUMMARY = "digest/summary.md.j2"
KIND = "summary"


def summary_text(survey: Survey, texts: Texts, week: Week, reviews: Sequence[Row] = ()) -> str:
    """The summary in Markdown, without its marker. `reviews`: those by peers that take too long."""
    return texts.render(SUMMARY, **summary(survey, week, reviews)).strip() + "\n"


def post_summary(
    path: str,
    survey: Survey,
    texts: Texts,
    week: Week,
    forge: Correspondence,
    reviews: Sequence[Row] = (),
) -> str:
    """Post the summary of `week` in the repo `owner/name`, once. Returns in words what became of it.

    It names people, so a public repo gets none. Raises ForgeError where the repo cannot be seen.
    """
    place = _place(path, survey, forge)
    if place.public:
        return f"not posted: {path} is public, and the summary names people"
    if _standing(place, week):
        _tidy(place, forge)
        return f"posted already in {path}"
    body = f"{week.mark}\n{summary_text(survey, texts, week, reviews)}"
    try:
        reply = forge.write([(place.issue_id, body)], ())[0]
    except UnclearError:
        if not _standing(_place(path, survey, forge), week):
            raise
    else:
        if reply.error:
            return f"not posted in {path}: {reply.error}"
    _tidy(_place(path, survey, forge), forge)
    return f"posted in {path}"


def _place(path: str, survey: Survey, forge: Correspondence) -> Place:
    """Where to post, with an issue: opened, if there is none yet."""
    slug = survey.cohort.slug
    place = forge.place(path, KIND, slug)
    if place is None:
        raise ForgeError(
            f"the repo {path} for the summary does not exist, or the token may not see it",
            "Check `digest.summary_repo` in cohort.yaml, and whose token it is.",
        )
    if place.issue_id or place.public:
        return place
    made = forge.open_issue(place.repo_id, *_opening(survey))
    if made.error:
        raise ForgeError(f"no issue for the summary can be opened in {path}: {made.error}")
    # Where two runs open one each, both go on with the older, and whoever made the younger closes it.
    found = forge.place(path, KIND, slug) or place
    if found.issue_id != made.id:
        forge.close_issue(made.id)
    return found


def _opening(survey: Survey) -> tuple[str, str]:
    cohort = survey.cohort
    name = cohort.title or survey.roadmap.title
    words = (
        "Once a week a comment here says how the cohort is doing: burn-up against the plan, who may need "
        "somebody and why, whose invitation is still open. Close this issue to begin a new one."
    )
    return f"Cohort summary: {name}"[:250], f"<!-- cohort-bot: {KIND}={cohort.slug} -->\n{words}\n"


def _standing(place: Place, week: Week) -> bool:
    return any(found.week == week for found in posted_in(place.comments))


def _tidy(place: Place, forge: Correspondence) -> None:
    extra = [double.id for double in doubles(posted_in(place.comments))]
    if extra:
        forge.remove(extra)
