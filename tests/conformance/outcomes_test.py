"""How Jobs end on the simulated data plane: the real binary, `kless submit`, both control planes.

The clock runs fifty times faster, so that a back-off of ten seconds takes a fifth of one.
"""
import json
import os
import time
import unittest

from daemon import ADMIN, DaemonTest, jobs_path, wait_until

RUN_TIME = "kless.dev/run-time"
EXIT_CODE = "kless.dev/exit-code"


def manifest(name, annotations=None, restart="Never", **spec):
    template = {
        "metadata": {"annotations": annotations or {}},
        "spec": {"restartPolicy": restart,
                 "containers": [{"name": "main", "image": "busybox", "command": ["true"]}]},
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {"template": template, **spec}}


def conditions(job):
    return [(c["type"], c["status"], c["reason"], c["message"])
            for c in job["status"].get("conditions", [])]


def finished(job):
    return any(c["type"] in ("Complete", "Failed") and c["status"] == "True"
               for c in job["status"].get("conditions", []))


class Outcomes:
    """The same in both control planes."""

    def submit(self, document):
        path = os.path.join(self.daemon.data, document["metadata"]["name"] + ".json")
        with open(path, "w", encoding="utf-8") as stream:
            json.dump(document, stream)
        done = self.daemon.cli("submit", "-f", path)
        self.assertEqual(done.returncode, 0, done.stderr)

    def job(self, name):
        return self.daemon.get(jobs_path(name=name))

    def wait_finished(self, name, timeout=60):
        return wait_until(lambda: (j := self.job(name)) and finished(j) and j, f"the end of {name}",
                          timeout)

    def end_of(self, document):
        self.submit(document)
        return self.wait_finished(document["metadata"]["name"])

    def assert_counts(self, job, **counts):
        status = job["status"]
        for key in ("succeeded", "failed", "active"):
            self.assertEqual(status.get(key, 0), counts.get(key, 0), (key, status))
        self.assertEqual((status["ready"], status["terminating"]), (0, 0), status)
        self.assertEqual(status["uncountedTerminatedPods"], {}, status)

    def test_a_plain_job_completes(self):
        job = self.end_of(manifest("plain", {RUN_TIME: "2s"}, completions=3, parallelism=2))
        self.assert_counts(job, succeeded=3)
        reached = ("CompletionsReached", "Reached expected number of succeeded pods")
        self.assertEqual(conditions(job), [("SuccessCriteriaMet", "True", *reached),
                                           ("Complete", "True", *reached)])
        self.assertIn("completionTime", job["status"])

    def test_an_index_fails_after_its_own_backoff_limit(self):
        document = manifest("per-index", completions=3, parallelism=3, completionMode="Indexed",
                            backoffLimitPerIndex=1, maxFailedIndexes=2)
        document["spec"]["template"]["spec"]["containers"][0]["command"] = [
            "sh", "-c", "exit $JOB_COMPLETION_INDEX"]
        job = self.end_of(document)
        failed = ("FailedIndexes", "Job has failed indexes")
        self.assertEqual(conditions(job),
                         [("FailureTarget", "True", *failed), ("Failed", "True", *failed)])
        self.assertEqual((job["status"]["completedIndexes"], job["status"]["failedIndexes"]),
                         ("0", "1,2"))
        self.assert_counts(job, succeeded=1, failed=4)

    def test_an_exit_code_of_the_failure_policy_fails_the_job(self):
        job = self.end_of(manifest(
            "policy", {EXIT_CODE: "42"}, completions=1, backoffLimit=6,
            podFailurePolicy={"rules": [{"action": "FailJob", "onExitCodes": {
                "operator": "In", "values": [42]}}]}))
        pod = self.daemon.pods("policy")[0]["metadata"]["name"]
        failed = ("PodFailurePolicy", f"Container main for pod default/{pod} failed with exit code "
                                      "42 matching FailJob rule at index 0")
        self.assertEqual(conditions(job),
                         [("FailureTarget", "True", *failed), ("Failed", "True", *failed)])
        self.assert_counts(job, failed=1)

    def test_a_success_policy_ends_the_job_early(self):
        document = manifest("early", completions=3, parallelism=3, completionMode="Indexed",
                            successPolicy={"rules": [{"succeededIndexes": "0"}]})
        document["spec"]["template"]["spec"]["containers"][0]["command"] = [
            "sh", "-c", "sleep $JOB_COMPLETION_INDEX$JOB_COMPLETION_INDEX"]
        job = self.end_of(document)
        met = ("SuccessPolicy", "Matched rules at index 0")
        self.assertEqual(conditions(job),
                         [("SuccessCriteriaMet", "True", *met), ("Complete", "True", *met)])
        self.assert_counts(job, succeeded=1)
        self.assertEqual(job["status"]["completedIndexes"], "0")

    def test_a_suspended_job_runs_when_it_is_resumed(self):
        self.submit(manifest("later", completions=2, parallelism=2, suspend=True))
        suspended = wait_until(lambda: conditions(j := self.job("later")) and j, "the condition")
        self.assertEqual(conditions(suspended),
                         [("Suspended", "True", "JobSuspended", "Job suspended")])
        self.assertNotIn("startTime", suspended["status"])
        self.assertEqual(self.daemon.pods("later"), [])
        answer = self.daemon.request("PATCH", jobs_path(name="later"), {"spec": {"suspend": False}},
                                     {"Content-Type": "application/merge-patch+json"})
        self.assertEqual(answer.status, 200, answer)
        job = self.wait_finished("later")
        self.assertEqual([c[:3] for c in conditions(job)],
                         [("Suspended", "False", "JobResumed"),
                          ("SuccessCriteriaMet", "True", "CompletionsReached"),
                          ("Complete", "True", "CompletionsReached")])
        self.assert_counts(job, succeeded=2)

    def test_a_job_survives_the_loss_of_a_node(self):
        self.submit(manifest("lost", {RUN_TIME: "60s"}, completions=4, parallelism=4))
        pods = wait_until(
            lambda: (p := self.daemon.pods("lost")) and len(p) == 4 and
            all(x["status"]["phase"] == "Running" for x in p) and p, "four running pods")
        node = pods[0]["spec"]["nodeName"]
        there = sum(p["spec"]["nodeName"] == node for p in pods)
        done = self.daemon.cli("node", "fail", node)
        self.assertEqual(done.returncode, 0, done.stderr)
        # The node is taken for dead after 50 s, its pods go 300 s later, and stay terminating until
        # the node is back.
        wait_until(lambda: sum("deletionTimestamp" in p["metadata"]
                               for p in self.daemon.pods("lost")) == there, "the eviction", 60)
        done = self.daemon.cli("node", "return", node)
        self.assertEqual(done.returncode, 0, done.stderr)
        job = self.wait_finished("lost")
        self.assert_counts(job, succeeded=4, failed=there)
        self.assertEqual([c[0] for c in conditions(job)], ["SuccessCriteriaMet", "Complete"])

    def test_a_deadline_and_a_ttl(self):
        self.submit(manifest("slow", {RUN_TIME: "1h"}, completions=1, activeDeadlineSeconds=5))
        job = self.wait_finished("slow")
        late = ("DeadlineExceeded", "Job was active longer than specified deadline")
        self.assertEqual(conditions(job),
                         [("FailureTarget", "True", *late), ("Failed", "True", *late)])
        self.assert_counts(job, failed=1)
        self.submit(manifest("gone", completions=1, ttlSecondsAfterFinished=20))
        self.wait_finished("gone")
        wait_until(lambda: self.daemon.request("GET", jobs_path(name="gone")).status == 404,
                   "the end of its TTL")
        wait_until(lambda: not self.daemon.pods("gone"), "the end of its pods")


class ServerlessOutcomesTest(Outcomes, DaemonTest):
    FLAGS = ("--loops", "all", "--nodes", "2", "--speed", "50")


class ClassicOutcomesTest(Outcomes, DaemonTest):
    FLAGS = ("--loops", "all", "--nodes", "2", "--speed", "50", "--control-plane", "classic")


class RestartTest(DaemonTest):
    """A daemon that is killed while back-offs and deadlines are pending loses none of them."""
    FLAGS = ("--loops", "all", "--nodes", "2", "--speed", "20", "--seed", "5")

    def test_jobs_with_back_off_and_deadlines_end_as_without_the_kill(self):
        expected = {}
        for number in range(50):
            name = f"job-{number:02}"
            if number % 2:
                document = manifest(name, {RUN_TIME: "1h"}, completions=1,
                                    activeDeadlineSeconds=20 + number)
                expected[name] = ("DeadlineExceeded", 0, 1)
            else:
                # Two failures, each with its back-off of 10 s and 20 s, then a success.
                document = manifest(name, {RUN_TIME: "1s"}, completions=1, backoffLimit=1)
                document["spec"]["template"]["metadata"]["annotations"][EXIT_CODE] = "1"
                expected[name] = ("BackoffLimitExceeded", 0, 2)
            answer = self.daemon.request("POST", jobs_path(), document)
            self.assertEqual(answer.status, 201, answer)
        wait_until(lambda: any(j["status"].get("failed") for j in self.jobs().values()),
                   "the first failure")
        self.assertFalse(all(finished(j) for j in self.jobs().values()))
        self.daemon.kill()
        self.daemon.start()
        jobs = wait_until(lambda: (j := self.jobs()) and all(map(finished, j.values())) and j,
                          "the end of all jobs", 60)
        for name, (reason, succeeded, failed) in expected.items():
            status = jobs[name]["status"]
            self.assertEqual((status["conditions"][-1]["reason"], status.get("succeeded", 0),
                              status.get("failed", 0), status["uncountedTerminatedPods"]),
                             (reason, succeeded, failed, {}), (name, status))

    def jobs(self):
        return {j["metadata"]["name"]: j for j in self.daemon.get(jobs_path())["items"]}


if __name__ == "__main__":
    unittest.main()
