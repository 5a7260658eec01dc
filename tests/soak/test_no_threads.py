"""No thread exists in what we ship: neither the programs nor the module import what begins one.

    test_no_threads.py FILE...

Where one of them does, it is to be run under ThreadSanitizer, and this test is to say so."""

import subprocess
import sys

# Ways to a thread: POSIX's, C11's, the system call beneath, and std::thread, std::jthread and std::async.
BEGINNINGS = ("pthread_create", "thrd_create", "clone", "_ZNSt6thread15_M_start_thread")


def imports(path: str) -> set[str]:
    """The names that a file takes from shared libraries, without versions."""
    listed = subprocess.run(["nm", "-D", "--undefined-only", path], check=True, capture_output=True, text=True)
    return {line.split()[-1].partition("@")[0] for line in listed.stdout.splitlines()}


def main() -> int:
    wrong = 0
    for path in sys.argv[1:]:
        names = imports(path)
        if "memcpy" not in names and "malloc" not in names:
            print(f"{path}: not read: {len(names)} names")
            wrong += 1
        for name in sorted(name for name in names if name.startswith(BEGINNINGS)):
            print(f"{path}: imports {name}, want no thread")
            wrong += 1
    print(f"{len(sys.argv) - 1} files, {wrong} begin threads" if wrong else
          f"{len(sys.argv) - 1} files, none begins a thread")
    return 1 if wrong or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
