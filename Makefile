# Python 3.11 and make are all that a machine needs. `make run` starts everything, `make test` checks everything.

.PHONY: help run test conformance faults bench install reset requirements refusals

help: ## Show this list.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

run: .venv/installed-requirements ## Start everything on this machine, until Ctrl-C.
	@exec bin/run

test: .venv/installed-requirements-dev ## Run the gates and all tests.
	@exec bin/ci

conformance: .venv/installed-requirements-dev ## Drive old and new majors of the official SDKs.
	@exec .venv/bin/python -m pytest tests/conformance -rs

# make faults SEED=7 ROUNDS=100; FIRST=41 ROUNDS=1 repeats one round
faults: .venv/installed-requirements-dev ## Kill processes at random, a thousand times, and check that nothing is lost.
	@exec .venv/bin/python -m tests.faults $(if $(SEED),--seed $(SEED)) --rounds $(or $(ROUNDS),1000) --first $(or $(FIRST),0)

# make bench ONLY=plain,streams PEERS=nginx ROUNDS=3 SECONDS=2
bench: .venv/installed-requirements-dev ## Measure the gateway beside its peers; asserts nothing.
	@exec .venv/bin/python -m tests.benchmarks --only "$(ONLY)" --peers "$(PEERS)" --rounds $(or $(ROUNDS),5) --seconds $(or $(SECONDS),3)

install: .venv/installed-requirements .venv/installed-requirements-dev ## Install what running and testing need.

reset: .venv/installed-requirements ## Wipe the demo's data (var/), after asking. YES=1 agrees beforehand.
	@exec bin/reset

refusals: .venv/installed-requirements ## Write the table of refusals into its guide.
	@exec bin/write-refusals

requirements: .venv/installed-requirements-dev ## Compile the short lists of direct requirements into the pinned ones.
	@exec bin/compile-requirements

.venv/installed-%: %.txt bin/install
	@bin/install $<
