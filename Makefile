# Everything here works from a fresh clone: it needs Python 3.11 or newer, git and make, and no account.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: setup demo browse test lint clean crash-matrix bench bench-short rehearsal-long

setup: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[check,dev]'
	@touch $(READY)

## Enrol the example cohort on the embedded sandbox, let two learners push work, and show what they hear.
demo: $(READY)
	@$(BIN)/python examples/demo.py

## Open the demo's repos, issues and boards in a browser.
browse: $(READY)
	@$(BIN)/cohort-bot sandbox serve --data .cohort-bot/demo/.cohort-bot/sandbox --port 8080

test: $(READY)
	$(BIN)/python -m pytest --numprocesses auto $(ARGS)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

## Strike an enrolment at every request in every way, and see the next run mend it (about half an hour).
crash-matrix: $(READY)
	$(BIN)/python -m tests.crash_matrix $(ARGS)

## Let twenty learners live through forty-eight weeks, and hold every digest to account (some minutes).
rehearsal-long: $(READY)
	$(BIN)/python -m pytest tests/long_rehearsal.py --timeout=3600 $(ARGS)

## Measure what enrolling costs; results go to benchmarks/results.
bench: $(READY)
	$(BIN)/python -m benchmarks.enrol_cost --keep
	$(BIN)/python -m benchmarks.scale --keep
	$(BIN)/python -m benchmarks.startup --keep
	$(BIN)/python -m benchmarks.peer --keep

## The same, small: to see that the benchmarks themselves work.
bench-short: $(READY)
	$(BIN)/python -m benchmarks.enrol_cost --short
	$(BIN)/python -m benchmarks.scale --short
	$(BIN)/python -m benchmarks.startup --short

clean:
	rm -rf .venv .cohort-bot .tools build dist
