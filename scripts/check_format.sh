#!/usr/bin/env bash
# Checks that all C++ files are as clang-format leaves them; --fix makes them so.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(git ls-files '*.cc' '*.h')
if [ "${1:-}" = --fix ]; then
  clang-format-19 -i "${files[@]}"
else
  clang-format-19 --dry-run --Werror "${files[@]}"
  echo "format: ${#files[@]} files"
fi
