#!/usr/bin/env bash
# What goes wrong between Haul and real servers: faults.sh [CASE…]. Tokens, rights, switches, servers that are not there, sockets that
# break, checksums, files, schemas, types, versions, full disks: message, exit code, and a destination that is as it was.
# The projects are those of matrix.sh.
set -euo pipefail
source "$(dirname "$0")/../lib.sh"
[ -f "$work/matrix/seeded" ] || "$live/matrix/matrix.sh" plain-create
export HAUL=${HAUL:-$haul}
step "faults of servers of $version"
node "$live/matrix/faults.mjs" "$work/matrix/staging" "$work/matrix/production" "$@"

step "a server of $version4 with transfers disabled"
prepare4
start v4
HAUL_FROM_TOKEN=$(token "$url" both pull push)
export HAUL_FROM_TOKEN HAUL_TO_TOKEN=$HAUL_FROM_TOKEN
stop v4
start v4 STRAPI_DISABLE_REMOTE_DATA_TRANSFER=true
refused 1 "with transfers disabled" "$HAUL" list "strapi:$url/admin"
refused 1 "with transfers disabled" "$HAUL" transfer "strapi:$url/admin" "strapi:$url/admin" --overwrite --no-prompt
stop v4
