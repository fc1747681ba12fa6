#!/usr/bin/env bash
# A big site: big.sh [ENTRIES [MIB [LINKS]]], 5,000, 40 and a tenth of the entries unless given; each row has a link of its own besides.
# It is pulled, pushed to an empty project and merged into, each with wall time and peak memory of Haul, beside the official client on
# the same machine where BIG_OFFICIAL=1 asks for that. Production is judged by the model like the cases of matrix.sh; the order in
# which a tag or a part sees its many owners is counted only: to keep it, all of them would have to be written again.
#
# HAUL=… is the command, the release build that `run` makes unless given. Its peak memory may be 64 MiB, and 300 bytes for each entry
# beyond 50,000.
set -euo pipefail
source "$(dirname "$0")/../lib.sh"
here=$live/matrix
entries=${1:-5000}
mebibytes=${2:-40}
links=${3:-$((entries / 10))}
[ -f "$work/matrix/seeded" ] || "$live/matrix/matrix.sh" plain-create
export HAUL=${HAUL:-${HAUL_MEASURED:-$haul}}

big=$work/matrix/big
rm -rf "$big"
mkdir "$big"
trap 'stop; rm -rf "$big"' EXIT
step "seed $entries entries and $mebibytes MiB"
# The official client gets empty projects of its own.
for side in staging production sink ${BIG_OFFICIAL:+pulled pushed}; do
  mkdir -p "$big/$side"
  (cd "$work/matrix/common" && tar cf - --exclude=./node_modules .) | tar xf - -C "$big/$side"
  ln -s "$work/site/node_modules" "$big/$side/node_modules"
done
node "$here/big.mjs" "$big/production" "$entries" "$mebibytes" "$links"
node "$here/big.mjs" "$big/staging" 10 0 60

# measured NAME COMMAND…: runs it, tells seconds and peak memory, and keeps its output.
measured() {
  local name=$1 began=$SECONDS
  shift
  node "$here/measure.mjs" "$@" >"$big/out" 2>"$big/err" || { tail -c 2000 "$big/out" "$big/err"; fail "$name failed"; }
  peak=$(tail -1 "$big/err")
  printf '%-44s %5d s  %s MiB at most\n' "$name" $((SECONDS - began)) "$peak"
}
beyond=$((entries > 50000 ? entries - 50000 : 0))
within() { node -e 'const [peak, items] = process.argv.slice(1).map(Number); process.exit(peak <= 64 + items * 300 / 1048576 ? 0 : 1)' "$peak" "$beyond" || fail "$peak MiB is more than is allowed"; }
mine=$(cat "$work/matrix/common/.tmp/token")

step "pull"
start matrix/big/production
from=$url/admin
HAUL_FROM_TOKEN=$mine measured "haul export" $HAUL export "strapi:$from" "$big/site.tar" --no-encrypt --no-compress --no-prompt
within
if [ -n "${BIG_OFFICIAL:-}" ]; then
  (cd "$big/pulled" && measured "strapi transfer --from" node node_modules/@strapi/strapi/bin/strapi.js transfer --from "$from" --from-token "$mine" --force)
fi

if $HAUL import --help | grep -q -- --mode && [ -z "${BIG_NO_REPLACE:-}" ]; then
  step "push"
  stop matrix/big/production
  start matrix/big/sink
  to=$url/admin
  HAUL_TO_TOKEN=$mine measured "haul import --mode replace" $HAUL import "$big/site.tar" "strapi:$to" --mode replace --no-prompt --json
  within
  if [ -n "${BIG_OFFICIAL:-}" ]; then
    stop matrix/big/sink
    start matrix/big/pushed
    to=$url/admin
    (cd "$big/production" && measured "strapi transfer --to" node node_modules/@strapi/strapi/bin/strapi.js transfer --to "$to" --to-token "$mine" --force)
  fi
fi
stop
rm -f "$big/site.tar"

step "merge ten of them"
MATRIX_MEASURE=$beyond MATRIX_PULL=no MATRIX_TIMEOUT=${MATRIX_TIMEOUT:-3600} MATRIX_SOFT="inverse order" node "$here/matrix.mjs" "$big/staging" "$big/production" ten-into-many
