"""What cohort-bot costs in requests, time and memory. Each module prints a table and writes JSON."""
