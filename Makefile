# Two commands do everything from a fresh clone; they need Python 3.11, git, make and Node.js 20, and the tests also
# Chromium with its chromedriver, which root on Debian gets installed.
#
#   make suite    run the conformance suite on the embedded pool; reports go to results/
#   make test     lint, types and all tests
#
# What they run stands in tox.ini. ARGS goes to the command inside: make suite ARGS="--only SRP"
PYTHON ?= python3.11
UV ?= uv
TOX := .tox/bootstrap/bin/tox
LOCK_OPTIONS := --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --python-version 3.11

.PHONY: suite test lint types tests live benchmark docs footprints lock clean

suite live lint types tests benchmark docs footprints: $(TOX)
	$(TOX) run -e $@ -- $(ARGS)

test: $(TOX)
	$(TOX) run -e lint,types,tests -- $(ARGS)

$(TOX): requirements/bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed; name one: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 2; }
	$(PYTHON) -m venv --clear .tox/bootstrap
	.tox/bootstrap/bin/python -m pip install --quiet --require-hashes -r requirements/bootstrap.lock
	@touch $@

# Resolves pyproject.toml anew for every platform. Pins stay as they are unless it must be
# otherwise; ARGS=--upgrade moves them all, ARGS="--upgrade-package NAME" moves one.
lock:
	$(UV) pip compile $(ARGS) $(LOCK_OPTIONS) pyproject.toml --group dev -o requirements/dev.lock
	$(UV) pip compile $(LOCK_OPTIONS) -c requirements/dev.lock pyproject.toml -o requirements/run.lock
	$(UV) pip compile $(LOCK_OPTIONS) -c requirements/dev.lock --group lint -o requirements/lint.lock
	$(UV) pip compile $(LOCK_OPTIONS) -c requirements/dev.lock --group bootstrap -o requirements/bootstrap.lock

clean:
	rm -rf .tox results dist adapters/*/node_modules adapters/*/*/node_modules adapters/triggers/*/bundle tests/browser/node_modules
