#!/usr/bin/env bash
# Starts a real Cassandra, runs the golden CQL files on it (arguments: those of run_golden.py), stops it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
trap '"$here/cassandra.sh" stop' EXIT
"$here/cassandra.sh" start
python3 "$here/run_golden.py" "$@"
