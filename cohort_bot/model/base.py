"""What every written model shares: strict, frozen, and free of unknown keys."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60),
    Field(description="Lower-case letters, digits and single hyphens."),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250, pattern=r"^[^\r\n]*$")
]


def regex(text: str) -> str:
    """`text`, if it is a regular expression. Raises ValueError, saying where it is not."""
    try:
        re.compile(text)
    except re.error as wrong:
        raise ValueError(f"this is no regular expression: {wrong}") from wrong
    return text


Regex = Annotated[str, AfterValidator(regex)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[int, Field(gt=0, le=6 * 3600)]
Path = Annotated[
    str, Field(min_length=1, max_length=500, description="Relative to the submission, with forward slashes.")
]


class Written(BaseModel):
    """Something a person wrote in YAML or CSV. Unknown keys are errors: they are usually typing slips."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
