"""The small runner: carries out the workflows of the sandbox's repositories, as far as our own need it.

What it knows of GitHub Actions is listed in docs/the-loop.md; whatever it does not know fails a run in plain
words, so that nothing is passed over in silence.
"""
