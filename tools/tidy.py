#!/usr/bin/python3
"""tools/tidy.py: clang-tidy over the C++ files that a change touches.  .clang-tidy has the checks.

tools/lint gives it a few seconds; tools/check calls it after the build, for as long as it takes.
A change is what differs from the merge base with main (of a pull request: with its target), commits
and uncommitted files alike.  What was clean stays noted in build/tidy until the file, the checks or the
flags change, so a second run costs nothing.
"""
import concurrent.futures
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import compile_flags  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

BUILDS = ("build/dev", "build/release", "build/asan")
GENERATED = re.compile(r"'[\w/]+\.pb\.h' file not found")
FOUND = re.compile(r"^(/[^:]+):(\d+):\d+: (?:warning|error): (.*) \[([\w.,-]+)\]$", re.M)
# g++ 12 has coroutines in <coroutine>; clang 14 has them, too, and lacks only the macro that says so.
CLANG_FLAGS = ["-D__cpp_impl_coroutine=201902L", "-Wno-unknown-warning-option", "-Wno-builtin-macro-redefined",
               "-Wno-pragma-once-outside-header", "-Wno-unused-command-line-argument"]


def _git(root, *arguments):
    result = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else None


def base_of(root):
    """The commit that a change is compared with; None outside of a git work tree."""
    target = os.environ.get("GITHUB_BASE_REF")
    for branch in ([f"origin/{target}"] if target else []) + ["origin/main", "main"]:
        base = _git(root, "merge-base", "HEAD", branch)
        if base:
            return base
    return _git(root, "rev-parse", "HEAD")


def changed_files(root):
    """C++ files that differ from the base, sorted; None outside of a git work tree."""
    base = base_of(root) if os.path.exists(os.path.join(root, ".git")) else None
    if base is None:
        return None
    listed = (_git(root, "diff", "--name-only", "--diff-filter=d", base, "--", "*.h", "*.cc") or "").split("\n")
    listed += (_git(root, "ls-files", "--others", "--exclude-standard", "--", "*.h", "*.cc") or "").split("\n")
    return sorted({path for path in listed if path})


class Tidy:
    def __init__(self, root, build):
        self.root = root
        self.flags = compile_flags.by_source(os.path.join(root, build), root)
        self.notes = os.path.join(root, "build/tidy")
        self.unbuilt = []  # files that include what the build has not generated yet
        with open(os.path.join(root, ".clang-tidy"), encoding="utf-8") as stream:
            self.checks = stream.read()

    def command(self, path):
        """(working folder, command), or None where no flags are known."""
        known = compile_flags.for_file(path, self.flags)
        if known is None:
            return None
        folder, flags = known
        language = ["-x", "c++"] if path.endswith(".h") else []
        return folder, (["clang-tidy", "--quiet", os.path.join(self.root, path), "--"] + flags[1:] + CLANG_FLAGS
                        + language)

    def note_of(self, path):
        """Where it is noted that the file, as it is, has nothing to complain of."""
        _, command = self.command(path) or ("", [])
        with open(os.path.join(self.root, path), "rb") as stream:
            parts = [stream.read(), self.checks.encode(), " ".join(command).encode()]
        return os.path.join(self.notes, hashlib.sha256(b"\0".join(parts)).hexdigest())

    def is_noted(self, path):
        return os.path.exists(self.note_of(path))

    def check(self, path):
        """[(path, line, what)]."""
        found = self.command(path)
        if found is None or self.is_noted(path):
            return []
        folder, command = found
        note = self.note_of(path)
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if GENERATED.search(result.stdout):
            self.unbuilt.append(path)
            return []
        problems = sorted({(os.path.relpath(place, self.root), int(line), f"{text} [{check}]")
                           for place, line, text, check in FOUND.findall(result.stdout)})
        if not problems and result.returncode != 0:
            return [(path, 1, "clang-tidy failed: " + (result.stderr.strip().split("\n")[-1] or result.stdout[-200:]))]
        if not problems:
            os.makedirs(self.notes, exist_ok=True)
            open(note, "w", encoding="utf-8").close()
        return problems


def run(root, seconds=None):
    """(violations as (path, line, what), what was left out and why, or "").  No file is begun after `seconds`."""
    paths = changed_files(root)
    if paths is None:
        return [], "no work tree of git"
    if not paths:
        return [], ""
    if shutil.which("clang-tidy") is None:
        return [], "clang-tidy is not installed: run tools/setup --lint"
    build = next((one for one in BUILDS if os.path.exists(os.path.join(root, one, "compile_commands.json"))), None)
    if build is None:
        return [], "nothing is configured: run cmake --preset dev"
    tidy = Tidy(root, build)
    end = time.monotonic() + seconds if seconds is not None else None
    late = []

    def check(path):
        if end is not None and time.monotonic() > end and not tidy.is_noted(path):
            late.append(path)
            return []
        return tidy.check(path)

    found = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        try:
            for number, problems in enumerate(pool.map(check, paths), 1):
                found.append(problems)
                if sys.stderr.isatty():
                    print(f"\rclang-tidy: {number} of {len(paths)} files", end="", file=sys.stderr)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    reasons = [f"build {build} first, for {', '.join(sorted(tidy.unbuilt))}"] if tidy.unbuilt else []
    if late:
        reasons.append(f"{len(late)} of {len(paths)} files for want of time; tools/tidy.py checks all")
    return sorted({problem for problems in found for problem in problems}), "; ".join(reasons)


def main():
    if len(sys.argv) > 1:
        print(__doc__.rstrip())
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    began = time.monotonic()
    try:
        found, reason = run(ROOT)
    except KeyboardInterrupt:
        return 130
    for path, line, what in found:
        print(f"{path}:{line}: tidy: {what}")
    if reason:
        print(f"tidy: left out: {reason}", file=sys.stderr)
    files = len(changed_files(ROOT) or [])
    print(f"tidy: {files} changed files, {len(found)} violations, {time.monotonic() - began:.1f} s", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
