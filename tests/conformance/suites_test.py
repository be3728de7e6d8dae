"""The replayable suites of tests/suites: requests and kubectl invocations with the answers of a
real control plane.  Every case must pass, but for the exceptions below; an exception that passes
fails, too: it has to go.  Prints passes and failures per group.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile
import unittest

from clients import KUBECTLS
from daemon import ROOT, Daemon, wait_until

SUITES = os.path.join(ROOT, "tests", "suites")
# The control loops that the suites were recorded with; no kubelet and no scheduler.
LOOPS = ("--loops", "job,gc,namespace,deployment,replicaset,serviceaccount", "--nodes", "0")

# Differences that COMPATIBILITY.md lists with their reasons.
KAPI_EXCEPTIONS = {}
KUBECTL_EXCEPTIONS = {
    ("discover-api", 5): "kubectl explain prints kless's own descriptions",
}


class SuitesTest(unittest.TestCase):
    def daemon(self, *flags):
        daemon = Daemon(*LOOPS, *flags)
        daemon.start()
        self.addCleanup(daemon.close)
        return daemon

    def run_suite(self, script, *arguments):
        """The suite's own report, and what it printed."""
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            result = subprocess.run([sys.executable, os.path.join(SUITES, script), "check", *arguments,
                                     "--report", report.name], capture_output=True, text=True, timeout=600)
            text = report.read()
        self.assertTrue(text, result.stdout + result.stderr)
        return json.loads(text), result.stdout + result.stderr

    def judge(self, title, entries, exceptions, output):
        """entries: (key, group, verdict)."""
        groups = collections.defaultdict(collections.Counter)
        for _, group, verdict in entries:
            groups[group][verdict] += 1
            groups["total"][verdict] += 1
        print(f"{title}: pass, soft, fail per group")
        for group, counts in groups.items():
            print(f"  {group:16} {counts['PASS']:4} {counts['SOFT']:4} {counts['FAIL']:4}")
        unexpected = [key for key, _, verdict in entries if verdict != "PASS" and key not in exceptions]
        stale = [key for key, _, verdict in entries if verdict == "PASS" and key in exceptions]
        self.assertEqual(unexpected, [], output[-20000:])
        self.assertEqual(stale, [], "exceptions that pass: take them off the list and COMPATIBILITY.md")

    def kapi(self, daemon, *arguments):
        report, output = self.run_suite("kapi/kapi.py", "--server", daemon.url, *arguments)
        return [(entry["case"], entry["group"], entry["state"]) for entry in report], output

    def test_http_requests_are_answered_as_by_a_real_api_server(self):
        entries, output = self.kapi(self.daemon())
        self.assertGreater(len(entries), 70)
        self.judge("HTTP requests", entries, KAPI_EXCEPTIONS, output)

    def test_versions_that_are_gone_are_answered_as_by_a_real_api_server(self):
        daemon = self.daemon("--retention-count", "1", "--ring-records", "16")
        gone = "/api/v1/namespaces?resourceVersion=1&resourceVersionMatch=Exact"
        wait_until(lambda: daemon.request("GET", gone).status == 410, "version 1 is trimmed")
        entries, output = self.kapi(daemon, "--with", "needs-history", "--with", "needs-compaction", "--only",
                                    "wat-expired", "--only", "*compact*")
        self.judge("HTTP requests for old versions", entries, KAPI_EXCEPTIONS, output)

    def kubectl(self, release):
        if not KUBECTLS[release]:
            self.skipTest(f"no kubectl {release}: run tools/setup --clients")
        report, output = self.run_suite("kubectl/kubectl_suite.py", "--server", self.daemon().url, "--kubectl",
                                        KUBECTLS[release])
        self.assertGreater(len(report), 140)
        entries = [((entry["chapter"], entry["step"]), entry["chapter"].split("-")[0],
                    "PASS" if entry["pass"] else "FAIL") for entry in report]
        self.judge(f"kubectl {release}", entries, KUBECTL_EXCEPTIONS, output)

    def test_kubectl_1_33_prints_what_it_prints_for_a_real_cluster(self):
        self.kubectl("1.33")

    def test_kubectl_1_35_prints_what_it_prints_for_a_real_cluster(self):
        self.kubectl("1.35")


if __name__ == "__main__":
    unittest.main()
