# make demo    the main job on the embedded local cloud, with a real Linux guest where permitted
# make test    all tests
# make nightly what takes long, on other examples each time
# make mutants   changes of what decides, made by machine, and who sees them: DRAW=n SEED=s
# make simulate HISTORIES=n SEED=s   more histories of racing runs than make test plays
# make check   format, lint, types, layers, generated docs
PYTHON ?= python3
VENV   := .venv
ALONE  := $(CURDIR)/.local/alone
BIN    := $(VENV)/bin
S_CLI  := tests/stubs/fc-local
NODE   := $(S_CLI) tests/stubs/tests/npm-clients tests/e2e/page
STAMP  := $(VENV)/.installed
JOBS   ?= 4

.PHONY: guest-program mutants nightly install demo test test-alone test-guest simulate bench check format docs lock package wire check-deploy application clean model
.DEFAULT_GOAL := test

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml tests/stubs/pyproject.toml .ci/system-packages $(NODE:%=%/package-lock.json)
	@.ci/system-packages base
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || \
		{ echo "this Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/pip install -q --disable-pip-version-check "uv==$$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements.lock)"
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e . -e tests/stubs
	@if command -v npm >/dev/null 2>&1; \
		then for folder in $(NODE); do npm ci --silent --no-fund --no-audit --prefix $$folder || exit 1; done; \
		else echo "npm is missing: tests of the s CLI and of npm clients are left out (Debian: apt-get install npm)" >&2; fi
	@touch $@

demo: install $(if $(GUEST),$(VENV)/.guests)
	@$(BIN)/python -m tests.demo $(if $(GUEST),--guest $(GUEST))

# Whole guests, the protocols' own programs and a browser, for tests that would else be left out.
$(VENV)/.guests: .ci/system-packages | $(STAMP)
	@.ci/system-packages base boot protocols browser
	@touch $@

test: install $(VENV)/.guests
	@$(BIN)/pytest -n $(JOBS) --dist loadgroup

# The local cloud in an environment that has nothing but it and pytest.
test-alone: install
	@$(BIN)/uv venv -q --clear $(ALONE)
	@$(BIN)/uv pip install -q --python $(ALONE)/bin/python -c requirements.lock ./tests/stubs pytest
	@cd $(ALONE) && bin/python -m pytest -q -c /dev/null --noconftest -p no:cacheprovider $(CURDIR)/tests/stubs/tests/test_alone.py

# The local cloud's requests and answers against the vendor's models: parameters, fields, differences.
wire: install
	@$(BIN)/localcloud wire

# What takes long: look and sweep on thousands of drawn histories, the simulated guest beside a real one in hundreds of
# sequences, and the simulator, other ones each night; 200 groups at once;
# a deployment from a fresh clone to nothing left.
nightly: install
	@HYPOTHESIS_PROFILE=nightly MULTI_EIP_HISTORIES=$(or $(HISTORIES),2500) \
		$(BIN)/pytest -n $(JOBS) tests/functional/observe tests/unit/plan tests/unit/test_intent.py
	@MULTI_EIP_ENUMERATE=all $(BIN)/pytest -n $(JOBS) tests/simulation/test_enumerated.py
	@MULTI_EIP_CONTRACTS=500 MULTI_EIP_CONTRACTS_FROM=$$(date +%s) $(BIN)/pytest -n $(JOBS) tests/guest/contract
	@$(BIN)/pytest -n $(JOBS) --dist loadgroup -m nightly
	@$(BIN)/python -m tests.simulation --histories 20000 --seed $$(date +%s)
	@$(BIN)/python -m tests.bench many

# Changes of what decides, drawn by a seed: which of them no test and no history sees. Takes an hour.
mutants: install
	@$(BIN)/python -m tests.mutants --draw $(or $(DRAW),100) --seed $(or $(SEED),1)

test-guest: install $(VENV)/.guests
	@$(BIN)/python -m tests.guest.matrix

# Histories of operators, faults and racing runs, drawn by a seed: HISTORIES=n, SEED=s.
simulate: install
	@$(BIN)/python -m tests.simulation --histories $(or $(HISTORIES),2000) --seed $(or $(SEED),1)

bench: install $(VENV)/.guests
	@$(BIN)/pytest -m bench -s tests/bench tests/stubs/tests

# Searches of the model of one run that end within three minutes; says so where spin is missing.
model: install
	@$(BIN)/python -m tests.model

check: install
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/lint-imports --no-cache --config tests/stubs/pyproject.toml
	@$(BIN)/python -m multieip.reference --check
	@$(BIN)/localcloud coverage --check

format: install
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: install
	@$(BIN)/python -m multieip.reference
	@$(BIN)/localcloud coverage

# What the functions carry, functions/requirements.lock, is a part of what the tests run with, at the same versions.
COMPILE = $(BIN)/uv pip compile -q --universal --python-version 3.10 --generate-hashes --no-header --no-emit-index-url

lock:
	@$(COMPILE) --group dev --upgrade -o requirements.lock pyproject.toml tests/stubs/pyproject.toml
	@$(COMPILE) -c requirements.lock -o functions/requirements.lock pyproject.toml

# After a change of shared/multieip/guest/linux: looks for what makes the program short; some minutes.
guest-program: install
	@PYTHONPATH=shared $(BIN)/uv run -q --no-project --with zopfli==0.4.3 -- python -m deploy.guest_program

# One code package per function in dist/, for the Python and the system of Function Compute.
package: install
	@PYTHONPATH=shared $(BIN)/python -m deploy.packages

# What would go wrong with a deploy of s.yaml as it is rendered here; FILE=s.fc2.yaml for Function Compute 2.0.
check-deploy: install
	@PYTHONPATH=shared $(BIN)/python -m deploy.check $(or $(FILE),s.yaml)

# What `s registry publish` takes, in dist/application.
application: install
	@PYTHONPATH=shared $(BIN)/python -m deploy.application

clean:
	rm -rf $(VENV) $(NODE:%=%/node_modules) .local .pytest_cache .mypy_cache .ruff_cache .hypothesis
