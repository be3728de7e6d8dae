"""Real kubectls (tools/setup --clients fetches them) at what people do with them.

The suites of suites_test.py go much further; these tests run without them, and with nodes.
"""
import json
import os
import subprocess
import unittest

from clients import KUBECTLS
from daemon import DaemonTest, environment, job, wait_until

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1"}]}
"""


class Stories:
    """The behaviour that each release must have."""

    RELEASE = ""
    FLAGS = ("--loops", "all", "--nodes", "2")

    def setUp(self):
        if not KUBECTLS[self.RELEASE]:
            self.skipTest(f"no kubectl {self.RELEASE}: run tools/setup --clients")
        super().setUp()
        # Its caches go into the daemon's folder: stale ones of another server would mislead it.
        self.environment = environment(HOME=self.daemon.data, KUBECONFIG="/dev/null",
                                       KUBECACHEDIR=os.path.join(self.daemon.data, "cache"), NO_PROXY="*")

    def command(self, *arguments):
        return [KUBECTLS[self.RELEASE], "-s", self.daemon.url, *arguments]

    def kubectl(self, *arguments, stdin=None, code=0):
        result = subprocess.run(self.command(*arguments), input=stdin, text=True, capture_output=True, timeout=60,
                                env=self.environment)
        self.assertEqual(result.returncode, code, (arguments, result.stdout, result.stderr))
        return result

    def show(self, *arguments):
        return self.kubectl(*arguments).stdout.strip()

    def test_a_job_is_created_watched_to_its_end_and_its_lines_are_read(self):
        self.kubectl("create", "job", "hello", "--image=busybox", "--", "echo", "hello")
        self.kubectl("wait", "--for=condition=complete", "job/hello", "--timeout=50s")
        self.assertEqual(self.show("logs", "job/hello"), "hello")
        self.assertRegex(self.show("get", "job", "hello"), r"hello +Complete +1/1")
        self.assertIn("SuccessfulCreate", self.show("describe", "job", "hello"))
        self.assertIn("deleted", self.show("delete", "job", "hello"))
        wait_until(lambda: not self.daemon.pods(), "the pods of the job have gone")

    def test_what_is_applied_twice_is_unchanged_and_what_is_edited_is_configured(self):
        self.assertEqual(self.kubectl("apply", "-f", "-", stdin=DEPLOYMENT).stdout, "deployment.apps/web created\n")
        self.assertEqual(self.kubectl("apply", "-f", "-", stdin=DEPLOYMENT).stdout,
                         "deployment.apps/web unchanged\n")
        edited = DEPLOYMENT.replace("replicas: 2", "replicas: 3")
        self.assertEqual(self.kubectl("apply", "-f", "-", stdin=edited).stdout, "deployment.apps/web configured\n")
        self.assertEqual(self.show("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"), "3")

    def test_a_server_side_apply_tells_of_a_conflict(self):
        self.kubectl("apply", "--server-side", "-f", "-", stdin=DEPLOYMENT)
        other = DEPLOYMENT.replace("replicas: 2", "replicas: 5")
        result = self.kubectl("apply", "--server-side", "--field-manager=other", "-f", "-", stdin=other, code=1)
        self.assertIn('conflict with "kubectl": .spec.replicas', result.stderr)
        self.kubectl("apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-", stdin=other)

    def test_a_deployment_is_rolled_out_scaled_and_undone(self):
        self.kubectl("create", "-f", "-", stdin=DEPLOYMENT)
        self.assertIn("successfully rolled out", self.show("rollout", "status", "deployment/web", "--timeout=50s"))
        self.kubectl("set", "image", "deployment/web", "web=nginx:2")
        self.kubectl("rollout", "status", "deployment/web", "--timeout=50s")
        self.assertEqual(self.show("get", "pods", "-l", "app=web", "--field-selector=status.phase=Running", "-o",
                                   "jsonpath={.items[*].spec.containers[0].image}").split()[-1], "nginx:2")
        self.kubectl("rollout", "undo", "deployment/web")
        self.kubectl("rollout", "status", "deployment/web", "--timeout=50s")
        self.assertEqual(self.show("get", "deployment", "web", "-o",
                                   "jsonpath={.spec.template.spec.containers[0].image}"), "nginx:1")
        self.kubectl("scale", "deployment/web", "--replicas=1")
        self.kubectl("wait", "--for=jsonpath={.status.replicas}=1", "deployment/web", "--timeout=50s")

    def test_an_autoscaler_of_a_deployment_is_kept(self):
        self.kubectl("create", "-f", "-", stdin=DEPLOYMENT)
        self.kubectl("autoscale", "deployment", "web", "--min=2", "--max=5", "--cpu-percent=80")
        self.assertEqual(self.show("get", "hpa", "web", "--no-headers").split()[1:6],
                         ["Deployment/web", "cpu:", "<unknown>/80%", "2", "5"])

    def test_unknown_fields_are_refused_before_they_mislead(self):
        wrong = DEPLOYMENT.replace("replicas: 2", "replica: 2")
        result = self.kubectl("create", "-f", "-", stdin=wrong, code=1)
        self.assertIn('unknown field "spec.replica"', result.stderr)

    def test_kinds_are_explained_and_listed(self):
        self.assertIn("backoffLimit", self.show("explain", "job.spec"))
        self.assertRegex(self.show("api-resources"), r"(?m)^jobs +batch/v1 +true +Job$")
        self.assertIn("batch/v1", self.show("api-versions"))
        self.assertEqual(self.show("auth", "can-i", "create", "jobs"), "yes")

    def test_jobs_and_pods_are_listed(self):
        self.daemon.create_job("pi", completions=2, parallelism=2)
        self.daemon.wait_pods("pi", 2)
        self.assertIn("pi", self.show("get", "jobs"))
        pods = json.loads(self.show("get", "pods", "-o", "json"))["items"]
        self.assertEqual({p["metadata"]["name"] for p in pods},
                         {p["metadata"]["name"] for p in self.daemon.pods()})

    def test_an_object_is_labelled_annotated_and_patched(self):
        self.kubectl("create", "configmap", "settings", "--from-literal=a=1")
        self.kubectl("label", "configmap", "settings", "tier=x")
        self.kubectl("annotate", "configmap", "settings", "note=y")
        self.kubectl("patch", "configmap", "settings", "-p", '{"data":{"b":"2"}}')
        found = json.loads(self.show("get", "configmap", "-l", "tier=x", "-o", "json"))["items"][0]
        self.assertEqual((found["data"], found["metadata"]["annotations"]), ({"a": "1", "b": "2"}, {"note": "y"}))

    def test_a_node_is_drained(self):
        self.kubectl("create", "-f", "-", stdin=DEPLOYMENT)
        self.kubectl("rollout", "status", "deployment/web", "--timeout=50s")
        node = self.show("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].spec.nodeName}")
        self.kubectl("drain", node, "--timeout=50s")
        self.assertRegex(self.show("get", "node", node), "SchedulingDisabled")
        on_node = self.show("get", "pods", "--field-selector", f"spec.nodeName={node}", "-o", "name")
        self.assertEqual(on_node, "")

    def test_errors_are_shown_as_the_servers(self):
        result = self.kubectl("get", "job", "none", code=1)
        self.assertIn('Error from server (NotFound): jobs.batch "none" not found', result.stderr)

    def test_a_watch_shows_a_job_that_comes(self):
        process = subprocess.Popen(self.command("get", "jobs", "-w", "-o", "name"), text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.environment)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.daemon.request("POST", "/apis/batch/v1/namespaces/default/jobs", job("seen"))
        self.assertEqual(process.stdout.readline().strip(), "job.batch/seen")

    def test_what_is_written_raw_into_the_table_appears(self):
        raw = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "raw", "namespace": "default"},
               "data": {"k": "v"}}
        result = self.daemon.cli("item", "put", "configmap", "default/raw", "-f", "-", stdin=json.dumps(raw))
        self.assertEqual(result.returncode, 0, result)
        self.assertEqual(self.show("get", "configmap", "raw", "-o", "jsonpath={.data.k}"), "v")


class Kubectl133Test(Stories, DaemonTest):
    RELEASE = "1.33"


class Kubectl135Test(Stories, DaemonTest):
    RELEASE = "1.35"


if __name__ == "__main__":
    unittest.main()
