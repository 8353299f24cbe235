"""What the workflow in a learner's repo does, without a runner: its three steps, carried out here.

`templates/starter/.github/workflows/cohort-check.yml.j2` and `action.yml` are what really runs, on GitHub
and in the sandbox. A rehearsal has hundreds of pushes, and starting Python three times for each would take
most of its time; so it calls what those three steps call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cohort_bot import desired, git
from cohort_bot.cli.check import judge_all
from cohort_bot.cli.feedback import changed
from cohort_bot.errors import CohortError
from cohort_bot.feedback import Telling, concerned, reply
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.feedback import Desk
from cohort_bot.model import Roadmap
from cohort_bot.render import Renderer
from cohort_bot.reports import comment
from cohort_bot.result import Document


@dataclass
class LearnersCi:
    """The checks of every learner's repo. `url` is where git finds the repos, `place` is for their checkouts;
    `connect` gives a connection with the token of a repo's own workflow.
    """

    url: str
    place: Path
    roadmap: Roadmap
    words: Renderer
    connect: Callable[[str], Connection]
    _connections: dict[str, Connection] = field(default_factory=dict)

    def answer(self, path: str) -> list[Document]:
        """Check what was pushed to the repo `path` (owner/name) since it was last answered, and answer."""
        connection = self._connection(path)
        checkout = self.place / path.replace("/", "_")
        git.follow(checkout, f"{self.url}/{path}.git", "main", connection.token)
        names = {label.name: label.key for label in desired.LABELS.values()}
        desk = Desk(connection, path, names)
        conversations = desk.read({stage.id for stage in self.roadmap.stages})
        stages = concerned(self.roadmap, conversations, changed(checkout, conversations))
        documents = judge_all(stages, checkout, sys.executable)
        for told in documents:
            conversation = conversations.get(told.milestone)
            if conversation is None:
                raise CohortError(f"{path}: the issue of {told.milestone} is gone")
            if answer := reply(told, self.roadmap, conversation, self._worded):
                desk.write(conversation, answer)
        return documents

    def close(self) -> None:
        """Let go of every connection."""
        for connection in self._connections.values():
            connection.close()

    def _worded(self, telling: Telling) -> str:
        return self.words.render(comment.TEMPLATE, **comment.values(telling))

    def _connection(self, path: str) -> Connection:
        if path not in self._connections:
            self._connections[path] = self.connect(path)
        return self._connections[path]
