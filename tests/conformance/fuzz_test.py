"""Requests that are nearly right, by the thousand: none may kill the daemon or be its own fault (5xx).

$KLESS_SEED repeats a run, $KLESS_FUZZ_REQUESTS sets its length (default 3000).
"""
import http.client
import json
import os
import random
import unittest
import urllib.parse

from daemon import ADMIN, DaemonTest, job, jobs_path, pods_path

ITEMS = f"{ADMIN}/tables/resources/items"
STRANGE = [None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, -2**63, 2**64, 1.5, 1e308, "", "a", "\u0000", "\ud7ff",
           "x" * 300, "-1", "Never", "../..", "%", [], {}, [[]], [None], {"": None}, "2026-01-01T00:00:00Z"]


def full_job(name):
    """A Job that uses much of what there is."""
    made = job(name, completions=2, parallelism=2, completionMode="Indexed", backoffLimit=3, suspend=False,
               ttlSecondsAfterFinished=5, activeDeadlineSeconds=9, podReplacementPolicy="Failed",
               podFailurePolicy={"rules": [{"action": "FailJob", "onExitCodes": {
                   "containerName": "main", "operator": "In", "values": [1, 2]}}]},
               successPolicy={"rules": [{"succeededIndexes": "0-1", "succeededCount": 1}]})
    made["metadata"].update(labels={"a": "b"}, annotations={"c": "d"}, finalizers=["x.io/y"], namespace="default")
    made["spec"]["template"]["metadata"] = {"labels": {"e": "f"}}
    made["spec"]["template"]["spec"].update(
        volumes=[{"name": "v", "emptyDir": {}}], initContainers=[{"name": "i", "image": "i:1"}],
        tolerations=[{"key": "k", "operator": "Exists"}], nodeSelector={"n": "m"})
    return made


class Fuzzer:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def places(self, value, path=()):
        yield path
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, child in children:
            yield from self.places(child, path + (key,))

    def mutate(self, value):
        """One place of the value replaced, removed, renamed or doubled."""
        value = json.loads(json.dumps(value))
        places = list(self.places(value))
        path = self.random.choice(places)
        if not path:
            return self.random.choice(STRANGE)
        parent = value
        for key in path[:-1]:
            parent = parent[key]
        choice = self.random.random()
        if choice < 0.6:
            parent[path[-1]] = self.random.choice(STRANGE)
        elif choice < 0.75:
            del parent[path[-1]]
        elif isinstance(parent, dict):
            parent[self.random.choice(["", "x", "kind", "metadata", "\u00e9"])] = parent.pop(path[-1])
        else:
            parent.append(parent[path[-1]])
        return value

    def text(self, value):
        """JSON of the value after some mutations, sometimes with a broken byte."""
        for _ in range(self.random.choice([0, 0, 1, 1, 2, 4])):
            value = self.mutate(value)
        data = bytearray(json.dumps(value).encode("utf-8", "surrogatepass"))
        if self.random.random() < 0.1 and data:
            data[self.random.randrange(len(data))] = self.random.randrange(256)
        return bytes(data)

    def query(self, names):
        values = ["", "0", "1", "-1", "true", "x", "99999999999999999999", "a=b", "a in (b", "!", "metadata.name=x",
                  "status.phase!=Running", "spec=", "%00", "Background", "Orphan", "All", "Strict", "latest"]
        chosen = self.random.sample(names, self.random.randrange(min(4, len(names)) + 1))
        pairs = [(n, self.random.choice(values)) for n in chosen]
        return "?" + urllib.parse.urlencode(pairs) if pairs else ""

    def name(self):
        strange = ["x" * 300, "a%2Fb", "%00", "a.b", "A_B", "..", "%ff"]
        return self.random.choice([f"fuzz-{self.random.randrange(50)}"] * 20 + strange)

    def job(self):
        return full_job(f"fuzz-{self.random.randrange(50)}")

    def request(self):
        """(method, path, body)"""
        namespace = self.random.choice(["default"] * 10 + ["none", "A_", "kube-system"])
        listing = ["limit", "continue", "labelSelector", "fieldSelector", "resourceVersion", "resourceVersionMatch",
                   "pretty"]
        writing = ["dryRun", "fieldManager", "fieldValidation", "propagationPolicy", "gracePeriodSeconds"]
        item = {"resource-type": {"S": self.random.choice(["job", "job", "pod", "event", "thing", ""])},
                "resource-name": {"S": f"default/{self.name()}"},
                "resource-value": {"S": self.text(self.job()).decode("utf-8", "replace")}}
        options = {"kind": "DeleteOptions", "propagationPolicy": "Background", "gracePeriodSeconds": 0,
                   "preconditions": {"uid": "u", "resourceVersion": "1"}}
        # Not init: a start of some centuries would be just what was asked for.
        function = {"memory_mb": 128, "timeout_ms": 3000,
                    "keep_alive_ms": 1000, "reserved_concurrency": None}
        one_of = {
            "create": lambda: ("POST", jobs_path(namespace) + self.query(writing), self.text(self.job())),
            "replace": lambda: ("PUT", jobs_path(namespace, self.name()), self.text(self.job())),
            "status": lambda: ("PUT", jobs_path(namespace, self.name()) + "/status", self.text(
                {**self.job(), "status": {"active": 1, "conditions": [{"type": "Complete", "status": "True"}]}})),
            "delete": lambda: ("DELETE", jobs_path(namespace, self.name()) + self.query(writing), self.text(options)),
            "list": lambda: ("GET", self.random.choice([jobs_path(namespace), pods_path(namespace), "/api/v1/events"])
                             + self.query(listing), None),
            "watch": lambda: ("GET", jobs_path(namespace) + "?watch=true&resourceVersion="
                              + self.random.choice(["", "0", "1", "-1", "x", "99999999999999999999"]),
                              None),
            "pod": lambda: ("POST", pods_path(namespace), self.text(
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.name()},
                 "spec": {"containers": [{"name": "a", "image": "b"}]}})),
            "item": lambda: ("PUT", ITEMS, self.text(item)),
            "items": lambda: ("GET", ITEMS + self.query(["partition", "sort", "prefix", "from", "to", "limit", "after",
                                                         "descending"]), None),
            "function": lambda: ("PATCH", f"{ADMIN}/functions/job-controller", self.text(function)),
            "feed": lambda: ("GET", f"{ADMIN}/feed" + self.query(["after", "limit", "table"]), None),
            "invocations": lambda: ("GET", f"{ADMIN}/invocations" + self.query(["function", "limit", "after"]), None),
            "table": lambda: ("POST", f"{ADMIN}/tables", self.text(
                {"name": "orders", "partition_key": {"name": "id", "type": "S"},
                 "sort_key": {"name": "n", "type": "N"}, "shards": 2})),
            "path": lambda: (self.random.choice(["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "BREW"]),
                             "/" + "/".join(self.random.sample(["api", "apis", "v1", "batch", "kless", "namespaces",
                                                                "jobs", "%2e", "status", ""], 4)), None),
        }
        return one_of[self.random.choice(list(one_of))]()


class FuzzTest(DaemonTest):
    def test_no_request_is_answered_with_a_fault_of_the_daemon(self):
        seed = os.environ.get("KLESS_SEED") or str(random.SystemRandom().randrange(1 << 32))
        fuzzer = Fuzzer(seed)
        client = self.daemon.client()
        statuses = {}
        for number in range(int(os.environ.get("KLESS_FUZZ_REQUESTS", "3000"))):
            method, path, body = fuzzer.request()
            try:
                if "watch=true" in path:  # has no end: the head of the answer is what counts
                    answer = self.daemon.lines(path)
                    answer.close()
                else:
                    answer = client.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            except (http.client.HTTPException, OSError) as error:
                self.fail(f"KLESS_SEED={seed}, request {number}: {method} {path} {body!r}: {error!r}")
            self.assertLess(answer.status, 500, f"KLESS_SEED={seed}, request {number}: {method} {path} {body!r}: "
                                                f"{answer}")
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
        client.close()
        # Most were refused, but not all: the fuzzer gets past the checks.
        self.assertGreater(statuses.get(201, 0), 10, statuses)
        self.daemon.patch_function(init=0, timeout_ms=3000, memory_mb=128, reserved_concurrency=None)
        self.assertEqual(self.daemon.get(f"{ADMIN}/stats")["tasks"]["failed"], 0)
        self.daemon.create_job("afterwards")
        try:
            self.daemon.wait_pods("afterwards", 1)
        except AssertionError as error:
            self.fail(f"KLESS_SEED={seed}: {error}: {self.daemon.get(f'{ADMIN}/mappings')} "
                      f"{self.daemon.function()}")


if __name__ == "__main__":
    unittest.main()
