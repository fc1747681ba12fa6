#!/usr/bin/env bash
# Replaces of 4.26.2: what Haul makes of a server equals what `strapi import` makes of a project with the same content, read back by
# `strapi export`; the snapshot brings the old site back, by Haul and by `strapi import`; types that are not named stay; the content
# manager and logins work afterwards; a kill leaves the old site or the new one.
#
#   tests/live/replace4.sh [small] [kinds] [kills]     all unless told; `kills` needs `small` before it
set -euo pipefail
source "$(dirname "$0")/lib.sh"
out=$work/replace4
mkdir -p "$out"

# project NAME: the small project of v4, empty. twin FROM TO: a project with all that it holds.
project() {
  rm -rf "${out:?}/$1"
  cp -r "$live/project-v4" "$out/$1"
  mv "$out/$1/env.sample" "$out/$1/.env"
  mkdir -p "$out/$1/.tmp" "$out/$1/public/uploads"
  ln -s ../../v4-install/node_modules "$out/$1/node_modules"
}
twin() {
  rm -rf "${work:?}/$2"
  mkdir -p "$work/$2"
  (cd "$work/$1" && tar cf - --exclude=./node_modules .) | tar xf - -C "$work/$2"
  ln -s ../../v4-install/node_modules "$work/$2/node_modules"
}
remote() { export "HAUL_REMOTE_$1=strapi:$2/admin" "HAUL_REMOTE_$1_TOKEN=$(token "$2" "replace-$RANDOM$RANDOM" pull push)"; }
plain() { rm -f "$out/$2.tar"; strapi "$1" export --no-encrypt --no-compress --file "$out/$2"; }
# Settings that a server draws or adds by itself when it starts.
own='^(plugin_upload_metrics|plugin_upload_settings|strapi_content_types_schema)$'
same() { node "$live/same4.mjs" "$out/$1.tar" "$out/$2.tar" "$own" ${3:+"$3"}; }
is_like() { same "$1" "$2" >/dev/null 2>&1; }
json() { field "$1" <"$out/$2.json"; }

# replace SOURCE REPORT [OPTION…]: into the server `ours`. A file that has the name of another one there gets another name the first
# time, and the plan says which; the second time that name is free.
replace() {
  local source=$1 report=$2 run
  shift 2
  for run in "$report" "$report-again"; do
    "$haul" import "$source" ours --mode replace --no-prompt --json "$@" >"$out/$run.json" 2>"$out/$run.log" ||
      { cat "$out/$run.json" "$out/$run.log"; fail "the replace failed"; }
    [ "$(json 'v.findings.some(f => f.code === "same-file-name")' "$run")" = true ] || return 0
    echo "files of the same name: once more"
  done
}

# equals_import NAME SOURCE DESTINATION: projects that are seeded; the two ways have to lead to the same.
equals_import() {
  local name=$1 source=$2 destination=$3
  twin "$destination" "replace4/$name-official"
  twin "$destination" "replace4/$name-ours"
  plain "$source" "$name-source"
  plain "$destination" "$name-before"
  ! is_like "$name-source" "$name-before" || fail "there is nothing to replace"
  strapi "replace4/$name-official" import --force -f "$out/$name-source.tar"
  plain "replace4/$name-official" "$name-official"
  start "replace4/$name-ours"
  remote OURS "$url"
  "$haul" plan "$out/$name-source.tar" ours --mode replace --json >"$out/$name-plan.json" 2>/dev/null
  [ "$(json 'v.effects.filter(e => e.effect === "delete").length > 0' "$name-plan")" = true ] || fail "no deletion is shown"
  refused 4 "" "$haul" import "$out/$name-source.tar" ours --mode replace
  replace "$out/$name-source.tar" "$name-report"
  stop "replace4/$name-ours"
  plain "replace4/$name-ours" "$name-ours"
  same "$name-official" "$name-ours"
}

# comes_back NAME: what was there before comes back from the snapshot of the first replace.
comes_back() {
  local name=$1 snapshot
  snapshot=$(json v.snapshot "$name-report")
  start "replace4/$name-ours"
  remote OURS "$url"
  replace "$snapshot" "$name-back"
  stop "replace4/$name-ours"
  plain "replace4/$name-ours" "$name-back"
  same "$name-before" "$name-back"
  # Strapi's own import takes it, too.
  strapi "replace4/$name-official" import --force -f "$snapshot"
  plain "replace4/$name-official" "$name-official-back"
  same "$name-before" "$name-official-back"
}

# kill_at client|server TENTHS: after so many tenths of a second; then the run goes on to its end.
kill_at() {
  local pid
  twin replace4/small-there replace4/victim
  start replace4/victim
  remote OURS "$url"
  "$haul" import "$out/small-source.tar" ours --mode replace --no-prompt --json >"$out/killed.json" 2>/dev/null &
  pid=$!
  sleep "$(($2 / 10)).$(($2 % 10))"
  if [ "$1" = client ]; then kill -9 "$pid" 2>/dev/null || true; else kill -9 "${servers[replace4/victim]}"; fi
  wait "$pid" || true
  stop replace4/victim
  plain replace4/victim killed
  if is_like small-before killed; then echo "$1 at $2: the old site"
  elif is_like small-official killed; then echo "$1 at $2: the new site"
  elif same small-before killed files >/dev/null 2>&1; then echo "$1 at $2: the old site with new files"
  else same small-before killed || true; fail "$1 at $2: neither the old site nor the new one"; fi
  start replace4/victim
  remote OURS "$url"
  replace "$out/small-source.tar" killed
  stop replace4/victim
  plain replace4/victim killed
  same small-official killed
}

parts=("$@")
[ $# -gt 0 ] || parts=(small kinds kills)
for part in "${parts[@]}"; do
  case $part in
    small)
      step "the small project, into one with other content"
      for side in here there; do
        project "small-$side"
        start "replace4/small-$side"
        node "$live/seed-v4.mjs" "$url"
        [ $side = here ] || node "$live/replace-seed.mjs" "$url" there
        stop "replace4/small-$side"
      done
      equals_import small replace4/small-here replace4/small-there
      start replace4/small-ours
      node "$live/replace-look.mjs" "$url" 4
      stop replace4/small-ours
      comes_back small
      step "from a server, and of one type"
      start replace4/small-here
      remote HERE "$url"
      twin replace4/small-there replace4/part
      start replace4/part
      remote OURS "$url"
      "$haul" transfer here ours --mode replace --no-prompt --json >"$out/transfer.json" 2>"$out/transfer.log" || { cat "$out/transfer.json"; fail "the transfer failed"; }
      stop
      plain replace4/part part
      same small-official part
      twin replace4/small-there replace4/part
      start replace4/part
      remote OURS "$url"
      "$haul" import "$out/small-source.tar" ours --mode replace --types api::article.article --no-prompt --json >"$out/types.json" 2>"$out/types.log" || { cat "$out/types.json"; fail "the replace failed"; }
      "$haul" export ours "$out/types-after" --no-encrypt --no-compress --no-prompt >/dev/null 2>&1
      "$haul" import "$out/small-source.tar" ours --mode replace --one-transaction --no-prompt --json >"$out/one.json" 2>"$out/one.log" || { cat "$out/one.json"; fail "one transaction failed"; }
      [ "$(json 'v.findings.some(f => f.code === "not-atomic")' one)" = true ] || fail "the plan does not say what it cannot promise"
      stop
      plain replace4/part part
      same small-official part
      titles() { tar xOf "$out/$1.tar" entities/entities_00001.jsonl | node -e "
        const rows = require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line)).filter(({ type }) => type === '$2');
        console.log(rows.map(({ data }) => data.title ?? data.name).sort().join(', '))"; }
      [ "$(titles types-after api::article.article)" = "$(titles small-source api::article.article)" ] || fail "the articles are not those of the source"
      titles types-after api::category.category | grep -q 'Only there' || fail "a category was not named and is gone"
      ;;
    kinds)
      step "every kind of relation, with files of the same name"
      [ -f "$work/matrix4/seeded" ] || "$live/matrix4/matrix4.sh" author-created
      for side in staging production; do twin "matrix4/$side" "replace4/kinds-$side"; done
      first=$(cd "$out/kinds-production/public/uploads" && ls | grep -m1 '^one')
      printf 'other bytes' >"$out/kinds-production/public/uploads/$first"
      equals_import kinds replace4/kinds-staging replace4/kinds-production
      comes_back kinds
      ;;
    kills)
      step "the client is killed, and the server is"
      for victim in client server; do
        for tenths in 6 12 18 24; do kill_at "$victim" "$tenths"; done
      done
      ;;
    *) fail "there is no part $part" ;;
  esac
done
