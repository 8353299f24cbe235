"""The shapes of roster that people hold: ours, and what other tools export.

Column names come from the tools' own files: GitHub Classroom's roster download, Classroom 50's roster.csv,
Canvas's gradebook export and Moodle's grade export (in English).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from cohort_bot.model import Learner

OURS = tuple(Learner.model_fields)


@dataclass(frozen=True)
class Shape:
    """A kind of roster: how its header gives it away, and which columns hold what we want.

    `columns` maps our field to the columns, by folded name, whose texts joined by a space make it.
    With `login` empty the login is looked for in a column that somebody added and called GitHub something.
    """

    name: str
    marks: frozenset[str]
    login: str = ""
    columns: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))
    staff_roles: frozenset[str] = frozenset()
    not_learners: frozenset[str] = frozenset()
    family_name_first: bool = False

    def login_column(self, header: Sequence[str]) -> int | None:
        """The index of the column that holds GitHub logins, or None."""
        if self.login:
            return header.index(self.login)
        candidates = [i for i, name in enumerate(header) if "github" in name and not name.endswith("_id")]
        named = [i for i in candidates if re.search(r"user|login|account|handle|name", header[i])]
        return next(iter(named or candidates), None)

    def fields(self, cells: Mapping[str, str]) -> dict[str, str]:
        """Our fields, apart from the login, out of one row's cells by column."""
        found = {
            key: " ".join(text for name in names if (text := cells.get(name)))
            for key, names in self.columns.items()
        }
        if self.family_name_first and found.get("name", "").count(",") == 1:
            family, given = found["name"].split(",")
            found["name"] = f"{given.strip()} {family.strip()}"
        return found

    def skips(self, cells: Mapping[str, str]) -> bool:
        """Whether a row is about no learner: staff, a row of totals, a made-up test account."""
        return (
            cells.get("role", "").casefold() in self.staff_roles
            or cells.get("student", " ").casefold() in self.not_learners
        )


COHORT_BOT = Shape(
    "cohort-bot", frozenset({"github"}), "github", {name: (name,) for name in OURS if name != "github"}
)
SHAPES = (
    Shape(
        "GitHub Classroom",
        frozenset({"identifier", "github_username"}),
        "github_username",
        {"name": ("name",), "group": ("group_name",)},
    ),
    Shape(
        "Classroom 50",
        frozenset({"username", "first_name", "last_name"}),
        "username",
        {"name": ("first_name", "last_name"), "email": ("email",), "group": ("section",)},
        staff_roles=frozenset({"teacher", "hta", "ta", "owner", "instructor"}),
    ),
    Shape(
        "Canvas",
        frozenset({"student", "id", "section"}),
        columns={"name": ("student",), "group": ("section",)},
        not_learners=frozenset({"", "points possible", "student, test"}),
        family_name_first=True,
    ),
    Shape(
        "Moodle",
        frozenset({"first_name", "email_address"}),
        columns={
            "name": ("first_name", "surname", "last_name"),
            "email": ("email_address",),
            "group": ("groups",),
        },
    ),
    COHORT_BOT,
)


def fold(name: str) -> str:
    """A column's name in the form in which names are compared; Canvas's assignment number is dropped."""
    return re.sub(r"[\s_-]+", "_", re.sub(r"\s*\(\d+\)$", "", name.strip().casefold()))


def recognise(header: Iterable[str]) -> Shape | None:
    """The shape whose marks are all in a folded `header`, or None."""
    names = set(header)
    return next((shape for shape in SHAPES if shape.marks <= names), None)
