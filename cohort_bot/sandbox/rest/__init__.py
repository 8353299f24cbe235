"""The REST API: handlers by subject, and in `shapes` the JSON they answer with."""
