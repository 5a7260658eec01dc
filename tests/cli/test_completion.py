"""helovet completion: the scripts in real shells, which complete what the command accepts.

HELOVET names the program. zsh is the one that tests/prerequisites unpacks.
"""

import os
import pathlib
import pty
import re
import select
import shlex
import subprocess
import time
import unittest

from command import HELOVET, WithFiles

SERVERS = pathlib.Path(os.environ.get(
    "HELOVET_SERVERS", pathlib.Path(__file__).resolve().parents[2] / "build/servers"))
ZSH = SERVERS / "zsh/bin/zsh"
ZSH_FUNCTIONS = SERVERS / "zsh-common/usr/share/zsh/functions"
ZSH_MODULES = next(SERVERS.glob("zsh/usr/lib/*/zsh/*"), None)


def run(*command, **options):
    return subprocess.run(
        command, capture_output=True, timeout=60, check=False, text=True, **options)


def script(shell):
    result = run(HELOVET, "completion", shell)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def options_in_help(*words):
    lines = run(HELOVET, *words, "--help").stdout.splitlines()
    return sorted(name for line in lines if line.startswith("  -")
                  for name in line.split()[0].split(","))


def subcommands_in_help(*words):
    shown = run(HELOVET, *words, "--help").stdout
    if "SUBCOMMAND" not in shown.splitlines()[1]:
        return []
    shown = shown.split("Examples:")[0].split("Example:")[0]
    return re.findall(r"^  ([a-z]+) ", shown[shown.index("--help"):], re.MULTILINE)


class WithDirectory(WithFiles):
    def setUp(self):
        super().setUp()
        (self.directory / "one.toml").touch()
        (self.directory / "two words.toml").touch()
        (self.directory / "zones").mkdir()


class Bash(WithDirectory):
    SCRIPT = script("bash")

    def complete(self, *words):
        """What bash offers for the last of `words`, which bash has split itself."""
        setup = (f"{self.SCRIPT}\nset -u\nCOMP_WORDS=({' '.join(map(shlex.quote, words))})\n"
                 f"COMP_CWORD={len(words) - 1}\n_helovet\n"
                 '((${#COMPREPLY[@]} == 0)) || printf "%s\\n" "${COMPREPLY[@]}"')
        result = run("bash", "--norc", "-c", setup, cwd=self.directory)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result)
        return sorted(result.stdout.splitlines())

    def test_is_registered(self):
        result = run("bash", "--norc", "-c", f"{self.SCRIPT}\ncomplete -p helovet")
        self.assertEqual(result.stdout, "complete -F _helovet helovet\n")

    def test_offers_what_the_help_has(self):
        """Nothing is missing: of every command all subcommands and options."""
        commands = [[]]
        for words in commands:
            subcommands = subcommands_in_help(*words)
            # The help of "help check" is that of check.
            commands += [[*words, name] for name in subcommands if name != "help"]
            with self.subTest(words=words):
                if subcommands:
                    self.assertEqual(self.complete("helovet", *words, ""), sorted(subcommands))
                self.assertEqual(self.complete("helovet", *words, "-"), options_in_help(*words))
        self.assertGreater(len(commands), 14)

    def test_cases(self):
        files = ["one.toml", "two words.toml", "zones"]
        for words, wanted in (
                (["ch"], ["check"]),
                (["cache", "l"], ["list"]),
                (["check", "--js"], ["--json"]),
                (["check", "--config", ""], files),
                (["check", "--config", "o"], ["one.toml"]),
                (["check", "--config", "=", "tw"], ["two words.toml"]),
                (["check", "--config", "="], files),
                (["config", "check", ""], files),
                (["config", "check", "--json", "t"], ["two words.toml"]),
                (["check", "--helo", ""], []),
                (["callback", ""], []),
                (["completion", ""], ["bash", "zsh"]),
                (["help", "ex"], ["explain"]),
                # The value of an option is no subcommand, and a value behind "=" is passed over.
                (["stats", "--month", "list", "--pro"], ["--prometheus"]),
                (["check", "--config", "=", "explain", "--auth"], ["--authenticated"]),
                (["nothing", "--"], ["--help", "--version"]),
        ):
            with self.subTest(words=words):
                self.assertEqual(self.complete("helovet", *words), wanted)

    def test_profiles(self):
        self.assertEqual(self.complete("helovet", "check", "--profile", ""),
                         ["custom", "observe", "standard", "strict"])
        self.assertEqual(self.complete("helovet", "check", "--profile", "=", "st"),
                         ["standard", "strict"])


@unittest.skipUnless(ZSH.exists() and ZSH_MODULES, "no zsh: run tests/prerequisites servers")
class Zsh(WithDirectory):
    def setUp(self):
        super().setUp()
        # Where compinit finds it, as a distribution has it.
        self.functions = self.directory / "functions"
        self.functions.mkdir()
        (self.functions / "_helovet").write_text(script("zsh"))
        self.prologue = (
            f"module_path=({ZSH_MODULES})\n"
            f"fpath=({self.functions} {ZSH_FUNCTIONS} {ZSH_FUNCTIONS}/**/*(/))\n"
            "autoload -Uz compinit && compinit -u -D\n")

    def test_syntax(self):
        result = run(ZSH, "-f", "-n", self.functions / "_helovet")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))

    def test_compinit_finds_it(self):
        result = run(ZSH, "-f", "-c", self.prologue + "print $_comps[helovet]")
        self.assertEqual((result.stdout, result.stderr), ("_helovet\n", ""))

    def test_can_be_sourced(self):
        result = run(ZSH, "-f", "-c", self.prologue + f"compdef -d helovet\n"
                     f"source {self.functions}/_helovet\nprint $_comps[helovet]")
        self.assertEqual((result.stdout, result.stderr), ("_helovet\n", ""))

    def test_completes(self):
        """At a terminal, as it is used: what one Tab makes of a line that has one completion."""
        (self.directory / ".zshrc").write_text(
            self.prologue + "PS1='> '\nunsetopt zle_bracketed_paste beep\n"
            "zle -N show-line && show-line() { print -r -- \"<<$BUFFER>>\" >line; zle kill-buffer }\n"
            "bindkey '^X' show-line\nprint ready >line\n")
        for line, wanted in (("helovet expl", "helovet explain "),
                             ("helovet cache fl", "helovet cache flush "),
                             ("helovet check --auth", "helovet check --authenticated "),
                             ("helovet stats --month 2026-11 --prom",
                              "helovet stats --month 2026-11 --prometheus "),
                             ("helovet config check on", "helovet config check one.toml "),
                             ("helovet check --config=on", "helovet check --config=one.toml "),
                             ("helovet check --profile obs", "helovet check --profile observe ")):
            with self.subTest(line=line):
                self.assertEqual(self.completed(line), wanted)

    def completed(self, line):
        shown = self.directory / "line"
        shown.unlink(missing_ok=True)
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.directory)
            os.execve(ZSH, ["zsh", "-i"], {"ZDOTDIR": str(self.directory), "TERM": "dumb",
                                           "HOME": str(self.directory), "PATH": os.environ["PATH"]})
        try:
            self.read_until(terminal, lambda: shown.exists() and shown.read_text() == "ready\n")
            os.write(terminal, line.encode() + b"\t\x18")
            self.read_until(terminal, lambda: shown.read_text().endswith(">>\n"))
            return shown.read_text().strip()[2:-2]
        finally:
            os.close(terminal)
            os.waitpid(process, 0)

    def read_until(self, terminal, is_done):
        seen = b""
        end = time.monotonic() + 30
        while not is_done():
            self.assertLess(time.monotonic(), end, seen)
            if select.select([terminal], [], [], 0.05)[0]:
                seen += os.read(terminal, 4096)


if __name__ == "__main__":
    unittest.main()
