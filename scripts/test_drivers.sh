#!/usr/bin/env bash
# Runs the stock drivers against a server of their own each: test_drivers.sh PROGRAM [python|security|cqlsh|django|nodejs|go|java|rust|kill|dsbulk ...]
# Each driver is installed from its registry, below build/drivers, the first time. Without names all of them run but those
# whose language the machine lacks, which are named as skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "$1")
shift
drivers=("$@")
runs_all=false
if [ ${#drivers[@]} -eq 0 ]; then
  runs_all=true
  drivers=(python security cqlsh django nodejs go java rust kill dsbulk)
fi
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

run_security() {
  install_python
  "$home/python/bin/python" test/compat/python/security_test.py "$program"
}

run_cqlsh() {
  install_python
  serving "$home/python/bin/python" test/compat/cqlsh/cqlsh_test.py "$home/python/bin/cqlsh"
}

run_django() {
  if [ ! -x "$home/django/bin/django-admin" ]; then
    python3 -m venv "$home/django"
    "$home/django/bin/pip" install -q -r examples/django/requirements.txt
  fi
  serving env PYTHONDONTWRITEBYTECODE=1 "$home/django/bin/python" test/compat/django_test.py
}

install_nodejs() {
  [ -d "$home/node/node_modules" ] || npm install --silent --no-audit --no-fund --prefix "$home/node" cassandra-driver@4
}

run_nodejs() {
  install_nodejs
  NODE_PATH=$home/node/node_modules serving node test/compat/nodejs/driver_test.js
}

build_go() { (cd test/compat/go && go build -o "$home/go_test" .); }

run_go() {
  build_go
  serving "$home/go_test"
}

run_java() {
  mvn -q -B -f test/compat/java package dependency:copy-dependencies
  serving java -cp "$home/java/compat-1.jar:$home/java/dependency/*" DriverTest
}

build_rust() {
  CARGO_TARGET_DIR=$home/rust cargo build -q --locked --manifest-path test/compat/rust/Cargo.toml
}

run_rust() {
  build_rust
  serving "$home/rust/debug/cassette-compat"
}

# kill -9 while four drivers write.
run_kill() {
  install_python
  install_nodejs
  build_go
  build_rust
  NODE_PATH=$home/node/node_modules "$home/python/bin/python" test/compat/kill_test.py "$program" \
    "python=$home/python/bin/python test/compat/python/driver_test.py" "nodejs=node test/compat/nodejs/driver_test.js" \
    "go=$home/go_test" "rust=$home/rust/debug/cassette-compat"
}

run_dsbulk() {
  [ -d "$home/dsbulk" ] || mvn -q -B -f test/compat/dsbulk/pom.xml dependency:copy-dependencies "-DoutputDirectory=$home/dsbulk"
  PYTHONDONTWRITEBYTECODE=1 python3 test/compat/dsbulk_test.py "$program" "$home/dsbulk"
}

# What a driver's test needs beside Python.
tools_of() {
  case $1 in
    nodejs) echo npm ;;
    go) echo go ;;
    java | dsbulk) echo mvn ;;
    rust) echo cargo ;;
    kill) echo npm go cargo ;;
  esac
}

lacks() {
  for tool in $(tools_of "$1"); do command -v "$tool" > /dev/null || echo "$tool"; done
}

for driver in "${drivers[@]}"; do
  lacking=$(lacks "$driver")
  if [ -z "$lacking" ]; then
    begin=$SECONDS
    "run_$driver"
    echo "test-drivers: $driver: $((SECONDS - begin)) s"
  elif $runs_all; then
    echo "test-drivers: $driver: skipped, this machine has no" $lacking
  else
    echo "test-drivers: $driver: this machine has no" $lacking >&2
    exit 1
  fi
done
if $runs_all; then echo "test-drivers: csharp: skipped, .NET comes from no registry that the tests use"; fi
