#!/usr/bin/env bash
# Installs the Debian packages that are missing. Arguments: build (to build and test), check (formatter, fuzzing).
# docs/dependencies.md says what each is for.
set -euo pipefail

build=(ca-certificates cmake g++ make ninja-build ccache pkg-config python3
  libfmt-dev libspdlog-dev libcli11-dev libyaml-cpp-dev nlohmann-json3-dev libabsl-dev libfast-float-dev libhwy-dev
  libcrypt-dev libzstd-dev liblz4-dev libsnappy-dev libssl-dev zlib1g-dev libxxhash-dev libedit-dev libgtest-dev
  libgmock-dev)
check=(clang-19 clang-format-19 libclang-rt-19-dev)
bench=(libbenchmark-dev librocksdb-dev)

wanted=()
for kind in "$@"; do
  case $kind in
    build) wanted+=("${build[@]}") ;;
    check) wanted+=("${check[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
    *) echo "usage: install_dependencies.sh [build] [check] [bench]" >&2; exit 2 ;;
  esac
done

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || { echo "missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2; exit 1; }
  root=(sudo)
fi
echo "installing: ${missing[*]}" >&2
"${root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
