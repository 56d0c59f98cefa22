# make demo   installs what is missing, builds, and runs the main job
# make test   installs what is missing, builds, and runs all tests
.PHONY: demo test build install deps check-deps check test-asan test-tsan fuzz test-oracle test-drivers bench format clean

PRESET ?= release
BUILD := build/$(PRESET)
JOBS ?= $(shell nproc)

demo: build
	scripts/demo.sh $(BUILD)/cassette

test: deps
	cmake --preset $(PRESET) > /dev/null
	cmake --build $(BUILD) -j $(JOBS)
	ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

build: deps
	cmake --preset $(PRESET) > /dev/null
	cmake --build $(BUILD) -j $(JOBS) --target cassette

deps:
	scripts/install_dependencies.sh build

check-deps:
	scripts/install_dependencies.sh build check

# Layers, formatting, and that the examples of docs/cql are tested.
check: check-deps
	scripts/check_layering.py
	scripts/check_cql_docs.py
	scripts/check_format.sh

format: check-deps
	scripts/check_format.sh --fix

test-asan:
	$(MAKE) test PRESET=asan

# The engine and what runs it on several threads.
test-tsan: deps
	cmake --preset tsan > /dev/null
	cmake --build build/tsan -j $(JOBS) --target storage_engine_test storage_memtable_test storage_commitlog_test session_test
	ctest --test-dir build/tsan --output-on-failure -R '^(storage_engine|storage_memtable|storage_commitlog|session)$$'

fuzz: check-deps
	scripts/fuzz.sh $(FUZZ_SECONDS)

# The golden files on a real Apache Cassandra 5.0 (needs JDK 17, Maven and Python).
test-oracle:
	scripts/oracle/run.sh

# The stock drivers on `cassette serve`, each installed from its registry (needs what each is written in).
test-drivers: build
	scripts/test_drivers.sh $(BUILD)/cassette $(DRIVERS)

bench: build
	$(BUILD)/cassette bench

clean:
	rm -rf build
