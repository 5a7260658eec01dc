"""Runs one command in a small root of its own; sandbox.py starts this program and says why.

    enter_sandbox.py LIFE_FD COMMAND...     (the command is repeated there for `ps` alone)

LIFE_FD is a pipe. Its first line is a description in JSON, see Sandbox.spec() in sandbox.py.

It makes new mount, process, host name and IPC namespaces, builds a root on a tmpfs that nobody else
sees, and runs the command there under an init. When the init ends, the kernel kills every process
of the namespace and the mounts go with the last of them. The init ends with its command, when the
other end of the pipe is closed (its owner has ended, in whatever way), or when this program is
killed.
"""

import ctypes
import json
import os
import select
import signal
import sys

MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID = 0x20000, 0x4000000, 0x8000000, 0x20000000
PR_SET_PDEATHSIG = 1
REAP_SECONDS = 1.0

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    """A libc function that sets errno; strings become bytes."""
    arguments = [a.encode() if isinstance(a, str) else a for a in arguments]
    if getattr(libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}{tuple(arguments)}: {os.strerror(error)}")


def mount(source, target, kind=None, flags=0, data=None):
    call("mount", source, target, kind, ctypes.c_ulong(flags), data)


def bind(source_fd, target, writable):
    source = f"/proc/self/fd/{source_fd}"
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "a", encoding="utf-8"):
            pass
    mount(source, target, None, MS_BIND | MS_REC)
    if not writable:
        mount(None, target, None, MS_BIND | MS_REMOUNT | MS_RDONLY)


def write_file(root, path, text, mode=0o644):
    target = root + path
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(target, mode)


def build_root(spec):
    """The new root: the host's programs and libraries read-only, everything else its own."""
    call("mount", "none", "/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)
    sources = [(os.open(b["source"], os.O_PATH), b["target"], b["writable"])
               for b in spec["binds"]]
    root = spec["root"]
    mount("tmpfs", root, "tmpfs", 0, "mode=755")
    for source_fd, target, writable in sources:
        bind(source_fd, root + target, writable)
        os.close(source_fd)
    for target, link in spec["links"].items():
        os.makedirs(os.path.dirname(root + target), exist_ok=True)
        os.symlink(link, root + target)
    for path, mode in spec["directories"].items():
        os.makedirs(root + path, exist_ok=True)
        os.chmod(root + path, mode)
    for path, text in spec["files"].items():
        write_file(root, path, text)
    os.makedirs(root + "/proc", exist_ok=True)
    mount("proc", root + "/proc", "proc")
    os.chdir(root)
    call("pivot_root", ".", ".")
    call("umount2", ".", MNT_DETACH)
    os.chdir("/scratch")


def run_init(spec):
    """Process 1 of the namespace: starts the command, buries orphans, ends when it should."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    build_root(spec)
    call("sethostname", spec["hostname"], len(spec["hostname"]))
    command = os.fork()
    if command == 0:
        os.close(spec["life_fd"])
        os.setsid()
        os.umask(0o022)
        os.execve(spec["command"][0], spec["command"], spec["environment"])
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1):
        os.dup2(null, fd)
    poll = select.poll()
    poll.register(spec["life_fd"], 0)
    poll.register(os.pidfd_open(command), select.POLLIN)
    while True:
        poll.poll(REAP_SECONDS * 1000)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 1
            if pid == command:
                return os.waitstatus_to_exitcode(status)
            if pid == 0:
                break
        if life_has_ended(spec["life_fd"]):
            return 1


def life_has_ended(fd):
    poll = select.poll()
    poll.register(fd, 0)
    return any(events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0))


def main():
    life_fd = int(sys.argv[1])
    with os.fdopen(os.dup(life_fd), encoding="utf-8") as description:
        spec = json.loads(description.readline())
    spec["life_fd"] = life_fd
    try:
        call("unshare", CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC)
    except PermissionError:
        sys.exit("The tests' servers need root and the right to make namespaces; a container has it "
                 "with --privileged.")
    init = os.fork()
    if init == 0:
        status = run_init(spec)
        os._exit(status if status >= 0 else 128 - status)
    # Only the init and its command hold the streams now, so that a reader sees their end.
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(spec["life_fd"])
    _, status = os.waitpid(init, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


if __name__ == "__main__":
    main()
