"""A controller of a custom resource, written with a client library, works unchanged: Batches become
Jobs, which run to their end and go with their Batch.
"""
import os
import subprocess
import sys
import unittest

from clients import kubernetes
from daemon import DaemonTest, environment, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
BATCHES = "/apis/example.com/v1/namespaces/default/batches"
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "batches.example.com"},
    "spec": {
        "group": "example.com", "scope": "Namespaced",
        "names": {"plural": "batches", "singular": "batch", "kind": "Batch"},
        "versions": [{
            "name": "v1", "served": True, "storage": True, "subresources": {"status": {}},
            "schema": {"openAPIV3Schema": {"type": "object", "required": ["spec"], "properties": {
                "spec": {"type": "object", "required": ["count"], "properties": {
                    "count": {"type": "integer", "minimum": 0, "maximum": 100},
                    "image": {"type": "string", "default": "busybox"}}},
                "status": {"type": "object", "properties": {"complete": {"type": "integer"}}}}}}}]}}


@unittest.skipUnless(kubernetes, "no python3-kubernetes: run tools/setup --clients")
class CustomControllerTest(DaemonTest):
    FLAGS = ("--loops", "all", "--nodes", "2")

    def setUp(self):
        super().setUp()
        answer = self.daemon.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DEFINITION)
        self.assertEqual(answer.status, 201, answer)
        wait_until(lambda: self.daemon.request("GET", BATCHES).status == 200, "Batches are served")
        controller = subprocess.Popen([sys.executable, os.path.join(HERE, "custom_controller.py"), self.daemon.url],
                                      env=environment(NO_PROXY="*"))
        self.addCleanup(controller.wait)
        self.addCleanup(controller.kill)

    def create(self, name, **spec):
        answer = self.daemon.request("POST", BATCHES, {"apiVersion": "example.com/v1", "kind": "Batch",
                                                       "metadata": {"name": name}, "spec": spec})
        self.assertEqual(answer.status, 201, answer)

    def jobs(self):
        return self.daemon.get("/apis/batch/v1/namespaces/default/jobs")["items"]

    def wait_complete(self, name, count):
        wait_until(lambda: self.daemon.get(f"{BATCHES}/{name}").get("status", {}).get("complete") == count,
                   f"{count} Jobs of {name} are complete")

    def test_a_batch_becomes_jobs_that_complete_and_go_with_it(self):
        self.create("a", count=3)
        self.create("b", count=1)
        self.wait_complete("a", 3)
        self.wait_complete("b", 1)
        self.assertEqual(sorted(j["metadata"]["name"] for j in self.jobs()), ["a-0", "a-1", "a-2", "b-0"])
        self.assertEqual(self.daemon.request("DELETE", f"{BATCHES}/a").status, 200)
        wait_until(lambda: [j["metadata"]["name"] for j in self.jobs()] == ["b-0"], "the Jobs of a have gone")

    def test_a_batch_that_grows_gets_more_jobs(self):
        self.create("a", count=1)
        self.wait_complete("a", 1)
        answer = self.daemon.request("PATCH", f"{BATCHES}/a", '{"spec":{"count":4}}',
                                     {"Content-Type": "application/merge-patch+json"})
        self.assertEqual(answer.status, 200, answer)
        self.wait_complete("a", 4)

    def test_a_foreground_deletion_waits_for_the_jobs(self):
        self.create("a", count=2)
        self.wait_complete("a", 2)
        answer = self.daemon.request("DELETE", f"{BATCHES}/a", {"propagationPolicy": "Foreground"})
        self.assertEqual(answer.status, 200, answer)
        wait_until(lambda: self.daemon.request("GET", f"{BATCHES}/a").status == 404, "the Batch has gone")
        self.assertEqual(self.jobs(), [])

    def test_what_the_schema_does_not_allow_is_refused(self):
        answer = self.daemon.request("POST", BATCHES, {"apiVersion": "example.com/v1", "kind": "Batch",
                                                       "metadata": {"name": "a"}, "spec": {"count": 101}})
        self.assert_status(answer, 422, "Invalid", "less than or equal to 100")


if __name__ == "__main__":
    unittest.main()
