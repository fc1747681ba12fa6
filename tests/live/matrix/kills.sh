#!/usr/bin/env bash
# Kills the client and the server in turn in the middle of a run: kills.sh [MODE [TIMES [SEED [CASE…]]]], `merge` and 6 unless
# given. The projects are those of matrix.sh.
set -euo pipefail
source "$(dirname "$0")/../lib.sh"
[ -f "$work/matrix/seeded" ] || "$live/matrix/matrix.sh" plain-create
export HAUL=${HAUL:-$haul} MATRIX_SOFT=${MATRIX_SOFT-inverse order}
step "kills: $*"
node "$live/matrix/kills.mjs" "$work/matrix/staging" "$work/matrix/production" "$@"
