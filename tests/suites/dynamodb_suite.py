"""dynamodb_suite: what the runners of public DynamoDB suites share.

A runner fetches a pinned commit beside this tree, runs each part of the suite against a daemon or an endpoint, and
reports rows {"id", "outcome": passed | failed | skipped, "reason"}.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 1800  # s for one part of a suite
DAEMON_FLAGS = ["--loops", "job", "--nodes", "0", "--durability", "memory"]


def main(doc, fetch, run, *, patterns, out, add_options=None):
    """The command line of a runner: `fetch CLONE --into FOLDER` and `run --suite FOLDER ...`."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    fetching = commands.add_parser("fetch")
    fetching.add_argument("clone")
    fetching.add_argument("--into", required=True)
    running = commands.add_parser("run")
    running.add_argument("--suite", type=os.path.abspath, required=True, help="the folder that `fetch` made")
    server = running.add_mutually_exclusive_group(required=True)
    server.add_argument("--endpoint", help="a server that runs")
    server.add_argument("--kless", type=os.path.abspath, help="a kless binary, started for each part of the suite")
    running.add_argument("--flag", action="append", default=[], help="one more flag of the daemon")
    running.add_argument("--out", type=os.path.abspath, default=os.path.join(ROOT, "build", out))
    running.add_argument("patterns", nargs="*", metavar=patterns)
    if add_options:
        add_options(running)
    arguments = parser.parse_args()
    if arguments.command == "fetch":
        return fetch(arguments)
    os.makedirs(arguments.out, exist_ok=True)
    return run(arguments)


def unpack(clone, commit, target, *paths):
    """The files of `commit`, or only those below `paths`, in the folder `target`."""
    os.makedirs(target, exist_ok=True)
    archive = subprocess.run(["git", "-C", clone, "archive", commit, *paths], stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", target], input=archive.stdout, check=True)
    print(f"{target}: {' '.join(paths) or 'all'} at {commit}")


def reasons(path):
    """{id: reason} of a file with an id, a tab and a reason a line; # begins a comment."""
    with open(path, encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split("\t", 1) for line in lines if line.strip() and not line.startswith("#"))


def environment(*prefixes):
    """This process's variables but those that begin with one of `prefixes` or concern AWS and kless."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "KLESS_", *prefixes))}


class Kless:
    """A daemon with its data in memory."""

    def __init__(self, binary, flags):
        self.process = subprocess.Popen(
            [binary, "serve", "--port", "0", *DAEMON_FLAGS, *flags], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            cwd=tempfile.gettempdir(), env={k: v for k, v in os.environ.items() if not k.startswith("KLESS_")})
        for line in self.process.stdout:
            match = re.search(r"https?://127\.0\.0\.1:\d+", line)
            if match:
                self.url = match[0]
                break
        else:
            raise SystemExit(f"{binary} serve ended with {self.process.wait()}")

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Part:
    """A run of one part of a suite: its seconds, its exit code, and what went wrong outside its tests."""

    def __init__(self, arguments, name, command_of, cwd, variables, flags=()):
        """`command_of(url)` is the command, `variables(url)` its environment; its output goes to NAME.log."""
        self.log = os.path.join(arguments.out, name + ".log")
        self.code, self.problem = None, None
        daemon = Kless(arguments.kless, [*flags, *arguments.flag]) if arguments.kless else None
        url = daemon.url if daemon else arguments.endpoint
        began = time.monotonic()
        try:
            with open(self.log, "w", encoding="utf-8") as sink:
                self.code = subprocess.run(command_of(url), cwd=cwd, env=variables(url), stdin=subprocess.DEVNULL,
                                           stdout=sink, stderr=subprocess.STDOUT, timeout=PATIENCE).returncode
        except subprocess.TimeoutExpired:
            self.problem = f"not done after {PATIENCE} s"
        finally:
            if daemon:
                if not daemon.alive():
                    self.problem = "the daemon ended"
                daemon.stop()
        self.seconds = time.monotonic() - began


def cleared(path):
    """`path`, which a run writes, without what an earlier run left there."""
    if os.path.exists(path):
        os.remove(path)
    return path


def rows_in(path):
    """The rows of a file with a JSON object a line; none if it does not exist."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def counts_of(rows):
    return collections.Counter(row["outcome"] for row in rows)


def report(out, rows):
    """Writes outcomes.jsonl and failing.txt, prints the last line, and returns the exit code."""
    with open(os.path.join(out, "outcomes.jsonl"), "w", encoding="utf-8") as sink:
        sink.writelines(json.dumps(row) + "\n" for row in rows)
    with open(os.path.join(out, "failing.txt"), "w", encoding="utf-8") as sink:
        sink.writelines(f"{row['id']}\t{' '.join(row.get('reason', '').split())[:500]}\n"
                        for row in rows if row["outcome"] == "failed")
    counts = counts_of(rows)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0


def unknown(name, what):
    sys.exit(f"{name}: no file {what}")
