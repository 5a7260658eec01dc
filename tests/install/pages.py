"""The documents and manuals, and their blocks.

How a page shows commands, so that a test runs them (test_walks.py), whoever writes the page:

    ```zone                         a file: of any language but sh and console. Its first line is a comment
    ; example.com.zone              with the file's name, which is not part of the file.
    $TTL 3600 ...
    ```
    ```sh                           commands, each ends with status 0, or with N where the line ends in `# N`.
    helovet lint --zone example.com.zone example.com   # 1
    ```
    ```console                      commands with what they print, beside other lines and in this order;
    $ helovet check ...             `# N` as above
      csa  pass  authorized
    ```

The blocks of a page are taken from top to bottom, in one scratch directory; paths are relative to it. There is
no network but loopback: take answers from --zone. `helovet` is the one that was built. A block
without a language is what `kind` says.
"""

import os
import pathlib
import re
import sys
import textwrap

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", SOURCE / "build/release"))
sys.path.insert(0, str(SOURCE / "tests/integration"))

HELOVET = BUILD / "core/cli/helovet"
PAGES = sorted([SOURCE / "README.md", *(SOURCE / "docs").glob("*.md"),
                *(SOURCE / "docs/man").iterdir()])

# What begins a block that is no input but what a program says.
OUTPUT = re.compile(r"[\w-]+ helovet: action=|action=|Authentication-Results: |550[- ]5\.7\.1 ")

FENCED = re.compile(r"^( *)```(\S*)\n(.*?)^\1```$", re.M | re.S)

# Pages whose blocks with a language have tests of their own: tests/exim counts those of exim.md and runs them.
OWN_TESTS = {"exim.md": "exim", "exim-verify-csa.md": "test_moving.py", "farm.md": "test_farm.py",
             "designated-senders.md": None}


def unescaped(text):
    """What mandoc makes of a literal line."""
    for escaped, octets in ((r"\&", ""), (r"\e", "\\"), (r"\(dq", '"'), (r"\(sc", "§")):
        text = text.replace(escaped, octets)
    return text


def blocks(page):
    """The displayed blocks of a page: (their language, '' if it has none; their text)."""
    text = page.read_text()
    if page.suffix == ".md":
        for indent, language, block in re.findall(FENCED, text):
            yield language, re.sub(rf"^{indent}", "", block, flags=re.M)
        text = re.sub(FENCED, "", text)
        for block in re.findall(r"(?:^    .*\n+)+", text, re.M):
            yield "", textwrap.dedent(block).strip("\n") + "\n"
        return
    # The table of settings has tests of its own in tests/core/config.
    text = re.sub(r'^\.\\" Settings begin.*?^\.\\" Settings end', "", text, flags=re.M | re.S)
    for block in re.findall(r"^\.Bd -(?:literal|unfilled) .*?\n(.*?)^\.Ed$", text, re.M | re.S):
        yield "", unescaped(block)
    for line in re.findall(r"^\.Dl (.*)$", text, re.M):
        yield "", unescaped(line) + "\n"


def blocks_by_language(page):
    """The displayed blocks of a page that have a language, in lists."""
    found = {}
    for language, text in blocks(page):
        if language:
            found.setdefault(language, []).append(text)
    return found


def kind(page, language, text):
    """Which test uses a block; an error for a block that none does."""
    name = page.name
    if name == "README.md":
        return "test_readme.py"
    if name in OWN_TESTS and language:
        return OWN_TESTS[name] or language
    if page.suffix == ".md" and language:
        return "walk"
    if OUTPUT.match(text):
        return "output"
    if name == "exim.md":
        return "helovet-main.conf"
    if name == "helovet-exim.7":
        return "of exim.md"
    if 'filter "' in text:
        return "smtpd.conf"
    if text.startswith("helovet "):
        return "command"
    if text.startswith("Callback to "):
        return "dialogue"
    if text.startswith("Statistics: "):
        return "statistics"
    if re.match(r"\d+ cbv ", text):
        return "facts"
    if text.startswith("install -d "):
        return "directory"
    if name == "helovet-csv.7":
        return "records"
    if name == "helovet.toml.5" and text.startswith("# Partners."):
        return "list"
    if name in ("helovet.toml.5", "filter-helovet.8", "opensmtpd.md", "callbacks.md",
                "designated-senders.md"):
        return "settings"
    raise AssertionError(f"{page}: no test uses this block:\n{text}")


def all_of(wanted):
    return [(page, text) for page in PAGES for language, text in blocks(page)
            if kind(page, language, text) == wanted]
