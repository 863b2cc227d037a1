#!/usr/bin/env bash
# Tests the extension in the real VS Code, and ends with a line `N passed, N failed`.
#
# VAULTMARK  the server to test; the one in the target folder of cargo unless set
# CACHE      where VS Code is installed; `target/editors` unless set
# SHOTS      where screenshots are put; `shots` beside this folder unless set
# ONLY       find, grammar, host or page: that test alone
set -euo pipefail
cd "$(dirname "$0")/.."
root="$(cd ../.. && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
cache="${CACHE:-$target/editors}"
shots="${SHOTS:-$PWD/shots}"
server="${VAULTMARK:-}"
for built in "$target/release/vaultmark" "$target/debug/vaultmark"; do
    if [ -z "$server" ] && [ -x "$built" ]; then server="$built"; fi
done
if [ -z "$server" ]; then
    (cd "$root" && cargo build --locked)
    server="$target/debug/vaultmark"
fi

bash test/setup.sh "$cache"
cache="$(cd "$cache" && pwd)"
export PATH="$cache/node/node_modules/node/bin:$PATH" CHROMIUM="$(command -v "${CHROMIUM:-chromium}")"
code="$cache/code/node_modules/code-server/lib/vscode"
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --ignore-scripts --no-fund --no-audit
fi
npm run --silent check
npm run --silent bundle
npm run --silent bundle:test

work="$(mktemp -d)"
running=()
stop() {
    for process in "${running[@]}"; do kill "$process" 2> /dev/null || true; done
    for process in "${running[@]}"; do wait "$process" 2> /dev/null || true; done
    running=()
}
trap 'stop; rm -rf "$work"' EXIT

# The vaults: the demo, and a plain one with mistakes.
vaults() {
    mkdir -p "$1"
    cp -r "$root/docs/demo" "$1/islands"
    cp -r test/garden "$1/garden"
    mkdir -p "$1/garden/.obsidian"
    echo '{"folders": [{"path": "islands"}, {"path": "garden"}]}' > "$1/both.code-workspace"
}

# A server of VS Code with settings of its own, at the port that the system gives.
start_code() {
    local data="$1"
    shift
    mkdir -p "$data/data/Machine" "$data/data/User"
    "$cache/node/node_modules/node/bin/node" "$code/out/server-main.js" --host 127.0.0.1 --port 0 \
        --without-connection-token --accept-server-license-terms --telemetry-level off \
        --disable-workspace-trust --server-data-dir "$data" "$@" > "$data/output" 2>&1 &
    running+=($!)
    for _ in $(seq 600); do
        port="$(sed -n 's/.*Extension host agent listening on \([0-9]*\).*/\1/p' "$data/output")"
        if [ -n "$port" ]; then return; fi
        sleep 0.1
    done
    cat "$data/output"
    return 1
}

mkdir -p "$shots"
results=()
wanted() { [ -z "${ONLY:-}" ] || [ "$ONLY" = "$1" ]; }

if wanted find; then
    results+=("$work/find.json")
    node out/find.js "$work/find.json" || true
fi

if wanted grammar; then
    results+=("$work/grammar.json")
    node out/grammar.js "$code" "$work/grammar.json" || true
fi

if wanted host; then
    vaults "$work/host"
    results+=("$work/host.json")
    mkdir -p "$work/host-data/data/Machine"
    cat > "$work/host-data/data/Machine/settings.json" << J
{ "vaultmark.server.path": "$server", "git.enabled": false, "chat.disableAIFeatures": true }
J
    # Only so the page is told which extension and which tests to load.
    HOST_RESULTS="$work/host.json" start_code "$work/host-data" --enable-smoke-test-driver
    node out/start.js "http://127.0.0.1:$port" "$work/host/both.code-workspace" "$PWD" "$PWD/out/host.js" \
        "$work/host.json" "$shots" || tail -20 "$work/host-data/output"
    stop
fi

if wanted page; then
    vaults "$work/page"
    results+=("$work/page.json")
    # The server of this one comes with the extension.
    node scripts/package.mjs --target linux-x64 --server "$server" --out "$work" > "$work/packing" ||
        { cat "$work/packing"; exit 1; }
    mkdir -p "$work/page-data/data/Machine" "$work/page-data/data/User"
    cat > "$work/page-data/data/User/settings.json" << 'J'
{ "git.enabled": false, "chat.disableAIFeatures": true, "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false, "workbench.startupEditor": "none", "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden", "workbench.enableExperiments": false,
  "window.commandCenter": false, "editor.minimap.enabled": false }
J
    cp "$work/page-data/data/User/settings.json" "$work/page-data/data/Machine/settings.json"
    node "$code/out/server-main.js" --server-data-dir "$work/page-data" --accept-server-license-terms \
        --telemetry-level off --install-extension "$work"/vaultmark-linux-x64-*.vsix
    start_code "$work/page-data"
    node out/page.js "http://127.0.0.1:$port" "$work/page/islands" "$shots" "$work/page.json" || true
    stop
fi

node out/count.js "${results[@]}"
