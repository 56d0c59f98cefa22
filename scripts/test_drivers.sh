#!/usr/bin/env bash
# Runs the stock drivers against a server of their own each: test_drivers.sh PROGRAM [python|cqlsh|nodejs|go|java|rust ...]
# Each driver is installed from its registry, below build/drivers, the first time.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "$1")
shift
drivers=("$@")
[ ${#drivers[@]} -gt 0 ] || drivers=(python cqlsh nodejs go java rust)
home=$PWD/build/drivers
mkdir -p "$home"

serving() { python3 test/compat/serving.py "$program" "$@"; }

install_python() {
  [ -x "$home/python/bin/cqlsh" ] && return
  python3 -m venv "$home/python"
  "$home/python/bin/pip" install -q cassandra-driver==3.30.1 cqlsh==6.2.2 lz4 python-snappy
}

run_python() {
  install_python
  serving "$home/python/bin/python" test/compat/python/driver_test.py
}

run_cqlsh() {
  install_python
  serving "$home/python/bin/python" test/compat/cqlsh/cqlsh_test.py "$home/python/bin/cqlsh"
}

run_nodejs() {
  [ -d "$home/node/node_modules" ] || npm install --silent --no-audit --no-fund --prefix "$home/node" cassandra-driver@4
  NODE_PATH=$home/node/node_modules serving node test/compat/nodejs/driver_test.js
}

run_go() {
  (cd test/compat/go && go build -o "$home/go_test" .)
  serving "$home/go_test"
}

run_java() {
  mvn -q -B -f test/compat/java package dependency:copy-dependencies
  serving java -cp "$home/java/compat-1.jar:$home/java/dependency/*" DriverTest
}

run_rust() {
  CARGO_TARGET_DIR=$home/rust cargo build -q --locked --manifest-path test/compat/rust/Cargo.toml
  serving "$home/rust/debug/cassette-compat"
}

for driver in "${drivers[@]}"; do "run_$driver"; done
