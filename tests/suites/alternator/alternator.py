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
import collections
import concurrent.futures
import fnmatch
import os
import re
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import dynamodb_suite as suites  # noqa: E402

COMMIT = "f4a4091ca28efb8c06c3422fdaac1d2f02e5614f"
PYTHON = "/usr/bin/python3"  # Debian's, with Debian's boto3


def fetch(arguments):
    suites.unpack(arguments.clone, COMMIT, os.path.join(arguments.into, "scylladb"), "test/alternator")


def prepare(suite, work):
    """The stand-ins with the suite's own files in their place."""
    shutil.copytree(os.path.join(HERE, "stand_ins"), work, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(os.path.join(suite, "test", "alternator"), os.path.join(work, "test", "alternator"))
    with open(os.path.join(work, "pytest.ini"), "w", encoding="utf-8") as ini:
        ini.write("[pytest]\n")


def run_file(arguments, work, name, ids):
    """One test file in a pytest of its own; returns its rows and seconds."""
    outcomes = suites.cleared(os.path.join(arguments.out, name + ".jsonl"))
    variables = suites.environment("PYTHON") | {
        "AWS_DATA_PATH": os.path.join(suites.ROOT, "tests", "recordings", "aws"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "KLESS_OUTCOMES": outcomes,
        "KLESS_SKIPPED": os.path.join(HERE, "skipped.tsv"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        "TZ": "UTC",
    }
    targets = [f"test/alternator/{i}" for i in ids] or [f"test/alternator/{name}.py"]
    part = suites.Part(
        arguments, name,
        lambda url: [PYTHON, "-m", "pytest", "-p", "kless_plugin", "-p", "no:cacheprovider", "--runxfail", "-q",
                     "--tb=short", "--url", url, *targets],
        work, lambda _: variables)
    problem = part.problem
    if not problem and part.code not in (0, 1):
        problem = f"pytest ended with {part.code}: see {part.log}"
    rows = suites.rows_in(outcomes)
    if problem:
        rows.append({"id": f"{name}.py", "when": "file", "outcome": "failed", "seconds": 0, "reason": problem})
    return verdicts(rows), part.seconds


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
    folder = os.path.join(arguments.suite, "test", "alternator")
    files = sorted(name[:-3] for name in os.listdir(folder) if re.fullmatch(r"test_\w+\.py", name))
    wanted = collections.defaultdict(list)
    for pattern in arguments.patterns or ["*"]:
        file, _, rest = pattern.removesuffix(".py").partition("::")
        found = fnmatch.filter(files, file.removesuffix(".py")) or suites.unknown("alternator", file)
        for name in found:
            wanted[name] += [f"{name}.py::{rest}"] if rest else []
    rows = {}
    with tempfile.TemporaryDirectory(prefix="alternator-") as folder:
        work = os.path.join(folder, "work")
        prepare(arguments.suite, work)
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs if arguments.kless else 1) as pool:
            jobs = {pool.submit(run_file, arguments, work, name, ids): name for name, ids in wanted.items()}
            for job in concurrent.futures.as_completed(jobs):
                found, seconds = job.result()
                rows |= found
                count = suites.counts_of(found.values())
                print(f"{jobs[job]}: {count['passed']} passed, {count['failed']} failed, "
                      f"{count['skipped']} skipped ({seconds:.1f} s)", flush=True)
    known = suites.reasons(os.path.join(HERE, "failing.tsv"))
    failed = {name for name, row in rows.items() if row["outcome"] == "failed"}
    print(f"{len(failed & known.keys())} of the failed ids have a known reason (failing.tsv)")
    for name in sorted(failed - known.keys()):
        print(f"no reason yet: {name}")
    return suites.report(arguments.out, [rows[name] for name in sorted(rows)])


def add_options(running):
    running.add_argument("--jobs", type=int, default=1, help="files at a time (with --kless)")


if __name__ == "__main__":
    sys.exit(suites.main(__doc__, fetch, run, patterns="PATTERN", out="alternator", add_options=add_options))
