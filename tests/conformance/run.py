#!/usr/bin/python3
"""Runs the black-box tests against the real binary.

  tests/conformance/run.py [-k PATTERN] [-j N] [FILE or FOLDER ...]

Default: every *_test.py of this folder, two files at a time; a FILE may be named without its folder.  Prints one line per test that fails or
is skipped, and `N passed, N failed` at the end.  $KLESS_BINARY names the binary, $KLESS_SEED repeats
the random choices of a run, $KLESS_CRASH_ROUNDS sets how often the crash test kills it.
"""
import argparse
import concurrent.futures
import importlib.util
import os
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class Result(unittest.TestResult):
    """Prints what is worth a line; counts what passed."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self.began = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def say(self, verdict, test, detail=""):
        print(f"{verdict} {test.id().split('.', 1)[-1]} ({time.monotonic() - self.began:.2f} s){detail}",
              flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        if os.environ.get("KLESS_TEST_VERBOSE"):
            self.say("ok     ", test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.say("FAILED ", test, "\n" + self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.say("FAILED ", test, "\n" + self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say("skipped", test, f": {reason}")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.say("FAILED ", subtest, "\n" + self._exc_info_to_string(error, test))


def run_file(path, pattern):
    """Runs one file in this process; (passed, failed, skipped)."""
    sys.dont_write_bytecode = True
    # As python itself does for a file that it runs: what is beside the file can be imported.
    sys.path[:0] = [os.path.dirname(path), HERE]
    spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    loader = unittest.TestLoader()
    if pattern:
        loader.testNamePatterns = [f"*{pattern}*"]
    result = Result()
    loader.loadTestsFromModule(module).run(result)
    return result.passed, len({t.id() for t, _ in result.failures + result.errors}), len(result.skipped)


def run_apart(path, pattern):
    """Runs one file in a process of its own; (output, passed, failed, skipped)."""
    command = [sys.executable, os.path.abspath(__file__), "--in-process", path]
    if pattern:
        command += ["-k", pattern]
    process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output, _, counts = process.stdout.rstrip("\n").rpartition("\n")
    try:
        passed, failed, skipped = (int(n) for n in counts.removeprefix("counts ").split())
    except ValueError:  # it did not come to its end
        return process.stdout, 0, 1, 0
    return output, passed, failed, skipped


def test_files(places):
    for place in places:
        if not os.path.exists(place) and os.path.exists(os.path.join(HERE, place)):
            place = os.path.join(HERE, place)
        if os.path.isfile(place):
            yield os.path.abspath(place)
            continue
        if not os.path.isdir(place):
            sys.exit(f"run.py: there is no {place}")
        for name in sorted(os.listdir(place)):
            if name.endswith("_test.py"):
                yield os.path.join(os.path.abspath(place), name)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", metavar="PATTERN", help="only tests whose name contains it")
    parser.add_argument("-j", metavar="N", type=int, default=2, help="files at a time (default 2)")
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("places", nargs="*", default=[HERE])
    arguments = parser.parse_args()

    if arguments.in_process:
        print("counts", *run_file(arguments.places[0], arguments.k))
        return 0
    passed = failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=arguments.j) as pool:
        began = time.monotonic()
        jobs = {pool.submit(run_apart, path, arguments.k): path for path in test_files(arguments.places)}
        for job in concurrent.futures.as_completed(jobs):
            output, good, bad, left_out = job.result()
            passed, failed, skipped = passed + good, failed + bad, skipped + left_out
            print(f"{os.path.basename(jobs[job])}: {good} passed, {bad} failed"
                  + (f", {left_out} skipped" if left_out else "")
                  + f" (after {time.monotonic() - began:.1f} s)")
            if output:
                print("  " + output.replace("\n", "\n  "))
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
