#!/usr/bin/env python3
"""The tests of tests/exim with every Exim of theirs, daemons, their sessions and commands, under valgrind's
memcheck. What memcheck finds in the module, and what is lost there, fails the run; so does a test.

    tests/soak/exim_under_valgrind.py [MODULE[.CLASS[.TEST]]...]      without: those of SUITE

Minutes: for people, not for ctest. README.md says which tests run and which cannot."""

import collections
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest

import surroundings
from surroundings import servers

LOGS = "/scratch/valgrind"  # As the sandbox has it.
SUPPRESSIONS = pathlib.Path(__file__).with_name("exim.supp")
IN_SANDBOX = "/helovet/exim.supp"
# memcheck takes no program with the set-user-ID bit, so that it has one without. What this executes anew for
# deliveries is Debian's own, with the bit and without memcheck: the module is not loaded there.
EXIM = "/helovet/exim4"
FOUND = 99
VALGRIND = ["/usr/bin/valgrind", "--trace-children=yes", f"--error-exitcode={FOUND}", "--num-callers=40",
            "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
            f"--trace-children-skip={servers.Exim.BINARY}",
            f"--log-file={LOGS}/%p.log", f"--suppressions={IN_SANDBOX}"]
LAST_WORDS_SECONDS = 20.0
SLOWER = 25  # Times that servers may take longer to come up.

# Each exported function, the checks of names, of senders and by accreditors, callbacks, the store, what sessions share, and paths of errors.
SUITE = [
    "test_exim.Verdicts.test_accepts_and_puts_results_on_top",
    "test_exim.Verdicts.test_rejects_with_its_own_reply",
    "test_exim.Verdicts.test_second_helo_is_judged_anew",
    "test_exim.Verdicts.test_without_helo",
    "test_exim.Configuration.test_a_wrong_file_stops_no_mail",
    "test_exim.Configuration.test_a_changed_file_counts_from_the_next_session",
    "test_exim.Preload.test_without_it_the_sessions_do",
    "test_exim.Expansions.test_an_address_that_is_none_is_an_error",
    "test_exim.Expansions.test_csa_status",
    "test_exim.Expansions.test_debugging_output_explains",
    "test_exim.Played.test_hostile_names",
    "test_messages.ForgedResults.test_ours_go_and_others_stay_as_they_are",
    "test_messages.Marks.test_results_are_added_once",
    "test_messages.Marks.test_letters_beyond_ascii",
    "test_messages.Messages.test_messages_of_a_session_are_judged_by_their_senders",
    "test_lists.Local.test_a_changed_file_counts_from_the_next_session",
    "test_lists.Accreditation.test_an_accreditor_refuses",
    "test_lists.Accreditation.test_an_accreditor_recommends",
    "test_senders.Designated.test_spf_marks",
    "test_senders.Designated.test_dmp",
    "test_senders.Designated.test_drip",
    "test_senders.Designated.test_rmx",
    "test_callbacks.Callbacks.test_known_and_unknown_users",
    "test_callbacks.Callbacks.test_marks_and_log_of_data_have_it",
    "test_callbacks.Callbacks.test_a_second_message_is_answered_from_the_store",
    "test_callbacks.Callbacks.test_a_peer_that_says_nothing",
    "test_store.Statistics.test_each_step_is_counted_once",
    "test_store.Trouble.test_a_directory_that_is_missing",
    "test_store.Trouble.test_a_full_disk",
    "test_store.Trouble.test_damage",
]

OF_MODULE = re.compile(r"/helovet\.so\)")
BEGINS = re.compile(r"==\d+== (?:Invalid|Conditional jump|Use of uninit|Syscall param|Mismatched free|"
                    r"Source and destination|Argument|.* are definitely lost|Jump to the invalid|"
                    r"Process terminating)")
reports = collections.Counter()  # Texts of errors, their processes' numbers left out.
processes = 0
program = None  # The path of Exim's program without the set-user-ID bit.


def errors_in(log: str):
    """Each error of a log of memcheck, with its stack."""
    found = None
    for line in log.splitlines():
        if BEGINS.match(line):
            found = []
        elif found is not None and not line.split("==", 2)[-1].strip():
            yield "\n".join(found)
            found = None
        if found is not None:
            found.append(re.sub(r"0x[0-9A-F]+| in loss record .*", "", line.split("==", 2)[-1]))
    if found:
        yield "\n".join(found)


def collect(directory: pathlib.Path):
    global processes
    for log in directory.glob("*.log"):
        processes += 1
        for error in errors_in(log.read_text(errors="replace")):
            # A session that the test ends, as it ends its server, is no error.
            if "Process terminating" in error and re.search(r"signal (?:9|15|2)\b", error):
                continue
            reports[error] += 1
        log.unlink()


class Watched(servers.Exim):
    """An Exim under memcheck."""

    def __init__(self, scratch, **options):
        options["binds"] = {**(options.get("binds") or {}), IN_SANDBOX: SUPPRESSIONS,
                            "/usr/libexec/valgrind": "/usr/libexec/valgrind", EXIM: program}
        super().__init__(scratch, **options)
        (self.directory / "valgrind").mkdir()
        (self.directory / "valgrind").chmod(0o777)

    def run(self, arguments, text="", timeout=60.0):
        done = self._box.run([*VALGRIND, EXIM, *arguments], text, timeout * SLOWER)
        collect(self.directory / "valgrind")
        return done

    def _command(self):
        return [*VALGRIND, EXIM, *super()._command()[1:]]

    def stop(self):
        # What a session has lost is told when it ends by itself.
        end = time.monotonic() + LAST_WORDS_SECONDS
        while self.running is not None and len(watched(self)) > 1 and time.monotonic() < end:
            time.sleep(0.1)
        super().stop()
        collect(self.directory / "valgrind")


def watched(exim) -> list[int]:
    """The process ids of an Exim's programs under memcheck, the daemon first."""
    return [pid for pid, command in exim.running.commands().items()
            if f"\0{EXIM}\0".encode() in command and b"enter_sandbox" not in command]


def use(copy: pathlib.Path):
    """Puts Watched in the place of servers.Exim, before any test is loaded, and lets things take longer.
    `copy`: where the program without the bit is to be."""
    global program
    program = copy
    shutil.copyfile(servers.SERVERS / "exim4-daemon-heavy" / servers.Exim.BINARY.lstrip("/"), copy)
    copy.chmod(0o755)
    servers.Exim = Watched
    wait_until = servers.wait_until

    def patient(condition, what, seconds=15.0, running=None, log=None):
        return wait_until(condition, what, seconds * SLOWER, running, log)

    for module in (servers, sys.modules["sandbox"]):
        module.wait_until = patient

    class Patient(servers.SmtpClient):
        def __init__(self, address, source=None, proxy=None, timeout=30.0):
            super().__init__(address, source, proxy, timeout * SLOWER)

    servers.SmtpClient = Patient
    import exim_fixture
    import sender_fixture
    short, toml = exim_fixture.config_text, sender_fixture.Senders.toml
    exim_fixture.config_text = lambda *args, **more: short(*args, **more).replace(
        'deadline = "2s"', 'deadline = "30s"').replace('query_timeout = "1s"', 'query_timeout = "10s"')
    sender_fixture.Senders.toml = lambda self, *args, **more: toml(
        self, *args, **{"deadline": "60s", **more})


def wanted(names):
    import exim_fixture
    exim_fixture.processes = watched
    return unittest.defaultTestLoader.loadTestsFromNames(names or SUITE)


def main() -> int:
    if not pathlib.Path("/usr/bin/valgrind").exists():
        print("valgrind is missing: run tests/prerequisites")
        return 2
    os.environ.setdefault("HELOVET", str(surroundings.HELOVET))
    servers.enter_private_network()
    with servers.Scratch("valgrind") as scratch:
        # memcheck reads what is there for debuggers in each process, for seconds; names of functions suffice.
        module = scratch.path / "helovet.so"
        subprocess.run(["strip", "--strip-debug", "-o", module, os.environ["HELOVET_EXIM_MODULE"]], check=True)
        os.environ["HELOVET_EXIM_MODULE"] = str(module)
        use(scratch.path / "exim4")
        return report(wanted(sys.argv[1:]))


def report(suite) -> int:
    import test_store
    with contextlib.suppress(OSError):
        test_store.enter_private_mounts()
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    ours = {error: count for error, count in reports.items() if OF_MODULE.search(error)}
    for error, count in reports.items():
        print(f"\n{count} times, {'in the module' if error in ours else 'elsewhere'}:\n{error}")
    print(f"\n{result.testsRun} tests, {processes} processes under memcheck: {len(ours)} kinds of errors in "
          f"the module, {len(reports) - len(ours)} elsewhere")
    return 0 if not reports and result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
