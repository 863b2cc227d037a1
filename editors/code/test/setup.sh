#!/usr/bin/env bash
# Installs into DIR what the tests need beside `npm ci`: Node 24 and VS Code as it is built into
# the package code-server. Nothing is compiled. What is there already is left as it is.
# usage: setup.sh DIR
set -euo pipefail
node=24 code=4.139.1
mkdir -p "$1/node" "$1/code"
cache="$(cd "$1" && pwd)"
export npm_config_loglevel=error npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false
done_mark="$cache/done-$node-$code"
if [ ! -e "$done_mark" ]; then
    (cd "$cache/node" && npm init -y > /dev/null && npm install --ignore-scripts=false "node@$node")
    PATH="$cache/node/node_modules/node/bin:$PATH"
    # Without scripts: its native modules would be compiled, and only its log files need one of them.
    (cd "$cache/code" && npm init -y > /dev/null && npm install --ignore-scripts "code-server@$code")
    (cd "$cache/code/node_modules/code-server/lib/vscode" && npm install --omit=dev --ignore-scripts)
    touch "$done_mark"
fi
if ! command -v "${CHROMIUM:-chromium}" > /dev/null; then
    apt-get update && apt-get install -y --no-install-recommends chromium fonts-dejavu-core
fi
