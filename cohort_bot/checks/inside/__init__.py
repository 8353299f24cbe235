"""Small programs that run beside a learner's code, in the learner's Python. They import nothing of ours."""

from pathlib import Path

FOLDER = Path(__file__).parent
