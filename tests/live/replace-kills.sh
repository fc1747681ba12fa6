#!/usr/bin/env bash
# Kills client and server in the middle of a replace, eight times.
set -euo pipefail
exec "$(dirname "$0")/replace.sh" example kills
