#!/usr/bin/env bash
# Install the packages of folders as they are locked, unless they are there: npm_packages.sh FOLDER …
set -euo pipefail
cd "$(dirname "$0")/.."

for folder in "$@"; do
  mark=$folder/node_modules/.docs-chat
  if [ ! -e "$mark" ] || [ "$folder/package-lock.json" -nt "$mark" ]; then
    npm --prefix "$folder" ci --silent --no-audit --no-fund || { echo "The packages of $folder could not be installed."; exit 1; }
    touch "$mark"
  fi
done
