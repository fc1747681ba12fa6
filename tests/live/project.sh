#!/usr/bin/env bash
# Local projects, 5.54.0 and 4.26.2: `haul export PROJECT` equals `strapi export` line by line and file by file, a project is
# never left changed; a replace of a project equals `strapi import` and comes back from its snapshot; what goes wrong is told.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
importer=$target/debug/examples/strapi_project

# What a project holds: names of its files, so that nothing new stays there.
names() { (cd "$work/$1" && find . -path ./node_modules -prune -o -path ./.tmp -prune -o -print | sort); }
# into PROJECT ARCHIVE: through `strapi import`, as Haul runs it.
into() { quiet "$importer" import "$work/$1" "$2"; }

step "seed two projects and a project of v4"
prepare
enrich
prepare4
start v4
node "$live/seed-v4.mjs" "$url"
stop v4
export HAUL_KEY=$KEY_ONE

for project in site v4; do
  step "$project: an export equals strapi export"
  strapi "$project" export --file "$a/official-$project" --key "$KEY_ONE"
  names "$project" >"$a/before"
  "$haul" export "$work/$project" "$a/$project" --no-prompt --json >"$a/$project.json" 2>"$a/$project.log"
  exact "$a/$project.tar.gz.enc" "$KEY_ONE" "$a/official-$project.tar.gz.enc" "$KEY_ONE"
  form "$a/$project.tar.gz.enc" "$KEY_ONE"
  [ "$(field 'v.findings.filter(f => f.code === "runs-project").length' <"$a/$project.json")" = 1 ] || fail "it is not told that code is run"
  [ ! -s "$a/$project.log" ] || fail "something was said beside the report: $(cat "$a/$project.log")"
  # Each start of Strapi may move its counter of uploads.
  "$haul" diff "strapi:$work/$project" "$a/official-$project.tar.gz.enc" --json >"$a/diff.json" 2>/dev/null
  changed=$(field 'JSON.stringify(v.items.filter(i => i.state !== "equal").map(i => i.id).filter(id => id !== "plugin_upload_metrics"))' <"$a/diff.json")
  [ "$changed" = "[]" ] || fail "haul diff finds differences: $changed"
  "$haul" list "$work/$project" --progress json 2>"$a/events.log" >/dev/null
  grep -q '"what":"`strapi export`: links"' "$a/events.log" || fail "stages are not told"
  names "$project" | cmp - "$a/before" || fail "something was left in the project"
  [ -z "$(ls "$HAUL_STATE_DIR/spool")" ] || fail "something was left in the spool"
done

step "a server that runs does not hinder it"
start site
"$haul" export "$work/site" "$a/beside" --no-prompt >/dev/null 2>&1
exact "$a/beside.tar.gz.enc" "$KEY_ONE" "$a/official-site.tar.gz.enc" "$KEY_ONE"
stop site

step "an import, sealed and as a folder"
into other "$a/official-site.tar.gz.enc"
strapi other export --file "$a/other" --key "$KEY_ONE"
compare "$a/official-site.tar.gz.enc" "$KEY_ONE" "$a/other.tar.gz.enc" "$KEY_ONE"
"$haul" export "$a/official-site.tar.gz.enc" "$a/plain" --no-encrypt --no-compress --no-prompt >/dev/null 2>&1
mkdir "$a/unpacked" && tar xf "$a/plain.tar" -C "$a/unpacked"
into other "$a/unpacked"
into v4 "$a/official-v4.tar.gz.enc"
strapi v4 export --file "$a/again-v4" --key "$KEY_ONE"
compare "$a/official-v4.tar.gz.enc" "$KEY_ONE" "$a/again-v4.tar.gz.enc" "$KEY_ONE"
mkdir "$a/unpacked-v4" && "$haul" export "$a/official-v4.tar.gz.enc" - --no-encrypt --no-compress 2>/dev/null | tar xf - -C "$a/unpacked-v4"
into v4 "$a/unpacked-v4"

# twin FROM TO: a project with all that it holds; the installed packages are shared.
twin() {
  rm -rf "${work:?}/$2"
  mkdir -p "$work/$2"
  (cd "$work/$1" && tar cf - --exclude=./node_modules .) | tar xf - -C "$work/$2"
  ln -s "$(readlink -f "$work/$1/node_modules")" "$work/$2/node_modules"
}
plain() { rm -f "$a/$2.tar"; strapi "$1" export --no-encrypt --no-compress --file "$a/$2"; }
# Settings that a server draws or adds by itself when it starts.
own='plugin_upload_metrics|plugin_upload_settings|strapi_content_types_schema'
same() {
  case $1 in
    v4*) node "$live/same4.mjs" "$a/$1.tar" "$a/$2.tar" "^($own)$" ;;
    *) compare "$a/$1.tar" "" "$a/$2.tar" "" --within "^core-store ($own) "; compare "$a/$2.tar" "" "$a/$1.tar" "" --within "^core-store ($own) " ;;
  esac
}
# replaces PROJECT SOURCE REPORT: with a question before.
replaces() {
  refused 4 "" "$haul" import "$2" "$work/$1" --mode replace
  "$haul" import "$2" "$work/$1" --mode replace --no-prompt --json >"$a/$3.json" 2>"$a/$3.log" || { cat "$a/$3.json" "$a/$3.log"; fail "the replace failed"; }
  [ "$(field v.status <"$a/$3.json")" = succeeded ] || { cat "$a/$3.json"; fail "the replace did not succeed"; }
}
for project in site v4; do
  step "$project: a replace of a project equals strapi import"
  twin "$([ $project = site ] && echo other || echo v4)" "there"
  start there
  node "$live/replace-seed.mjs" "$url" there
  stop there
  twin there there-official
  plain "$project" "$project-source"
  plain there "$project-before"
  "$haul" plan "$a/$project-source.tar" "$work/there" --mode replace --json >"$a/plan.json" 2>/dev/null
  [ "$(field 'v.effects.some(e => e.effect === "delete" && e.type === "api::category.category" && e.count === 1)' <"$a/plan.json")" = true ] || fail "the deletion is not shown"
  [ "$(field '["runs-project", "not-atomic", "creators-empty"].every(code => v.findings.some(f => f.code === code))' <"$a/plan.json")" = true ] || fail "the plan does not say what it cannot promise"
  replaces there "$a/$project-source.tar" "$project-replaced"
  strapi there-official import --force -f "$a/$project-source.tar"
  plain there "$project-ours"
  plain there-official "$project-official"
  same "$project-official" "$project-ours"
  step "$project: the snapshot brings it back, and a project is replaced by another"
  replaces there "$(field v.snapshot <"$a/$project-replaced.json")" "$project-back"
  plain there "$project-came-back"
  same "$project-before" "$project-came-back"
  "$haul" transfer "$work/$project" "$work/there" --mode replace --no-prompt --json >"$a/transfer.json" 2>"$a/transfer.log" || { cat "$a/transfer.json"; fail "the transfer failed"; }
  plain there "$project-transferred"
  same "$project-official" "$project-transferred"
  step "$project: what would go without being shown is refused"
  "$haul" export "$a/$project-source.tar" "$a/$project-articles" --types api::article.article --dependencies none --no-encrypt --no-prompt >/dev/null 2>&1
  refused 4 "brings nothing for what" "$haul" import "$a/$project-articles.tar.gz" "$work/there" --mode replace --no-prompt
  refused 2 "is replaced as a whole" "$haul" import "$a/$project-source.tar" "$work/there" --mode replace --types api::article.article --no-prompt
  refused 2 "is a local project" "$haul" import "$a/$project-source.tar" "$work/there" --overwrite --no-prompt
  [ -z "$(ls "$HAUL_STATE_DIR/spool")" ] || fail "something was left in the spool"
done

step "an archive without files leaves files alone"
ls "$work/other/public/uploads" >"$a/files"
"$haul" export "$a/official-site.tar.gz.enc" "$a/records" --exclude files --no-prompt >/dev/null 2>&1
into other "$a/records.tar.gz.enc"
ls "$work/other/public/uploads" | cmp - "$a/files" || fail "files were touched"

step "what cannot be read is not imported"
"$haul" list "$work/other" --json >"$a/whole.json" 2>/dev/null
HAUL_KEY=wrong refused 1 "key" "$importer" import "$work/other" "$a/official-site.tar.gz.enc"
head -c 100000 "$a/plain.tar" >"$a/cut.tar"
refused 1 "is not imported" "$importer" import "$work/other" "$a/cut.tar"

step "a database that is locked"
lock() { node -e 'const D=require(process.argv[1]+"/node_modules/better-sqlite3");new D(process.argv[1]+"/.tmp/data.db").exec("BEGIN IMMEDIATE");console.log("locked");setInterval(()=>{},1000)' "$work/other" >"$a/locked" & locker=$!
  until [ -s "$a/locked" ]; do kill -0 "$locker"; sleep 0.1; done; }
lock
trap 'kill "$locker" 2>/dev/null || true; stop' EXIT
refused 4 "database is locked" "$importer" import "$work/other" "$a/plain.tar"
refused 4 "stop the server that runs on it" "$haul" list "$work/other"
kill "$locker" && wait "$locker" || true

step "an import that fails midway gives the files back"
sha256sum "$work/other/public/uploads/"* >"$a/sums"
node --input-type=module -e "
  import fs from 'node:fs';
  const file = '$a/unpacked/entities/entities_00001.jsonl';
  const rows = fs.readFileSync(file, 'utf8').split('\n');
  const at = rows.findLastIndex(row => row.includes('\"type\":\"api::article.article\"'));
  const row = JSON.parse(rows[at]);
  row.data.category = 999999;
  rows[at] = JSON.stringify(row);
  fs.writeFileSync(file, rows.join('\n'));"
refused 1 "are back in public/uploads" "$importer" import "$work/other" "$a/unpacked"
sha256sum --quiet -c "$a/sums" || fail "files are not those of before"
[ -z "$(ls "$work/other/public" | grep uploads_backup || true)" ] || fail "a folder was left aside"
"$haul" list "$work/other" --json >"$a/whole-after.json" 2>/dev/null
ids() { field 'JSON.stringify(v.items.map(i => i.kind + i.type + i.id).sort())' <"$1"; }
[ "$(ids "$a/whole.json")" = "$(ids "$a/whole-after.json")" ] || fail "the database is not as before"

step "a file that is missing on disk"
first=$(cd "$work/site/public/uploads" && ls | grep -m1 '^coffee_art')
mv "$work/site/public/uploads/$first" "$work/kept"
"$haul" export "$work/site" "$a/lacking" --no-prompt --json >"$a/lacking.json" 2>/dev/null
[ "$(field 'v.findings.filter(f => f.code === "missing-file").length' <"$a/lacking.json")" = 1 ] || fail "a missing file is not told"
mv "$work/kept" "$work/site/public/uploads/$first"
first4=$(cd "$work/v4/public/uploads" && ls | grep -m1 '^one_')
mv "$work/v4/public/uploads/$first4" "$work/kept"
refused 1 "strapi export" "$haul" export "$work/v4" "$a/lacking4" --no-prompt
"$haul" export "$work/v4" "$a/records4" --exclude files --no-prompt >/dev/null 2>&1
mv "$work/kept" "$work/v4/public/uploads/$first4"

step "interrupted, five times"
for n in 2 6 10 14 18; do
  "$haul" export "$work/site" "$a/interrupted-$n" --no-prompt >/dev/null 2>&1 &
  interrupted=$!
  sleep "$((n / 10)).$((n % 10))"
  kill -TERM "$interrupted" 2>/dev/null || true
  wait "$interrupted" || true
  [ -z "$(ls "$HAUL_STATE_DIR/spool")" ] || fail "an interrupted export left something on disk"
  [ ! -e "$a/interrupted-$n.tar.gz.enc" ] || fail "an interrupted export wrote an archive"
done

step "a project that cannot start"
printf 'module.exports = {{' >"$work/other/src/index.js"
refused 1 "SyntaxError" "$haul" list "$work/other"
refused 2 "is a local project" "$haul" plan "$a/plain.tar" "$work/other" --overwrite
