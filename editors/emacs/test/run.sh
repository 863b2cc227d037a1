#!/usr/bin/env bash
# Drives Emacs in batch mode as its user would.
# Usage: run.sh [SERVER] [eglot|lsp-mode]
# EMACS names the Emacs, which may be a command with arguments.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
server=$(command -v "${1:-vaultmark}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/vault"
cd "$work/vault"
HOME=$work VAULTMARK=$server timeout 120 ${EMACS:-emacs} --batch -L "$here" -L "$here/test" \
    -l "$here/test/drive-${2:-eglot}.el" 2>&1 < /dev/null
