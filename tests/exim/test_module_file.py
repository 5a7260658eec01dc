"""The module as a file: what it exports and what it needs at run time.

usage: test_module_file.py MODULE [unittest options]
"""

import pathlib
import re
import subprocess
import sys
import unittest

MODULE = pathlib.Path()

EXPORTED = {"helovet", "helovet_csa", "helovet_preload", "helovet_remove_forged"}
# Looked up in Exim where it is there; everything else must come from the libraries below.
FROM_EXIM = {"log_write", "debug_printf", "debug_selector", "string_copy_taint_function",
             "header_list"}
# What the C library consists of, libidn2, libssl and libcrypto, which Exim itself has loaded, and
# those of the store. Loading anything more costs each session of Exim time, so that neither abseil
# nor libstdc++ nor ldns may come back by accident.
ALLOWED = re.compile(r"lib[cm]\.so\.\d+|lib(idn2|ssl|crypto|lmdb)\.so\.\d+|libhiredis\.so\.[\d.]+"
                     r"|ld-linux-[a-z0-9_-]+\.so\.\d+")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class ModuleFile(unittest.TestCase):
    def test_exports_its_functions_alone(self):
        lines = output("nm", "--dynamic", "--defined-only", MODULE).splitlines()
        self.assertEqual({line.split()[-1] for line in lines}, EXPORTED)

    def test_asks_exim_for_nothing_that_it_must_have(self):
        lines = output("nm", "--dynamic", "--undefined-only", MODULE).splitlines()
        weak = {line.split()[-1] for line in lines if line.split()[0] in "wv"}
        strong = {line.split()[-1].split("@")[0] for line in lines} - weak
        self.assertLessEqual(FROM_EXIM, weak)
        self.assertFalse(FROM_EXIM & strong)

    def test_needs_little_beside_what_exim_has_loaded(self):
        needed = re.findall(r"\(NEEDED\).*\[(.+)\]", output("readelf", "--dynamic", MODULE))
        self.assertIn("libc.so.6", needed)
        self.assertEqual([name for name in needed if not ALLOWED.fullmatch(name)], [])

    def test_is_bound_when_it_is_loaded(self):
        dynamic = output("readelf", "--dynamic", MODULE)
        self.assertRegex(dynamic, r"FLAGS.*\bNOW\b")
        self.assertNotIn("TEXTREL", dynamic)
        self.assertNotRegex(dynamic, r"R(UN)?PATH")


if __name__ == "__main__":
    MODULE = pathlib.Path(sys.argv.pop(1))
    unittest.main()
