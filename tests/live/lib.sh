# What the parts of the live tests share: installs, projects, servers, archives. Sourced by `run`; every part runs in a shell
# of its own below ${HAUL_LIVE_DIR:-target/live}, and a finished install there is used again.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repository=$PWD
live=$repository/tests/live
mkdir -p "${HAUL_LIVE_DIR:-target/live}"
work=$(cd "${HAUL_LIVE_DIR:-target/live}" && pwd)
version=5.54.0
version4=4.26.2

export STRAPI_TELEMETRY_DISABLED=true CI=true FORCE_COLOR=0 NO_COLOR=1 NO_UPDATE_NOTIFIER=1
export npm_config_cache="${npm_config_cache:-$work/npm-cache}" npm_config_update_notifier=false npm_config_fund=false
export HAUL_CONFIG_DIR=$work/config HAUL_STATE_DIR=$work/state
export KEY_ONE='my first key ü' KEY_TWO='another key'
target=${CARGO_TARGET_DIR:-$repository/target}
haul=$target/debug/haul
rewriter=$target/debug/examples/strapi_archive
a=$work/archives

started=${started:-$SECONDS}
step() { printf '\n-- %s (%d s)\n' "$1" $((SECONDS - started)); }
# The output of a quiet command is shown only if it fails.
quiet() { "$@" >"$work/last.log" 2>&1 </dev/null || { code=$?; cat "$work/last.log"; echo "failed ($code): $*" >&2; exit 1; }; }
fail() { echo "$1" >&2; exit 1; }

install() {
  if [ -f "$work/installed-$version" ]; then return; fi
  rm -rf "$work/site" "$work/other"
  (cd "$work" && quiet npx --yes "create-strapi@$version" site --js --example --no-install --no-git-init \
    --skip-cloud --no-run --use-npm --skip-db --non-interactive)
  # The generator pins every @strapi package; a newer one would be another test.
  if grep -E '"@strapi/[^"]*": "' "$work/site/package.json" | grep -vF "\"$version\""; then fail "an unpinned @strapi package"; fi
  (cd "$work/site" && quiet npm install --no-audit --no-fund)
  for package in strapi core data-transfer; do
    grep -qF "\"version\": \"$version\"" "$work/site/node_modules/@strapi/$package/package.json" || fail "@strapi/$package is not $version"
  done
  touch "$work/installed-$version"
}

# The small project of v4 beside it.
install4() {
  if [ -f "$work/installed-$version4" ]; then return; fi
  rm -rf "$work/v4-install"
  mkdir "$work/v4-install"
  cp "$live/project-v4/package.json" "$work/v4-install/"
  (cd "$work/v4-install" && quiet npm install --no-audit --no-fund)
  grep -qF "\"version\": \"$version4\"" "$work/v4-install/node_modules/@strapi/data-transfer/package.json" || fail "not $version4"
  touch "$work/installed-$version4"
}

# A fresh database and fresh files, for both projects of v5.
prepare() {
  rm -rf "$work"/archives "$work/site/.tmp" "$work/other" "$work/config" "$work/state"
  rm -rf "$work/site/public/uploads"
  mkdir -p "$work/archives" "$work/site/public/uploads" "$work/site/.tmp"
  # The admin panel is not built, and what serves it spoils the answer to a switch of protocols where it is missing.
  grep -q serveAdminPanel "$work/site/config/admin.js" ||
    sed -i 's/^module.exports = ({ env }) => ({$/&\n  serveAdminPanel: false,/' "$work/site/config/admin.js"
  cp "$live/server-v5.js" "$work/site/config/server.js"
  (cd "$work/site" && quiet npm run seed:example)
  mkdir "$work/other"
  (cd "$work/site" && tar cf - --exclude=./node_modules --exclude=./.tmp --exclude=./public/uploads .) | tar xf - -C "$work/other"
  mkdir -p "$work/other/public/uploads" "$work/other/.tmp"
  ln -s ../site/node_modules "$work/other/node_modules"
}

prepare4() {
  rm -rf "$work/v4"
  cp -r "$live/project-v4" "$work/v4"
  mv "$work/v4/env.sample" "$work/v4/.env"
  mkdir -p "$work/v4/.tmp" "$work/v4/public/uploads"
  ln -s ../v4-install/node_modules "$work/v4/node_modules"
}

# start PROJECT [NAME=VALUE…] sets $url; one server of a project at a time.
declare -A servers=()
start() {
  local project=$1 port code=
  shift
  port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
  (cd "$work/$project" && exec env HOST=127.0.0.1 PORT="$port" NODE_ENV=production "$@" node node_modules/@strapi/strapi/bin/strapi.js start) \
    >"$work/$project.log" 2>&1 </dev/null &
  servers[$project]=$!
  url=http://127.0.0.1:$port
  for _ in $(seq 300); do
    code=$(curl -s -o /dev/null -w '%{http_code}' "$url/_health" || true)
    # Whatever else may have taken the port meanwhile answers too.
    if [ "$code" = 204 ] && grep -q 'Project information' "$work/$project.log"; then return; fi
    kill -0 "${servers[$project]}" 2>/dev/null || { cat "$work/$project.log"; fail "the server of $project did not start"; }
    sleep 0.3
  done
  fail "the server of $project does not answer"
}

stop() {
  local project
  [ $# -gt 0 ] || set -- "${!servers[@]}"
  for project in "$@"; do
    [ -n "${servers[$project]:-}" ] || continue
    kill "${servers[$project]}" 2>/dev/null || true
    wait "${servers[$project]}" 2>/dev/null || true
    unset "servers[$project]"
  done
}
trap 'stop' EXIT

# Adds what only a running server can: a published article, and files with names and captions of all kinds.
enrich() {
  start site
  node "$live/seed.mjs" "$url" || { tail -30 "$work/site.log"; fail "seeding failed"; }
  stop site
}

strapi() { local project=$1; shift; (cd "$work/$project" && quiet node node_modules/@strapi/strapi/bin/strapi.js "$@"); }

# round ARCHIVE KEY BACK: imports into the second project, then exports to BACK with the same key.
round() {
  local archive=$1 key=$2 back=$3
  case $archive in
    *.enc) strapi other import --force -f "$archive" --key "$key" ;;
    *) strapi other import --force -f "$archive" ;;
  esac
  strapi other export --file "$back" --key "$key"
}

compare() { local left=$1 key_left=$2 right=$3 key_right=$4; shift 4; KEY_LEFT=$key_left KEY_RIGHT=$key_right node "$live/compare.mjs" "$left" "$right" "$@"; }
exact() { KEY_LEFT=$2 KEY_RIGHT=$4 node "$live/exact.mjs" "$1" "$3"; }
form() { KEY_LEFT=$2 node "$live/form.mjs" "$1"; }
field() { node -e 'let s="";process.stdin.on("data",d=>s+=d).on("end",()=>console.log(eval("(v=>"+process.argv[1]+")")(JSON.parse(s))))' "$1"; }
token() { node "$live/token.mjs" "$@"; }

# refused EXIT WORDS COMMAND…: the command ends with this exit code and says this.
refused() {
  local expected=$1 words=$2 got=0
  shift 2
  "$@" >"$work/refused.log" 2>&1 </dev/null || got=$?
  [ "$got" = "$expected" ] || { cat "$work/refused.log"; fail "exit $got, not $expected: $*"; }
  grep -qF -- "$words" "$work/refused.log" || { cat "$work/refused.log"; fail "it does not say '$words': $*"; }
}
