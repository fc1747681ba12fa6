#!/usr/bin/env bash
# Merges into 4.26.2: decisions by types, each judged by the state of the server afterwards. The reader and the model share no
# code with Haul. Cases are named as arguments, by a part of their names; MATRIX_FRESH=1 seeds again.
set -euo pipefail
source "$(dirname "$0")/../lib.sh"
here=$live/matrix4
matrix=$work/matrix4

# project NAME   a project of v4 with the types of convert-types.mjs.
project() {
  rm -rf "${matrix:?}/$1"
  mkdir -p "$matrix/$1"
  (cd "$live/project-v4" && tar cf - --exclude=./src .) | tar xf - -C "$matrix/$1"
  mkdir -p "$matrix/$1/src" "$matrix/$1/.tmp" "$matrix/$1/public/uploads"
  echo 'module.exports = { register() {}, bootstrap() {} };' >"$matrix/$1/src/index.js"
  mv "$matrix/$1/env.sample" "$matrix/$1/.env"
  ln -s ../../v4-install/node_modules "$matrix/$1/node_modules"
  node "$live/convert-types.mjs" "$matrix/$1"
}

# One project is seeded, and what makes each side its own comes on top of a copy.
seed() {
  rm -rf "$matrix"
  project common
  start matrix4/common
  node "$live/convert-seed.mjs" "$url" >/dev/null
  stop matrix4/common
  (cd "$matrix/common" && quiet node "$live/convert-note.cjs")
  for side in staging production; do
    project "$side"
    cp "$matrix/common/.tmp/"data.db* "$matrix/$side/.tmp/"
    cp -r "$matrix/common/public/uploads" "$matrix/$side/public/"
    start "matrix4/$side"
    node "$here/sides.mjs" "$url" "$side"
    token "$url" both push pull >"$matrix/$side/.tmp/token"
    echo '{}' >"$matrix/$side/.tmp/tables.json"
    stop "matrix4/$side"
  done
  stamp >"$matrix/seeded"
}
stamp() { cat "$here/sides.mjs" "$live"/convert-{types,seed}.mjs "$live/convert-note.cjs" | sha256sum; }

install4
if [ -n "${MATRIX_FRESH:-}" ] || [ "$(cat "$matrix/seeded" 2>/dev/null)" != "$(stamp)" ]; then
  step "seed two sites of $version4"
  seed
fi
step "the cases"
export HAUL=${HAUL:-$haul}
node "$here/matrix.mjs" "$matrix/staging" "$matrix/production" "$@"
