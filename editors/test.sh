#!/usr/bin/env bash
# Drives real editors against the server: Neovim, Helix and Emacs, of Debian's
# stable release whatever this machine is, this machine's own Neovim, and VS Code.
# Usage: test.sh SERVER. Needs root on a Debian machine, for it installs what it
# needs; the system with the editors is kept below the folder `target`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
server=$(realpath "${1:?usage: test.sh SERVER}")
system="$here/../target/ci-tools/trixie"
packages=neovim,hx,emacs-nox,elpa-markdown-mode,elpa-lsp-mode,procps

say() { printf '\n-- %s\n' "$*"; }

if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "the editors can only be installed as root on a Debian machine" >&2
    exit 1
fi
wanted=()
for pair in debootstrap:debootstrap bwrap:bubblewrap tmux:tmux nvim:neovim python3:python3-minimal npm:npm; do
    command -v "${pair%%:*}" > /dev/null || wanted+=("${pair##*:}")
done
if [ ${#wanted[@]} -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${wanted[@]}" > /dev/null
fi
# Made anew when it is to hold something else.
if [ "$(cat "$system/packages" 2> /dev/null)" != "$packages" ]; then
    mirror=$(apt-cache policy | grep -oE 'https?://[^ ]+' | grep -v security | head -1)
    rm -rf "$system"
    mkdir -p "$system"
    debootstrap --variant=minbase --include="$packages" trixie "$system" "$mirror" sid > "$system.log" \
        || { tail -20 "$system.log" >&2; exit 1; }
    echo "$packages" > "$system/packages"
fi

# A command of the system with the editors, which sees this machine's files.
inside() {
    local folder
    folder=$(dirname "$server")
    echo "bwrap --bind $system / --dev /dev --proc /proc --bind /tmp /tmp --bind $here $here" \
        "--ro-bind $folder $folder --setenv LC_ALL C.UTF-8 $1"
}

failed=0
drive() {
    say "$1"
    shift
    "$@" || failed=1
}
drive "Neovim of this machine" "$here/neovim/test/run.sh" "$server"
drive "Neovim" env NVIM="$(inside nvim)" "$here/neovim/test/run.sh" "$server"
drive "Emacs with Eglot" env EMACS="$(inside emacs)" "$here/emacs/test/run.sh" "$server"
drive "Emacs with lsp-mode" env EMACS="$(inside emacs)" "$here/emacs/test/run.sh" "$server" lsp-mode
drive "Helix" env HX="$(inside hx)" python3 "$here/helix/test/drive.py" "$server"
drive "VS Code" env VAULTMARK="$server" CACHE="$here/../target/ci-tools/code" "$here/code/test/run.sh"
exit $failed
