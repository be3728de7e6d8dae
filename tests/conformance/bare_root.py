"""Roots to try packages in: without a compiler, or like this machine but for what a test writes.

Both need the right to make mount namespaces and to chroot: as root, or as a user that may make user
namespaces.
"""
import os
import re
import shutil
import subprocess
import unittest

COMPILERS = ("cc", "c++", "gcc", "g++", "cpp", "ld", "as", "make", "cmake", "ninja", "clang")


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def closure(program):
    """The libraries that the loader finds for a program, the loader included."""
    result = subprocess.run(["ldd", program], capture_output=True, text=True)
    return re.findall(r"(?m)(/\S+) \(0x", result.stdout)


def providers():
    """Names that installed packages provide besides their own -> the package."""
    provided = {}
    for line in output("dpkg-query", "-W", "-f", "${Package}\t${Provides}\n").splitlines():
        package, _, names = line.partition("\t")
        for name in filter(None, re.split(r"\s*,\s*", names)):
            provided.setdefault(name.split()[0], package)
    return provided


def dependencies(field):
    """Packages that a Depends field means on this machine, and what they depend on in turn."""
    found, waiting = set(), [field]
    provided = providers()
    while waiting:
        for clause in re.split(r"\s*,\s*", waiting.pop().strip()):
            for choice in re.split(r"\s*\|\s*", clause):
                name = re.sub(r"[\s(:].*", "", choice)
                name = provided.get(name, name)
                if not name or name in found:
                    break
                query = subprocess.run(
                    ["dpkg-query", "-W", "-f", "${db:Status-Status}\t${Pre-Depends}, ${Depends}", name],
                    capture_output=True, text=True)
                status, _, further = query.stdout.partition("\t")
                if query.returncode == 0 and status == "installed":
                    found.add(name)
                    waiting.append(further)
                    break
    return found


class Root:
    """Runs commands in `path` as its root folder."""

    # The arguments of the shell: the root, then the command.
    ENTER = ('mkdir -p "$0/proc" "$0/dev" "$0/tmp" && mount --rbind /proc "$0/proc" && '
             'mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"')

    def __init__(self, path):
        self.path = path
        os.makedirs(path, exist_ok=True)

    def within(self, path):
        return os.path.join(self.path, path.lstrip("/"))

    def run(self, *words, timeout=600, **env):
        env = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp",
               "LC_ALL": "C.UTF-8", **env}
        return subprocess.run([*unshare(), "sh", "-c", self.ENTER, self.path, *words],
                              capture_output=True, text=True, timeout=timeout, env=env, cwd="/",
                              stdin=subprocess.DEVNULL)


def unshare():
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


class BareRoot(Root):
    """A folder with a shell and a few tools, and libraries of named packages only."""

    TOOLS = ("sh", "bash", "true", "cat", "ls", "env", "grep", "sleep")

    def __init__(self, path):
        super().__init__(path)
        for folder in ("bin", "sbin", "lib", "lib64"):
            os.makedirs(self.within(f"usr/{folder}"))
            os.symlink(f"usr/{folder}", self.within(folder))
        os.makedirs(self.within("tmp"))
        for tool in self.TOOLS:
            program = shutil.which(tool)
            self.copy(os.path.realpath(program), f"/usr/bin/{tool}")
            for library in closure(program):
                self.copy(library)

    def copy(self, source, target=None):
        target = self.within(target or source)
        if not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(source, target)

    def add_packages(self, names):
        """The shared libraries of installed packages; links stay links."""
        for name in names:
            for path in output("dpkg-query", "-L", name).splitlines():
                if re.search(r"\.so(\.|$)", path) and os.path.isfile(path):
                    self.copy(path)

    def compilers(self):
        return [name for name in COMPILERS
                if any(os.path.lexists(self.within(f"{folder}/{name}"))
                       for folder in ("usr/bin", "usr/sbin", "usr/local/bin"))]


class OverlayRoot(Root):
    """This machine's files, with whatever is written kept in memory and lost after each run.

    The folder that `path` lies in is there, too, as it is.
    """

    ENTER = ('mount -t tmpfs tmpfs "$0" && mkdir "$0/upper" "$0/work" "$0/root" && '
             'mount -t overlay overlay -o lowerdir=/,upperdir="$0/upper",workdir="$0/work" "$0/root" && '
             'cd "$0/root" && mount --rbind /proc proc && mount --rbind /dev dev && '
             'mount -t tmpfs tmpfs run && own=$(dirname "$0") && mkdir -p ".$own" && '
             'mount --bind "$own" ".$own" && exec chroot . "$@"')


def require_privilege(root):
    """Skips the test unless commands can be run in `root`; says what is missing."""
    if not shutil.which("unshare"):
        raise unittest.SkipTest("no unshare")
    result = root.run("true")
    if result.returncode != 0:
        reason = result.stderr.strip().splitlines()
        raise unittest.SkipTest("no right to unshare, mount and chroot here: "
                                + (reason[-1] if reason else f"exit code {result.returncode}"))
