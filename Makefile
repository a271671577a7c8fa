# What a person types; scripts/ does the work and needs nothing but Python 3.11 or newer.
PORT ?= 8000
PYTEST_WORKERS ?= 2
export PORT PYTHON

.PHONY: help run test lint format shell bench clean environment

help:
	@echo "make run     install, load the demo content once, serve it at http://127.0.0.1:$(PORT) (PORT=9000 make run: there)"
	@echo "make test    install what the tests need and run them (ARGS='tests/products -k dose' narrows them)"
	@echo "make lint    style, types and templates"
	@echo "make format  rewrite Python files in the house style"
	@echo "make shell   a Python shell with the site's models"
	@echo "make bench   how fast it is beside bare WSGI, an empty view and nginx (ARGS='--objects 100' is shorter)"
	@echo "make clean   remove the environment and the caches; the database and pictures in var/ stay"

run:
	@scripts/python.sh -m scripts.run

environment:
	@scripts/python.sh -m scripts.environment dev

test: environment
	@echo "Running the tests with $(PYTEST_WORKERS) workers ..."
	@.venv/bin/python -m pytest -n $(PYTEST_WORKERS) -m "not browser" $(ARGS)

lint: environment
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
	.venv/bin/python -m mypy
	.venv/bin/python -m djlint templates --lint
	@echo "Style, types and templates are in order."

format: environment
	.venv/bin/python -m ruff check --fix
	.venv/bin/python -m ruff format
	@echo "The Python files are in the house style."

shell: environment
	@.venv/bin/python manage.py shell

bench: environment
	@.venv/bin/python -m bench.run $(ARGS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis var/static var/static-digest
	@echo "The environment and the caches are gone; the database and pictures in var/ stay (rm -r var starts afresh)."
