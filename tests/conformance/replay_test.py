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
        with Daemon("--record", recording, "--latency", "thesis-2024", "--function",
                    "job-controller.init=450") as daemon:
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
            self.assertEqual(daemon.stop(), 0)
        self.assertEqual(live, 6)

        self.replay("session.jsonl", "--out", "a")
        self.replay("session.jsonl", "--out", "b", "--jobs", "1")
        self.assertEqual(differences(os.path.join(self.folder, "a"), os.path.join(self.folder, "b")), [])
        cold = self.metrics("a", "cold")
        warm = self.metrics("a", "warm")
        self.assertEqual((cold["jobs"], cold["pods"]), (3, 6))
        self.assertEqual((warm["jobs"], warm["pods"]), (3, 6))
        self.assertGreater(cold["cause_first_request_mean_ms"], 0)
        self.assertEqual(warm["cause_first_request_mean_ms"], 0)
        self.assertGreater(cold["pod_latency_max_ms"], warm["pod_latency_max_ms"])
        explained = subprocess.run([BINARY, "experiment", "explain", "a"], capture_output=True, text=True,
                                   cwd=self.folder, env=environment(), timeout=60)
        self.assertIn("first_request", explained.stdout)

    def session(self, work, *flags):
        """Records a session in which `work(daemon)` is done."""
        with Daemon("--record", os.path.join(self.folder, "session.jsonl"), "--loops", "job", *flags) as daemon:
            work(daemon)
            daemon.wait_idle()
            self.assertEqual(daemon.stop(), 0)

    def test_a_job_that_the_session_deleted_is_no_failure_of_a_slower_plane(self):
        def work(daemon):
            for name in ("gone", "stays"):
                daemon.create_job(name)
                daemon.wait_pods(name, 1)
            answer = daemon.request("DELETE", jobs_path(name="gone") + "?propagationPolicy=Background")
            self.assertEqual(answer.status, 200)

        self.session(work)
        slow = ("--set", "functions.job-controller.init=60000", "--cold")
        self.replay("session.jsonl", "--out", "a", *slow)
        metrics = self.metrics("a", "serverless-cold")
        self.assertEqual((metrics["jobs"], metrics["pods"], metrics["jobs_deleted_early"]), (2, 1, 1))
        # What is missing for another reason is named.
        failed = self.replay("session.jsonl", "--out", "b", "--cold", "--set", "limit=10s", "--set",
                             "functions.job-controller.reserved_concurrency=0", code=1)
        self.assertIn("1 of 2 jobs does not have exactly its pods after 10s: default/stays has 0 of 1 pods "
                      "(its controller made none); job-controller failed: ", failed.stderr)

    def test_toggles_of_the_session_are_named_and_the_flags_that_they_win_over(self):
        def work(daemon):
            daemon.create_job("one")
            daemon.wait_pods("one", 1)
            self.assertEqual(daemon.cli("function", "set", "job-controller", "init=450").returncode, 0)
            daemon.reset_function()
            daemon.create_job("two")
            daemon.wait_pods("two", 1)

        self.session(work)
        result = self.replay("session.jsonl", "--out", "a", "--cold", "--set",
                             "functions.job-controller.init=100")
        self.assertIn("function set job-controller init=450", result.stderr)
        self.assertIn("function reset job-controller", result.stderr)
        self.assertIn("from there on they win over --set functions.job-controller.init", result.stderr)
        self.assertNotIn("win over", self.replay("session.jsonl", "--out", "b", "--cold").stderr)

    def test_control_planes_of_one_recording_compare_and_a_folder_repeats_its_replay(self):
        self.session(lambda daemon: [daemon.create_job("one"), daemon.wait_pods("one", 1)])
        self.replay("session.jsonl", "--out", "a")
        self.replay("session.jsonl", "--out", "b", "--set", "control_plane=classic")
        compared = subprocess.run([BINARY, "experiment", "compare", "a", "b"], capture_output=True,
                                  text=True, cwd=self.folder, env=environment(), timeout=60)
        self.assertEqual(compared.returncode, 0, compared)
        self.assertIn("control_plane: serverless in A, classic in B\n", compared.stdout)
        self.assertIn("last_pod_s", compared.stdout)
        os.remove(os.path.join(self.folder, "session.jsonl"))
        again = subprocess.run([BINARY, "experiment", "run", os.path.join("b", "scenario.yaml"), "--out", "c",
                                "--no-figures"], capture_output=True, text=True, cwd=self.folder,
                               env=environment(), timeout=120)
        self.assertEqual(again.returncode, 0, again)
        self.assertEqual(differences(os.path.join(self.folder, "b"), os.path.join(self.folder, "c")), [])

    def test_a_broken_recording_is_one_line_and_exit_2(self):
        with open(os.path.join(self.folder, "x.jsonl"), "w", encoding="utf-8") as file:
            file.write("no recording\n")
        result = self.replay("x.jsonl", "--out", "a", code=2)
        self.assertIn("x.jsonl:1", result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1)
        self.assertEqual(os.listdir(self.folder), ["x.jsonl"])


if __name__ == "__main__":
    unittest.main()
