"""GitHub's rules, told once; REST and GraphQL are two ways of asking for them.

Every function takes the request's `Context`; those that change something expect to be inside a write
transaction.
"""
