#!/usr/bin/env bash
# Prints the peak memory of `haul list` on generated archives, so that "memory does not grow with payloads" can be seen.
# Needs GNU time. Usage: benches/list_memory.sh [MIB …]
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet --bin haul --example strapi_archive
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for mib in "${@:-1024}"; do
    target/release/examples/strapi_archive generate "$folder/$mib.tar" "$mib"
    /usr/bin/time -f "$mib MiB: peak %M KiB, %e s" target/release/haul list "$folder/$mib.tar" --json >/dev/null
    rm "$folder/$mib.tar"
done
