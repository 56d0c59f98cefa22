#!/usr/bin/env bash
# Starts a real Cassandra, runs the golden CQL files on it (arguments: those of run_golden.py), stops it; then once more
# with logins and permissions, for the files tagged "auth".
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
trap '"$here/cassandra.sh" stop' EXIT
for auth in AllowAll Password; do
  AUTH=$auth "$here/cassandra.sh" start
  python3 "$here/run_golden.py" "$@"
  "$here/cassandra.sh" stop
done
