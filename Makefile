# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `make help` lists the targets. A step that is well prints one line; one that is not prints everything.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export MOLECULE_GLOB := molecule/*/molecule.yml

SUMMARY := .cache/test-summary.txt
STEP := python tools/step.py
PYTEST := pytest -q --color=no
SHELL_SCRIPTS = $(shell git ls-files -co --exclude-standard | grep -vE '\.(md|j2|py)$$' | xargs grep -lsE '^\#!.*\b(ba)?sh\b')

.PHONY: help venv lock demo demo-down demo-platform demo-platform-down test lint types unit consistency sanity integration molecule matrix test-matrix docs bench build clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: venv ## A cluster, the data plane and an answering agent on this machine (CHARTS=upstream: the official charts)
	@python tools/demo.py $(if $(CHARTS),--charts $(CHARTS))

demo-down: venv ## Remove the demo and all that belongs to it
	@python -m playground down --name demo

demo-platform: venv ## LangSmith with its control plane and an agent in one cluster on this machine
	@python -m tools.demo_platform $(if $(CHARTS),--charts $(CHARTS))

demo-platform-down: venv ## Remove that demo and all that belongs to it
	@python -m playground down --name platform

test: venv ## Everything that CI runs on one ansible-core; the other job is test-matrix
	@rm -f $(SUMMARY)
	@$(MAKE) lint types consistency unit sanity integration molecule
	@echo
	@cat $(SUMMARY)

lint: venv ## Style of Python, YAML, shell, roles, documentation and changelog
	@$(STEP) "ruff check" ruff check .
	@$(STEP) "ruff format" ruff format --check .
	@$(STEP) "yamllint" yamllint --strict .
	@$(STEP) "shellcheck" shellcheck $(SHELL_SCRIPTS)
	@$(STEP) "ansible-lint" ansible-lint --offline --strict --nocolor
	@$(STEP) "antsibull-docs" antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --validate-collection-refs self .
	@$(STEP) "antsibull-changelog" antsibull-changelog lint

types: venv ## Types (mypy, strict)
	@$(STEP) "mypy" mypy

consistency: venv ## Promises between files: layers, argument specs, action groups, documentation
	@$(STEP) --summary $(SUMMARY) "consistency" $(PYTEST) tests/consistency

unit: venv ## Unit tests
	@$(STEP) --summary $(SUMMARY) "unit" $(PYTEST) -n 2 tests/unit

sanity: venv ## ansible-test sanity
	@$(STEP) "ansible-test sanity" python tools/ansible_test.py sanity

integration: venv ## The roles, modules and playground against real servers on this machine
	@$(STEP) --summary $(SUMMARY) "integration" $(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder tests/integration
	@$(STEP) "ansible-test integration" python tools/ansible_test.py integration
	@for engine in docker podman buildah; do $$engine info >/dev/null 2>&1 || \
	  echo "agent_image            not tested with $$engine: it does not work here"; done

molecule: venv ## Molecule scenarios: default and full_platform on the playground; kind where that and an engine are there
	@$(STEP) "molecule default" molecule test --scenario-name default
	@$(STEP) "molecule full_platform" molecule test --scenario-name full_platform
	@if command -v kind >/dev/null && { docker info >/dev/null 2>&1 || podman info >/dev/null 2>&1; }; then \
	  $(STEP) "molecule kind" molecule test --scenario-name kind; \
	else echo "molecule kind          not run: it takes kind, and Docker or podman that runs"; fi

matrix: test-matrix

test-matrix: venv ## Units, integration and the main playbook on ansible-core 2.16, 2.19 and 2.21
	@python tools/matrix.py

docs: venv ## HTML reference of roles and plugins in docs/_build/html
	@$(STEP) "docs" tools/docs

bench: venv ## Speed against the guide's commands, as ratios measured in one run
	@python -m tests.benchmarks $(if $(CHARTS),--charts $(CHARTS))

build: venv ## The collection's archive in dist/
	@ansible-galaxy collection build --force --output-path dist .

venv: ## The development environment (.venv), when it is not there or not current
	@.venv/bin/python tools/environment.py --current 2>/dev/null || { python=$$(tools/find-python) && "$$python" tools/environment.py; }

lock: venv ## Resolve requirements/*.in again into the lock file
	@cd requirements && uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --no-header --no-annotate --no-emit-index-url dev.in --output-file dev.txt

clean: ## Remove what was made here: .venv, caches, archives (not the demo: make demo-down)
	@rm -rf .venv .cache .ansible dist docs/_build tests/output .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
