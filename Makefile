# `make run` serves everything at one address; `make test` is what CI runs. Needs Python 3.11, Node 20 and make.
.PHONY: run test check test-slow bench demo faults web lock clean
.DELETE_ON_ERROR:

export UV_PYTHON_DOWNLOADS := never
export NEXT_TELEMETRY_DISABLED := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Looked for only when the virtual environment is made. A Python without venv (Debian's bare package) does not count.
PYTHON = $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
WEB_SOURCES := $(shell find web \( -name node_modules -o -name .next -o -name out -o -name next-env.d.ts \
	-o -name '*.tsbuildinfo' \) -prune -o -type f -print)

run: .venv/runtime.stamp web/out/index.html
	@exec .venv/bin/bizcore run

test: check web/out/index.html
	.venv/bin/pytest -m "not slow"
	npm --prefix web run --silent check
	npm --prefix web run --silent test

check: .venv/dev.stamp
	.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	.venv/bin/pytest -q tests/house/test_locks.py

test-slow: .venv/dev.stamp web/out/index.html
	.venv/bin/pytest -m slow

bench: .venv/dev.stamp
	.venv/bin/python -m benchmarks

demo: .venv/runtime.stamp
	.venv/bin/bizcore demo

faults: .venv/dev.stamp
	.venv/bin/python -m tests.faults

web: web/out/index.html

# Exact versions with hashes, and no word of where they come from.
lock: .venv/dev.stamp
	.venv/bin/uv pip compile $(COMPILE) requirements/runtime.in --output-file requirements/runtime.txt
	.venv/bin/uv pip compile $(COMPILE) requirements/dev.in --output-file requirements/dev.txt
	npm --prefix web install --package-lock-only --ignore-scripts --loglevel=error > /dev/null
	.venv/bin/python requirements/complete_web_lock.py
COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

# What can be made again; never the data in .bizcore/ nor the virtual environment.
clean:
	rm -rf web/out web/.next .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src services tests migrations benchmarks -name __pycache__ -prune -exec rm -rf {} +

TIMED = @started=$$(date +%s); finished() { echo "$(1) $$(( $$(date +%s) - started )) s"; };

# Its pip comes last: an environment whose making was cut off is made again.
.venv/bin/pip:
	@test -n "$(PYTHON)" || { echo "bizcore needs Python 3.11 or newer with its venv module."; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/runtime.stamp: requirements/runtime.txt | .venv/bin/bizcore
	$(call TIMED,Python packages) .venv/bin/pip install --quiet --require-hashes -r $< && finished
	@touch $@

.venv/dev.stamp: requirements/dev.txt | .venv/bin/bizcore
	$(call TIMED,Python packages) .venv/bin/pip install --quiet --require-hashes -r $< && finished
	@touch .venv/runtime.stamp $@

# The project runs from its checkout: a path file makes its packages importable, a two-line script is its command.
.venv/bin/bizcore: | .venv/bin/pip
	@printf '%s\n' '$(CURDIR)/src' '$(CURDIR)' > "$$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/bizcore.pth"
	@printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m services.cli "$$@"\n' '$(CURDIR)' > $@.new
	@chmod +x $@.new
	@mv $@.new $@

web/node_modules/.package-lock.json: web/package-lock.json
	$(call TIMED,Web packages) npm --prefix web ci --loglevel=error > /dev/null && finished
	@touch $@

web/out/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	$(call TIMED,Web build) said=$$(npm --prefix web run --silent build 2>&1) || { echo "$$said"; exit 1; }; finished
	@touch $@
