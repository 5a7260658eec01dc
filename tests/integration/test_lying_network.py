#!/usr/bin/env python3
"""Every fault of network_faults.py, met by filter-helovet, by `helovet check`, and a selection of
them by the module in Exim: each session has exactly one answer within the deadline, the right one
where the data came, and a temporary failure elsewhere, which rejects nobody.

    test_lying_network.py [--seeds N] [--sessions N] [unittest's options]

HELOVET, HELOVET_FILTER and HELOVET_EXIM_MODULE name the programs; HELOVET_WITHOUT_EXIM leaves Exim
out. --seeds: the whole table so many times, each with other losses (1; the long run has 10).
--sessions: of each of three kinds at once through the filter (6).
"""

import argparse
import os
import pathlib
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

import servers

BUILD = pathlib.Path(os.environ.get("HELOVET_BUILD", servers.SOURCE / "build/release"))
os.environ.setdefault("HELOVET_FILTER", str(BUILD / "opensmtpd-filter/filter-helovet"))
HELOVET = os.environ.get("HELOVET", str(BUILD / "core/cli/helovet"))

import lying_network  # noqa: E402 (reads the environment)
from lying_network import Network  # noqa: E402
from network_faults import FAULTS  # noqa: E402

OPTIONS = argparse.Namespace(seeds=1, sessions=6)
# What is met by Exim, too: a process a session makes it slow to set up.
IN_EXIM = {
    "nothing wrong", "the opposite in a perfect answer", "loss of 30 %", "silence",
    "wrong id, before", "wrong port, alone", "1,500 pointers", "truncated, TCP cut off",
    "64 KiB over TCP", "aliases of each other one by one", "CSA records beyond what is kept",
    "EDNS refused with NOTIMP", "a resolver that dies and returns", "all servers down"}
WAITING, BUSY = 48, 4  # Runs at once: of those that wait, and of those that do not.


def complaints(number: int, host: str, seed: int, directory: pathlib.Path) -> list[str]:
    fault = FAULTS[number]
    try:
        with Network(fault, directory / f"{host}-{seed}-{number}", seed) as network:
            if host == "filter":
                wrong = lying_network.filter_complaints(network, OPTIONS.sessions)
            elif host == "exim":
                wrong = lying_network.exim_complaints(network, 1)
            else:
                wrong = lying_network.command_complaints(HELOVET, network, 1)
            return wrong + [repr(error) for error in (network.dns.errors if network.dns else [])]
    except Exception as error:
        return [repr(error)]


def hosts_of(number: int) -> list[str]:
    """The programs that meet a fault. A module with sanitizers in it cannot be loaded by Exim."""
    in_exim = FAULTS[number].name in IN_EXIM and not os.environ.get("HELOVET_WITHOUT_EXIM")
    return ["filter", "command"] + ["exim"] * in_exim


class LyingNetwork(unittest.TestCase):
    longMessage = False

    def test_what_exim_meets_is_in_the_table(self):
        self.assertEqual(IN_EXIM - {fault.name for fault in FAULTS}, set())

    def test_every_fault(self):
        scratch = self.enterContext(servers.Scratch("lying"))
        with ThreadPoolExecutor(WAITING) as waiting, ThreadPoolExecutor(BUSY) as busy:
            runs = {(number, host, seed): (waiting if fault.waits else busy).submit(
                        complaints, number, host, seed, scratch.path)
                    for seed in range(OPTIONS.seeds) for number, fault in enumerate(FAULTS)
                    for host in hosts_of(number)}
            for (number, host, seed), run in runs.items():
                fault = FAULTS[number]
                with self.subTest(fault=fault.name, host=host, seed=seed):
                    wrong = run.result()
                    self.assertFalse(wrong, f"{fault.source}\n" + "\n".join(wrong[:6]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--seeds", type=int, default=OPTIONS.seeds)
    parser.add_argument("--sessions", type=int, default=OPTIONS.sessions)
    OPTIONS, rest = parser.parse_known_args()
    servers.enter_private_network()
    unittest.main(argv=[sys.argv[0], *rest])
