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
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import dynamodb_suite as suites  # noqa: E402

COMMIT = "c5e5b46ef5e51e7d907411c001db7839dd146088"
TEST_PATIENCE = "30s"
ABOUT_DYNALITE = "should connect to SSL"  # the certificate that dynalite brings


def fetch(arguments):
    suites.unpack(arguments.clone, COMMIT, os.path.join(arguments.into, "dynalite"), "test", "LICENSE")


def run_file(arguments, name):
    """One test file in a mocha of its own; returns its rows and seconds."""
    outcomes = suites.cleared(os.path.join(arguments.out, name + ".jsonl"))
    modules = os.path.join(arguments.modules, "node_modules")
    variables = suites.environment("NODE_") | {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
        "KLESS_OUTCOMES": outcomes,
        "NODE_PATH": modules,
    }
    command = ["node", os.path.join(modules, "mocha", "bin", "mocha.js"),
               "--require", os.path.join(HERE, "redirect.js"), "--require", os.path.join(modules, "should"),
               "--exit", "--timeout", TEST_PATIENCE, "--grep", ABOUT_DYNALITE, "--invert",
               os.path.join(arguments.suite, "test", name + ".js")]
    # Some tests look at a table that is being created.
    part = suites.Part(arguments, name, lambda _: command, arguments.out,
                       lambda url: variables | {"KLESS_ENDPOINT": url}, ["--aws-table-delay", "300ms"])
    rows = suites.rows_in(outcomes)
    problem = part.problem or (None if rows else f"no test ran: see {part.log}")
    if problem:
        rows.append({"id": name, "outcome": "failed", "seconds": 0, "reason": problem})
    return rows, part.seconds


def run(arguments):
    known = suites.reasons(os.path.join(HERE, "contradicted.tsv"))
    files = sorted(name[:-3] for name in os.listdir(os.path.join(arguments.suite, "test"))
                   if name.endswith(".js") and name not in ("helpers.js", "bench.js"))
    unknown = set(arguments.patterns) - set(files)
    if unknown:
        suites.unknown("dynalite", ", ".join(sorted(unknown)))
    everything = []
    for name in arguments.patterns or files:
        rows, seconds = run_file(arguments, name)
        for row in rows:
            if row["outcome"] == "failed" and row["id"] in known:
                row["outcome"], row["source"] = "contradicted", known[row["id"]]
        count = suites.counts_of(rows)
        everything += rows
        print(f"{name}: {count['passed']} passed, {count['failed']} failed, {count['contradicted']} contradicted "
              f"({seconds:.1f} s)", flush=True)
    contradicted = suites.counts_of(everything)["contradicted"]
    if contradicted:
        print(f"{contradicted} fail since AWS answers otherwise today (contradicted.tsv)")
    return suites.report(arguments.out, everything)


def add_options(running):
    running.add_argument("--modules", type=os.path.abspath, default=os.path.join(suites.ROOT, "build", "clients"))


if __name__ == "__main__":
    sys.exit(suites.main(__doc__, fetch, run, patterns="FILE", out="dynalite", add_options=add_options))
