#!/usr/bin/env bash
# Build the documentation site with Docusaurus, unless nothing changed since it was built last.
set -euo pipefail
cd "$(dirname "$0")/.."

plugin=frontend/docusaurus-plugin-docs-chat
sources=(docs/docs docs/src docs/static docs/*.js docs/package-lock.json "$plugin/src" "$plugin/package-lock.json")
stamp=docs/build/.docs-chat
if [ -e "$stamp" ] && [ -z "$(find "${sources[@]}" -newer "$stamp" -print -quit)" ]; then
  exit 0
fi
scripts/npm_packages.sh "$plugin" docs
echo "Building the documentation site (about a minute, after changes only) …"
(cd "$plugin" && node build.mjs --plugin)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
(cd docs && node_modules/.bin/docusaurus build) >"$log" 2>&1 || { cat "$log"; exit 1; }
touch "$stamp"
