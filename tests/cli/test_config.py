"""helovet config: what is wrong with a file of settings, and what it comes to on this host.

HELOVET names the program. No test needs a network.
"""

import json
import subprocess
import tomllib
import unittest

import command
from command import HELOVET, WithFiles


def helovet(*arguments, **options):
    return command.helovet(*arguments, text=True, **options)


class Check(WithFiles):
    def test_fine(self):
        config = self.write("helovet.toml", 'profile = "strict"\n[dns]\nservers = ["192.0.2.53"]\n')
        result = helovet("config", "check", config)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        lines = result.stdout.splitlines()
        self.assertEqual(lines[0], f"{config}: fine, 2 settings")
        self.assertTrue(all(line.startswith("note: ") for line in lines[1:]), lines)
        self.assertNotIn("dns.servers", result.stdout)

    def test_notes_say_what_the_host_adds(self):
        config = self.write("helovet.toml", "")
        result = helovet("config", "check", config)
        self.assertEqual(result.returncode, 0, result)
        self.assertIn(f"{config}: fine, 0 settings\n", result.stdout)
        self.assertIn("note: dns.servers: /etc/resolv.conf ", result.stdout)
        self.assertIn('note: authserv_id: results are given as "', result.stdout)
        named = helovet("config", "check", config, "--server-name", "mx.example.net")
        self.assertNotIn("authserv_id", named.stdout)

    def test_tells_all_mistakes(self):
        config = self.write("helovet.toml", 'profil = "x"\n[senders]\nchecks = ["SPF"]\n'
                                            '[redis]\npassword = "hunter2"\n')
        result = helovet("config", "check", config)
        self.assertEqual((result.returncode, result.stderr), (2, ""))
        self.assertEqual(result.stdout.splitlines(), [
            f'{config}:1:1: unknown setting "profil"; did you mean profile?',
            f'{config}:3:11: senders.checks: "SPF" is not "dmp", "drip", "rmx", "spf" or "cbv"; '
            "did you mean spf?",
            f'{config}:5:1: unknown setting "redis.password"; did you mean redis.password_file?'])

    def test_tells_what_shows_at_start(self):
        deny = self.write("deny", "192.0.2.1\n\nno entry\n")
        config = self.write("helovet.toml", f'lists.deny = ["{deny}"]\n')
        result = helovet("config", "check", config)
        self.assertEqual(result.returncode, 2, result)
        self.assertIn(f"{deny}:3", result.stdout)

    def test_json(self):
        config = self.write("helovet.toml", "colour = 1\n")
        result = helovet("config", "check", "--json", config)
        self.assertEqual(result.returncode, 2)
        self.assertEqual(json.loads(result.stdout), {
            "file": config, "fine": False, "settings": 0, "notes": [],
            "mistakes": [{"file": config, "line": 1, "column": 1,
                          "message": 'unknown setting "colour"'}]})
        fine = helovet("config", "check", "--json", self.write("fine.toml", "header = true\n"))
        self.assertEqual(fine.returncode, 0)
        got = json.loads(fine.stdout)
        self.assertEqual((got["fine"], got["settings"], got["mistakes"]), (True, 1, []))

    def test_missing_file(self):
        missing = str(self.directory / "missing.toml")
        result = helovet("config", "check", missing)
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, f"{missing}: cannot be read: No such file or directory\n")

    def test_cannot_write(self):
        with open("/dev/full", "wb") as full:
            for text in ("", "a = 1\n"):
                result = subprocess.run(
                    [HELOVET, "config", "check", self.write("f.toml", text)], stdout=full,
                    stderr=subprocess.PIPE, timeout=30, check=False)
                self.assertEqual(result.returncode, 1, result)


class Show(WithFiles):
    TEXT = 'profile = "strict"\ndeadline = "1s"\n\n[dns]\nservers = ["192.0.2.53"]\n'

    def test_shows_values_and_origins(self):
        config = self.write("helovet.toml", self.TEXT)
        result = helovet("config", "show", "--config", config, "--server-name", "mx.example.net")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        lines = result.stdout.splitlines()
        for line in (f'profile = "strict"  # {config}:1', "header = true  # default",
                     'authserv_id = "mx.example.net"  # this host, its name',
                     '#low = "reject"  # default; has no effect without the profile "custom"',
                     'query_timeout = "1s"  # default, shortened to the deadline',
                     f'servers = ["192.0.2.53:53"]  # {config}:5'):
            self.assertIn(line, lines)
        shown = tomllib.loads(result.stdout)
        self.assertEqual((shown["profile"], shown["dns"]["servers"]),
                         ("strict", ["192.0.2.53:53"]))

    def test_comes_back(self):
        config = self.write("helovet.toml", self.TEXT)
        shown = helovet("config", "show", "--config", config).stdout
        again = self.write("again.toml", shown)
        check = helovet("config", "check", again)
        self.assertEqual(check.returncode, 0, check)

        def values(path):
            settings = json.loads(helovet("config", "show", "--json", "--config", path).stdout)
            return {each["key"]: each["value"] for each in settings["settings"]}
        self.assertEqual(values(again), values(config))

    def test_changed(self):
        config = self.write("helovet.toml", self.TEXT)
        result = helovet("config", "show", "--changed", "--config", config)
        self.assertEqual(result.stdout, (
            f'profile = "strict"  # {config}:1\ndeadline = "1s"  # {config}:2\n\n'
            f'[dns]\nservers = ["192.0.2.53:53"]  # {config}:5\n'))

    def test_json(self):
        config = self.write("helovet.toml", self.TEXT)
        result = helovet("config", "show", "--changed", "--json", "--config", config)
        self.assertEqual(json.loads(result.stdout), {"file": config, "settings": [
            {"key": key, "value": value, "toml": toml, "origin": "file", "line": line,
             "remark": "", "obstacle": ""}
            for key, value, toml, line in (
                ("profile", "strict", '"strict"', 1), ("deadline", "1s", '"1s"', 2),
                ("dns.servers", ["192.0.2.53:53"], '["192.0.2.53:53"]', 5))]})

    def test_names_the_file_of_a_password_alone(self):
        password = self.write("password", "hunter2\n")
        config = self.write("helovet.toml", '[store]\nkind = "redis"\n[redis]\n'
                                            f'password_file = "{password}"\n')
        for arguments in ([], ["--json"], ["--changed"]):
            shown = helovet("config", "show", "--config", config, *arguments).stdout
            self.assertIn(password, shown)
            self.assertNotIn("hunter2", shown)

    def test_wrong_settings(self):
        config = self.write("helovet.toml", "colour = 1\n")
        result = helovet("config", "show", "--config", config)
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertEqual(result.stderr, f'helovet: {config}:1:1: unknown setting "colour"\n')


class Words(unittest.TestCase):
    """What is said of a wrong command line."""

    def test_did_you_mean(self):
        for arguments, message in (
                (["chek"], 'unexpected "chek"; did you mean check? See helovet help'),
                (["Explain"], 'unexpected "Explain"; did you mean explain? See helovet help'),
                (["cache", "lits"], 'unexpected "lits"; did you mean list? See helovet help cache'),
                (["check", "--ipp", "192.0.2.1"],
                 'unexpected "--ipp"; did you mean --ip? See helovet help check'),
                (["check", "--jsn=1"],
                 'unexpected "--jsn=1"; did you mean --json? See helovet help check'),
                (["frobnicate"], 'unexpected "frobnicate"; see helovet help'),
                (["cache"], "cache needs a subcommand: list, show, flush; see helovet help cache"),
                (["config"], "config needs a subcommand: check, show; see helovet help config")):
            with self.subTest(arguments=arguments):
                result = helovet(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertEqual(result.stderr, f"helovet: {message}\n")

    def test_overview(self):
        result = helovet()
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        for line in ("For postmasters:  check, explain, callback, stats, cache, config",
                     "For accreditors:  accredit"):
            self.assertIn(line, result.stderr.splitlines())

    def test_help(self):
        for words in (["check"], ["cache", "list"], []):
            with self.subTest(words=words):
                wanted = helovet(*words, "--help")
                self.assertEqual(wanted.returncode, 0)
                got = helovet("help", *words)
                self.assertEqual((got.returncode, got.stdout), (0, wanted.stdout))
        self.assertIn("did you mean check?", helovet("help", "chek").stderr)

    def test_groups_and_examples(self):
        shown = helovet("--help").stdout
        positions = [shown.index(group) for group in
                     ("For postmasters:", "For senders:", "For accreditors:", "Examples:")]
        self.assertEqual(positions, sorted(positions))
        examples = [line.split() for line in shown[positions[-1]:].splitlines()[1:] if line]
        commands = [line.split()[0] for line in shown[positions[0]:positions[-1]].splitlines()
                    if line.startswith("  ")]
        self.assertEqual({example[1] for example in examples} | {"help"}, set(commands))
        for example in examples:
            with self.subTest(example=example):
                self.assertEqual(example[0], "helovet")
                options = helovet(example[1], "--help").stdout
                for word in example[2:]:
                    if word.startswith("--"):
                        self.assertIn(word, options)


if __name__ == "__main__":
    unittest.main()
