"""The Debian packages, as an administrator meets them: made of the build under test, held to Debian's
policy, installed by apt in a clean Debian, used by Exim and by OpenSMTPD with real sessions, upgraded,
removed, purged."""

import fcntl
import os
import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
sys.path.insert(0, str(SOURCE / "tests/integration"))

import servers  # noqa: E402 (found through the path above)
from debian_tree import DebianBase, command  # noqa: E402

NAMES = ("helovet", "libhelovet-dev", "exim4-helovet", "opensmtpd-filter-helovet")
# What has to be said by hand; names of shared libraries are found by dpkg-shlibdeps.
DEPENDS = {
    "helovet": {"libldns3", "liblmdb0", "libhiredis0.14", "libssl3", "libidn2-0"},
    "libhelovet-dev": {"libldns-dev", "libabsl-dev", "libexpected-dev", "libidn2-dev", "liblmdb-dev",
                       "libhiredis-dev", "libssl-dev"},
    "exim4-helovet": {"helovet", "exim4-daemon-heavy", "liblmdb0", "libhiredis0.14", "libssl3"},
    "opensmtpd-filter-helovet": {"helovet", "opensmtpd", "liblmdb0", "libhiredis0.14", "libssl3",
                                 "libmimalloc2.0"},
}
COMPILED = {"helovet": "usr/bin/helovet", "exim4-helovet": "usr/lib/exim4/helovet.so",
            "opensmtpd-filter-helovet": "usr/libexec/opensmtpd/filter-helovet"}
STORE, SETTINGS = "var/lib/helovet", "etc/helovet/helovet.toml"

GOOD, GOOD_ADDRESS, STRANGER = "good.example", "192.0.2.1", "192.0.2.99"
ZONE = {
    (f"_client._smtp.{GOOD}", "SRV"): servers.Answer([f"1 2 0 {GOOD}"]),
    (GOOD, "A"): servers.Answer([GOOD_ADDRESS]),
}
ZONE_TEXT = f"""$ORIGIN {GOOD}.
@ 3600 SOA ns hostmaster 1 7200 3600 1209600 300
@ 3600 NS ns
@ 3600 A {GOOD_ADDRESS}
_client._smtp 3600 SRV 1 2 0 {GOOD}.
"""
PORT = 2525
STOP_SECONDS = 10
RECIPIENT = "postbox@mx.example"


def make_packages(directory, revision):
    """What `cpack --preset package` makes, of the build that is there: {name: file}."""
    with open(BUILD / "CPackConfig.cmake", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command("cpack", "--config", BUILD / "CPackConfig.cmake", "-G", "DEB", "-B", directory,
                "-D", f"CPACK_DEBIAN_PACKAGE_RELEASE={revision}", cwd=BUILD)
    return {name: next(directory.glob(f"{name}_*-{revision}_*.deb")) for name in NAMES}


def field(package, name):
    return command("dpkg-deb", "-f", package, name).strip()


def dependencies(package):
    """The names in Depends, of alternatives the first."""
    return {re.match(r"[^ |,(]+", relation)[0] for relation in field(package, "Depends").split(", ")}


def of_debian(packages, *names):
    """What Debian's archive has to have for these packages to be installed."""
    wanted = set().union(*(dependencies(packages[name]) for name in names))
    return {name for name in wanted - set(NAMES) if not name.startswith("exim4-localscanapi-")}


def setUpModule():
    global scratch, packages, newer, base
    scratch = servers.Scratch("packages")
    unittest.addModuleCleanup(scratch.close)
    packages = make_packages(scratch.path / "packages", 1)
    newer = make_packages(scratch.path / "newer", 2)
    base = DebianBase(of_debian(packages, "helovet", "libhelovet-dev", "exim4-helovet"),
                      of_debian(packages, "helovet", "opensmtpd-filter-helovet"))
    servers.enter_private_network([GOOD_ADDRESS])


class Policy(unittest.TestCase):
    """What can be seen without installing: Debian Policy 4.6, by lintian and beyond it."""

    @classmethod
    def setUpClass(cls):
        cls.roots = {}
        for name, package in packages.items():
            cls.roots[name] = scratch.path / "unpacked" / name
            cls.roots[name].mkdir(parents=True)
            command("dpkg-deb", "-R", package, cls.roots[name])

    def test_lintian_finds_neither_errors_nor_warnings(self):
        self.assertEqual(command("lintian", "--allow-root", "--fail-on", "error,warning",
                                 "--display-level", ">=warning", *packages.values()), "")

    def test_dependencies(self):
        for name, package in packages.items():
            with self.subTest(name):
                self.assertLessEqual(DEPENDS[name], dependencies(package), field(package, "Depends"))

    def test_owners_and_modes(self):
        for name, package in packages.items():
            for line in command("dpkg-deb", "-c", package).splitlines():
                mode, owner, _, _, _, path = line.split(None, 5)
                program = path.removeprefix("./") in COMPILED.values() and not path.endswith(".so")
                want = "-rwxr-xr-x" if program else "drwxr-xr-x" if path.endswith("/") else "-rw-r--r--"
                self.assertEqual((mode, owner), (want, "root/root"), f"{name}: {line}")

    def test_conffile(self):
        conffiles = (self.roots["helovet"] / "DEBIAN/conffiles").read_text()
        self.assertEqual(conffiles, f"/{SETTINGS}\n")

    def test_licences(self):
        """Each package's copyright has our licence and a paragraph for each licence that it names."""
        words = " ".join((SOURCE / "LICENSE").read_text().split("authors\n", 1)[1].split())
        for name, root in self.roots.items():
            text = (root / "usr/share/doc" / name / "copyright").read_text()
            self.assertIn(words, " ".join(text.replace("\n .\n", "\n").split()), name)
            named = set(re.findall(r"^Copyright:(?:.*\n)+?License: *(\S+)$", text, re.M))
            explained = set(re.findall(r"^License: *(\S+)\n ", text, re.M))
            self.assertEqual(named, explained, name)

    def test_changelogs_begin_with_the_version(self):
        for name, root in self.roots.items():
            directory = root / "usr/share/doc" / name
            text = command("zcat", directory / "changelog.Debian.gz")
            self.assertEqual(command("zcat", directory / "changelog.gz"),
                             (SOURCE / "docs/CHANGELOG.md").read_text())
            self.assertTrue(text.startswith(f"{name} ({field(packages[name], 'Version')}) "), text[:80])

    def test_hardening(self):
        for name, path in COMPILED.items():
            with self.subTest(path):
                text = command("readelf", "-W", "-h", "-l", "-d", "--dyn-syms", self.roots[name] / path)
                for sign in ("DYN (", "GNU_RELRO", "BIND_NOW", "__stack_chk_fail"):
                    self.assertIn(sign, text)
                self.assertRegex(text, r" __\w+_chk@")
                # No memory to be written and executed, no code to be changed, nobody's libraries first.
                self.assertRegex(text, r"GNU_STACK .* RW +0x")
                self.assertNotRegex(text, r"LOAD .* RWE |TEXTREL|RPATH|RUNPATH")
                self.check_instructions(self.roots[name] / path)
                sections = command("readelf", "-W", "-S", self.roots[name] / path)
                self.assertNotIn(".debug_info", sections)

    def check_instructions(self, path):
        """Where a jump may lead is marked (endbr64), and each page of a large frame is touched."""
        if os.uname().machine != "x86_64":
            return
        octets = path.read_bytes()
        self.assertGreater(octets.count(b"\xf3\x0f\x1e\xfa"), 1000)
        self.assertIn(b"\x48\x83\x0c\x24\x00", octets)  # or QWORD PTR [rsp], 0


class InTree(unittest.TestCase):
    """What has a Debian of its own, with a name server."""

    def setUp(self):
        self.dns = self.enterContext(servers.ScriptedDns(ZONE, port=53))
        self.tree = self.enterContext(base.tree(scratch.path / f"tree-{type(self).__name__}"))

    def put(self, some, names):
        """Puts packages into the tree; their paths there."""
        for name in names:
            (self.tree.root / "srv" / some[name].name).write_bytes(some[name].read_bytes())
        return [f"/srv/{some[name].name}" for name in names]

    def write(self, path, text):
        (self.tree.root / path).write_text(text)

    def ask_by_exim(self):
        question = f"${{dlfunc{{/usr/lib/exim4/helovet.so}}{{helovet}}{{{GOOD_ADDRESS}}}{{{GOOD}}}}}"
        self.assertIn("csa=pass csa_reason=authorized", self.tree.run(["exim4", "-be", question]))

    def owners(self):
        """Of the store's directory and all in it."""
        return set(self.tree.run(["find", f"/{STORE}", "-printf", "%u:%g\n"]).split())

    def check_sessions_counted(self, number):
        self.assertRegex(self.tree.run(["helovet", "stats"]), rf"(?m)^sessions +: +{number}$")


class AnotherMailServer(InTree):
    """Debian has one mail server at a time: apt replaces one by the other, which takes over the store."""

    def test_store_is_handed_over(self):
        self.tree.apt("install", *self.put(packages, ("helovet", "exim4-helovet")))
        self.ask_by_exim()
        self.assertEqual(self.owners(), {"Debian-exim:Debian-exim"})
        # The conflict is between exim4-config and opensmtpd, so apt wants to be told.
        said = self.tree.apt("install", *self.put(packages, ("opensmtpd-filter-helovet",)), "exim4-config-")
        self.assertIn("Removing exim4-helovet", said)
        self.assertEqual(self.owners(), {"opensmtpd:opensmtpd"})
        self.check_sessions_counted(1)

    def test_an_administrators_owner_is_kept(self):
        self.tree.apt("install", *self.put(packages, ("helovet",)))
        self.assertEqual(self.owners(), {"root:root"})
        self.tree.run(["dpkg-statoverride", "--update", "--add", "daemon", "mail", "0770", f"/{STORE}"])
        self.tree.apt("install", *self.put(packages, ("opensmtpd-filter-helovet",)))
        self.assertEqual(self.owners(), {"daemon:mail"})


class InUse(InTree):
    """One mail server's package from its installation to its purge; subclasses know the mail server."""

    PACKAGES = ()
    USER = PROGRAM = ""
    SESSIONS = 2
    # Where the mail server, which stays installed, has written meanwhile.
    ITS_OWN = ()

    def setUp(self):
        super().setUp()
        self.log = scratch.path / f"{self.PROGRAM}.log"

    def test_from_installation_to_purge(self):
        first, second = self.put(packages, self.PACKAGES), self.put(newer, self.PACKAGES)
        # apt finds by itself all that is needed.
        self.assertIn(f"Inst {self.PACKAGES[-1]} ", self.tree.apt("-s", "install", *first))
        self.tree.apt("install", *sorted(of_debian(packages, *self.PACKAGES)))
        self.tree.run(["useradd", "--create-home", "postbox"])
        self.configure_mail_server()
        before = self.tree.files()
        self.tree.apt("install", *first)
        self.check_command()
        self.check_manuals()
        self.configure_helovet()
        self.check_sessions()
        self.check_store()
        self.tree.apt("install", *second)
        self.check_upgraded()
        self.check_removed(before)

    def check_command(self):
        version = self.tree.run(["helovet", "--version"])
        self.assertIn(field(packages["helovet"], "Version").rpartition("-")[0], version)
        self.write(f"srv/{GOOD}.zone", ZONE_TEXT)
        for client, said in ((GOOD_ADDRESS, "authorized"), (STRANGER, "address-mismatch")):
            words = ["helovet", "check", "--ip", client, "--helo", GOOD, "--zone", f"/srv/{GOOD}.zone"]
            # The exit status says what became of the client.
            self.assertIn(said, self.tree.run(["sh", "-c", '"$@" || :', "sh", *words]), client)

    def check_manuals(self):
        files = self.tree.run(["dpkg", "-L", *self.PACKAGES]).splitlines()
        manuals = {path for path in files if path.endswith(".gz") and "/man/" in path}
        self.assertIn("/usr/share/man/man1/helovet.1.gz", manuals)
        for path in sorted(manuals):
            shown = re.sub(".\x08", "", self.tree.run(["mandoc", "-T", "ascii", path]))
            self.assertIn("NAME", shown.splitlines(), path)

    def check_sessions(self):
        """A stranger who says that it is good.example is refused, good.example itself is let in and marked."""
        running = self.start_mail_server()
        servers.wait_until(lambda: accepts(PORT), self.PROGRAM, log=self.log)
        for client, code in ((STRANGER, 550), (GOOD_ADDRESS, 250)):
            with servers.SmtpClient((GOOD_ADDRESS, PORT), source=client) as session:
                session.command(f"EHLO {GOOD}")
                reply = session.message("Subject: x\n\nbody", f"a@{GOOD}", RECIPIENT)
                self.assertEqual(reply.code, code, f"{client}: {reply}\n{self.log.read_text()}")
        text = self.mail()
        self.assertRegex(text, r"(?s)^(From [^\n]*\n)?.*Authentication-Results: mx\.example;.*x-csa=pass")
        self.stop_mail_server(running)

    def mail(self):
        paths = [self.tree.root / "var/mail/postbox", self.tree.root / "home/postbox/Maildir/new"]
        found = []

        def has_come():
            found[:] = [file for path in paths if path.exists()
                        for file in (path.iterdir() if path.is_dir() else [path])]
            return found and found[0].stat().st_size > 0

        servers.wait_until(has_come, "the message")
        return found[0].read_text()

    def check_store(self):
        self.assertEqual(self.owners(), {f"{self.USER}:{self.USER}"})
        self.check_sessions_counted(self.SESSIONS)

    def check_upgraded(self):
        for name in self.PACKAGES:
            installed = self.tree.run(["dpkg-query", "-W", "-f", "${Version}", name])
            self.assertEqual(installed, field(newer[name], "Version"))
        self.assertEqual((self.tree.root / SETTINGS).read_text(), 'profile = "standard"\n')
        self.check_store()

    def check_removed(self, before):
        said = self.tree.apt("remove", *self.PACKAGES)
        self.assertIn("still names helovet: take those lines out", said)
        self.assertEqual((self.tree.root / SETTINGS).read_text(), 'profile = "standard"\n')
        self.assertEqual(self.owners(), {f"{self.USER}:{self.USER}"})
        self.tree.run(["dpkg", "--purge", *self.PACKAGES])
        left = {path for path in self.tree.files() ^ before if not path.startswith(self.ITS_OWN)}
        self.assertEqual(left, set())

    def stop_mail_server(self, running):
        """`running` is nsenter, which waits for the mail server, a process of the tree."""
        self.tree.run(["sh", "-c", "for process in /proc/[0-9]*; do case $(readlink $process/exe) in "
                       f"*/{self.PROGRAM}) kill ${{process#/proc/}} ;; esac; done; :"])
        running.wait(STOP_SECONDS)


def accepts(port):
    try:
        with servers.SmtpClient((GOOD_ADDRESS, port), timeout=5):
            return True
    except OSError:
        return False


class Exim(InUse):
    PACKAGES = ("helovet", "libhelovet-dev", "exim4-helovet")
    USER, PROGRAM = "Debian-exim", "exim4"
    SESSIONS = 3  # The one by hand counts as well.
    ITS_OWN = ("/var/spool/exim4", "/var/mail", "/var/lib/exim4", "/run/", "/srv/",
               "/etc/exim4/exim4.conf.localmacros")

    def configure_mail_server(self):
        path = "etc/exim4/update-exim4.conf.conf"
        text = (self.tree.root / path).read_text()
        for name, value in (("dc_eximconfig_configtype", "internet"), ("dc_other_hostnames", "mx.example"),
                            ("dc_local_interfaces", "")):
            text = re.sub(rf"(?m)^{name}=.*$", f"{name}='{value}'", text)
        self.write(path, text)
        self.write("etc/mailname", "mx.example\n")

    def configure_helovet(self):
        """As docs/exim.md says, "Debian's configuration"."""
        page = (SOURCE / "docs/exim.md").read_text()
        section = re.search(r"(?ms)^## Debian's configuration$(.*?)^## ", page)[1]
        lines = re.search(r"(?ms)^```exim\n(.*?)^```$", section)[1]
        self.write("etc/exim4/exim4.conf.localmacros", lines)
        self.write(SETTINGS, 'profile = "standard"\n')
        self.tree.run(["update-exim4.conf"])
        self.assertIn("Expand_dlfunc", self.tree.run(["exim4", "-bV"]))
        self.ask_by_exim()

    def start_mail_server(self):
        return self.tree.start(["exim4", "-bdf", "-oX", str(PORT)], self.log)


class OpenSmtpd(InUse):
    PACKAGES = ("helovet", "opensmtpd-filter-helovet")
    USER, PROGRAM = "opensmtpd", "smtpd"
    ITS_OWN = ("/var/spool/smtpd", "/home/postbox", "/run/", "/srv/")

    def configure_mail_server(self):
        self.write("etc/mailname", "mx.example\n")

    def configure_helovet(self):
        """The filter's line is that of docs/opensmtpd.md, "Set-up"."""
        page = (SOURCE / "docs/opensmtpd.md").read_text()
        line = re.search(r'(?m)^    (filter "helovet" proc-exec .*)$', page)[1]
        self.write("etc/smtpd.conf", f'{line}\nlisten on 0.0.0.0 port {PORT} filter "helovet"\n'
                   'action "keep" maildir\nmatch from any for domain "mx.example" action "keep"\n')
        self.write(SETTINGS, 'profile = "standard"\n')

    def start_mail_server(self):
        return self.tree.start(["smtpd", "-d"], self.log)


del InTree, InUse  # Have no mail server to test.

if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
