# Every target sets up first; done already, that takes no time. PYTHON, HOST and PORT may be given.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export PYTHON HOST PORT

.PHONY: help setup run test bench chaos check coverage
.DEFAULT_GOAL := help

help:
	@echo 'make setup     virtual environment from requirements.lock, into .venv'
	@echo 'make run       serve on $(HOST):$(PORT), with the demo course, and say how to submit'
	@echo 'make test      all tests (ARGS="-k sandbox" chooses)'
	@echo 'make check     format, lint, types, layers'
	@echo 'make bench     the numbers, and what each was compared with in the same run'
	@echo 'make chaos     kill services, workers and databases at work, for DURATION seconds (600)'
	@echo 'make coverage  all tests, then the lines and branches that none of them reached'

setup: .venv/ready

.venv/ready: requirements.lock assets.lock pyproject.toml scripts/setup
	@scripts/setup
	@touch $@

run: setup
	@exec .venv/bin/grader serve --demo

test: setup
	@.venv/bin/pytest $(ARGS)

bench: setup
	@.venv/bin/python scripts/bench.py $(ARGS)

chaos: setup
	@scripts/chaos $(ARGS)

check: setup
	@scripts/check

coverage: setup
	@.venv/bin/coverage run -m pytest $(ARGS) && .venv/bin/coverage report
