"""`python -m cohort_bot` is `cohort-bot`."""

from cohort_bot.cli import main

main()
