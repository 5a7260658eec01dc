"""Where the tests' servers run: a root of their own, built of the host's programs, read-only, and of
one of the packages that tests/prerequisites unpacked. Nothing of the host's configuration is seen
there, nothing of the host can be written, and nothing outlives the process that made it, whatever
ends that process (see enter_sandbox.py). It needs root and its right to make namespaces.

    with Scratch("my-test") as scratch:                # a directory that goes away
        sandbox = Sandbox("exim4-daemon-heavy", scratch.path, files={"/etc/exim4/exim4.conf": text})
        sandbox.run(["/usr/sbin/exim4", "-bV"])        # like subprocess.run
        process = sandbox.start(["/usr/sbin/exim4", "-bdf"], log=scratch.path / "log")
        process.stop()

In the sandbox the scratch directory is /scratch, readable and writable by all its users; everything
else that is written there is gone with the last process.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SERVERS = pathlib.Path(os.environ.get("HELOVET_SERVERS", SOURCE / "build/servers"))
SCRATCH = pathlib.Path(os.environ.get("HELOVET_SCRATCH", SOURCE / "build/scratch"))
ENTER = pathlib.Path(__file__).with_name("enter_sandbox.py")

HOSTNAME = "mx.example"  # The name of every sandbox.

# The users that the servers ask for. The numbers belong to nobody on a Debian host.
USERS = {
    "nobody": 65534,
    "Debian-exim": 64801,
    "opensmtpd": 64802,
    "opensmtpq": 64803,
    "postbox": 64804,  # Receives all mail.
}

STOP_SECONDS = 10.0
# Below the range that Linux takes clients' ports from, so that no client is in the way.
LOWEST_PORT, HIGHEST_PORT = 20000, 31999

CLONE_NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR, IFF_UP = 0x8913, 0x8914, 0x8916, 0x1


class ServerError(Exception):
    """A server of the tests did not do what it should; the text has the end of its log."""


class Scratch:
    """A directory under build/scratch for as long as the `with` lasts. What a killed test left
    there is removed by the next one: the owner of a live directory holds a lock on it."""

    def __init__(self, name: str):
        SCRATCH.mkdir(parents=True, exist_ok=True)
        with open(SCRATCH / ".lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._remove_abandoned()
            self.path = pathlib.Path(tempfile.mkdtemp(prefix=name + "-", dir=SCRATCH))
            self._fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._fd, fcntl.LOCK_EX)
        self.path.chmod(0o755)

    @staticmethod
    def all() -> list[pathlib.Path]:
        """The scratch directories that there are, of all tests."""
        return [path for path in SCRATCH.iterdir() if path.is_dir()]

    @staticmethod
    def _remove_abandoned():
        for directory in Scratch.all():
            fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)
            except BlockingIOError:
                pass
            finally:
                os.close(fd)

    def close(self):
        if self._fd is not None:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._fd)
            self._fd = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Running:
    """A command under way in a sandbox."""

    def __init__(self, process: subprocess.Popen, life: int):
        self.process = process
        self._life = life

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def pids(self) -> list[int]:
        """The host's process ids of everything in the sandbox, the launcher first and each before
        its children."""
        found, queue = [], [self.process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            with contextlib.suppress(OSError):
                children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
                queue += [int(child) for child in children.split()]
        return found

    def commands(self) -> dict[int, bytes]:
        """The command lines, ended by NULs, of pids(), but of those that have ended meanwhile."""
        found = {}
        for pid in self.pids():
            with contextlib.suppress(OSError):
                found[pid] = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        return found

    def stop(self):
        """Kills everything in the sandbox. May be called twice."""
        if self._life is not None:
            os.close(self._life)
            self._life = None
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Sandbox:
    """What commands see. `files` (path: text) and `binds` (path: host's path, read-only) are put
    where they say; `directories` are paths with modes."""

    def __init__(self, package: str, work: pathlib.Path, *, files=None, binds=None,
                 directories=None, environment=None, hostname=HOSTNAME, resolv_conf=""):
        self.package = SERVERS / package
        if not self.package.is_dir():
            raise ServerError(f"{self.package} is missing: run tests/prerequisites")
        self.work = work
        self.files = {"/etc/resolv.conf": resolv_conf, **base_files(hostname), **(files or {})}
        self.binds = binds or {}
        self.directories = directories or {}
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC",
                            **(environment or {})}
        self.hostname = hostname

    def spec(self, command: list[str], root: str) -> dict:
        """The description for enter_sandbox.py."""
        binds, links = [], {}

        def add(source, target, writable=False):
            binds.append({"source": str(source), "target": target, "writable": writable})

        add_system(self.package, add, links)
        for name in ("null", "zero", "full", "random", "urandom"):
            add(f"/dev/{name}", f"/dev/{name}", True)
        add(self.work, "/scratch", True)
        for target, source in self.binds.items():
            add(source, target)
        directories = {"/tmp": 0o1777, "/dev/shm": 0o1777, "/run": 0o755, "/var/tmp": 0o1777,
                       "/var/log": 0o755, "/var/mail": 0o777, "/root": 0o700, **self.directories}
        links["/var/run"] = "../run"
        return {"command": command, "root": root, "hostname": self.hostname,
                "binds": binds, "links": links, "directories": directories, "files": self.files,
                "environment": self.environment}

    @contextlib.contextmanager
    def _popen(self, command, **streams):
        # The root is mounted over an empty directory of the scratch directory.
        root = self.work / ".root"
        root.mkdir(exist_ok=True)
        life_read, life_write = os.pipe()
        try:
            spec = self.spec(command, str(root))
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(ENTER), str(life_read), *command],
                pass_fds=(life_read,), start_new_session=True, **streams)
            os.write(life_write, json.dumps(spec).encode() + b"\n")
        except BaseException:
            os.close(life_write)
            raise
        finally:
            os.close(life_read)
        yield Running(process, life_write)

    def start(self, command: list[str], log: pathlib.Path) -> Running:
        """Starts a command that goes on, a server; both its output streams go to `log`."""
        with open(log, "ab") as stream:
            with self._popen(command, stdin=subprocess.DEVNULL, stdout=stream,
                             stderr=stream) as running:
                return running

    def run(self, command: list[str], text: str = "", timeout: float = 60.0):
        """Runs a command to its end: a CompletedProcess with text in stdout and stderr."""
        with self._popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, encoding="utf-8",
                         errors="surrogateescape") as running:
            try:
                out, err = running.process.communicate(text, timeout)
            finally:
                running.stop()
            return subprocess.CompletedProcess(command, running.process.returncode, out, err)


def add_system(package: pathlib.Path, add, links: dict):
    """The host's programs and libraries, with the package's own in usr/sbin and usr/libexec."""
    for entry in sorted(pathlib.Path("/usr").iterdir()):
        if entry.is_dir() and not entry.is_symlink() and entry.name not in ("sbin", "libexec"):
            add(entry, str(entry))
        elif entry.is_symlink():
            links[str(entry)] = os.readlink(entry)
    for name in ("sbin", "libexec"):
        if (package / "usr" / name).is_dir():
            add(package / "usr" / name, f"/usr/{name}")
    links["/sbin"] = "usr/sbin"
    for name in ("bin", "lib", "lib32", "lib64", "libx32"):
        entry = pathlib.Path("/") / name
        if entry.is_symlink():
            links[str(entry)] = os.readlink(entry)
        elif entry.is_dir():
            add(entry, str(entry))
    for path in ("/etc/ld.so.cache", "/etc/alternatives"):
        if os.path.exists(path):
            add(path, path)


def base_files(hostname: str) -> dict[str, str]:
    """The configuration that C libraries and servers look for."""
    passwd = "root:x:0:0:root:/root:/bin/sh\n" + "".join(
        f"{name}:x:{uid}:{uid}::/nonexistent:/usr/sbin/nologin\n" for name, uid in USERS.items())
    group = "root:x:0:\nmail:x:8:\ntty:x:5:\n" + "".join(
        f"{name}:x:{uid}:\n" for name, uid in USERS.items())
    return {
        "/etc/passwd": passwd,
        "/etc/group": group,
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n",
        "/etc/hosts": f"127.0.0.1 localhost {hostname}\n::1 localhost\n",
        "/etc/hostname": hostname + "\n",
        "/etc/services": "smtp 25/tcp mail\ndomain 53/tcp\ndomain 53/udp\nident 113/tcp\n",
    }


def free_port() -> int:
    """A port that is free on every address of this host, for UDP and for TCP."""
    while True:
        port = random.randint(LOWEST_PORT, HIGHEST_PORT)
        with contextlib.ExitStack() as stack:
            try:
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    probe = stack.enter_context(socket.socket(socket.AF_INET6, kind))
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                    probe.bind(("::", port))
                return port
            except OSError:
                continue


def wait_until(condition, what: str, seconds: float = 15.0, running=None, log=None):
    """Asks `condition` until it holds. Raises ServerError with the end of `log` when the time is
    over or the server has ended."""
    deadline = time.monotonic() + seconds
    while not condition():
        ended = running is not None and not running.is_alive()
        if ended or time.monotonic() > deadline:
            tail = ""
            if log is not None and log.exists():
                tail = "\n" + "\n".join(log.read_text(errors="replace").splitlines()[-30:])
            raise ServerError(f"{what}: {'the server has ended' if ended else 'not in time'}{tail}")
        time.sleep(0.02)


def enter_private_network(addresses=()):
    """Moves this process, and all it starts later, into a network of its own: only loopback, with
    `addresses` (IPv4 or IPv6 texts) added to it, every port free, 25 and 53 too. To be called before
    any thread or socket is made. There is no way back."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWNET)")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        interface_up(control, "lo")
        for number, address in enumerate(a for a in addresses if ":" not in a):
            name = f"lo:{number}".encode()
            request = struct.pack("16sHH4s8x", name, socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(control, SIOCSIFADDR, request)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
        index = socket.if_nametoindex("lo")
        for address in (a for a in addresses if ":" in a):
            request = struct.pack("=16sIi", socket.inet_pton(socket.AF_INET6, address), 128, index)
            fcntl.ioctl(control, SIOCSIFADDR, request)


def interface_up(control: socket.socket, name: str):
    request = struct.pack("16sH14x", name.encode(), 0)
    flags = struct.unpack("16sH14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", name.encode(), flags | IFF_UP))
