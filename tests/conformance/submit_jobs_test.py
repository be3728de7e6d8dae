"""configs/examples/submit_jobs.py: jobs by boto3, as in the thesis; its numbers are those of the feed."""
import csv
import datetime
import json
import os
import subprocess
import unittest

import aws_model
from aws import aws_environment, needs_boto3
from daemon import BINARY, DaemonTest, environment, jobs_path

SCRIPT = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                      "configs", "examples", "submit_jobs.py")


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


@needs_boto3
class SubmitJobsTest(DaemonTest):
    def run_script(self, *arguments):
        result = subprocess.run(["/usr/bin/python3", SCRIPT, *arguments], capture_output=True, text=True, timeout=300,
                                cwd=self.daemon.data,
                                env=aws_environment(self.daemon.url, AWS_DATA_PATH=aws_model.DATA_PATH))
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_100_jobs_get_their_pods_and_the_times_are_those_of_the_feed(self):
        numbers = json.loads(self.run_script("--json", "--csv", "pods.csv"))
        self.assertEqual((numbers["jobs"], numbers["pods"], numbers["times"]), (100, 100, "change feed"))
        listed = {item["metadata"]["name"] for item in self.daemon.get(jobs_path())["items"]}
        self.assertEqual(len(listed), 100)
        created = {(r["key"]["resource-type"]["S"], r["key"]["resource-name"]["S"]): seconds(r["time"])
                   for r in self.daemon.feed(0) if r["kind"] == "INSERT" and r["table"] == "resources"}
        began = min(created["job", f"default/{name}"] for name in listed)
        with open(os.path.join(self.daemon.data, "pods.csv"), encoding="utf-8") as source:
            rows = list(csv.DictReader(source))
        for row in rows:
            self.assertAlmostEqual(float(row["created"]), created["pod", row["pod"]], delta=1e-6)
            # The pod's own timestamp, in whole seconds, is from when its loop made it: up to the moment of
            # the write, which may be in the next second.
            self.assertIn(int(created["pod", row["pod"]]) - seconds(row["creation_timestamp"]), (0, 1))
        times = sorted(created["pod", row["pod"]] - began for row in rows)
        self.assertAlmostEqual(numbers["first_pod_ms"], times[0] * 1000, delta=0.01)
        self.assertAlmostEqual(numbers["last_pod_ms"], times[-1] * 1000, delta=0.01)

    def test_it_runs_under_exec_with_nothing_else_set(self):
        result = subprocess.run(
            [BINARY, "exec", "--loops", "job", "--nodes", "0", "--", "/usr/bin/python3", SCRIPT, "--jobs", "3",
             "--pods", "2", "--warm-up", "0"],
            capture_output=True, text=True, timeout=300, cwd=self.daemon.data,
            env={name: value for name, value in environment().items() if not name.startswith("AWS_")})
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"(?m)^pods +6$")


if __name__ == "__main__":
    unittest.main()
