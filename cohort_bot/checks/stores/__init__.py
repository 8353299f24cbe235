"""Read MLflow stores as they lie on disk, read-only and without MLflow.

Importing MLflow is slow, and opening a store with it can change or create files of the learner's.
"""

from cohort_bot.checks.stores.find import find

__all__ = ["find"]
