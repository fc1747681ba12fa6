#!/usr/bin/env bash
# A merge of ten documents into a big site: big.sh [ENTRIES [MIB]], 5,000 and 40 unless given. Tells wall time and peak memory of
# Haul, and judges production by the model like the cases of matrix.sh; the order in which a tag or a part sees its many owners
# is counted only: to keep it, all of them would have to be written again.
set -euo pipefail
source "$(dirname "$0")/../lib.sh"
here=$live/matrix
entries=${1:-5000}
mebibytes=${2:-40}
[ -f "$work/matrix/seeded" ] || fail "there are no projects yet: run tests/live/matrix/matrix.sh first"
export HAUL=${HAUL:-$haul}

big=$work/matrix/big
rm -rf "$big"
mkdir "$big"
step "seed $entries entries and $mebibytes MiB"
for side in staging production; do
  mkdir -p "$big/$side"
  (cd "$work/matrix/common" && tar cf - --exclude=./node_modules .) | tar xf - -C "$big/$side"
  ln -s "$work/site/node_modules" "$big/$side/node_modules"
done
node "$here/big.mjs" "$big/production" "$entries" "$mebibytes"
node "$here/big.mjs" "$big/staging" 10 0

step "merge ten of them"
MATRIX_MEASURE=1 MATRIX_PULL=no MATRIX_TIMEOUT=${MATRIX_TIMEOUT:-1200} MATRIX_SOFT="inverse order" node "$here/matrix.mjs" "$big/staging" "$big/production" ten-into-many
