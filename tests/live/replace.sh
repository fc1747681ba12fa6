#!/usr/bin/env bash
# Replaces of 5.54.0: what Haul makes of a server equals what `strapi import` makes of a project with the same content,
# read back by `strapi export`; the snapshot brings the old site back; logins and the content manager work afterwards; a replace of
# a part touches that part; a kill leaves the old site or the new one.
#
#   tests/live/replace.sh [example] [parts] [kinds] [kills]     the first three unless told; `parts` and `kills` need what
#                                                               `example` leaves
set -euo pipefail
source "$(dirname "$0")/lib.sh"
matrix=$work/matrix
out=$work/replace
mkdir -p "$out" "$a"

# twin FROM TO: a project with all that it holds; the installed packages are shared.
twin() {
  rm -rf "${work:?}/$2"
  mkdir -p "$work/$2"
  (cd "$work/$1" && tar cf - --exclude=./node_modules .) | tar xf - -C "$work/$2"
  ln -s "$(readlink -f "$work/$1/node_modules")" "$work/$2/node_modules"
  mkdir -p "$work/$2/public/uploads" "$work/$2/.tmp"
}
# remote NAME URL: with a token of its own.
remote() { export "HAUL_REMOTE_$1=strapi:$2/admin" "HAUL_REMOTE_$1_TOKEN=$(token "$2" "replace-$RANDOM$RANDOM" pull push)"; }
plain() { rm -f "$out/$2.tar"; strapi "$1" export --no-encrypt --no-compress --file "$out/$2"; }
# Settings that a server draws or adds by itself when it starts.
own='^core-store plugin_upload_settings |^core-store strapi_content_types_schema '

# replace ARCHIVE REPORT [OPTION…]: into the server `ours`. A file that has the name of another one there gets another name the first time,
# and the plan says which; the second time that name is free.
replace() {
  local run archive=$1 report=$2
  shift 2
  for run in "$report" "$report-again"; do
    "$haul" import "$archive" ours --mode replace --no-prompt --json "$@" >"$out/$run.json" 2>"$out/$run.log" ||
      { cat "$out/$run.json" "$out/$run.log"; fail "the replace failed"; }
    [ "$(field 'v.findings.some(f => f.code === "same-file-name")' <"$out/$run.json")" = true ] || return 0
    echo "files of the same name: once more"
  done
}

# equals_import SOURCE DESTINATION: what both hold is seeded; the two ways have to lead to the same.
equals_import() {
  local source=$1 destination=$2 name=${2//\//-}
  twin "$destination" "$name-official"
  twin "$destination" "$name-ours"
  plain "$source" "$name-source"
  plain "$destination" "$name-before"
  strapi "$name-official" import --force -f "$out/$name-source.tar"
  plain "$name-official" "$name-official"
  start "$name-ours"
  remote OURS "$url"
  "$haul" plan "$out/$name-source.tar" ours --mode replace --json >"$out/$name-plan.json" 2>/dev/null
  [ "$(field 'v.effects.filter(e => e.effect === "delete").length > 0' <"$out/$name-plan.json")" = true ] || fail "no deletion is shown"
  replace "$out/$name-source.tar" "$name-report"
  stop "$name-ours"
  plain "$name-ours" "$name-ours"
  compare "$out/$name-official.tar" "" "$out/$name-ours.tar" "" --within "$own"
  compare "$out/$name-ours.tar" "" "$out/$name-official.tar" "" --within "$own"
}

# comes_back NAME: what was there before comes back from the snapshot.
comes_back() {
  local name=$1 snapshot
  snapshot=$(field v.snapshot <"$out/$name-report.json")
  start "$name-ours"
  remote OURS "$url"
  replace "$snapshot" "$name-back"
  stop "$name-ours"
  plain "$name-ours" "$name-back"
  compare "$out/$name-before.tar" "" "$out/$name-back.tar" "" --within "$own"
  compare "$out/$name-back.tar" "" "$out/$name-before.tar" "" --within "$own"
}

is_like() { compare "$1" "" "$2" "" --within "$own" >/dev/null 2>&1 && compare "$2" "" "$1" "" --within "$own" >/dev/null 2>&1; }

# The old site, beside it files that came before everything else: the plan has told of them.
is_old_with_files() {
  compare "$out/bare-before.tar" "" "$1" "" --within "$own" >/dev/null 2>&1 &&
    compare "$1" "" "$out/bare-before.tar" "" --within "$own|^plugin::upload\\.file |^assets/uploads/" >/dev/null 2>&1 &&
    [ "$(field 'v.findings.some(f => f.code === "two-transactions")' <"$out/bare-plan.json")" = true ]
}

# victim: a server with the old site.
victim() {
  twin bare victim
  start victim
  remote OURS "$url"
}

# kill_at client|server MILLISECONDS: after so long; then the run goes on to its end.
kill_at() {
  local pid
  victim
  "$haul" import "$out/bare-source.tar" ours --mode replace --no-prompt --json >"$out/killed.json" 2>/dev/null &
  pid=$!
  sleep "$(printf '%d.%03d' $(($2 / 1000)) $(($2 % 1000)))"
  if [ "$1" = client ]; then kill -9 "$pid" 2>/dev/null || true; else kill -9 "${servers[victim]}"; fi
  wait "$pid" || true
  stop victim
  plain victim killed
  if is_like "$out/bare-before.tar" "$out/killed.tar"; then echo "$1 after $2 ms: the old site"
  elif is_like "$out/bare-official.tar" "$out/killed.tar"; then echo "$1 after $2 ms: the new site"
  elif is_old_with_files "$out/killed.tar"; then echo "$1 after $2 ms: the old site, and new files as the plan had said"
  else fail "$1 after $2 ms: neither the old site nor the new one"; fi
  start victim
  remote OURS "$url"
  "$haul" import "$out/bare-source.tar" ours --mode replace --no-prompt --json >"$out/killed.json" 2>"$out/killed.log" ||
    { cat "$out/killed.json"; fail "the command given anew does not go through"; }
  stop victim
  plain victim killed
  is_like "$out/bare-official.tar" "$out/killed.tar" || fail "$1 after $2 ms: it is not as planned in the end"
}

# part NAME JUDGED [OPTION…]: a replace of a part of the example, into a twin of what was there before.
part() {
  local name=$1 judged=$2
  shift 2
  twin bare "bare-$name"
  start "bare-$name"
  remote OURS "$url"
  replace "$out/bare-source.tar" "$name-report" "$@"
  stop "bare-$name"
  plain "bare-$name" "$name-after"
  read -ra judged <<<"$judged"
  node "$live/replace-part.mjs" "$out/bare-before.tar" "$out/bare-source.tar" "$out/$name-after.tar" "${judged[@]}"
}

# Files on the disk of a project, with their bytes.
files_of() { (cd "$work/$1/public/uploads" && find . -type f ! -name .gitkeep -print0 | sort -z | xargs -0 -r sha256sum); }

# official_way: one transaction, after which no file of before is left, as after `strapi import`.
official_way() {
  twin bare bare-one
  start bare-one
  remote OURS "$url"
  replace "$out/bare-source.tar" one-report --one-transaction
  stop bare-one
  [ "$(field 'v.findings.some(f => f.code === "not-atomic")' <"$out/one-report.json")" = true ] || fail "the risk is not told"
  plain bare-one one-after
  is_like "$out/bare-official.tar" "$out/one-after.tar" || {
    compare "$out/bare-official.tar" "" "$out/one-after.tar" "" --within "$own" || true
    compare "$out/one-after.tar" "" "$out/bare-official.tar" "" --within "$own" || true
    fail "one transaction leads to something else than strapi import"
  }
  diff <(files_of bare-official) <(files_of bare-one) || fail "other files are left on the disk"
  [ -z "$(find "$work/bare-one/public" -maxdepth 1 -name 'uploads_backup_*')" ] || fail "the old files lie beside the new ones"
}

after_example() { [ -f "$out/bare-official.tar" ] || fail "this part needs what \`example\` leaves"; }

parts=("${@:-example parts kinds}")
read -ra parts <<<"${parts[*]}"

for part in "${parts[@]}"; do
  case $part in
    example)
      step "the example application, into one with other content"
      rm -rf "$out"/bare-*
      prepare
      enrich
      twin other bare
      start site
      node "$live/replace-seed.mjs" "$url" here
      stop site
      start bare
      node "$live/replace-seed.mjs" "$url" there
      stop bare
      equals_import site bare
      # What the example sets for logins of the site needs HTTPS.
      echo 'module.exports = () => ({});' >"$work/bare-ours/config/plugins.js"
      start bare-ours
      node "$live/replace-look.mjs" "$url"
      stop bare-ours
      comes_back bare
      ;;
    kinds)
      step "every kind of relation"
      rm -rf "$out"/matrix-*
      [ -f "$matrix/seeded" ] || "$live/matrix/matrix.sh" plain-create
      equals_import matrix/staging matrix/production
      comes_back matrix-production
      ;;
    parts)
      after_example
      step "one transaction"
      official_way
      step "two types, the configuration, and everything but files and configuration"
      part types "types api::article.article,api::category.category" --types api::article.article api::category.category
      part config config --only config
      part content content --exclude files config
      ;;
    kills)
      after_example
      step "the client is killed, and the server is"
      victim
      "$haul" plan "$out/bare-source.tar" ours --mode replace --json >"$out/bare-plan.json" 2>/dev/null
      unbroken=$(date +%s%3N)
      replace "$out/bare-source.tar" unbroken
      unbroken=$(($(date +%s%3N) - unbroken))
      stop victim
      echo "$unbroken ms when nothing is killed"
      for who in client server; do
        # The second half of a run compares.
        for share in 12 22 32 42; do kill_at "$who" $((unbroken * share / 100)); done
      done
      ;;
    *) fail "there is no part $part" ;;
  esac
done
