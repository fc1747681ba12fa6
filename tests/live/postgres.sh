#!/usr/bin/env bash
# A server of Strapi 5 on PostgreSQL as the destination: merges that the model foretells, read again over the transfer protocol by a
# reader that shares no code with Haul. The projects are those of matrix.sh; skipped where PostgreSQL is not installed.
#
#   tests/live/postgres.sh [CASE…]     cases of matrix.sh; a few of them unless given
set -euo pipefail
source "$(dirname "$0")/lib.sh"
[ -f "$work/matrix/seeded" ] || "$live/matrix/matrix.sh" plain-create
bin=$(command -v postgres && dirname "$(readlink -f "$(command -v postgres)")") || { echo "PostgreSQL is not installed: this part is skipped"; exit 0; }
bin=$(tail -1 <<<"$bin")
[ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb || echo /nowhere)")
[ -x "$bin/initdb" ] || { echo "initdb is not installed beside postgres: this part is skipped"; exit 0; }

# PostgreSQL refuses to run as root.
home=$(mktemp -d /tmp/haul-postgres-XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then chown nobody "$home"; as=(setpriv --reuid nobody --clear-groups --); fi
database() { (cd "$home" && "${as[@]}" env HOME="$home" PATH="$bin:$PATH" LC_ALL=C "$@"); }
port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
over() { stop; database pg_ctl -D "$home/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$home"; }
trap over EXIT

step "a database of $("$bin/postgres" --version)"
quiet database initdb -D "$home/data" -U strapi -A trust --no-sync
quiet database pg_ctl -D "$home/data" -w -o "-h 127.0.0.1 -p $port -k $home -c fsync=off" -l "$home/log" start
sql() { database psql -h 127.0.0.1 -p "$port" -U strapi -d postgres -qc "$1"; }
sql "create database site"
if [ ! -d "$work/pg/node_modules/pg" ]; then
  mkdir -p "$work/pg"
  (cd "$work/pg" && quiet npm install --no-audit --no-fund --no-save pg@8)
fi
export NODE_PATH=$work/pg/node_modules

step "production of the matrix, on it"
production=$work/matrix/postgres
rm -rf "$production" && mkdir -p "$production"
(cd "$work/matrix/production" && tar cf - --exclude=./node_modules --exclude=./.baseline --exclude=./.tmp/data.db* --exclude=./public/uploads .) | tar xf - -C "$production"
mkdir -p "$production/public/uploads"
ln -s "$work/site/node_modules" "$production/node_modules"
rm -f "$a"/production.tar
mkdir -p "$a"
strapi matrix/production export --file "$a/production" --no-encrypt --no-compress
postgres=(DATABASE_CLIENT=postgres DATABASE_HOST=127.0.0.1 DATABASE_PORT="$port" DATABASE_NAME=site DATABASE_USERNAME=strapi DATABASE_PASSWORD=strapi)
(export "${postgres[@]}"; strapi matrix/postgres import --force -f "$a/production.tar")

step "the cases"
export HAUL=${HAUL:-$haul}
(export HAUL_POSTGRES="${postgres[*]}"; node "$live/matrix/postgres.mjs" "$work/matrix/staging" "$work/matrix/production" "$production" "$@")
