#!/usr/bin/env bash
# What goes wrong between Haul and real servers: faults.sh [CASE…]. Tokens, rights, switches, servers that are not there, sockets that
# break, checksums, files, schemas, types, versions, full disks: message, exit code, and a destination that is as it was.
# The projects are those of matrix.sh.
set -euo pipefail
source "$(dirname "$0")/../lib.sh"
[ -f "$work/matrix/seeded" ] || fail "there are no projects yet: run tests/live/matrix/matrix.sh first"
export HAUL=${HAUL:-$haul}
step "faults of servers of $version"
node "$live/matrix/faults.mjs" "$work/matrix/staging" "$work/matrix/production" "$@"
