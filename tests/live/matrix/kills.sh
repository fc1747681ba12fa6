#!/usr/bin/env bash
# Kills the client and the server in the middle of a merge: kills.sh [TIMES [SEED [CASE…]]]. The projects are those of matrix.sh.
set -euo pipefail
source "$(dirname "$0")/../lib.sh"
[ -f "$work/matrix/seeded" ] || fail "there are no projects yet: run tests/live/matrix/matrix.sh first"
export HAUL=${HAUL:-$haul}
node "$live/matrix/kills.mjs" "$work/matrix/staging" "$work/matrix/production" "$@"
