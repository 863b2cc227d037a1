#!/usr/bin/env bash
# Drives Neovim headless as its user would. Usage: run.sh [SERVER]
# NVIM names the Neovim, which may be a command with arguments.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
server=${1:-vaultmark}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/vault"
cd "$work/vault"
HOME=$work XDG_CONFIG_HOME=$work/config VAULTMARK=$server timeout 120 ${NVIM:-nvim} \
    --headless -u NONE -i NONE -n --cmd "set rtp^=$here" \
    -c "luafile $here/test/drive.lua" < /dev/null
