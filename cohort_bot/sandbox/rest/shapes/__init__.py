"""Rows as the JSON objects of GitHub's OpenAPI description."""
