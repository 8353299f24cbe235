"""The forge: GitHub, or anything that answers as GitHub does, over HTTP.

A reader reads and a writer writes, so a plan, which holds only a reader, cannot change anything. REST goes
through PyGithub; GraphQL through requests, because partial success of aliased mutations must be kept.
"""
