#!/usr/bin/env python3
"""Drives a real Helix in a terminal, as its user would. Needs tmux.

Usage: drive.py [SERVER]. HX names Helix, which may be a command with arguments.
Each step asserts what is in the files, or on the screen, afterwards.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 20


class Terminal:
    """A program in a tmux server of its own."""

    def __init__(self, command, home, folder):
        self.socket = str(home / "tmux")
        env = dict(os.environ, HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"))
        env.update(LC_ALL="C.UTF-8", TERM="xterm-256color", XDG_CACHE_HOME=str(home / ".cache"))
        size = ["-x", "120", "-y", "36"]
        self.tmux("new-session", "-d", *size, "-s", "s", *command, env=env, cwd=folder)
        self.tmux("set", "-g", "escape-time", "0")

    def tmux(self, *arguments, **options):
        command = ["tmux", "-u", "-f", "/dev/null", "-S", self.socket, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout

    def keys(self, *names):
        for name in names:
            self.tmux("send-keys", "-t", "s", name)
            time.sleep(0.05)

    def type(self, text):
        self.tmux("send-keys", "-t", "s", "-l", text)
        time.sleep(0.05)

    def command(self, text):
        self.keys("Escape")
        self.type(":" + text)
        self.keys("Enter")

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "s")

    def sees(self, pattern):
        wait(lambda: re.search(pattern, self.screen()), lambda: f"{pattern!r} on\n{self.screen()}")


def wait(condition, what):
    end = time.time() + PATIENCE
    while time.time() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain for " + what())


def main():
    server = shutil.which(sys.argv[1] if len(sys.argv) > 1 else "vaultmark")
    home = pathlib.Path(tempfile.mkdtemp(prefix="helix."))
    vault = home / "vault"
    notes = {
        "_Standards/a/Home.md": "# Home\n\n[[Old|Old]]\n\n[[Missing]]\n\n",
        "_Standards/a/Old.md": "# Old\n\nThe old note.\n",
        "_public/a/Old.public.md": "![Old](/_Standards/a/Old.md)\n",
    }
    for path, text in notes.items():
        (vault / path).parent.mkdir(parents=True, exist_ok=True)
        (vault / path).write_text(text)
    config = home / ".config/helix"
    config.mkdir(parents=True)
    languages = (HERE.parent / "languages.toml").read_text()
    languages = languages.replace('"vaultmark"\nargs', f'"{server}"\nargs')
    (config / "languages.toml").write_text(languages)
    (config / "config.toml").write_text('[editor]\ncompletion-timeout = 5\n')
    note = vault / "_Standards/a/Home.md"
    helix = os.environ.get("HX", "hx").split()
    terminal = Terminal([*helix, "-w", str(vault), str(note)], home, vault)
    read = lambda path: (vault / path).read_text()
    there = lambda path: (vault / path).exists()

    def diagnostics():
        terminal.sees("Home")
        terminal.type("4j")
        terminal.sees("There is no note")

    def completion():
        terminal.keys("g", "e", "A")
        terminal.type("[[Ol")
        terminal.sees(r"Old\s")
        terminal.keys("Tab", "Enter", "Escape")
        terminal.command("w")
        wait(lambda: "\n[[Old]]" in note.read_text(), note.read_text)

    def hover():
        terminal.keys("Escape", "g", "g")
        terminal.type("2j3l")
        terminal.keys("Space", "k")
        terminal.sees("The old note")
        terminal.keys("Escape")

    def definition():
        terminal.keys("Escape", "g", "d")
        terminal.sees(r"NOR.*Old\.md")
        terminal.keys("C-o")
        terminal.sees(r"NOR.*Home\.md")

    def rename():
        terminal.keys("Escape", "g", "g")
        terminal.type("2j3l")
        terminal.keys("Space", "r")
        terminal.sees(r"rename-to:\s*Old")
        terminal.keys("C-u")
        terminal.type("New")
        terminal.keys("Enter")
        wait(lambda: there("_public/a/New.public.md"), lambda: "the copy\n" + terminal.screen())
        terminal.command("wa")
        wait(lambda: "[[New|New]]" in note.read_text(), note.read_text)
        wait(lambda: "/New.md" in read("_public/a/New.public.md"), terminal.screen)
        assert there("_Standards/a/New.md") and not there("_Standards/a/Old.md")

    def move():
        terminal.command(f"o {vault}/_Standards/a/New.md")
        terminal.sees(r"NOR.*New\.md")
        terminal.command(f"move {vault}/_Standards/a/Newest.md")
        wait(lambda: there("_public/a/Newest.public.md"), lambda: "the copy\n" + terminal.screen())
        terminal.command("wa")
        wait(lambda: "[[Newest|Newest]]" in note.read_text(), note.read_text)

    def action():
        terminal.command(f"o {note}")
        terminal.keys("Escape", "g", "g")
        terminal.type("4j3l")
        terminal.keys("Space", "a")
        terminal.sees("Create")
        terminal.keys("Enter")
        wait(lambda: any(vault.rglob("Missing.md")), terminal.screen)

    passed = failed = 0
    for step in [diagnostics, completion, hover, definition, rename, move, action]:
        try:
            step()
            passed += 1
            print("ok  ", step.__name__)
        except (AssertionError, subprocess.CalledProcessError) as problem:
            failed += 1
            print("FAIL", step.__name__, problem)
    terminal.command("qa!")
    subprocess.run(["tmux", "-S", terminal.socket, "kill-server"], check=False, capture_output=True)
    shutil.rmtree(home)
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
