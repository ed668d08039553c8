# Every command sets up what it needs first; `make help` lists them.
VENV := .venv/bin
# Three workers keep two cores busy, for many tests wait; each module stays on one, so its Prefect server starts once.
TEST_OPTIONS ?= -n 3 --dist loadscope

.DEFAULT_GOAL := help
.PHONY: help demo gallery test check chaos scale bench format lock clean ready ready-tests

help: ## Diese Übersicht
	@echo "Befehle (richten beim ersten Mal alles Nötige selbst ein):"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ready ## Vorführung: vom erledigten Auftrag bis zur Mahnung, ohne fremde Systeme
	@$(VENV)/rechnungsbote demo

gallery: ready ## Musterbelege jeder Art als PDF, Bild und XML: build/gallery/index.html
	@$(VENV)/python -m documents.gallery build/gallery

test: ready-tests ## Alle Tests
	$(VENV)/python -m pytest $(TEST_OPTIONS)

check: ready-tests ## Alles prüfen: Stil, Form, Typen, Tests (dasselbe wie .ci/run)
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy .
	$(VENV)/python -m pytest $(TEST_OPTIONS)

chaos: ready-tests ## Der lange Beweis: Tötungen vor und nach jedem Schritt, von außen geprüft (--help kennt Auswahlen)
	@$(VENV)/python -m tests.faults.chaos $(CHAOS_OPTIONS)

scale: ready-tests ## Betrieb beweisen: up von Anfang bis Ende; drei Arbeiter auf PostgreSQL und Redis, einer stirbt
	@$(VENV)/python -m tests.operation.startup
	@$(VENV)/python -m tests.operation.scale $(SCALE_OPTIONS)

bench: ready-tests ## Messungen im Verhältnis: Drucken, Mahnen, Tafel, Abholen, ganze Linie (BENCH_OPTIONS="--invoices 200")
	@mkdir -p build/bench
	@$(VENV)/python -m benchmarks.render
	@$(VENV)/python -m benchmarks.matching
	@$(VENV)/python -m benchmarks.dunning
	@$(VENV)/python -m benchmarks.board
	@$(VENV)/python -m benchmarks.sweeps --json build/bench/sweeps.json
	@$(VENV)/python -m benchmarks.line --prefect --json build/bench/line.json $(BENCH_OPTIONS)

format: ready ## Quelltext in Form bringen
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

lock: ready ## requirements.lock aus pyproject.toml neu schreiben, mit neuesten erlaubten Versionen
	$(VENV)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    --quiet --output-file requirements.lock

clean: ## .venv und Zwischenergebnisse löschen; Daten bleiben
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready:
	@setup/bootstrap.sh

ready-tests:
	@setup/bootstrap.sh --tests
