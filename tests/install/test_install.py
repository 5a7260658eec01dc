"""What `cmake --install` puts where, and that it can be used from there."""

import collections
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))

EXAMPLE = SOURCE / "docs/example"

ZONE = """$ORIGIN example.com.
$TTL 3600
@ SOA ns hostmaster 1 7200 3600 1209600 300
@ NS ns
ns A 192.0.2.53
mail A 192.0.2.1
_client._smtp.mail SRV 1 2 0 mail
"""

# Where Debian's Exim, OpenSMTPD, man and compilers look.
FILES = {
    "usr/bin/helovet", "usr/lib/exim4/helovet.so", "usr/libexec/opensmtpd/filter-helovet",
    "usr/share/helovet/exim/helovet-main.conf", "usr/share/helovet/exim/helovet-helo.acl",
    "usr/share/helovet/exim/helovet-refuse.acl", "usr/share/helovet/exim/helovet-data.acl",
    "etc/helovet/helovet.toml", "usr/include/helovet/engine.h",
    "usr/share/man/man1/helovet.1", "usr/share/man/man5/helovet.toml.5",
    "usr/share/man/man7/helovet-csv.7", "usr/share/man/man7/helovet-exim.7",
    "usr/share/man/man8/filter-helovet.8",
}


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="helovet-install-")
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = pathlib.Path(scratch.name)
        cls.root = cls.scratch / "root"
        cls.install()
        cls.zone = cls.scratch / "example.com.zone"
        cls.zone.write_text(ZONE)

    @classmethod
    def install(cls):
        return run("cmake", "--install", BUILD, env={**os.environ, "DESTDIR": str(cls.root)})

    def libdir(self):
        found = list(self.root.rglob("libhelovet.a"))
        self.assertEqual(len(found), 1, found)
        return found[0].parent

    def test_files_are_where_they_are_looked_for(self):
        files = {str(f.relative_to(self.root)) for f in self.root.rglob("*") if f.is_file()}
        self.assertLessEqual(FILES, files, f"missing: {sorted(FILES - files)}")

    def test_nothing_names_the_build_or_source_directory(self):
        for file in self.root.rglob("*"):
            if file.suffix in {".cmake", ".pc", ".conf", ".acl", ".toml", ".h"}:
                for directory in (SOURCE, BUILD):
                    self.assertNotIn(str(directory), file.read_text(), file)

    def test_public_headers_are_there_and_stand_alone(self):
        names = {file.name for file in (SOURCE / "core/include/helovet").iterdir()}
        installed = sorted((self.root / "usr/include/helovet").iterdir())
        self.assertEqual({file.name for file in installed}, names | {"version.h"})
        for header in installed:
            for name in re.findall(r'^#include "(?!absl/|tl/)(.*)"$', header.read_text(), re.M):
                self.assertTrue((header.parents[1] / name).exists(), f"{header.name}: {name}")
        # Each is a translation unit of its own. Clang comes with clang-tidy, where that is there.
        for compiler in filter(shutil.which, ("g++", "clang++")):
            with self.subTest(compiler):
                run(compiler, "-std=c++20", "-fsyntax-only", "-x", "c++",
                    f"-I{self.root}/usr/include", *installed)

    def test_exim_files_name_the_installed_module(self):
        text = (self.root / "usr/share/helovet/exim/helovet-main.conf").read_text()
        self.assertIn("HELOVET_MODULE = /usr/lib/exim4/helovet.so\n", text)

    def test_an_administrators_configuration_is_kept(self):
        config = self.root / "etc/helovet/helovet.toml"
        shipped = config.read_text()
        self.addCleanup(config.write_text, shipped)
        config.write_text('profile = "standard"\n')
        self.install()
        self.assertEqual(config.read_text(), 'profile = "standard"\n')

    def test_shipped_configuration_is_valid(self):
        output = run(self.root / "usr/bin/helovet", "check", "--ip", "192.0.2.1", "--helo",
                     "mail.example.com", "--zone", self.zone,
                     "--config", self.root / "etc/helovet/helovet.toml")
        self.assertIn("authorized", output)

    def check_example(self, program):
        """Many sessions at once; each has one line, whatever the order."""
        lines = ["192.0.2.1 mail.example.com", "192.0.2.2 mail.example.com"] * 125
        lines += ["192.0.2.9 [192.0.2.1] <>", "192.0.2.1 mail.example.com a@example.com"]
        done = subprocess.run([program, self.zone], input="\n".join(lines), text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        found = collections.Counter()
        for line in done.stdout.splitlines():
            pairs = dict(word.split("=", 1) for word in shlex.split(line))
            found[pairs["ip"], pairs["csa"], pairs["csa_reason"]] += 1
        self.assertEqual(found, {("192.0.2.1", "pass", "authorized"): 126,
                                 ("192.0.2.2", "fail", "address-mismatch"): 125,
                                 ("192.0.2.9", "none", "no-name"): 1})

    def check_bad_input(self, program):
        for text, complaint in (("192.0.2.1\n", "no session: 192.0.2.1"),
                                ("a\x1b\n192.0.2.1 a\n", r"no session: a\x1b"),
                                ("x" * 9000, "a line that is too long")):
            with self.subTest(text[:20]):
                done = subprocess.run([program, self.zone], input=text, text=True,
                                      capture_output=True, timeout=60, check=False)
                self.assertEqual(done.stderr, f"validate-sessions: {complaint}\n")
                self.assertEqual(done.returncode, 1)
        done = subprocess.run([program, self.scratch / "missing.zone"], input="", text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertIn("missing.zone", done.stderr)
        self.assertEqual(done.returncode, 2)

    def test_example_with_cmake(self):
        build = self.scratch / "cmake-example"
        run("cmake", "-S", EXAMPLE, "-B", build, "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={self.root}/usr", "-DCMAKE_BUILD_TYPE=Debug")
        run("cmake", "--build", build)
        self.check_example(build / "validate-sessions")
        self.check_bad_input(build / "validate-sessions")

    def pkg_config(self, *words):
        # Its files say where they will be: below /usr. Here that is below the staging directory.
        environment = {**os.environ, "PKG_CONFIG_PATH": str(self.libdir() / "pkgconfig")}
        return run("pkg-config", f"--define-variable=prefix={self.root}/usr", *words, "helovet",
                   env=environment)

    def test_example_with_pkg_config(self):
        program = self.scratch / "pkg-config-example"
        run("g++", "-std=c++20", EXAMPLE / "validate-sessions.cc", "-o", program,
            *shlex.split(self.pkg_config("--cflags", "--libs")))
        self.check_example(program)

    def test_one_version_everywhere(self):
        """What CMakeLists.txt says is what all that is installed says, and the changelog's head."""
        version, = re.findall(r"^project\(helovet VERSION (\d+\.\d+\.\d+) ",
                              (SOURCE / "CMakeLists.txt").read_text(), re.M)
        self.assertEqual(self.pkg_config("--modversion").strip(), version)
        self.assertEqual(run(self.root / "usr/bin/helovet", "--version"), f"helovet {version}\n")
        self.assertEqual(run(self.root / "usr/libexec/opensmtpd/filter-helovet", "-V"),
                         f"filter-helovet {version}\n")
        header = (self.root / "usr/include/helovet/version.h").read_text()
        self.assertIn(f'kVersion = "{version}";', header)
        for name, part in zip(("Major", "Minor", "Patch"), version.split(".")):
            self.assertIn(f"kVersion{name} = {part};", header)
        package, = self.root.rglob("helovetConfigVersion.cmake")
        self.assertIn(f'set(PACKAGE_VERSION "{version}")', package.read_text())
        sections = re.findall(r"^## \[?([^]\s]+)\]?(?: - (\d{4}-\d\d-\d\d))?$",
                              (SOURCE / "docs/CHANGELOG.md").read_text(), re.M)
        released = [name for name, _ in sections if name != "Unreleased"]
        self.assertEqual(released[:1], [version], "the changelog's newest section")
        self.assertEqual(len(set(released)), len(released), released)
        for name, day in sections:
            self.assertEqual(bool(day), name != "Unreleased", name)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
