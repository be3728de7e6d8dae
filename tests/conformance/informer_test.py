"""Clients that watch: none of 10,000 pods is missed or seen twice; a restart of the daemon and a
trimmed history leave them with the truth.

@kubernetes/client-node's informer, and the watch of python3-kubernetes.
"""
import json
import os
import queue
import shutil
import subprocess
import threading
import unittest

from clients import CLIENTS, kubernetes, python_client
from daemon import PATIENCE, DaemonTest, environment, pods_path

NODE = shutil.which("node")
HERE = os.path.dirname(os.path.abspath(__file__))
PODS = 10_000
# Twelve seconds on a quiet machine, most of them the clients' own.
LONG = 10 * PATIENCE


def pod(name):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"containers": [{"name": "main", "image": "busybox"}]}}


def create_pods(daemon, names):
    """Four connections at once."""
    def create(part):
        client = daemon.client()
        for name in part:
            answer = client.request("POST", pods_path(), pod(name))
            assert answer.status == 201, answer
        client.close()

    threads = [threading.Thread(target=create, args=(names[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class WatchingClient(DaemonTest):
    FLAGS = ("--loops", "none", "--nodes", "0")

    def restart(self, *flags):
        """On the same port and data."""
        port = self.daemon.port
        if self.daemon.process is not None:
            self.daemon.stop()
        self.daemon.flags = (*self.FLAGS, *flags)
        self.daemon.start(port)

    def trim(self):
        """Restarts the daemon so that only its last records are kept."""
        self.restart("--retention-count", "1", "--ring-records", "16")
        create_pods(self.daemon, [f"between-{i}" for i in range(20)])
        old = "/api/v1/pods?resourceVersion=2&resourceVersionMatch=Exact&limit=1"
        client = self.daemon.client()
        while client.request("GET", old).status != 410:  # Old records go at the next housekeeping.
            threading.Event().wait(0.05)
        client.close()


@unittest.skipUnless(NODE and os.path.isdir(os.path.join(CLIENTS, "node_modules", "@kubernetes")),
                     "no @kubernetes/client-node: run tools/setup --clients")
class NodeInformerTest(WatchingClient):
    def setUp(self):
        super().setUp()
        self.process = subprocess.Popen([NODE, os.path.join(HERE, "informer.mjs"), CLIENTS, self.daemon.url],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment(NO_PROXY="*"))
        self.events = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)

    def read(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))

    def until(self, kind):
        seen = []
        while True:
            event = self.events.get(timeout=LONG)
            if event["event"] == kind:
                return event, seen
            seen.append(event)

    def pods_until(self, last):
        """The notifications about pods, in order, until all of `last` have arrived."""
        missing, seen = set(last), []
        while missing:
            event = self.events.get(timeout=LONG)
            if event["event"] in ("add", "update", "delete"):
                seen.append((event["event"], event["name"], event["version"]))
                missing.discard(event["name"])
        return seen

    def connect_again(self):
        """Until the daemon takes the connection."""
        self.process.stdin.write("again\n")
        self.process.stdin.flush()
        self.until("connect")

    def test_ten_thousand_pods_are_seen_once_each_and_in_order(self):
        self.until("connect")
        create_pods(self.daemon, ["first"])
        self.pods_until(["first"])  # The list is complete: later pods arrive by the watch.
        names = [f"p{i}" for i in range(PODS)]
        create_pods(self.daemon, names)
        seen = self.pods_until(names)
        self.assertEqual([kind for kind, _, _ in seen], ["add"] * PODS)
        self.assertEqual(sorted(name for _, name, _ in seen), sorted(names))
        versions = [version for _, _, version in seen]
        self.assertEqual(versions, sorted(set(versions)))

    def test_after_a_restart_it_goes_on_where_it_was(self):
        self.until("connect")
        create_pods(self.daemon, ["a", "b"])
        self.assertEqual(len(self.pods_until(["a", "b"])), 2)
        self.restart()
        create_pods(self.daemon, ["c"])
        self.connect_again()
        create_pods(self.daemon, ["d"])
        seen = self.pods_until(["c", "d"])
        self.assertEqual([(kind, name) for kind, name, _ in seen], [("add", "c"), ("add", "d")])

    def test_after_a_trimmed_history_it_lists_anew(self):
        self.until("connect")
        create_pods(self.daemon, ["a", "b"])
        self.assertEqual(len(self.pods_until(["a", "b"])), 2)
        self.restart()
        self.assertEqual(self.daemon.request("DELETE", pods_path(name="a") + "?gracePeriodSeconds=0").status, 200)
        self.trim()
        self.connect_again()
        create_pods(self.daemon, ["last"])
        seen = self.pods_until(["last"])
        told = [(kind, name) for kind, name, _ in seen]
        expected = [("delete", "a"), *(("add", f"between-{i}") for i in range(20)), ("add", "last")]
        self.assertEqual(sorted(told), sorted(expected))


@unittest.skipUnless(kubernetes, "no python3-kubernetes: run tools/setup --clients")
class PythonWatchTest(WatchingClient):
    def setUp(self):
        super().setUp()
        self.core = kubernetes.client.CoreV1Api(python_client(self, self.daemon.url))

    def watch(self, version, last):
        """(type, name, version) of the changes after `version`, until all of `last` have arrived."""
        missing, seen = set(last), []
        stream = kubernetes.watch.Watch()
        for event in stream.stream(self.core.list_namespaced_pod, "default", resource_version=version,
                                   timeout_seconds=int(LONG)):
            metadata = event["raw_object"]["metadata"]
            seen.append((event["type"], metadata["name"], int(metadata["resourceVersion"])))
            missing.discard(metadata["name"])
            if not missing:
                stream.stop()
                return seen
        self.fail(f"the watch ended without {sorted(missing)[:5]}")

    def version(self):
        return self.core.list_namespaced_pod("default", limit=1).metadata.resource_version

    def test_ten_thousand_pods_are_seen_once_each_and_in_order(self):
        version = self.version()
        names = [f"p{i}" for i in range(PODS)]
        creator = threading.Thread(target=create_pods, args=(self.daemon, names))
        creator.start()
        seen = self.watch(version, names)
        creator.join()
        self.assertEqual([kind for kind, _, _ in seen], ["ADDED"] * PODS)
        self.assertEqual(sorted(name for _, name, _ in seen), sorted(names))
        versions = [number for _, _, number in seen]
        self.assertEqual(versions, sorted(set(versions)))

    def test_after_a_restart_it_goes_on_where_it_was(self):
        version = self.version()
        create_pods(self.daemon, ["a", "b"])
        seen = self.watch(version, ["a", "b"])
        self.restart()
        create_pods(self.daemon, ["c"])
        seen += self.watch(str(seen[-1][2]), ["c"])
        self.assertEqual(sorted((kind, name) for kind, name, _ in seen), [("ADDED", name) for name in "abc"])

    def test_a_trimmed_version_is_an_error_410_and_a_new_list_is_whole(self):
        version = self.version()
        create_pods(self.daemon, ["a"])
        self.trim()
        with self.assertRaises(kubernetes.client.ApiException) as raised:
            self.watch(version, ["a"])
        self.assertEqual(raised.exception.status, 410)
        self.assertIn("too old resource version", str(raised.exception))
        listed = self.core.list_namespaced_pod("default")
        self.assertEqual(len(listed.items), 21)
        create_pods(self.daemon, ["last"])
        seen = self.watch(listed.metadata.resource_version, ["last"])
        self.assertEqual([(kind, name) for kind, name, _ in seen], [("ADDED", "last")])


if __name__ == "__main__":
    unittest.main()
