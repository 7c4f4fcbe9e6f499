# Short names for the two commands; everything is in deployment/ (docs/operations.md).
.PHONY: run stop test unit lint

run:
	./deployment/run

stop:
	./deployment/run stop

test:
	./deployment/test

unit:
	./deployment/test unit

lint:
	.venv/bin/ruff check --fix . && .venv/bin/ruff format . && .venv/bin/mypy
