"""Posting a week's digests and summary so that each stands exactly once, however often and rudely this runs.

GitHub has no key that makes a second write harmless. What there is: everything is read before anything is
written; a comment of ours is known by its marker and its author, on any issue of the repo; after an unclear
answer the forge is read again; after the last write it is read once more, and of two digests for one week the
younger is removed. Two runs at once follow the same rule and so remove the same one. What stays possible is
that a learner is notified of a comment that is gone a moment later, and that a run which is killed before its
last look leaves a double to the next run, which removes it before it posts.
"""

from cohort_bot.post.letters import Delivery, Mail, deliver, prepare
from cohort_bot.post.summary import post_summary

__all__ = ["Delivery", "Mail", "deliver", "post_summary", "prepare"]
