"""docs/licences.md names what tests/prerequisites installs to build with, what CMake looks for, and what
the programs of the build link."""

import os
import pathlib
import re
import subprocess
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
PAGE = (SOURCE / "docs/licences.md").read_text()
ROWS = [tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in PAGE.splitlines() if line.startswith("|")][2:]
# Needed to build, and in nothing that is built.
TOOLS = {"cmake", "ninja-build", "pkg-config", "python3", "dpkg-dev", "file"}
# What the rows' libraries are called in a program.
SONAMES = {"libldns": "ldns", "libidn2": "libidn2", "liblmdb": "LMDB", "libhiredis": "hiredis",
           "libssl": "OpenSSL", "libcrypto": "OpenSSL", "libmimalloc": "mimalloc", "libabsl_": "abseil",
           "libstdc++": "GCC's C++ runtime", "libgcc_s": "GCC's C++ runtime", "libatomic": "GCC's C++ runtime",
           "libc": "GNU C library", "libm": "GNU C library", "ld-linux": "GNU C library"}
PROGRAMS = ("core/cli/helovet", "opensmtpd-filter/filter-helovet", "exim-dlfunc/helovet.so")


class Licences(unittest.TestCase):
    def test_every_row_is_whole(self):
        self.assertGreater(len(ROWS), 10)
        for row in ROWS:
            self.assertEqual([len(row), "" in row], [4, False], row)

    def test_what_is_installed_to_build_with(self):
        text = (SOURCE / "tests/prerequisites").read_text()
        packages = set(re.search(r"^BUILD=\(([^)]*)\)", text, re.M)[1].split()) - TOOLS
        self.assertEqual(packages, {row[1] for row in ROWS} - {"(g++)"})

    def test_what_cmake_looks_for(self):
        names = " ".join(row[0] + " " + row[1] for row in ROWS).lower().replace("-", "_")
        aliases = {"tl_expected": "tl_expected", "openssl": "openssl", "nlohmann_json": "nlohmann_json3"}
        found = set()
        for file in ("CMakeLists.txt", "core/CMakeLists.txt", "core/cli/CMakeLists.txt",
                     "opensmtpd-filter/CMakeLists.txt", "exim-dlfunc/CMakeLists.txt"):
            text = (SOURCE / file).read_text()
            found |= set(re.findall(r"pkg_check_modules\((\w+)", text))
            found |= set(re.findall(r"find_package\(([\w-]+)", text)) - {"PkgConfig", "Python3"}
        self.assertGreater(len(found), 7)
        for name in sorted(found):
            word = name.lower().replace("-", "_").replace("absl", "abseil")
            self.assertIn(aliases.get(word, word), names)

    def test_what_programs_link(self):
        rows = {row[0] for row in ROWS}
        for program in PROGRAMS:
            text = subprocess.run(["readelf", "-d", BUILD / program], text=True, capture_output=True,
                                  check=True, timeout=60).stdout
            needed = re.findall(r"NEEDED.*\[([^]]+)\]", text)
            self.assertGreater(len(needed), 2)
            for library in needed:
                name = next((name for name in sorted(SONAMES, key=len, reverse=True)
                             if library.startswith(name)), None)
                self.assertIsNotNone(name, f"{program} links {library}")
                self.assertIn(SONAMES[name], rows)


if __name__ == "__main__":
    unittest.main(verbosity=2)
