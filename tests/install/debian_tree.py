"""A clean Debian of the host's release, into which a test installs packages as an administrator would.

    base = DebianBase(["exim4-daemon-heavy"], ["opensmtpd"])    # before the test leaves the network
    with Scratch("packages") as scratch, base.tree(scratch.path / "tree") as tree:
        tree.run(["apt-get", "install", ...])
        (tree.root / "etc/mailname").write_text("mx.example\\n")

The base is made by debootstrap from the mirror that the host's apt uses, with the packages that are
asked for in apt's cache, and kept in build/debian (or $HELOVET_DEBIAN): a tree needs no network. A
tree is the base with a layer in memory on top, in namespaces of its own (all but that of the
network, which is the test's); it and all its processes go when its owner does, in whatever way.
Nothing starts there by itself (policy-rc.d).
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/integration"))

import enter_sandbox  # noqa: E402 (found through the path above)
from sandbox import ServerError  # noqa: E402

BASES = pathlib.Path(os.environ.get("HELOVET_DEBIAN", SOURCE / "build/debian"))
FORM = 1  # To be raised when a base is made in another way.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/root",
               "DEBIAN_FRONTEND": "noninteractive"}
APT = ["apt-get", "-y", "--no-install-recommends", "-o", "APT::Sandbox::User=root",
       "-o", "Dpkg::Use-Pty=0", "-o", "Dpkg::Options::=--force-unsafe-io"]
COMMAND_SECONDS = 300
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def die_with_parent():
    enter_sandbox.libc.prctl(enter_sandbox.PR_SET_PDEATHSIG, signal.SIGKILL)


def command(*words, **options):
    """A command's output; an error has it too."""
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
                          preexec_fn=die_with_parent, **{"timeout": COMMAND_SECONDS, **options})
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-40:])
        raise ServerError(f"{' '.join(map(str, words))}: exit status {done.returncode}\n{tail}")
    return done.stdout


def apt_sources():
    """Where the host's apt has Debian itself from: (URI, suite, components, is the release's own)."""
    text = command("apt-get", "indextargets", "--format",
                   "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(CODENAME)|$(COMPONENT)", "Created-By: Packages")
    sources = {}
    for line in text.splitlines():
        origin, uri, suite, codename, component = line.split("|")
        if origin == "Debian":
            sources.setdefault((uri, suite, codename), set()).add(component)
    if not sources:
        raise ServerError("apt knows of no Debian mirror: run apt-get update")
    return [(uri, suite, sorted(components), "-" not in codename)
            for (uri, suite, codename), components in sorted(sources.items())]


def apt_transport():
    """The host's settings for downloads, such as a proxy, in apt's own form."""
    lines = command("apt-config", "dump").splitlines()
    return "".join(line + "\n" for line in lines if line.startswith(("Acquire::http::", "Acquire::https::")))


class DebianBase:
    """`groups` are lists of packages whose downloads, with all they need, the base has; each group
    by itself can be installed. It lasts, and is kept from removal, until this process ends."""

    def __init__(self, *groups):
        self.sources = apt_sources()
        self.transport = apt_transport()
        self.groups = [sorted(group) for group in groups]
        known = json.dumps([FORM, self.sources, self.transport, self.groups])
        name = "base-" + hashlib.sha256(known.encode()).hexdigest()[:12]
        BASES.mkdir(parents=True, exist_ok=True)
        self.path = BASES / name
        with open(BASES / ".lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.path.is_dir():
                self._make()
            self._in_use = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._in_use, fcntl.LOCK_SH)
            self._remove_others()

    def _remove_others(self):
        for other in BASES.iterdir():
            if other.is_dir() and other != self.path:
                fd = os.open(other, os.O_RDONLY | os.O_DIRECTORY)
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(other, ignore_errors=True)
                os.close(fd)

    def _make(self):
        """Whole or not at all, and without a mount that outlives it."""
        making = BASES / ".making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o755)
        uri, suite = next((uri, suite) for uri, suite, _, own in self.sources if own)
        inside = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--propagation=private"]
        environment = {**os.environ, **ENVIRONMENT, **self._proxy()}
        command(*inside, "debootstrap", "--variant=minbase", "--include=ca-certificates,mandoc",
                suite, making, uri, env=environment)
        lines = [f"deb {uri} {suite} {' '.join(components)}\n" for uri, suite, components, _ in self.sources]
        (making / "etc/apt/sources.list").write_text("".join(lines))
        (making / "etc/apt/apt.conf.d/00host").write_text(self.transport)
        shutil.copyfile("/etc/resolv.conf", making / "etc/resolv.conf")
        policy = making / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        for action in (["update"], *(["--download-only", "install", *group] for group in self.groups)):
            command(*inside, "chroot", making, *APT, *action, env=environment)
        making.rename(self.path)

    def _proxy(self):
        proxy = command("apt-config", "shell", "proxy", "Acquire::http::Proxy").partition("=")[2].strip().strip("'")
        return {"http_proxy": proxy} if proxy and proxy != "DIRECT" else {}

    def tree(self, mount_point):
        return DebianTree(self, mount_point)


class DebianTree:
    """The context is a running tree; `root` leads to its files."""

    def __init__(self, base, mount_point):
        self.base = base
        self.mount_point = mount_point

    def __enter__(self):
        self.mount_point.mkdir(exist_ok=True)
        self._owner = subprocess.Popen(
            [sys.executable, "-B", __file__, str(self.base.path), str(self.mount_point)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        pid = self._owner.stdout.readline().strip()
        if not pid.isdigit():
            self.close()
            raise ServerError("the tree of packages could not be mounted")
        self._init = int(pid)
        self.root = pathlib.Path(f"/proc/{pid}/root")
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._owner.stdin.close()
        self._owner.wait()
        self._owner.stdout.close()

    def command_line(self, words):
        return ["nsenter", "--target", str(self._init), "--mount", "--uts", "--ipc", "--pid",
                "--root", f"--wd={self.root}", "--", *map(str, words)]

    def run(self, words, **options):
        return command(*self.command_line(words), env=ENVIRONMENT, **options)

    def start(self, words, log):
        """A process that goes on until it ends by itself or the tree goes."""
        with open(log, "ab") as stream:
            return subprocess.Popen(self.command_line(words), env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                                    stdout=stream, stderr=stream, preexec_fn=die_with_parent)

    def apt(self, *words):
        return self.run([*APT, *words])

    def files(self):
        """Every path, but those where apt and dpkg keep their books, and of no file system of the kernel's."""
        books = ("/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log", "/tmp")
        paths = self.run(["find", "/", "-xdev", "-mindepth", "1"]).splitlines()
        return {path for path in paths if not path.startswith(books)}


def be_init(base, mount_point):
    """Process 1 of a tree: mounts it, says so, and buries orphans until its owner goes."""
    die_with_parent()
    mount = enter_sandbox.mount
    mount("none", "/", None, enter_sandbox.MS_REC | enter_sandbox.MS_PRIVATE)
    mount("tmpfs", mount_point, "tmpfs", 0, "mode=755")
    upper, work, root = (f"{mount_point}/{name}" for name in ("upper", "work", "root"))
    for directory in (upper, work, root):
        os.mkdir(directory, 0o755)
    mount("overlay", root, "overlay", 0, f"lowerdir={base},upperdir={upper},workdir={work}")
    mount("proc", f"{root}/proc", "proc")
    for name in DEVICES:
        pathlib.Path(f"{root}/dev/{name}").touch()
        mount(f"/dev/{name}", f"{root}/dev/{name}", None, enter_sandbox.MS_BIND)
    enter_sandbox.call("sethostname", "mx.example", len("mx.example"))
    os.chdir(root)
    os.chroot(".")
    pathlib.Path("/etc/hosts").write_text("127.0.0.1 localhost mx.example\n::1 localhost\n", "utf-8")
    pathlib.Path("/etc/resolv.conf").write_text("nameserver 127.0.0.1\n", "utf-8")
    os.write(1, b"ready\n")
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1):
        os.dup2(null, fd)
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        signal.sigtimedwait([signal.SIGCHLD], 1.0)


def main(base, mount_point):
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    enter_sandbox.call("unshare", enter_sandbox.CLONE_NEWNS | enter_sandbox.CLONE_NEWPID
                       | enter_sandbox.CLONE_NEWUTS | enter_sandbox.CLONE_NEWIPC)
    ready_read, ready_write = os.pipe()
    init = os.fork()
    if init == 0:
        os.dup2(ready_write, 1)
        os.close(ready_write)
        os.close(ready_read)
        be_init(base, mount_point)
    os.close(ready_write)
    if os.read(ready_read, 16) == b"ready\n":
        print(init, flush=True)
        sys.stdin.read()
    os.kill(init, signal.SIGKILL)
    os.waitpid(init, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
