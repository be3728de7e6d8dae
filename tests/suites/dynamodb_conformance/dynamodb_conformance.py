#!/usr/bin/python3
"""dynamodb_conformance: runs nubo-db's DynamoDB conformance suite against an endpoint.

    dynamodb_conformance.py fetch FROM_GIT --into SUITES   # unpacks the pinned commit out of a clone, installs vitest
    dynamodb_conformance.py run --suite SUITES/dynamodb-conformance --endpoint http://127.0.0.1:8080 [FILE...]
    dynamodb_conformance.py run --suite SUITES/dynamodb-conformance --kless build/release/kless [FILE...]

Its authors run every test on DynamoDB first and keep what passes there.  FILE is a part of a test file's path:
`tier3/error-messages`, `partiql`.  --out DIR (default: build/dynamodb_conformance) gets outcomes.jsonl (an object per
id) and failing.txt (id, tab, reason).  The last line is `N passed, N failed, N skipped`.
"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import dynamodb_suite as suites  # noqa: E402

COMMIT = "0ba4393668860db921afa5728feffe68b55e3e93"
VITEST = "vitest@3.2.7"


def fetch(arguments):
    target = os.path.join(arguments.into, "dynamodb-conformance")
    suites.unpack(arguments.clone, COMMIT, target)
    # Its lock file names versions that a mirror may not have.
    os.remove(os.path.join(target, "package-lock.json"))
    subprocess.run(["npm", "install", "--prefix", target, "--no-audit", "--no-fund", "--no-save", "--package-lock=false",
                    "--loglevel=error", VITEST], cwd=target, check=True)


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
    suite = arguments.suite
    results = suites.cleared(os.path.join(arguments.out, "report.json"))
    command = ["node", os.path.join(suite, "node_modules", "vitest", "vitest.mjs"), "run", "--reporter=json",
               f"--outputFile={results}", *arguments.patterns]
    variables = suites.environment("NODE_") | {
        "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    part = suites.Part(arguments, "vitest", lambda _: command, suite,
                       lambda url: variables | {"DYNAMODB_ENDPOINT": url})
    if not os.path.exists(results):
        sys.exit(f"dynamodb_conformance: no report: see {part.log}")
    with open(results, encoding="utf-8") as source:
        rows = sorted(rows_of(json.load(source), suite), key=lambda row: row["id"])
    if part.problem:
        rows.append({"id": "daemon", "outcome": "failed", "reason": part.problem})
    for tier in sorted({row["id"].split("/")[0] for row in rows}):
        count = suites.counts_of(row for row in rows if row["id"].split("/")[0] == tier)
        print(f"{tier}: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return suites.report(arguments.out, rows)


if __name__ == "__main__":
    sys.exit(suites.main(__doc__, fetch, run, patterns="FILE", out="dynamodb_conformance"))
