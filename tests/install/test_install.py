"""What `cmake --install` puts where, and that it can be used from there."""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))

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
        self.assertEqual({file.name for file in installed}, names)
        run("g++", "-std=c++20", "-fsyntax-only", "-x", "c++", f"-I{self.root}/usr/include",
            *installed)

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

    def check_consumer(self, program):
        output = run(program, "192.0.2.1", "mail.example.com", self.zone)
        self.assertIn("csa=pass csa_reason=authorized", output)

    def test_cmake_package(self):
        build = self.scratch / "cmake-consumer"
        run("cmake", "-S", SOURCE / "tests/install/consumer", "-B", build, "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={self.root}/usr", "-DCMAKE_BUILD_TYPE=Debug")
        run("cmake", "--build", build)
        self.check_consumer(build / "consumer")

    def test_pkg_config(self):
        # Its files say where they will be: below /usr. Here that is below the staging directory.
        environment = {**os.environ, "PKG_CONFIG_PATH": str(self.libdir() / "pkgconfig")}
        flags = run("pkg-config", f"--define-variable=prefix={self.root}/usr", "--cflags",
                    "--libs", "helovet", env=environment)
        program = self.scratch / "pkg-config-consumer"
        run("g++", "-std=c++20", SOURCE / "tests/install/consumer/main.cc", "-o", program,
            *shlex.split(flags))
        self.check_consumer(program)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
