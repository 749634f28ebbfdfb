#!/usr/bin/env bash
# Install what some tests use beside Python: a browser, Node, Redis, Postgres and nginx, from the system's own packages,
# and what they need from npm; then build the documentation site, in which the plugin is tested.
# Without root or apt nothing is installed, and the tests that miss something are skipped with a message that names it.
set -euo pipefail

declare -A packages=([chromium]=chromium [node]=nodejs [npm]=npm [redis-server]=redis-server [psql]=postgresql)
missing=()
for tool in "${!packages[@]}"; do
  command -v "$tool" >/dev/null || missing+=("${packages[$tool]}")
done
# The client alone is no database: the server's programs lie outside PATH.
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
{ command -v nginx || [ -x /usr/sbin/nginx ]; } >/dev/null || missing+=(nginx-light)

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Not installed (tests that need it are skipped): ${missing[*]}"
  else
    echo "Installing for the tests: ${missing[*]} …"
    export DEBIAN_FRONTEND=noninteractive
    # a package's server must not start by itself: the tests start their own, on free ports
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      trap 'rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy"
    fi
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/tmp/docs-chat-test-tools.log 2>&1 ||
      echo "Some could not be installed (see /tmp/docs-chat-test-tools.log); the tests that need them are skipped."
  fi
fi

if ! command -v npm >/dev/null; then
  echo "Node is not installed: the tests of the panel, the plugin, Docusaurus and the JavaScript clients are skipped."
elif ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
  echo "Node 20 or newer is needed, $(node --version) is installed: the tests that need it are skipped."
elif scripts/npm_packages.sh frontend/docusaurus-plugin-docs-chat tests/clients/ts tests/clients/js docs; then
  # The plugin is tested in the documentation site, whose Docusaurus also builds the sites of tests/fixtures.
  scripts/docs_site.sh
else
  echo "The tests that need these packages are skipped."
fi

# The client in Go is compiled from modules that Go keeps in its own cache; Go itself is not installed here.
if command -v go >/dev/null; then
  (cd tests/clients/go && go mod download) || echo "The modules of the client in Go could not be downloaded; its test is skipped."
fi
