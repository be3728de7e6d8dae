"""A real kubectl (tools/setup --clients fetches it) for what it can do here today.

It reads and deletes.  Creating goes with --validate=false: the schema it would validate by is not
served yet.
"""
import json
import os
import shutil
import subprocess
import unittest

from daemon import ROOT, DaemonTest, environment, job


def find_kubectl():
    fetched = os.path.join(ROOT, "build", "clients", "kubectl")
    return fetched if os.access(fetched, os.X_OK) else shutil.which("kubectl")


KUBECTL = find_kubectl()


@unittest.skipUnless(KUBECTL, "no kubectl: run tools/setup --clients")
class KubectlTest(DaemonTest):
    def setUp(self):
        super().setUp()
        # Its caches go into the daemon's folder: stale ones of another server would mislead it.
        self.environment = environment(HOME=self.daemon.data, KUBECONFIG="/dev/null",
                                       KUBECACHEDIR=os.path.join(self.daemon.data, "cache"), NO_PROXY="*")

    def kubectl(self, *arguments, stdin=None, code=0):
        result = subprocess.run([KUBECTL, "-s", self.daemon.url, *arguments], input=stdin, text=True,
                                capture_output=True, timeout=60, env=self.environment)
        self.assertEqual(result.returncode, code, (arguments, result.stdout, result.stderr))
        return result

    def test_jobs_and_pods_are_listed(self):
        self.daemon.create_job("pi", completions=2, parallelism=2)
        self.daemon.wait_pods("pi", 2)
        self.assertIn("pi", self.kubectl("get", "jobs").stdout)
        pods = json.loads(self.kubectl("get", "pods", "-o", "json").stdout)["items"]
        self.assertEqual({p["metadata"]["name"] for p in pods},
                         {p["metadata"]["name"] for p in self.daemon.pods()})
        name = self.kubectl("get", "job", "pi", "-o", "jsonpath={.spec.completions}").stdout
        self.assertEqual(name, "2")

    def test_a_job_is_described_with_its_events(self):
        self.daemon.create_job("pi")
        self.daemon.wait_pods("pi", 1)
        self.daemon.wait_idle()
        text = self.kubectl("describe", "job", "pi").stdout
        self.assertIn("SuccessfulCreate", text)

    def test_a_job_is_created_without_validation(self):
        self.kubectl("create", "--validate=false", "-f", "-", stdin=json.dumps(job("made")))
        self.daemon.wait_pods("made", 1)

    def test_a_job_is_deleted_with_its_pods(self):
        self.daemon.create_job("pi", completions=2, parallelism=2)
        self.daemon.wait_pods("pi", 2)
        self.assertIn("deleted", self.kubectl("delete", "job", "pi").stdout)
        self.daemon.wait_idle()
        self.assertEqual(self.daemon.pods(), [])

    def test_errors_are_shown_as_the_servers(self):
        result = self.kubectl("get", "job", "none", code=1)
        self.assertIn('Error from server (NotFound): jobs.batch "none" not found', result.stderr)

    def test_a_watch_shows_a_job_that_comes(self):
        process = subprocess.Popen([KUBECTL, "-s", self.daemon.url, "get", "jobs", "-w", "-o", "name"], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.environment)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.daemon.create_job("seen")
        self.assertEqual(process.stdout.readline().strip(), "job.batch/seen")


if __name__ == "__main__":
    unittest.main()
