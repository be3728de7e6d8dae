"""Watches by the thousand, and watchers that do not read; objects as large as they may be."""
import json
import re
import socket
import unittest

from daemon import PATIENCE, DaemonTest, pods_path, wait_until

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
# A watcher is dropped when it has not read for 30 s.
DROPPED = 60 + PATIENCE


def config_map(name, size):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"key": "v" * size}}


def pod(name, size):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"containers": [{"name": "main", "image": "busybox",
                                     "env": [{"name": "LARGE", "value": "v" * size}]}]}}


class WatchesTest(DaemonTest):
    FLAGS = ("--loops", "none", "--nodes", "0")

    def create(self, path, body):
        answer = self.daemon.request("POST", path, body)
        self.assertEqual(answer.status, 201, answer)

    def watch(self, path, buffer=None):
        """A connection that has sent its request, and read nothing."""
        connection = socket.socket()
        self.addCleanup(connection.close)
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.settimeout(DROPPED)
        connection.connect(("127.0.0.1", self.daemon.port))
        connection.sendall(f"GET {path}?watch=true HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return connection

    def test_a_thousand_watches_see_every_pod_once_and_in_order(self):
        watches = [self.watch(pods_path()) for _ in range(1000)]
        names = [f"pod-{i}" for i in range(20)]
        for name in names:
            self.create(pods_path(), pod(name, 1))
        for connection in watches:
            with connection, connection.makefile("rb") as lines:
                seen = []
                while len(seen) < len(names):
                    line = lines.readline()
                    self.assertTrue(line, "the watch ended")
                    if line.startswith(b"{"):
                        event = json.loads(line)
                        self.assertEqual(event["type"], "ADDED")
                        seen.append(event["object"]["metadata"]["name"])
                self.assertEqual(seen, names)
        self.assertEqual(self.daemon.request("GET", "/livez").status, 200)

    def test_a_watcher_that_does_not_read_is_dropped_and_the_others_see_everything(self):
        silent = self.watch(CONFIG_MAPS, buffer=4096)
        reading = self.daemon.lines(CONFIG_MAPS + "?watch=true", timeout=DROPPED)
        # More than the buffers of a connection hold.
        names = [f"map-{i}" for i in range(30)]
        for name in names:
            self.create(CONFIG_MAPS, config_map(name, 900_000))
        seen = []
        while len(seen) < len(names):
            seen += [name for name in [reading.next()["object"]["metadata"]["name"]] if name in names]
        self.assertEqual(seen, names)
        reason = r"closed the connection of 127\.0\.0\.1:%d: it did not read the reply to GET %s\?watch=true for 30s" % (
            silent.getsockname()[1], CONFIG_MAPS)
        wait_until(lambda: any(re.search(reason, line) for line in self.daemon.log),
                   "the reason in the log", timeout=DROPPED)
        # Its stream now ends in the middle.
        whole = 0
        with silent.makefile("rb") as lines:
            try:
                for line in lines:
                    whole += line.startswith(b"{") and line.endswith(b"}\n")
            except ConnectionResetError:
                pass
        self.assertLess(whole, len(names))
        self.create(CONFIG_MAPS, config_map("after", 1))
        self.assertEqual(reading.next()["object"]["metadata"]["name"], "after")
        reading.close()


class LargeObjectsTest(DaemonTest):
    FLAGS = ("--loops", "none", "--nodes", "0")

    def test_objects_up_to_a_megabyte_and_a_half_are_kept_and_larger_ones_refused_as_by_etcd(self):
        answer = self.daemon.request("POST", pods_path(), pod("large", 1_500_000))
        self.assertEqual(answer.status, 201)
        stored = self.daemon.get(pods_path(name="large"))
        self.assertEqual(len(stored["spec"]["containers"][0]["env"][0]["value"]), 1_500_000)
        refused = (500, "etcdserver: request is too large")
        answer = self.daemon.request("POST", pods_path(), pod("larger", 1_600_000))
        self.assertEqual((answer.status, answer.json["message"]), refused)
        stored["metadata"]["annotations"] = {"more": "v" * 100_000}
        answer = self.daemon.request("PUT", pods_path(name="large"), stored)
        self.assertEqual((answer.status, answer.json["message"]), refused)
        self.assertEqual([item["metadata"]["name"] for item in self.daemon.get(pods_path())["items"]],
                         ["large"])
        self.assertNotIn("annotations", self.daemon.get(pods_path(name="large"))["metadata"])

    def test_a_body_of_four_megabytes_is_refused_in_every_verb(self):
        self.assertEqual(self.daemon.request("POST", pods_path(), pod("small", 1)).status, 201)
        body = json.dumps(pod("small", 4_000_000))
        for method, path, kind in (
                ("POST", pods_path(), "application/json"),
                ("PUT", pods_path(name="small"), "application/json"),
                ("PATCH", pods_path(name="small"), "application/merge-patch+json"),
                ("PATCH", pods_path(name="small") + "?fieldManager=x", "application/apply-patch+yaml"),
                ("DELETE", pods_path(name="small"), "application/json")):
            answer = self.daemon.request(method, path, body, {"Content-Type": kind})
            self.assertEqual((answer.status, answer.json["reason"], answer.json["message"]),
                             (413, "RequestEntityTooLarge",
                              "Request entity too large: limit is 3145728"), method)
        self.assertEqual(len(self.daemon.get(pods_path())["items"]), 1)


if __name__ == "__main__":
    unittest.main()
