"""Tests, grouped by what they hold to account."""
