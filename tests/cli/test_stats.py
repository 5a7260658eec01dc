"""helovet stats, run as a user would, on an embedded store of its own.

HELOVET names the program.
"""

import datetime
import json
import pathlib
import tempfile
import unittest

from command import Case, helovet


class Stats(Case):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        (self.directory / "store").mkdir(mode=0o750)

    def config(self, text):
        path = self.directory / "helovet.toml"
        path.write_text(text)
        return str(path)

    def with_store(self, *arguments):
        config = self.config(f'store.directory = "{self.directory}/store"\n')
        return helovet("stats", "--config", config, *arguments)

    def test_begins_with_the_table_of_callbacks(self):
        result = self.with_store("--month", "2003-12")
        self.assert_answered(result)
        self.assertTrue(result.stdout.decode().startswith(
            "Statistics: December, 2003 day 1 to 31\n\n"
            "wcsap calls        :       0\n"
            "skips              :       0\n"), result.stdout)

    def test_takes_the_present_month_unless_told(self):
        before = datetime.datetime.now(datetime.timezone.utc)
        result = self.with_store("--json")
        after = datetime.datetime.now(datetime.timezone.utc)
        self.assert_answered(result)
        statistics = json.loads(result.stdout)
        self.assertIn(statistics["month"], (f"{before:%Y-%m}", f"{after:%Y-%m}"))
        self.assertEqual(statistics["counters"]["cbv.calls"], 0)

    def test_writes_prometheus_format(self):
        result = self.with_store("--month", "2026-11", "--prometheus")
        self.assert_answered(result)
        self.assertIn(b'\nhelovet_statistics_sessions_total{month="2026-11"} 0\n', result.stdout)

    def test_refuses_what_is_no_month(self):
        for month in ("", "2026", "2026-13", "11-2026", "\u00e4"):
            with self.subTest(month=month):
                self.assert_refused(self.with_store("--month=" + month), "--month: ")

    def test_refuses_two_formats(self):
        self.assert_refused(self.with_store("--json", "--prometheus"), "--json")

    def test_tells_that_the_store_cannot_be_used(self):
        for name, text, why in (
                ("none", 'store.kind = "none"\n', "store"),
                ("missing", f'store.directory = "{self.directory}/missing"\n', "missing"),
                ("nobody listens",
                 f'store.kind = "redis"\nredis.server = "{self.directory}/no.sock"\n', "no.sock")):
            with self.subTest(name):
                self.assert_refused(helovet("stats", "--config", self.config(text)), why)


if __name__ == "__main__":
    unittest.main()
