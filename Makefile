# Everything that people and CI run. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check fix bench chaos fuzz lock clean
bin := .venv/bin
# Every command starts a second slower where Python may not keep what it compiled.
unexport PYTHONDONTWRITEBYTECODE

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup:  ## install what is missing (system packages, .venv)
	@scripts/setup.sh

demo: setup  ## make a presenter video of the sample deck, into demo/
	$(bin)/deckcast make samples/deckcast.pptx -o demo

serve: setup  ## the page, the API and the worker on http://127.0.0.1:8080
	@scripts/web.sh
	$(bin)/deckcast serve

test:  ## set up, check and run every test
	@scripts/setup.sh --tests
	@$(MAKE) --no-print-directory check
	scripts/web.sh --check
	scripts/web.sh
	$(bin)/pytest -n 5 --dist loadfile --no-loadscope-reorder --max-worker-restart 0 --durations 30

check: setup  ## style, types, import rules, lock file
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/python scripts/lock.py --check
	$(bin)/python scripts/schema.py --check

fix: setup  ## mend style where a program can
	$(bin)/ruff check --fix
	$(bin)/ruff format

chaos:  ## kill it at every boundary and CHAOS_KILLS (1000) times more, and tell the long stories (hours)
	@scripts/setup.sh --tests
	DECKCAST_LONG_TESTS=1 $(bin)/pytest tests/browser tests/e2e tests/integration
	DECKCAST_LONG_TESTS=1 CHAOS_KILLS=$${CHAOS_KILLS:-1000} $(bin)/pytest -s tests/crash

fuzz:  ## call everything in the API's description FUZZ_EXAMPLES (200) times, also wrongly (long)
	@scripts/setup.sh --tests
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-200} $(bin)/pytest -s tests/integration/test_api_fuzzed.py tests/integration/test_api_raw.py

bench: setup  ## run the benchmarks and keep their results (long)
	$(bin)/python -m bench

lock: setup  ## resolve requirements.lock anew
	$(bin)/python scripts/lock.py

clean:  ## remove what setup, tests and demo made here
	rm -rf .venv .uv .tools .web-node web/node_modules src/deckcast/web_page .setup.log demo build dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache
