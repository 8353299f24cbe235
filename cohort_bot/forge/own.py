"""Reading one repo with the token of its own workflow, which sees no boards and no people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from cohort_bot.errors import ForgeError
from cohort_bot.forge import parse, queries
from cohort_bot.forge.connection import Connection
from cohort_bot.forge.reader import ForgeReader
from cohort_bot.state import Access, CohortState


class OwnReader(ForgeReader):
    """The `Reader` of the repo `owner/name` alone. Second copies of issues are left to the organiser."""

    def __init__(
        self,
        connection: Connection,
        path: str,
        label_keys: Mapping[str, str],
        titles: Mapping[str, str],
    ) -> None:
        super().__init__(connection, label_keys, len(titles), titles)
        self._path = path

    def read(self, org: str, template: str, learners: Mapping[str, str], now: datetime) -> CohortState:  # noqa: ARG002 - a Reader's signature
        """The state of this repo, under the one name in `learners`. Raises ForgeError if it is not seen."""
        owner, _, name = self._path.partition("/")
        raw = self._query(queries.OWN, {"owner": owner, "name": name}).get("repository")
        if raw is None:
            raise ForgeError(
                f"the repo {self._path} cannot be read",
                "The workflow needs `permissions: issues: write`, and the token must be this repo's own.",
            )
        (ours,) = learners
        repo = parse.learner_repo(ours, "", raw, self._names)
        return CohortState(None, {ours: replace(repo, copies=(), access=Access.INVITED)})
