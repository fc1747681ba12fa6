#!/usr/bin/env bash
# The guide `docs/move-ten-articles.md`, run as it stands between two servers of Strapi 5.54.0; what production holds afterwards
# is read by its own REST interface.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

step "two servers that overlap"
prepare

# Nothing that the official commands can be told is missing in the table of options.
for command in export import transfer; do
  (cd "$work/site" && node node_modules/@strapi/strapi/bin/strapi.js "$command" --help 2>/dev/null) | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'
done | sort -u | grep -vx -- --help >"$a/options.txt"
[ "$(wc -l <"$a/options.txt")" -ge 15 ] || fail "the official help lists too few options"
while IFS= read -r option; do
  grep -qE "^\| .*\`$option[ \`]" "$repository/docs/strapi-options.md" || fail "docs/strapi-options.md does not name $option"
done <"$a/options.txt"
start site
staging=$url
node "$live/guide.mjs" "$staging" write
stop site
strapi site export --file "$a/common" --no-encrypt
strapi other import --force -f "$a/common.tar.gz"
start site
staging=$url
start other
production=$url
node "$live/guide.mjs" "$staging" edit
node "$live/guide.mjs" "$production" own
node "$live/guide.mjs" "$production" note >"$a/before.json"
export "HAUL_REMOTE_STAGING=strapi:$staging/admin" "HAUL_REMOTE_PRODUCTION=strapi:$production/admin"
HAUL_REMOTE_STAGING_TOKEN=$(token "$staging" guide pull)
HAUL_REMOTE_PRODUCTION_TOKEN=$(token "$production" guide push pull)
export HAUL_REMOTE_STAGING_TOKEN HAUL_REMOTE_PRODUCTION_TOKEN

step "the commands of the guide"
mkdir -p "$work/guide"
rm -f "$work/guide/ten.json"
count=0
while IFS= read -r line; do
  echo "   $line"
  (cd "$work/guide" && PATH="$(dirname "$haul"):$PATH" bash -c "$line") >"$a/guide-$count.txt" 2>&1 </dev/null ||
    { cat "$a/guide-$count.txt"; fail "this command of the guide failed: $line"; }
  count=$((count + 1))
done < <(sed -n '/^```sh$/,/^```$/p' "$repository/docs/move-ten-articles.md" | grep -v '^```')
[ "$count" -ge 10 ] || fail "only $count commands were found in the guide"
grep -q "rehearsed" "$a"/guide-*.txt || fail "nothing was rehearsed"

step "what production holds"
node "$live/guide.mjs" "$production" judge "$staging" "$a/before.json"
stop
