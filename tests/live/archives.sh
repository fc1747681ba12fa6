#!/usr/bin/env bash
# Archives that Haul writes, judged by the real Strapi: the example application is exported with `strapi export`, listed,
# filtered and rewritten with Haul, imported with `strapi import` into a second project, exported again, and compared by a
# reader that shares no code with Haul (archive.mjs).
set -euo pipefail
source "$(dirname "$0")/lib.sh"

step "seed two projects"
prepare
enrich

step "strapi export, then list and verify"
strapi site export --file "$a/first" --key "$KEY_ONE"
first=$a/first.tar.gz.enc
export HAUL_KEY=$KEY_ONE
"$haul" list "$first" --json >"$a/list.json"
field '`${v.summary.items} items, ${JSON.stringify(v.summary.byKind)}`' <"$a/list.json"
[ "$(field 'v.items.filter(i => i.type === "api::article.article" && i.references.some(r => r.kind === "asset")).length' <"$a/list.json")" = 5 ] ||
  fail "five articles refer to media"
KEY=$KEY_ONE node --input-type=module -e "
  import { open } from '$live/archive.mjs';
  process.exit(open('$first', process.env.KEY).some(m => Buffer.byteLength(m.name) > 100) ? 0 : 1)" || fail "no name is over 100 bytes"
"$haul" verify "$first" >/dev/null
if "$haul" verify "$first" --key wrong >/dev/null 2>&1; then fail "a wrong key was taken"; else [ $? = 1 ] || fail "a wrong key is exit 1"; fi

step "rewrite with another key"
HAUL_FROM_KEY=$KEY_ONE HAUL_TO_KEY=$KEY_TWO "$haul" export "$first" "$a/second" --no-prompt >/dev/null 2>&1
form "$a/second.tar.gz.enc" "$KEY_TWO"
compare "$first" "$KEY_ONE" "$a/second.tar.gz.enc" "$KEY_TWO"
round "$a/second.tar.gz.enc" "$KEY_TWO" "$a/second-back"
compare "$first" "$KEY_ONE" "$a/second-back.tar.gz.enc" "$KEY_TWO"
# Haul's own judgement, which the other comparer must agree with: only the server's counter of uploads differs.
HAUL_FROM_KEY=$KEY_ONE HAUL_TO_KEY=$KEY_TWO "$haul" diff "$first" "$a/second-back.tar.gz.enc" --json >"$a/diff.json"
field 'JSON.stringify(v.summary)' <"$a/diff.json"
changed=$(field 'JSON.stringify(v.items.filter(i => i.state !== "equal").map(i => i.id).filter(id => id !== "plugin_upload_metrics"))' <"$a/diff.json")
[ "$changed" = "[]" ] || fail "haul diff finds differences: $changed"

step "articles and what they need"
"$haul" export "$first" "$a/articles" --types api::article.article --dependencies create --no-prompt >/dev/null 2>&1
form "$a/articles.tar.gz.enc" "$KEY_ONE"
compare "$a/articles.tar.gz.enc" "$KEY_ONE" "$first" "$KEY_ONE" --types api::article.article,api::author.author
round "$a/articles.tar.gz.enc" "$KEY_ONE" "$a/articles-back"
compare "$a/articles.tar.gz.enc" "$KEY_ONE" "$a/articles-back.tar.gz.enc" "$KEY_ONE" --within

step "several JSONL files"
"$rewriter" rewrite "$first" "$a/chunks.tar.gz.enc" 15000
form "$a/chunks.tar.gz.enc" "$KEY_ONE"
round "$a/chunks.tar.gz.enc" "$KEY_ONE" "$a/chunks-back"
compare "$first" "$KEY_ONE" "$a/chunks-back.tar.gz.enc" "$KEY_ONE"

step "neither compressed nor encrypted"
"$haul" export "$first" "$a/plain" --no-encrypt --no-compress --no-prompt >/dev/null 2>&1
form "$a/plain.tar" ""
round "$a/plain.tar" "$KEY_ONE" "$a/plain-back"
compare "$first" "$KEY_ONE" "$a/plain-back.tar.gz.enc" "$KEY_ONE"

step "an unpacked archive"
mkdir "$a/unpacked" && tar xf "$a/plain.tar" -C "$a/unpacked"
"$haul" verify "$a/unpacked" >/dev/null
"$haul" export "$a/unpacked" "$a/packed" --no-prompt >/dev/null 2>&1
compare "$first" "$KEY_ONE" "$a/packed.tar.gz.enc" "$KEY_ONE"

step "no files"
"$haul" export "$first" "$a/no-files" --exclude files --no-prompt >/dev/null 2>&1
form "$a/no-files.tar.gz.enc" "$KEY_ONE"
strapi other import --force -f "$a/no-files.tar.gz.enc" --key "$KEY_ONE"

step "configuration alone, and nothing but schemas"
"$haul" export "$first" "$a/config" --only config --no-prompt >/dev/null 2>&1
form "$a/config.tar.gz.enc" "$KEY_ONE"
round "$a/config.tar.gz.enc" "$KEY_ONE" "$a/config-back"
compare "$a/config.tar.gz.enc" "$KEY_ONE" "$a/config-back.tar.gz.enc" "$KEY_ONE" --within
"$haul" export "$first" "$a/schemas" --ids api::about.about --no-prompt >/dev/null 2>&1
form "$a/schemas.tar.gz.enc" "$KEY_ONE"
[ "$(KEY=$KEY_ONE node --input-type=module -e "import {open} from '$live/archive.mjs'; console.log(open('$a/schemas.tar.gz.enc', process.env.KEY).map(m => m.name).join())")" = schemas/schemas_00001.jsonl,metadata.json ] ||
  fail "an empty selection holds more than schemas"
strapi other import --force -f "$a/schemas.tar.gz.enc" --key "$KEY_ONE"
