#!/usr/bin/python3
"""dynamodb_conformance: runs nubo-db's DynamoDB conformance suite against an endpoint.

    dynamodb_conformance.py fetch FROM_GIT --into SUITES   # unpacks the pinned commit out of a clone, installs vitest
    dynamodb_conformance.py run --suite SUITES/dynamodb-conformance --endpoint http://127.0.0.1:8080 [FILE...]
    dynamodb_conformance.py run --suite SUITES/dynamodb-conformance --kless build/release/kless [FILE...]

Its authors run every test on DynamoDB first and keep what passes there.  FILE is a part of a test file's path:
`tier3/error-messages`, `partiql`.  --out DIR (default: build/dynamodb_conformance) gets outcomes.jsonl (an object per
id) and failing.txt (id, tab, reason).  The last line is `N passed, N failed, N skipped`.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "alternator"))
from alternator import Kless  # noqa: E402

COMMIT = "0ba4393668860db921afa5728feffe68b55e3e93"
VITEST = "vitest@3.2.7"
PATIENCE = 1800  # s for all


def fetch(arguments):
    target = os.path.join(arguments.into, "dynamodb-conformance")
    os.makedirs(target, exist_ok=True)
    archive = subprocess.run(["git", "-C", arguments.clone, "archive", COMMIT], stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", target], input=archive.stdout, check=True)
    # Its lock file names versions that a mirror may not have.
    os.remove(os.path.join(target, "package-lock.json"))
    subprocess.run(["npm", "install", "--prefix", target, "--no-audit", "--no-fund", "--no-save", "--package-lock=false",
                    "--loglevel=error", VITEST], cwd=target, check=True)
    print(f"{target}: at {COMMIT}")


def rows_of(report, suite):
    for file in report["testResults"]:
        name = os.path.relpath(file["name"], os.path.join(suite, "tests"))
        if not file["assertionResults"]:
            yield {"id": name, "outcome": "failed", "reason": file.get("message", "no test ran")}
        for test in file["assertionResults"]:
            outcome = {"passed": "passed", "failed": "failed"}.get(test["status"], "skipped")
            row = {"id": f"{name}: {test['fullName']}", "outcome": outcome}
            if outcome == "failed":
                row["reason"] = "\n".join(test["failureMessages"])[:1500]
            yield row


def run(arguments):
    out, suite = os.path.abspath(arguments.out), os.path.abspath(arguments.suite)
    os.makedirs(out, exist_ok=True)
    report = os.path.join(out, "report.json")
    if os.path.exists(report):
        os.remove(report)
    daemon = Kless(arguments.kless, arguments.flag) if arguments.kless else None
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "KLESS_", "NODE_"))}
    environment |= {"DYNAMODB_ENDPOINT": daemon.url if daemon else arguments.endpoint, "AWS_REGION": "us-east-1",
                    "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    try:
        with open(os.path.join(out, "log"), "w", encoding="utf-8") as sink:
            subprocess.run(["node", os.path.join(suite, "node_modules", "vitest", "vitest.mjs"), "run", "--reporter=json",
                            f"--outputFile={report}", *arguments.files], cwd=suite, env=environment,
                           stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, timeout=PATIENCE)
    finally:
        alive = daemon is None or daemon.alive()
        if daemon:
            daemon.stop()
    if not os.path.exists(report):
        sys.exit(f"dynamodb_conformance: no report: see {out}/log")
    with open(report, encoding="utf-8") as source:
        rows = sorted(rows_of(json.load(source), suite), key=lambda row: row["id"])
    if not alive:
        rows.append({"id": "daemon", "outcome": "failed", "reason": "the daemon ended"})
    counts = collections.Counter(row["outcome"] for row in rows)
    tiers = collections.defaultdict(collections.Counter)
    for row in rows:
        tiers[row["id"].split("/")[0]][row["outcome"]] += 1
    for tier, count in sorted(tiers.items()):
        print(f"{tier}: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    with open(os.path.join(out, "outcomes.jsonl"), "w", encoding="utf-8") as sink:
        sink.writelines(json.dumps(row) + "\n" for row in rows)
    with open(os.path.join(out, "failing.txt"), "w", encoding="utf-8") as sink:
        sink.writelines(f"{row['id']}\t{re.sub(chr(92) + 's+', ' ', row['reason'])[:500]}\n"
                        for row in rows if row["outcome"] == "failed")
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
    server.add_argument("--kless", type=os.path.abspath, help="a kless binary, started for this run")
    running.add_argument("--flag", action="append", default=[], help="one more flag of the daemon")
    running.add_argument("--out", default=os.path.join(ROOT, "build", "dynamodb_conformance"))
    running.add_argument("files", nargs="*", metavar="FILE")
    arguments = parser.parse_args()
    return fetch(arguments) if arguments.command == "fetch" else run(arguments)


if __name__ == "__main__":
    sys.exit(main())
