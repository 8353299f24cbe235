"""The sandbox's GraphQL: its schema is a part of GitHub's, and what passes over it fits GitHub's."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import validate_schema

import cohort_bot.sandbox
from tests.contract.graphql import outside, read_schema
from tests.contract.published import published_schema

pytestmark = pytest.mark.needs("npm")
OURS = Path(cohort_bot.sandbox.__file__).with_name("graphql") / "schema.graphql"


def test_our_schema_is_a_part_of_githubs() -> None:
    ours = read_schema(OURS.read_text(encoding="utf-8"), newer=False)
    assert [error.message for error in validate_schema(ours)] == []
    assert list(outside(ours, published_schema(newer=True))) == []
