"""`kless status` and `kless wait`: what a daemon is, what it is doing, and why a wait is not over."""
import json
import subprocess
import unittest

from daemon import ADMIN, BINARY, Daemon, DaemonTest, environment, job, jobs_path, wait_until
from cli_test import kless


class StatusTest(DaemonTest):
    FLAGS = ("--loops", "all", "--nodes", "2", "--seed", "7")

    def test_one_screen_says_what_a_daemon_is_and_how_it_does(self):
        self.daemon.create_job("pi", completions=3, parallelism=3)
        self.daemon.wait_idle()
        text = self.daemon.cli("status").stdout
        self.assertLessEqual(len(text.splitlines()), 40)
        for word in (self.daemon.url, "serverless", "seed:", "2 alive", "job 1", "pod 3", "job-controller", "kless.db",
                     "WAL", "none, idle"):
            self.assertIn(word, text)
        status = json.loads(self.daemon.cli("status", "-o", "json").stdout)
        self.assertEqual((status["seed"], status["starts"], status["control_plane"]), ("7", 1, "serverless"))
        self.assertEqual(status["objects"]["pod"], 3)
        self.assertEqual(status["nodes"], {"count": 2, "alive": 2})
        self.assertIsNone(status["oldest_unprocessed"])
        self.assertEqual(status["feed"]["latest"], self.daemon.feed(0)[-1]["sequence"])
        self.assertGreater(status["data"]["bytes"], status["data"]["wal_bytes"])
        self.assertGreater(status["uptime_ms"], 0)

    def test_what_waits_is_told_with_its_age(self):
        self.daemon.request("POST", f"{ADMIN}/functions/job-controller/reset")
        self.daemon.request("PATCH", f"{ADMIN}/functions/job-controller", {"reserved_concurrency": 0})
        self.daemon.create_job("stuck")

        def waiting():
            oldest = self.daemon.get(f"{ADMIN}/status")["oldest_unprocessed"]
            return oldest is not None and oldest["mapping"] == "job-controller" and oldest["age_ms"] > 0

        wait_until(waiting, "the record of the job waits")
        self.assertIn("by job-controller", self.daemon.cli("status").stdout)

    def test_objects_are_counted_under_either_key_layout(self):
        with Daemon("--key-layout", "name-type") as other:
            other.create_job("pi", completions=2, parallelism=2)
            other.wait_idle()
            self.assertEqual(other.get(f"{ADMIN}/status")["objects"]["pod"], 2)

    def test_no_daemon_is_one_clear_line(self):
        result = kless("status", KLESS_ENDPOINT="http://127.0.0.1:9")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn("no kless answers at http://127.0.0.1:9", result.stderr)

    def test_the_classic_plane_says_why_it_has_no_functions(self):
        with Daemon("--control-plane", "classic") as classic:
            result = classic.cli("function", "list")
            self.assertEqual(result.returncode, 0, result)
            self.assertIn("classic control plane", result.stderr)
            self.assertIn("classic", classic.cli("status").stdout)


SLEEPER = {"spec": {"restartPolicy": "Never", "containers": [
    {"name": "main", "image": "busybox", "command": ["sleep", "3000"]}]}}


class WaitTest(DaemonTest):
    FLAGS = ("--loops", "all", "--nodes", "1")

    def test_any_condition_of_any_kind_can_be_waited_for(self):
        self.daemon.create_job("pi")
        result = self.daemon.cli("wait", "--for=condition=Complete", "job/pi")
        self.assertEqual((result.returncode, result.stdout), (0, "jobs/pi condition met\n"), result)
        result = self.daemon.cli("wait", "--for=condition=ready", "nodes", "node-0")
        self.assertEqual(result.returncode, 0, result)
        result = self.daemon.cli("wait", "--for=condition=Complete", "jobs.batch/pi", "-o", "json")
        self.assertEqual(json.loads(result.stdout)["metadata"]["name"], "pi")
        self.assertEqual(self.daemon.cli("wait", "--for=idle").stdout, "idle\n")

    def test_existence_and_deletion_can_be_waited_for(self):
        waiting = subprocess.Popen([BINARY, "wait", "--for=create", "job/later"],
                                   env=environment(KLESS_ENDPOINT=self.daemon.url), stdout=subprocess.PIPE, text=True)
        self.addCleanup(waiting.stdout.close)
        self.daemon.create_job("later")
        self.assertEqual(waiting.wait(30), 0)
        self.daemon.request("DELETE", jobs_path(name="later") + "?propagationPolicy=Background")
        self.assertEqual(self.daemon.cli("wait", "--for=delete", "job/later").returncode, 0)

    def test_a_job_that_failed_is_not_waited_for(self):
        template = json.loads(json.dumps(SLEEPER))
        template["spec"]["containers"][0]["command"] = ["sh", "-c", "exit 3"]
        self.daemon.create_job("bad", template=template, backoffLimit=0)
        result = self.daemon.cli("wait", "--for=condition=Complete", "job/bad")
        self.assertEqual(result.returncode, 1, result)
        self.assertIn("jobs/bad has failed", result.stderr)

    def test_a_wait_that_times_out_says_what_is_true(self):
        def timed_out(*arguments, stdin=None):
            result = self.daemon.cli(*arguments, "--timeout", "50ms", stdin=stdin)
            self.assertEqual(result.returncode, 1, result)
            self.assertIn("timed out waiting for", result.stderr)
            self.assertNotIn("sets its status", result.stderr)
            return result.stderr

        self.daemon.create_job("slow", template=SLEEPER)
        self.daemon.wait_idle()
        self.assertIn("1 of 1 pods is ", timed_out("submit", "-f", "-", "--wait=complete",
                                                   stdin=json.dumps(job("slower", template=SLEEPER))))
        self.assertIn("1 of 1 pods is Running on node-0", timed_out("wait", "--for=condition=Complete", "job/slow"))
        pod = self.daemon.pods("slow")[0]["metadata"]["name"]
        self.assertIn("the pod is Running on node-0", timed_out("wait", "--for=condition=Gone", f"pod/{pod}"))
        self.assertIn("it has not been deleted", timed_out("wait", "--for=delete", f"pod/{pod}"))
        self.assertIn("it does not exist", timed_out("wait", "--for=create", "pod/none"))
        self.assertIn("MemoryPressure=False", timed_out("wait", "--for=condition=Gone", "node/node-0"))
        self.daemon.create_job("off", suspend=True)
        self.assertIn("the Job is suspended", timed_out("wait", "--for=condition=Complete", "job/off"))
        self.daemon.request("POST", f"{ADMIN}/nodes/node-0/fail")
        self.assertIn("node-0 (which has failed)", timed_out("wait", "--for=condition=Complete", "job/slow"))
        self.daemon.request("POST", f"{ADMIN}/clock", {"paused": True})
        self.assertIn("the clock is paused", timed_out("wait", "--for=condition=Complete", "job/slow"))

    def test_only_a_daemon_without_nodes_blames_the_lack_of_nodes(self):
        with Daemon() as bare:
            bare.create_job("pi")
            bare.wait_idle()
            result = bare.cli("wait", "--for=condition=Complete", "job/pi", "--timeout", "50ms")
            self.assertEqual(result.returncode, 1)
            self.assertIn("1 of 1 pods is Pending", result.stderr)
            self.assertIn("this kless has no nodes", result.stderr)

    def test_a_missing_object_and_an_unknown_type_are_errors_at_once(self):
        result = self.daemon.cli("wait", "--for=condition=Complete", "job/none")
        self.assertEqual(result.returncode, 1)
        self.assertIn("NotFound", result.stderr)
        result = self.daemon.cli("wait", "--for=condition=Complete", "jbo/none")
        self.assertEqual(result.returncode, 2)
        self.assertIn("did you mean 'job'?", result.stderr)


if __name__ == "__main__":
    unittest.main()
