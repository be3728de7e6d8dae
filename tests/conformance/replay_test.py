"""A live session, recorded and run again in virtual time."""
import json
import os
import subprocess
import tempfile
import unittest

from daemon import BINARY, Daemon, environment, job, jobs_path
from experiment_test import differences


class ReplayTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def replay(self, *arguments, code=0):
        result = subprocess.run([BINARY, "replay", *arguments, "--no-figures"], capture_output=True,
                                text=True, timeout=120, cwd=self.folder, env=environment())
        self.assertEqual(result.returncode, code, result)
        return result

    def metrics(self, out, case):
        with open(os.path.join(self.folder, out, "summary.json"), encoding="utf-8") as file:
            return {row["metric"]: row["value"] for row in json.load(file)["results"]
                    if row["case"] == case}

    def test_a_session_gives_the_same_jobs_at_other_times_cold_and_warm(self):
        recording = os.path.join(self.folder, "session.jsonl")
        with Daemon("--record", recording, "--latency", "thesis-2024", "--job-controller-init",
                    "450") as daemon:
            for name, pods in (("one", 1), ("three", 3)):
                answer = daemon.request("POST", jobs_path(),
                                        job(name, parallelism=pods, completions=pods))
                self.assertEqual(answer.status, 201)
            path = os.path.join(self.folder, "cli.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(job("cli", parallelism=2, completions=2), file)
            submitted = daemon.cli("submit", "-f", path, "--wait=pods")
            self.assertEqual(submitted.returncode, 0, submitted)
            daemon.wait_idle()
            live = len(daemon.pods())
            self.assertEqual(daemon.stop()[0], 0)
        self.assertEqual(live, 6)

        self.replay("session.jsonl", "--out", "a")
        self.replay("session.jsonl", "--out", "b", "--jobs", "1")
        self.assertEqual(differences(os.path.join(self.folder, "a"), os.path.join(self.folder, "b")), [])
        cold = self.metrics("a", "session-serverless-cold")
        warm = self.metrics("a", "session-serverless-warm")
        self.assertEqual((cold["jobs"], cold["pods"]), (3, 6))
        self.assertEqual((warm["jobs"], warm["pods"]), (3, 6))
        self.assertGreater(cold["cause_first_request_mean_ms"], 0)
        self.assertEqual(warm["cause_first_request_mean_ms"], 0)
        self.assertGreater(cold["pod_latency_max_ms"], warm["pod_latency_max_ms"])
        explained = subprocess.run([BINARY, "experiment", "explain", "a"], capture_output=True, text=True,
                                   cwd=self.folder, env=environment(), timeout=60)
        self.assertIn("first_request", explained.stdout)

    def test_a_broken_recording_is_one_line_and_exit_2(self):
        with open(os.path.join(self.folder, "x.jsonl"), "w", encoding="utf-8") as file:
            file.write("no recording\n")
        result = self.replay("x.jsonl", "--out", "a", code=2)
        self.assertIn("x.jsonl:1", result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1)
        self.assertEqual(os.listdir(self.folder), ["x.jsonl"])


if __name__ == "__main__":
    unittest.main()
