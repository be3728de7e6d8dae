#!/usr/bin/python3
"""dynalite: runs dynalite's mocha suite against a DynamoDB endpoint.

    dynalite.py fetch FROM_GIT --into SUITES              # unpacks the pinned commit out of a clone
    dynalite.py run --suite SUITES/dynalite --endpoint http://127.0.0.1:8080 [FILE...]
    dynalite.py run --suite SUITES/dynalite --kless build/release/kless [FILE...]

`run` loads redirect.js first: the requests that a test sends to its own dynalite go to the endpoint.  mocha and what
the tests import come from build/clients (tools/setup --clients), or from --modules.  With --kless each file gets a
daemon of its own, with data in memory.  contradicted.tsv names the ids that contradict AWS today, each with the page
or recording that says so: they are run, and counted apart.  FILE is the name of a test file: `getItem`.
--out DIR (default: build/dynalite) gets outcomes.jsonl (an object per id) and failing.txt (id, tab, reason).
The last line is `N passed, N failed, N skipped`.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "alternator"))
from alternator import Kless  # noqa: E402

COMMIT = "c5e5b46ef5e51e7d907411c001db7839dd146088"
PATIENCE = 1800  # s for one file
TEST_PATIENCE = "30s"
ABOUT_DYNALITE = "should connect to SSL"  # the certificate that dynalite brings


def fetch(arguments):
    target = os.path.join(arguments.into, "dynalite")
    os.makedirs(target, exist_ok=True)
    archive = subprocess.run(["git", "-C", arguments.clone, "archive", COMMIT, "test", "LICENSE"],
                             stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", target], input=archive.stdout, check=True)
    print(f"{target}: test at {COMMIT}")


def contradicted():
    with open(os.path.join(HERE, "contradicted.tsv"), encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split("\t", 1) for line in lines
                    if line.strip() and not line.startswith("#"))


def run_file(arguments, out, name):
    outcomes = os.path.join(out, name + ".jsonl")
    if os.path.exists(outcomes):
        os.remove(outcomes)
    # Some tests look at a table that is being created.
    daemon = Kless(arguments.kless, ["--aws-table-delay", "300ms", *arguments.flag]) if arguments.kless else None
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "KLESS_", "NODE_"))}
    environment |= {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
        "KLESS_ENDPOINT": daemon.url if daemon else arguments.endpoint,
        "KLESS_OUTCOMES": outcomes,
        "NODE_PATH": os.path.join(arguments.modules, "node_modules"),
    }
    log = os.path.join(out, name + ".log")
    began = time.monotonic()
    problem = None
    try:
        with open(log, "w", encoding="utf-8") as sink:
            subprocess.run(
                ["node", os.path.join(arguments.modules, "node_modules", "mocha", "bin", "mocha.js"),
                 "--require", os.path.join(HERE, "redirect.js"),
                 "--require", os.path.join(arguments.modules, "node_modules", "should"),
                 "--exit", "--timeout", TEST_PATIENCE, "--grep", ABOUT_DYNALITE, "--invert",
                 os.path.join(os.path.abspath(arguments.suite), "test", name + ".js")],
                cwd=out, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
                timeout=PATIENCE)
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
    if not rows and not problem:
        problem = f"no test ran: see {log}"
    if problem:
        rows.append({"id": name, "outcome": "failed", "seconds": 0, "reason": problem})
    return rows, time.monotonic() - began


def run(arguments):
    known = contradicted()
    tests = os.path.join(arguments.suite, "test")
    files = sorted(name[:-3] for name in os.listdir(tests)
                   if name.endswith(".js") and name not in ("helpers.js", "bench.js"))
    wanted = arguments.files or files
    unknown = set(wanted) - set(files)
    if unknown:
        sys.exit(f"dynalite: no file {', '.join(sorted(unknown))}")
    out = os.path.abspath(arguments.out)
    os.makedirs(out, exist_ok=True)
    totals, everything = collections.Counter(), []
    for name in wanted:
        rows, seconds = run_file(arguments, out, name)
        for row in rows:
            if row["outcome"] == "failed" and row["id"] in known:
                row["outcome"], row["source"] = "contradicted", known[row["id"]]
        count = collections.Counter(row["outcome"] for row in rows)
        totals += count
        everything += rows
        print(f"{name}: {count['passed']} passed, {count['failed']} failed, {count['contradicted']} contradicted "
              f"({seconds:.1f} s)", flush=True)
    with open(os.path.join(out, "outcomes.jsonl"), "w", encoding="utf-8") as sink:
        sink.writelines(json.dumps(row) + "\n" for row in everything)
    with open(os.path.join(out, "failing.txt"), "w", encoding="utf-8") as sink:
        sink.writelines(f"{row['id']}\t{row.get('reason', '').replace(chr(10), ' ')[:400]}\n"
                        for row in everything if row["outcome"] == "failed")
    if totals["contradicted"]:
        print(f"{totals['contradicted']} fail since AWS answers otherwise today (contradicted.tsv)")
    print(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 1 if totals["failed"] or not totals["passed"] else 0


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
    running.add_argument("--modules", type=os.path.abspath, default=os.path.join(ROOT, "build", "clients"))
    running.add_argument("--out", default=os.path.join(ROOT, "build", "dynalite"))
    running.add_argument("files", nargs="*", metavar="FILE")
    arguments = parser.parse_args()
    return fetch(arguments) if arguments.command == "fetch" else run(arguments)


if __name__ == "__main__":
    sys.exit(main())
