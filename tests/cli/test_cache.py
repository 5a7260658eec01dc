"""helovet cache, run as a user would, on an embedded store of its own.

HELOVET names the program.
"""

import json
import os
import pathlib
import tempfile
import unittest

from command import Case, helovet


class Cache(Case):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.settings = f'store.directory = "{self.directory}"\n'

    def cache(self, *arguments):
        config = self.directory / "helovet.toml"
        config.write_text(self.settings)
        return helovet("cache", *arguments, "--config", str(config))

    def assert_prints(self, result, text):
        self.assert_answered(result)
        self.assertEqual(result.stdout.decode(), text)

    def test_a_new_store_remembers_nothing(self):
        self.assert_prints(self.cache("list"), "")
        self.assert_prints(self.cache("list", "--prefix", "cbv", "--json"), "[]\n")
        self.assert_prints(self.cache("show", "a\nkey"), "a\\x0akey: not remembered\n")
        self.assert_prints(self.cache("show", "key", "--json"), "[]\n")
        self.assert_prints(self.cache("flush", "--all"), "0 forgotten\n")
        result = self.cache("flush", "--prefix", "cbv", "--json")
        self.assert_answered(result)
        self.assertEqual(json.loads(result.stdout), {"forgotten": 0})

    def test_forgets_nothing_that_was_not_named(self):
        for arguments in ((), ("--prefix=",)):
            with self.subTest(arguments=arguments):
                self.assert_refused(self.cache("flush", *arguments), "--all")
        self.assert_refused(self.cache("flush", "--all", "--prefix", "x"), "--all")

    def test_refuses_what_it_does_not_know(self):
        self.assert_refused(self.cache("empty"), "empty")
        self.assert_refused(helovet("cache"), "subcommand")
        self.assert_refused(self.cache("show"), "key")
        self.assert_refused(self.cache("show", "k" * 481), "a key of more than 480 octets")

    def test_says_why_the_store_cannot_be_used(self):
        self.settings = 'store.kind = "none"\n'
        self.assert_refused(self.cache("list"), "store.kind is \"none\"")
        self.settings = 'store.directory = "/missing"\n'
        self.assert_refused(self.cache("list"), "store: /missing: No such file or directory")
        self.settings = f'store.directory = "{self.directory}"\n'
        os.chmod(self.directory, 0o777)
        self.assert_refused(self.cache("list"), "everybody can write there")


if __name__ == "__main__":
    unittest.main()
