#!/usr/bin/env bash
# Builds the page dist/graph.html, which `vaultmark graph --html` fills with data.
# With --check: says whether the committed page is what its source gives.
set -euo pipefail
cd "$(dirname "$0")"
[ -d node_modules/esbuild ] || npm ci --ignore-scripts --no-audit --no-fund
npx tsc
node build.mjs "$@"
