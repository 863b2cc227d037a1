#!/usr/bin/env bash
# Two clients that others wrote hold sessions with the server, and check every
# message: they catch different faults. Usage: run.sh SERVER. Needs Python with venv,
# and Node; what they need is installed below `target`, or in the folder TOOLS.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
server=$(realpath "${1:?usage: run.sh SERVER}")
tools="${TOOLS:-$here/../../target/ci-tools/sessions}"
mkdir -p "$tools"
if ! cmp -s "$here/requirements.txt" "$tools/requirements.txt"; then
    if ! python3 -c 'import ensurepip' 2> /dev/null; then
        apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-venv > /dev/null
    fi
    rm -rf "$tools/python"
    python3 -m venv "$tools/python"
    "$tools/python/bin/pip" install -q -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$tools"
fi
if ! cmp -s "$here/package-lock.json" "$tools/package-lock.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$tools"
    (cd "$tools" && npm ci --silent --ignore-scripts --no-audit --no-fund)
fi
# Packages are looked for beside the files that want them.
cp "$here"/*.mjs "$tools"
failed=0
node "$tools/session.mjs" "$server" || failed=1
SERVER=$server "$tools/python/bin/pytest" -q -p no:cacheprovider -c /dev/null \
    -o asyncio_default_fixture_loop_scope=function \
    -W error::pytest_lsp.LspSpecificationWarning "$here/test_session.py" || failed=1
exit $failed
