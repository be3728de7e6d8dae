#!/usr/bin/python3
"""alternator: runs the suite of Scylla's Alternator against a DynamoDB endpoint.

    alternator.py fetch FROM_GIT --into SUITES            # unpacks the pinned commit out of a clone
    alternator.py run --suite SUITES/scylladb --endpoint http://127.0.0.1:8080 [PATTERN...]
    alternator.py run --suite SUITES/scylladb --kless build/release/kless [--jobs 2] [PATTERN...]

`run` copies test/alternator beside small stand-ins (stand_ins/) for what it imports of Scylla's test runner, and
runs it with Debian's python3-pytest and python3-boto3; boto3 speaks the model in tests/recordings/aws, which is
newer.  With --kless each file gets a daemon of its own, with data in memory; with --endpoint all files share that
server.  skipped.tsv names what is not run, with the reason.  Marks of expected failure are ignored: an id passes
or fails.

PATTERN selects files or ids: `test_item`, `test_streams.py::test_list_streams_create`.
--out DIR (default: build/alternator) gets outcomes.jsonl (an object per id) and failing.txt (id, tab, reason).
The last line is `N passed, N failed, N skipped`.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
COMMIT = "f4a4091ca28efb8c06c3422fdaac1d2f02e5614f"
PYTHON = "/usr/bin/python3"  # Debian's, with Debian's boto3
PATIENCE = 1800  # s for one file
# Expired items go at once, as the suite asks of Scylla.
DAEMON_FLAGS = ["--loops", "job", "--nodes", "0", "--durability", "memory"]


def fetch(arguments):
    target = os.path.join(arguments.into, "scylladb")
    os.makedirs(target, exist_ok=True)
    archive = subprocess.run(["git", "-C", arguments.clone, "archive", COMMIT, "test/alternator"],
                             stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", target], input=archive.stdout, check=True)
    print(f"{target}: test/alternator at {COMMIT}")


def prepare(suite, work):
    """The stand-ins with the suite's own files in their place."""
    shutil.copytree(os.path.join(HERE, "stand_ins"), work, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(os.path.join(suite, "test", "alternator"), os.path.join(work, "test", "alternator"))
    with open(os.path.join(work, "pytest.ini"), "w", encoding="utf-8") as ini:
        ini.write("[pytest]\n")


class Kless:
    """A daemon with its data in memory, for one file."""

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
            raise SystemExit(f"alternator: {binary} serve ended with {self.process.wait()}")

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


def run_file(arguments, work, out, name, ids):
    """One test file in a pytest of its own; returns its rows."""
    outcomes = os.path.join(out, name + ".jsonl")
    if os.path.exists(outcomes):
        os.remove(outcomes)
    daemon = Kless(arguments.kless, arguments.flag) if arguments.kless else None
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYTHON", "KLESS_"))}
    environment |= {
        "AWS_DATA_PATH": os.path.join(ROOT, "tests", "recordings", "aws"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "KLESS_OUTCOMES": outcomes,
        "KLESS_SKIPPED": os.path.join(HERE, "skipped.tsv"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        "TZ": "UTC",
    }
    url = daemon.url if daemon else arguments.endpoint
    targets = [f"test/alternator/{i}" for i in ids] or [f"test/alternator/{name}.py"]
    began = time.monotonic()
    log = os.path.join(out, name + ".log")
    try:
        with open(log, "w", encoding="utf-8") as sink:
            process = subprocess.run(
                [PYTHON, "-m", "pytest", "-p", "kless_plugin", "-p", "no:cacheprovider", "--runxfail", "-q",
                 "--tb=short", "--url", url, *targets],
                cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
                timeout=PATIENCE)
        problem = None if process.returncode in (0, 1) else f"pytest ended with {process.returncode}: see {log}"
    except subprocess.TimeoutExpired:
        problem = f"not done after {PATIENCE} s"
    finally:
        if daemon:
            if not daemon.alive():
                problem = "the daemon ended"
            daemon.stop()
    rows = []
    if os.path.exists(outcomes):
        with open(outcomes, encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
    if problem:
        rows.append({"id": f"{name}.py", "when": "file", "outcome": "failed", "seconds": 0, "reason": problem})
    return rows, time.monotonic() - began


def verdicts(rows):
    """One row an id: a failed setup or teardown outweighs a passed call."""
    weight = {"failed": 2, "passed": 1, "skipped": 0}
    best = {}
    for row in rows:
        other = best.get(row["id"])
        if other is None or weight[row["outcome"]] > weight[other["outcome"]]:
            best[row["id"]] = row
    return best


def run(arguments):
    suite = os.path.join(arguments.suite, "test", "alternator")
    files = sorted(name[:-3] for name in os.listdir(suite) if re.fullmatch(r"test_\w+\.py", name))
    wanted = collections.defaultdict(list)
    for pattern in arguments.patterns or ["*"]:
        file, _, rest = pattern.removesuffix(".py").partition("::")
        found = fnmatch.filter(files, file.removesuffix(".py"))
        if not found:
            sys.exit(f"alternator: no file {file}")
        for name in found:
            wanted[name] += [f"{name}.py::{rest}"] if rest else []
    out = os.path.abspath(arguments.out)
    os.makedirs(out, exist_ok=True)
    counts, all_rows = collections.Counter(), {}
    with tempfile.TemporaryDirectory(prefix="alternator-") as folder:
        work = os.path.join(folder, "work")
        prepare(arguments.suite, work)
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs if arguments.kless else 1) as pool:
            jobs = {pool.submit(run_file, arguments, work, out, name, ids): name for name, ids in wanted.items()}
            for job in concurrent.futures.as_completed(jobs):
                rows, seconds = job.result()
                best = verdicts(rows)
                all_rows |= best
                count = collections.Counter(row["outcome"] for row in best.values())
                counts += count
                print(f"{jobs[job]}: {count['passed']} passed, {count['failed']} failed, "
                      f"{count['skipped']} skipped ({seconds:.1f} s)", flush=True)
    with open(os.path.join(out, "outcomes.jsonl"), "w", encoding="utf-8") as sink:
        sink.writelines(json.dumps(all_rows[name]) + "\n" for name in sorted(all_rows))
    with open(os.path.join(out, "failing.txt"), "w", encoding="utf-8") as sink:
        sink.writelines(f"{name}\t{row.get('reason', '').splitlines()[0] if row.get('reason') else ''}\n"
                        for name, row in sorted(all_rows.items()) if row["outcome"] == "failed")
    with open(os.path.join(HERE, "failing.tsv"), encoding="utf-8") as lines:
        known = {line.split("\t")[0] for line in lines if not line.startswith("#")}
    failed = {name for name, row in all_rows.items() if row["outcome"] == "failed"}
    print(f"{len(failed & known)} of the failed ids have a known reason (failing.tsv)")
    for name in sorted(failed - known):
        print(f"no reason yet: {name}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    fetching = commands.add_parser("fetch")
    fetching.add_argument("clone")
    fetching.add_argument("--into", required=True)
    running = commands.add_parser("run")
    running.add_argument("--suite", required=True, help="the folder that `fetch` made")
    server = running.add_mutually_exclusive_group(required=True)
    server.add_argument("--endpoint", help="a server that runs")
    server.add_argument("--kless", type=os.path.abspath, help="a kless binary: one daemon per file")
    running.add_argument("--flag", action="append", default=[], help="one more flag of the daemon")
    running.add_argument("--jobs", type=int, default=1, help="files at a time (with --kless)")
    running.add_argument("--out", default=os.path.join(ROOT, "build", "alternator"))
    running.add_argument("patterns", nargs="*", metavar="PATTERN")
    arguments = parser.parse_args()
    return fetch(arguments) if arguments.command == "fetch" else run(arguments)


if __name__ == "__main__":
    sys.exit(main())
