"""A short roadmap and short texts, for tests in which the words do not matter."""

from datetime import datetime

from cohort_bot.model import Cohort, Learner, Roadmap, Stage

ROADMAP = Roadmap.model_validate(
    {
        "title": "Walking",
        "promise": "You will walk.",
        "stages": [
            {
                "id": name,
                "title": name.title(),
                "weeks": weeks,
                "aim": f"Learn {name}.",
                "concepts": ["balance"],
                "resources": [{"title": "A book", "url": "https://example.org/", "kind": "book"}],
                "milestone": {
                    "title": name.title(),
                    "summary": "Show it.",
                    "folder": name,
                    "deliverables": [{"id": f"{name}-film", "text": "A film"}],
                },
            }
            for name, weeks in (("standing", "1-2"), ("walking", "3-4"))
        ],
    }
)


class Words:
    """The `Texts` of that roadmap."""

    def __init__(self, body: str = "Do it.") -> None:
        self.body = body

    def milestone_title(self, roadmap: Roadmap, stage: Stage) -> str:
        return f"{1 + roadmap.stages.index(stage)}. {stage.title}"

    def milestone_description(self, roadmap: Roadmap, stage: Stage) -> str:
        return stage.aim

    def milestone_body(
        self, roadmap: Roadmap, stage: Stage, due: datetime, cohort: Cohort, learner: Learner
    ) -> str:
        return f"{self.body} Due {due:%d %B}.\n\n- [ ] A film <!-- deliverable: {stage.id}-film -->\n"
