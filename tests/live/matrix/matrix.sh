#!/usr/bin/env bash
# The merge matrix: two servers of Strapi 5 that overlap, and after every case the state of the destination, which must be as
# planned down to the order of relations, and otherwise as it was.
#
#   tests/live/matrix/matrix.sh             every case
#   tests/live/matrix/matrix.sh CASE…       some of them; a part of a name will do, `kind:media` takes a kind
#   tests/live/matrix/matrix.sh kind:usual  those that run on every submission: each decision for each kind
#   tests/live/matrix/matrix.sh --list      their names
#
# The order of relations counts, at both of their ends.
#
# HAUL=… is the command, the debug build unless given; HAUL="node tests/live/matrix/standin.mjs" proves the matrix itself: a merge
# told by the model (STANDIN_ORDER=owner or none draws fewer kept documents in). MATRIX_FRESH=1 seeds the projects again,
# MATRIX_SOFT="inverse order" lets a kind of difference pass. Plan and actual state of a failed case lie beside the projects.
set -euo pipefail
source "$(dirname "$0")/../lib.sh"
here=$live/matrix
matrix=$work/matrix

if [ "${1:-}" = --list ]; then exec node "$here/matrix.mjs" - - --list; fi

# copy FROM TO: a project with all that it holds; the installed packages are shared.
copy() {
  rm -rf "$2"
  mkdir -p "$2"
  (cd "$1" && tar cf - --exclude=./node_modules "${@:3}" .) | tar xf - -C "$2"
  ln -s "$work/site/node_modules" "$2/node_modules"
  mkdir -p "$2/public/uploads" "$2/.tmp"
}

seed() {
  rm -rf "$matrix"
  mkdir -p "$matrix"
  copy "$work/site" "$matrix/common" --exclude=./.tmp --exclude=./public/uploads
  cp "$live/server-v5.js" "$matrix/common/config/server.js"
  grep -q serveAdminPanel "$matrix/common/config/admin.js" ||
    sed -i 's/^module.exports = ({ env }) => ({$/&\n  serveAdminPanel: false,/' "$matrix/common/config/admin.js"
  node "$live/types/make.mjs" "$matrix/common"
  quiet node "$here/seed.mjs" "$matrix/common" common
  for side in staging production; do
    copy "$matrix/common" "$matrix/$side"
    quiet node "$here/seed.mjs" "$matrix/$side" "$side"
  done
  # What the seeds are made of; a change seeds again.
  stamp >"$matrix/seeded"
}
stamp() { cat "$here"/{seed,common,staging,production,writer,shift,project,names}.mjs "$live/types/make.mjs" | sha256sum; }

install
if [ -n "${MATRIX_FRESH:-}" ] || [ "$(cat "$matrix/seeded" 2>/dev/null)" != "$(stamp)" ]; then
  step "seed staging and production"
  seed
  step "each kind of damage is seen"
  node "$here/selftest.mjs" "$matrix/staging" "$matrix/production"
fi

step "the cases"
export HAUL=${HAUL:-$haul} MATRIX_SOFT=${MATRIX_SOFT-}
node "$here/matrix.mjs" "$matrix/staging" "$matrix/production" "$@"
