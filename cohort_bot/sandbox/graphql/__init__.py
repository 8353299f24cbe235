"""The GraphQL API: our own subset of GitHub's schema, and what resolves it."""
