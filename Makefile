# Everything a developer or a curious administrator runs. `make run` and `make test` need Python 3.11 and make, no more.
SHELL := /bin/bash
.DEFAULT_GOAL := run
VENV ?= .venv
export VENV
PYTHON_HERE := $(VENV)/bin/python
# Two workers: the smallest machine this is built for has two cores, and more workers than cores only wait.
WORKERS ?= 2
N ?= 50
SEED ?= 1
KILLS ?= 50

.PHONY: run demo test lint bench chaos safety duplicates screenshots manual-pictures lock clean

# The window where there is a display to open it on; else the demo: the whole loop on made-up people, left in build/demo.
run: $(VENV)/.ready-run
	@if $(PYTHON_HERE) -c 'import sys; from app.bootstrap import has_screen; sys.exit(not has_screen())'; then \
	    $(PYTHON_HERE) -m app; \
	else \
	    echo '这里没有图形桌面, 打不开窗口。改为运行演示(都是假数据), 结果在 build/demo。' >&2; \
	    $(PYTHON_HERE) -m app demo --out build/demo; \
	fi

demo: $(VENV)/.ready-run
	$(PYTHON_HERE) -m app demo --out build/demo

test: lint
	$(PYTHON_HERE) -m pytest -n $(WORKERS) $(PYTEST_ARGUMENTS)

lint: $(VENV)/.ready-test
	$(PYTHON_HERE) -m ruff check
	$(PYTHON_HERE) -m ruff format --check
	$(PYTHON_HERE) -m mypy

bench: $(VENV)-bench/.ready
	RONGGUI_BENCH_PYTHON=$(abspath $(VENV)-bench/bin/python) $(PYTHON_HERE) -m app bench $(BENCH_ARGUMENTS)

# Random histories and every numbered fault point, far longer than in the tests: N histories from SEED on.
chaos: $(VENV)/.ready-test
	$(PYTHON_HERE) -m tests.chaos --n $(N) --seed $(SEED)
	$(PYTHON_HERE) -m tests.fault_walk --all --kills $(KILLS) --seed $(SEED)

# The long runs, and docs/safety.md with their figures: many hours. SAFETY_ARGUMENTS="--histories 100 --mutations 100 --kills 20" for a short one.
safety: $(VENV)/.ready-test
	$(PYTHON_HERE) -m tests.safety $(SAFETY_ARGUMENTS)

# Every page and dialog as a picture, with an index page.
screenshots: $(VENV)/.ready-run
	$(PYTHON_HERE) -m app.ui.shell.pictures build/screenshots

# The pictures of docs/手册.md, which lie beside it: made anew when pages have changed.
manual-pictures: $(VENV)/.ready-run
	$(PYTHON_HERE) -m app.ui.shell.pictures docs/pictures --manual

# Precision and recall of the search for duplicates, mistake by mistake, on the labelled set of a seed.
duplicates: $(VENV)/.ready-test
	$(PYTHON_HERE) -m tests.duplicates.measuring $(SEED)

# Stamps: an environment is made once, and anew only when a lock or the set-up itself has changed.
$(VENV)/.ready-run: requirements.txt requirements-build.txt installer/setup.sh
	installer/setup.sh run
	@touch $@

$(VENV)/.ready-test: requirements-dev.txt requirements-build.txt installer/setup.sh
	installer/setup.sh test
	@touch $@ $(VENV)/.ready-run

$(VENV)-bench/.ready: requirements-bench.txt requirements.txt requirements-build.txt installer/setup.sh
	installer/setup.sh bench
	@touch $@ $(VENV)/.ready-run

lock:
	installer/lock.sh

clean:
	rm -rf build $(VENV) $(VENV)-bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
