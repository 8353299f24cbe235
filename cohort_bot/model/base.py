"""What every written model shares: strict, frozen, and free of unknown keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60),
    Field(description="Lower-case letters, digits and single hyphens."),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250, pattern=r"^[^\r\n]*$")
]


class Written(BaseModel):
    """Something a person wrote in YAML or CSV. Unknown keys are errors: they are usually typing slips."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
