#!/usr/bin/env bash
# Strapi's own client against the sandbox: `strapi transfer` takes from it and brings to it what a project holds, as an export
# of the project shows afterwards, and a wrong token is refused.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

step "seed a project, and the same with more in it"
prepare
strapi site export --file "$a/before" --no-encrypt
enrich
strapi site export --file "$a/whole" --no-encrypt

step "a sandbox with a server of each"
"$haul" sandbox --platform strapi --content "dev=$a/whole.tar.gz" --content "prod=$a/before.tar.gz" >"$work/sandbox.json" 2>"$work/sandbox.log" &
servers[sandbox]=$!
for _ in $(seq 100); do [ -s "$work/sandbox.json" ] && break; sleep 0.1; done
[ -s "$work/sandbox.json" ] || { cat "$work/sandbox.log"; fail "the sandbox did not start"; }
of() { field "v.servers.find(({ name }) => name === '$1').$2" <"$work/sandbox.json"; }
dev=$(of dev url) prod=$(of prod url)

step "strapi transfer --from"
strapi other transfer --from "$dev" --from-token "$(of dev token)" --force
strapi other export --file "$a/from" --no-encrypt
compare "$a/whole.tar.gz" "" "$a/from.tar.gz" ""

step "strapi transfer --to"
HAUL_FROM_TOKEN=$(of prod token) "$haul" export "strapi:$prod" "$a/was" --no-encrypt --no-prompt >/dev/null 2>&1
! compare "$a/whole.tar.gz" "" "$a/was.tar.gz" "" >/dev/null 2>&1 || fail "both servers of the sandbox held the same before"
strapi site transfer --to "$prod" --to-token "$(of prod token)" --force
HAUL_FROM_TOKEN=$(of prod token) "$haul" export "strapi:$prod" "$a/to" --no-encrypt --no-prompt >/dev/null 2>&1
compare "$a/whole.tar.gz" "" "$a/to.tar.gz" ""

step "a wrong token"
(cd "$work/other" && refused 1 "Authentication Error" node node_modules/@strapi/strapi/bin/strapi.js transfer --from "$dev" --from-token nonsense --force)
stop
