"""The pages as such: links lead somewhere, pictures are as described, manuals are well formed, and what
the prose says of commands and settings exists."""

import re
import shlex
import subprocess
import sys
import unittest
import xml.etree.ElementTree

from pages import BUILD, HELOVET, PAGES, SOURCE

import servers

TEXTS = [page for page in PAGES if page.suffix == ".md"] + [SOURCE / "tests/bench/README.md"]
MANUALS = [page for page in PAGES if page.suffix != ".md"]
PICTURES = SOURCE / "docs/pictures"
FILTER = BUILD / "opensmtpd-filter/filter-helovet"


def prose(page):
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)


def anchors(page):
    """What a link may name behind `#`, as GitHub makes it of headings."""
    found = []
    for heading in re.findall(r"^#+ (.*)$", prose(page), re.M):
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        found.append(re.sub(r"[^\w\- ]", "", heading).replace(" ", "-"))
    return found


class Links(unittest.TestCase):
    def test_links_lead_somewhere(self):
        count = 0
        for page in TEXTS:
            for target in re.findall(r"\]\(([^)]+)\)", prose(page)):
                if target.startswith(("http://", "https://")):
                    continue
                path, _, anchor = target.partition("#")
                file = (page.parent / path).resolve() if path else page
                with self.subTest(page=page.name, target=target):
                    self.assertTrue(file.exists())
                    self.assertTrue(file.is_relative_to(SOURCE))
                    if anchor:
                        self.assertIn(anchor, anchors(file))
                count += 1
        self.assertGreater(count, 50)

    def test_readme_leads_to_every_page(self):
        reached = set(re.findall(r"\]\((docs/[^)#]+)\)", (SOURCE / "README.md").read_text()))
        pages = {str(page.relative_to(SOURCE)) for page in PAGES} - {"README.md"}
        self.assertEqual(pages - reached, set())

    def test_manuals_name_manuals_that_exist(self):
        ours = {page.name for page in MANUALS}
        for page in MANUALS:
            for name, section in re.findall(r"^\.Xr (\S+) (\d)", page.read_text(), re.M):
                if "helovet" in name:
                    self.assertIn(f"{name}.{section}", ours, page.name)

    def test_rules_that_are_named_stand_in_the_page_of_rules(self):
        rules = re.findall(r"^###? §([\d.]+)", (SOURCE / "docs/rules.md").read_text(), re.M)
        for page in PAGES:
            for number in re.findall(r"rules\.md\)? §([\d.]*\d)", page.read_text()):
                self.assertIn(number, rules, page)


class Differences(unittest.TestCase):
    """docs/differences.md: every row names a rule that there is, and each document has its table."""

    def test_rows(self):
        text = (SOURCE / "docs/differences.md").read_text()
        rules = re.findall(r"^###? §([\d.]+)", (SOURCE / "docs/rules.md").read_text(), re.M)
        rows = re.findall(r"^\| (?!it says|---)(.*) \|$", text, re.M)
        self.assertGreater(len(rows), 30)
        for row in rows:
            with self.subTest(row):
                cells = row.split(" | ")
                self.assertEqual(len(cells), 4)
                self.assertIn(cells[3].lstrip("§"), rules)
        for document in ("BCP", "OVERVIEW", "DSAR-00", "CBV", "CSA-02", "DNA-02", "CSV-02", "DMP-01",
                         "DRIP-02", "RMX-04", "SPF"):
            self.assertRegex(text, rf"(?m)^## {document}: .*\n\n\|")

    def test_reasons(self):
        """What looks like a reason is one of docs/results.md."""
        results = (SOURCE / "docs/results.md").read_text()
        known = set(re.findall(r"^\| [\w-]+ \| \w+ \| ([\w-]+) \|", results, re.M))
        text = (SOURCE / "docs/differences.md").read_text()
        named = re.findall(r"`([a-z]+-[a-z-]+)`", text)
        self.assertGreater(len(named), 4)
        self.assertEqual(set(named) - known - {"dsar-00"}, set())


class Pictures(unittest.TestCase):
    def test_they_are_as_described(self):
        done = subprocess.run([sys.executable, PICTURES / "draw", "--check"], text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_each_can_be_read_and_is_shown(self):
        shown = "".join(page.read_text() for page in TEXTS)
        sources = sorted(PICTURES.glob("*.txt"))
        self.assertEqual([source.with_suffix(".svg") for source in sources],
                         sorted(PICTURES.glob("*.svg")))
        for source in sources:
            self.assertTrue(f"pictures/{source.stem}.svg" in shown, source.name)
            root = xml.etree.ElementTree.parse(source.with_suffix(".svg")).getroot()
            width, height = float(root.get("width")), float(root.get("height"))
            for element in root.iter():
                if element.tag.endswith("}text"):
                    self.assertTrue(0 < float(element.get("x")) < width, element.text)
                    self.assertTrue(0 < float(element.get("y")) < height, element.text)


class Manuals(unittest.TestCase):
    def test_they_are_well_formed(self):
        for page in MANUALS:
            with self.subTest(page.name):
                done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], text=True,
                                      stdout=subprocess.PIPE, check=False)
                self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_guides_fit_two_screens(self):
        for name in ("callbacks.md", "designated-senders.md", "farm.md", "tuning.md"):
            lines = (SOURCE / "docs" / name).read_text().splitlines()
            self.assertLess(len(lines), 130, name)

    def test_the_manual_of_the_command_has_its_commands_and_options(self):
        manual = (SOURCE / "docs/man/helovet.1").read_text()
        synopsis, rest = manual.split(".Sh DESCRIPTION", 1)
        described = set(re.findall(r"^\.It (?:Xo|Cm) *(\S*)", rest, re.M))
        self.assertGreater(len(commands()), 9)
        for command in commands():
            with self.subTest(command):
                self.assertIn(command, described)
                self.assertRegex(synopsis, rf"(?m)^\.Cm {command}\b")
                for option in options(command):
                    if option.startswith("--"):
                        self.assertRegex(manual, rf"Fl -{option[2:]}(?![\w-])", option)


def said(*words):
    return subprocess.run([str(word) for word in words], text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=60, check=False)


def commands(*words):
    """The subcommands of `helovet WORDS`, as its help has them."""
    parts = re.findall(r"^(?:Subcommands|For \w+):\n((?:  .*\n)+)", said(HELOVET, *words, "--help").stdout,
                       re.M)
    return re.findall(r"^  ([a-z]\S*) ", "".join(parts), re.M)


def options(*words):
    return set(re.findall(r"(--?[a-z][\w-]*)", said(HELOVET, *words, "--help").stdout))


class Inline(unittest.TestCase):
    """Commands in the prose: the program knows each subcommand and each option."""

    def spans(self, program):
        found = [(page, span) for page in TEXTS
                 for span in re.findall(r"`([^`\n]+)`", prose(page).replace("\n", " ").replace("```", ""))
                 if re.match(rf"{program} \S", span)]
        self.assertGreater(len(found), 0, program)
        return found

    def test_helovet(self):
        for page, span in self.spans("helovet"):
            with self.subTest(page=page.name, command=span):
                words = shlex.split(span)[1:]
                path = []
                while words and words[0] in commands(*path):
                    path.append(words.pop(0))
                if not path:  # Options of the program itself.
                    self.assertTrue(words[0].startswith("-"), "no such command")
                for word in words:
                    if word.startswith("-"):
                        self.assertIn(word.split("=")[0], options(*path))

    def test_helovet_in_manuals(self):
        known = commands()
        for page in MANUALS:
            for name in re.findall(r"^\.Ic helovet (\S+)", page.read_text(), re.M):
                self.assertIn(name, known, page.name)

    def test_exim(self):
        found = self.spans("exim4")
        with servers.Scratch("inline") as scratch, servers.Exim(scratch.path) as exim:
            for page, span in found:
                with self.subTest(page=page.name, command=span):
                    words = [{"IP": "192.0.2.1", "${dlfunc...}": "$primary_hostname"}.get(word, word)
                             for word in shlex.split(span)[1:]]
                    if words == ["-bh"]:
                        words.append("192.0.2.1")
                    done = exim.run(words, "QUIT\r\n" if "-bh" in words else "")
                    self.assertEqual(done.returncode, 0, done)
                    self.assertNotIn("unknown, malformed", done.stdout + done.stderr)

    def test_settings(self):
        """Whatever looks like a setting of a table is one."""
        table = (SOURCE / "docs/settings.md").read_text()
        known = set(re.findall(r"^\| `([a-z_.]+)` \|", table, re.M))
        tables = {name.split(".")[0] for name in known if "." in name}
        for page in TEXTS:
            for name in re.findall(r"`((?:%s)\.[a-z_]+)\b(?![./(*])" % "|".join(tables), prose(page)):
                with self.subTest(page=page.name, setting=name):
                    # RFC 8601's properties of DNS lists look like settings.
                    self.assertTrue(name in known | {"dns.zone", "dns.sec"}
                                    or name.startswith("overrides."), name)


if __name__ == "__main__":
    servers.enter_private_network([])
    sys.exit(unittest.main(verbosity=2))
