#!/usr/bin/env bash
# Servers as a source, 5.54.0 and 4.26.2: a pull equals `strapi export` line by line and file by file, `strapi import` takes it,
# tokens and faults are told apart, and nothing that goes wrong changes the server or stays there.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

# remote NAME URL TOKEN: as the environment names one.
remote() { export "HAUL_REMOTE_$1=strapi:$2/admin" "HAUL_REMOTE_$1_TOKEN=$3"; }
# The site still answers a question that needs its database.
alive() { curl -sf -m 20 "$1/api/articles" >/dev/null || fail "the server at $1 does not answer any more"; }

step "seed two projects and a project of v4"
prepare
enrich
prepare4

step "a server of $version"
start site
site=$url
both=$(token "$site" both pull push)
remote SITE "$site" "$both"
"$haul" remote test site --json >"$a/test.json"
[ "$(field 'v.location.version' <"$a/test.json")" = "$version" ] || fail "the version is not told"
[ "$(field 'v.access.rights.length' <"$a/test.json")" = 2 ] || fail "a token that may all is not told"

step "a pull equals strapi export"
export HAUL_KEY=$KEY_ONE
strapi site export --file "$a/official" --key "$KEY_ONE"
"$haul" export site "$a/pulled" --no-prompt >/dev/null 2>&1
exact "$a/pulled.tar.gz.enc" "$KEY_ONE" "$a/official.tar.gz.enc" "$KEY_ONE"
form "$a/pulled.tar.gz.enc" "$KEY_ONE"
"$haul" verify "$a/pulled.tar.gz.enc" >/dev/null
"$haul" diff site "$a/official.tar.gz.enc" --exit-code >/dev/null || fail "haul diff finds differences"

step "strapi import takes it"
round "$a/pulled.tar.gz.enc" "$KEY_ONE" "$a/back"
compare "$a/official.tar.gz.enc" "$KEY_ONE" "$a/back.tar.gz.enc" "$KEY_ONE"

step "a part of it"
"$haul" export site "$a/articles" --types api::article.article --no-prompt >/dev/null 2>&1
"$haul" export "$a/official.tar.gz.enc" "$a/articles-of-archive" --types api::article.article --no-prompt >/dev/null 2>&1
exact "$a/articles.tar.gz.enc" "$KEY_ONE" "$a/articles-of-archive.tar.gz.enc" "$KEY_ONE"
"$haul" export site "$a/records" --exclude files --no-prompt --progress plain >/dev/null 2>"$a/records.log"
! grep -q "reading files" "$a/records.log" || fail "files were carried for an export without files"

step "what a token may"
reads=$(token "$site" reads pull)
writes=$(token "$site" writes push)
HAUL_FROM_TOKEN=$reads "$haul" remote test "strapi:$site/admin" | grep -q "read only" || fail "a token without push is not told"
HAUL_FROM_TOKEN=$writes refused 1 "may not pull" "$haul" remote test "strapi:$site/admin"
HAUL_FROM_TOKEN=nonsense refused 1 "does not know this transfer token" "$haul" remote test "strapi:$site/admin"
HAUL_FROM_TOKEN=$both refused 1 "no Strapi admin panel at /" "$haul" remote test "strapi:$site"
HAUL_FROM_TOKEN=$both refused 1 "127.0.0.1 instead of localhost" "$haul" remote test strapi:http://localhost:9/admin
HAUL_TO_TOKEN=$reads refused 1 "may not push" "$haul" transfer "$a/pulled.tar.gz.enc" "strapi:$site/admin" --overwrite --no-prompt

step "a file that is missing on disk"
missing=$(cd "$work/site/public/uploads" && ls | grep -m1 '^coffee_art')
mv "$work/site/public/uploads/$missing" "$work/kept"
"$haul" export site "$a/lacking" --no-prompt --json >"$a/lacking.json" 2>/dev/null
[ "$(field 'v.findings.filter(f => f.code === "missing-file").length' <"$a/lacking.json")" = 1 ] || fail "a missing file is not told"
"$haul" verify "$a/lacking.tar.gz.enc" >/dev/null
mv "$work/kept" "$work/site/public/uploads/$missing"

step "a pull that is interrupted, ten times"
for n in 1 2 3 4 5 6 7 8 9 10; do
  "$haul" export site "$a/interrupted-$n" --no-prompt >/dev/null 2>&1 &
  interrupted=$!
  sleep "0.$((n * 3 + 10))"
  kill -TERM "$interrupted" 2>/dev/null || true
  wait "$interrupted" || true
  alive "$site"
done
[ -z "$(ls "$HAUL_STATE_DIR/spool")" ] || fail "an interrupted pull left something on disk"
"$haul" export site "$a/after" --no-prompt >/dev/null 2>&1
exact "$a/after.tar.gz.enc" "$KEY_ONE" "$a/official.tar.gz.enc" "$KEY_ONE"

step "a process that is killed leaves what the next one removes"
"$haul" export site "$a/killed" --no-prompt >/dev/null 2>&1 &
killed=$!
sleep 0.5
kill -KILL "$killed" 2>/dev/null || true
wait "$killed" 2>/dev/null || true
alive "$site"
"$haul" list site >/dev/null
[ -z "$(ls "$HAUL_STATE_DIR/spool")" ] || fail "what a killed pull left is still there"

step "credentials can be left out"
"$haul" export site "$a/redacted" --redact --no-prompt --json >"$a/redacted.json" 2>/dev/null
round "$a/redacted.tar.gz.enc" "$KEY_ONE" "$a/redacted-back"

step "transfers disabled, no salt, no server"
stop site
start site TRANSFER_ENABLED=false
HAUL_FROM_TOKEN=$both refused 1 "with transfers disabled" "$haul" list "strapi:$url/admin"
stop site
start site TRANSFER_TOKEN_SALT=
HAUL_FROM_TOKEN=$both refused 1 "while it looked at the token" "$haul" list "strapi:$url/admin"
stop site
HAUL_FROM_TOKEN=$both refused 1 "connection refused" "$haul" list "strapi:$url/admin"

step "a server of $version4"
start v4
v4=$url
node "$live/seed-v4.mjs" "$v4"
remote V4 "$v4" "$(token "$v4" both pull push)"
strapi v4 export --file "$a/official4" --key "$KEY_ONE"
"$haul" export v4 "$a/pulled4" --no-prompt >/dev/null 2>&1
exact "$a/pulled4.tar.gz.enc" "$KEY_ONE" "$a/official4.tar.gz.enc" "$KEY_ONE"
"$haul" diff v4 "$a/official4.tar.gz.enc" --exit-code >/dev/null || fail "haul diff finds differences"

step "credentials of a user of the site"
"$haul" export v4 "$a/redacted4" --redact --no-prompt --json >"$a/redacted4.json" 2>/dev/null
[ "$(field 'v.findings.filter(f => f.code === "redacted").length' <"$a/redacted4.json")" = 1 ] || fail "what was left out is not told"
holds() { KEY=$KEY_ONE node --input-type=module -e "
  import { open } from '$live/archive.mjs';
  process.exit(open('$1', process.env.KEY).some(({ content }) => content.includes('\"\$2a\$10\$')) ? 0 : 1)"; }
holds "$a/pulled4.tar.gz.enc" || fail "there is no hash to leave out"
! holds "$a/redacted4.tar.gz.enc" || fail "a hash was not left out"

step "a file that is missing on the disk of $version4"
first=$(cd "$work/v4/public/uploads" && ls | grep -m1 '^one_')
rm "$work/v4/public/uploads/$first"
refused 1 "$first is missing on the server's disk" "$haul" export v4 "$a/lacking4" --no-prompt
"$haul" export v4 "$a/records4" --exclude files --no-prompt >/dev/null 2>&1
"$haul" list v4 >/dev/null

HAUL_FROM_TOKEN=nonsense refused 1 "does not know this transfer token" "$haul" list "strapi:$v4/admin"
stop v4
