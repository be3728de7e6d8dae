"""The Python client of Kubernetes (Debian's python3-kubernetes) against the daemon."""
import threading
import unittest

from clients import kubernetes, python_client
from daemon import DaemonTest, job


@unittest.skipUnless(kubernetes, "no python3-kubernetes: run tools/setup --clients")
class PythonClientTest(DaemonTest):
    def setUp(self):
        super().setUp()
        client = python_client(self, self.daemon.url)
        self.batch = kubernetes.client.BatchV1Api(client)
        self.core = kubernetes.client.CoreV1Api(client)

    def test_a_job_is_created_and_its_pods_listed(self):
        created = self.batch.create_namespaced_job("default", job("pi", completions=3, parallelism=3))
        self.assertEqual((created.spec.backoff_limit, created.spec.completion_mode), (6, "NonIndexed"))
        self.daemon.wait_pods("pi", 3)
        pods = self.core.list_namespaced_pod("default", label_selector="job-name=pi").items
        self.assertEqual(len(pods), 3)
        self.assertEqual({p.metadata.owner_references[0].uid for p in pods}, {created.metadata.uid})

    def test_pods_are_watched(self):
        version = self.core.list_namespaced_pod("default").metadata.resource_version
        names = []

        def watch():
            stream = kubernetes.watch.Watch()
            for event in stream.stream(self.core.list_namespaced_pod, "default", resource_version=version,
                                       timeout_seconds=20):
                if event["type"] == "ADDED":
                    names.append(event["object"].metadata.name)
                if len(names) == 2:
                    stream.stop()

        watcher = threading.Thread(target=watch)
        watcher.start()
        self.batch.create_namespaced_job("default", job("pi", completions=2, parallelism=2))
        watcher.join(30)
        self.assertEqual(sorted(names), sorted(p["metadata"]["name"] for p in self.daemon.pods("pi")))

    def test_errors_are_raised_with_their_reason(self):
        self.batch.create_namespaced_job("default", job("pi"))
        with self.assertRaises(kubernetes.client.ApiException) as raised:
            self.batch.create_namespaced_job("default", job("pi"))
        self.assertEqual(raised.exception.status, 409)
        self.assertIn("AlreadyExists", raised.exception.body)

    def test_a_job_is_deleted(self):
        self.batch.create_namespaced_job("default", job("pi"))
        self.daemon.wait_pods("pi", 1)
        self.batch.delete_namespaced_job("pi", "default", propagation_policy="Background")
        self.daemon.wait_idle()
        self.assertEqual(self.core.list_namespaced_pod("default").items, [])


if __name__ == "__main__":
    unittest.main()
