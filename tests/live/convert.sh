#!/usr/bin/env bash
# The conversion from 4.26.2 to 5.54.0: what a server of v4 holds is converted, from its archive and from the running server,
# judged by what 5.54.0 makes of the same database when it upgrades it, taken in by `strapi import`, merged into running servers,
# and looked at through the content manager and the API.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

# project NAME FROM   a project with the types of convert-types.mjs and nothing else.
project() {
  rm -rf "${work:?}/$1"
  mkdir "$work/$1"
  (cd "$2" && tar cf - --exclude=./node_modules --exclude=./.tmp --exclude=./public --exclude=./src --exclude=./data .) | tar xf - -C "$work/$1"
  mkdir -p "$work/$1/src" "$work/$1/.tmp" "$work/$1/public/uploads"
  echo 'module.exports = { register() {}, bootstrap() {} };' >"$work/$1/src/index.js"
  node "$live/convert-types.mjs" "$work/$1"
}

step "a project of $version4 and two of $version with the same types"
mkdir -p "$a"
project older "$live/project-v4"
mv "$work/older/env.sample" "$work/older/.env"
ln -s ../v4-install/node_modules "$work/older/node_modules"
newer() {
  project "$1" "$work/site"
  ln -s ../site/node_modules "$work/$1/node_modules"
  cp "$live/server-v5.js" "$work/$1/config/server.js"
  # What the example sets for logins of the site needs HTTPS.
  echo 'module.exports = () => ({});' >"$work/$1/config/plugins.js"
  grep -q serveAdminPanel "$work/$1/config/admin.js" ||
    sed -i 's/^module.exports = ({ env }) => ({$/&\n  serveAdminPanel: false,/' "$work/$1/config/admin.js"
}
newer upgraded
newer newer

step "content of $version4"
start older
node "$live/convert-seed.mjs" "$url"
stop older
(cd "$work/older" && quiet node "$live/convert-note.cjs")
rm -f "$a"/convert-*
strapi older export --no-encrypt --no-compress --file "$a/convert-4"

step "the same database, upgraded by $version"
cp "$work"/older/.tmp/data.db* "$work/upgraded/.tmp/"
cp -r "$work/older/public/uploads" "$work/upgraded/public/"
strapi upgraded export --no-encrypt --no-compress --file "$a/convert-upgraded"

step "converted from the archive"
"$rewriter" convert "$a/convert-4.tar" "$a/convert-5.tar" "$version" >"$a/convert-said.log"
grep -q "converted from $version4 to $version: .* of them drafts made beside published ones" "$a/convert-said.log" || fail "it does not say what was converted"
"$haul" verify "$a/convert-5.tar" >/dev/null
node "$live/convert.mjs" "$a/convert-4.tar" "$a/convert-5.tar" "$a/convert-upgraded.tar"

step "converted from the running server"
start older
HAUL_FROM_TOKEN=$(token "$url" reads pull) "$rewriter" convert "strapi:$url/admin" "$a/convert-pulled.tar" "$version" >/dev/null
stop older
compare "$a/convert-5.tar" "" "$a/convert-pulled.tar" ""

step "strapi import takes it and loses nothing"
strapi newer import --force -f "$a/convert-5.tar"
strapi newer export --no-encrypt --no-compress --file "$a/convert-back"
# A server of 5.54.0 adds a switch to the settings of uploads when it starts.
compare "$a/convert-5.tar" "" "$a/convert-back.tar" "" --within '^core-store plugin_upload_settings '
node "$live/convert.mjs" "$a/convert-4.tar" "$a/convert-back.tar" "$a/convert-upgraded.tar"

step "a server of $version shows it"
start newer
node "$live/convert-look.mjs" "$url"
stop newer

# into SOURCE: merges it into a fresh project that runs, whose administrators see new locales once it was started again.
into() {
  newer merged
  start merged
  local to=$url
  HAUL_TO_TOKEN=$(token "$to" merges push pull)
  export HAUL_TO_TOKEN
  case $1 in
    archive) "$haul" import "$a/convert-4.tar" "strapi:$to/admin" --overwrite --no-prompt --json ;;
    server)
      start older
      HAUL_FROM_TOKEN=$(token "$url" merges pull) "$haul" transfer "strapi:$url/admin" "strapi:$to/admin" --overwrite --no-prompt --json
      stop older
      ;;
  esac >"$a/convert-merged.json" 2>"$a/convert-merged.log" || { cat "$a"/convert-merged.{json,log}; fail "nothing was merged"; }
  for code in converted locale-needs-restart; do
    [ "$(field "v.findings.some(f => f.code === '$code')" <"$a/convert-merged.json")" = true ] || fail "it does not say $code"
  done
  stop merged
  start merged
  node "$live/convert-look.mjs" "$url"
  stop merged
}
for source in archive server; do
  step "merged into a running server of $version: the $source of $version4"
  into "$source"
done
