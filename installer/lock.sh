#!/usr/bin/env bash
# Writes the locks anew from pyproject.toml, for Linux x86-64, Linux aarch64 and Windows at once, and proves
# for each of the three that every package has a ready-made wheel whose hash is in the lock
# (lunar-python alone comes as source: it is pure Python and needs no compiler).
#
#   installer/lock.sh            write and prove
#   installer/lock.sh --check    prove only
#
# Needs `uv` on the PATH, or its path in UV. Where packages come from is the business of each machine's own settings:
# no index address may stand in a lock.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}

compile() { # OUTPUT ARGUMENTS...
    local output=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-emit-index-url --no-emit-find-links --custom-compile-command installer/lock.sh --output-file "$output" "$@"
}

if [ "${1:-}" != --check ]; then
    compile requirements-build.txt --group build
    compile requirements.txt pyproject.toml --extra bureau
    compile requirements-dev.txt pyproject.toml --extra bureau --extra dev --constraint requirements.txt
    compile requirements-bench.txt --group bench
fi

if grep -nE '^ *(--(extra-)?index-url|-i |--find-links|-f )|://|@ file' requirements*.txt; then
    echo "an address is in a lock (above); locks name packages and hashes only" >&2
    exit 1
fi

probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
# UOS 20 and Kylin V10 on x86-64 load up to manylinux_2_28, and 2_31 is the oldest glibc any PySide6 6.8 for aarch64
# was built for: a lock that needs a newer one shuts those desks out.
for platform in x86_64-manylinux_2_28 aarch64-manylinux_2_31 x86_64-pc-windows-msvc; do
    for lock in requirements-build.txt requirements.txt requirements-dev.txt requirements-bench.txt; do
        "$uv" pip install --quiet --dry-run --require-hashes --only-binary :all: \
            --no-binary lunar-python --python-version 3.11 --python-platform "$platform" \
            --target "$probe" --requirement "$lock"
        echo "$platform: $lock holds"
    done
done
