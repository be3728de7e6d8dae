"""The hub itself: raw items, the change feed, the clock, faults and the other admin doors."""
import json
import threading
import unittest

from daemon import ADMIN, DaemonTest, job, jobs_path, pods_path, wait_until

ITEMS = f"{ADMIN}/tables/resources/items"


def item(kind, name, value):
    """The resource table's item as DynamoDB writes it."""
    return {"resource-type": {"S": kind}, "resource-name": {"S": f"default/{name}"},
            "resource-value": {"S": value if isinstance(value, str) else json.dumps(value)}}


def key(kind, name):
    return f"?partition={kind}&sort=default%2F{name}"


class RawItemTest(DaemonTest):
    JOB = {"spec": {"completions": 2, "parallelism": 2, "template": {"spec": {
        "restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox"}]}}}}

    def put(self, body):
        return self.daemon.request("PUT", ITEMS, body)

    def test_a_raw_job_without_defaults_makes_its_pods(self):
        self.assertEqual(self.put(item("job", "raw", self.JOB)).status, 200)
        self.daemon.wait_idle()
        pods = self.daemon.pods("raw")
        self.assertEqual(len(pods), 2)
        served = self.daemon.get(jobs_path(name="raw"))
        self.assertEqual((served["kind"], served["metadata"]["name"], served["spec"]["backoffLimit"]),
                         ("Job", "raw", 6))
        for pod in pods:
            self.assertEqual(pod["metadata"]["ownerReferences"][0]["uid"], served["metadata"]["uid"])

    def test_what_is_no_job_is_said_on_the_object(self):
        self.assertEqual(self.put(item("job", "wrong", {"spec": {"parallelism": "many"}})).status, 200)
        self.assertEqual(self.put(item("job", "text", "not json at all")).status, 200)
        self.assertEqual(self.put(item("job", "list", "[1]")).status, 200)
        for name in ("no-namespace", "a/b/c", "/", "x/", "/x", "-"):
            body = {**item("job", "", self.JOB), "resource-name": {"S": name}}
            self.assertEqual(self.put(body).status, 200, name)
        self.daemon.create_job("good")
        self.daemon.wait_idle()
        self.assertEqual([p["metadata"]["labels"]["job-name"] for p in self.daemon.pods()], ["good"])
        events = self.daemon.get("/api/v1/namespaces/default/events")["items"]
        told = {e["involvedObject"]["name"] for e in events if e["type"] == "Warning"}
        self.assertIn("wrong", told)

    def test_a_raw_value_is_returned_byte_identical_with_its_other_attributes(self):
        text = '{ "spec" : {"suspend":true},\t"x":"\\u00e9", "n":1e2 }'
        body = {**item("thing", "t", text), "owner": {"S": "me"}, "count": {"N": "3"}}
        self.assertEqual(self.put(body).status, 200)
        self.assertEqual(self.daemon.get(ITEMS + key("thing", "t"))["Item"], body)

    def test_a_deleted_item_is_gone(self):
        self.put(item("thing", "t", "{}"))
        self.assertEqual(self.daemon.request("DELETE", ITEMS + key("thing", "t")).status, 200)
        self.assertEqual(self.daemon.request("GET", ITEMS + key("thing", "t")).status, 404)

    def test_bad_items_are_clear_errors(self):
        for body in ({}, {"resource-type": {"S": "job"}}, {**item("job", "x", "{}"), "y": {"Q": 1}},
                     {**item("job", "x", "{}"), "resource-type": {"N": "1"}}, [], "text", 3):
            answer = self.put(json.dumps(body))
            self.assertEqual(answer.status, 400, (body, answer))
        self.assertEqual(self.daemon.request("GET", f"{ADMIN}/tables/none/items").status, 404)


class OtherLayoutTest(DaemonTest):
    FLAGS = ("--key-layout", "name-type", "--durability", "full", "--resource-shards", "1")

    def test_jobs_become_pods_under_the_other_key_layout(self):
        self.daemon.create_job("pi", completions=3, parallelism=3)
        self.daemon.wait_pods("pi", 3)
        self.daemon.wait_idle()
        self.assertEqual(len(self.daemon.get("/api/v1/pods")["items"]), 3)
        path = ITEMS + "?partition=default%2Fpi&sort=job"
        self.assertEqual(self.daemon.get(path)["Item"]["resource-type"], {"S": "job"})
        answer = self.daemon.request("DELETE", jobs_path(name="pi"), {"propagationPolicy": "Background"})
        self.assertEqual(answer.status, 200, answer)
        self.daemon.wait_idle()
        self.assertEqual(self.daemon.pods(), [])


class FeedTest(DaemonTest):
    def test_every_write_has_its_record_and_the_sequence_is_dense(self):
        for n in range(5):
            self.daemon.create_job(f"job-{n}", completions=2, parallelism=2)
        self.daemon.wait_idle()
        records = self.daemon.feed(0)
        self.assertEqual([r["sequence"] for r in records], list(range(1, len(records) + 1)))
        versions = {r["sequence"] for r in records}
        for path in (jobs_path(), pods_path()):
            for entry in self.daemon.get(path)["items"]:
                self.assertIn(int(entry["metadata"]["resourceVersion"]), versions)

    def test_a_follower_sees_each_record_as_it_commits(self):
        self.daemon.wait_idle()
        latest = self.daemon.get(f"{ADMIN}/stats")["feed"]["latest"]
        follower = self.daemon.lines(f"{ADMIN}/feed?follow=true&after={latest}")
        self.addCleanup(follower.close)
        self.daemon.create_job("pi")
        first = follower.next()
        self.assertEqual((first["sequence"], first["kind"]), (latest + 1, "INSERT"))
        self.daemon.wait_idle()
        expected = self.daemon.feed(latest)
        self.assertEqual([first] + follower.take(len(expected) - 1), expected)

    def test_a_write_that_changes_nothing_leaves_no_record(self):
        self.daemon.create_job("pi")
        self.daemon.wait_idle()
        current = self.daemon.get(jobs_path(name="pi"))
        latest = self.daemon.get(f"{ADMIN}/stats")["feed"]["latest"]
        answer = self.daemon.request("PUT", jobs_path(name="pi"), current)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["metadata"]["resourceVersion"], current["metadata"]["resourceVersion"])
        self.assertEqual(self.daemon.get(f"{ADMIN}/stats")["feed"]["latest"], latest)


class ClockTest(DaemonTest):
    def test_a_ten_minute_wait_is_skipped(self):
        self.daemon.wait_idle()
        self.daemon.patch_function(init=600_000)
        self.daemon.reset_function()
        self.daemon.create_job("later")
        answer = self.daemon.request("GET", f"{ADMIN}/idle?timeout=200ms")
        self.assertFalse(answer.status == 200 and answer.json["idle"], answer)
        self.assertEqual(self.daemon.pods(), [])
        self.assertEqual(self.daemon.request("POST", f"{ADMIN}/clock", {"advance_ms": 600_000}).status, 200)
        self.daemon.wait_pods("later", 1)

    def test_a_paused_clock_stands_still(self):
        self.daemon.wait_idle()
        self.daemon.patch_function(init=50)
        self.daemon.reset_function()
        self.assertEqual(self.daemon.request("POST", f"{ADMIN}/clock", {"paused": True}).status, 200)
        self.daemon.create_job("held")
        answer = self.daemon.request("GET", f"{ADMIN}/idle")
        self.assertEqual(answer.status, 408, answer)
        self.assertIn("the clock is paused", answer.json["error"]["message"])
        self.assertEqual(self.daemon.pods(), [])
        self.assertEqual(self.daemon.request("POST", f"{ADMIN}/clock", {"paused": False}).status, 200)
        self.daemon.wait_pods("held", 1)

    def test_a_fast_clock_makes_a_long_start_short(self):
        self.daemon.wait_idle()
        self.daemon.patch_function(init=600_000)
        self.daemon.reset_function()
        self.assertEqual(self.daemon.request("POST", f"{ADMIN}/clock", {"speed": 1000}).status, 200)
        self.daemon.create_job("quick")
        self.daemon.wait_pods("quick", 1)

    def test_wrong_orders_to_the_clock_are_refused(self):
        for body in ({"speed": 0}, {"speed": -1}, {"speed": "fast"}, {"advance_ms": -1}, {"sped": 2}, {}, []):
            self.assertEqual(self.daemon.request("POST", f"{ADMIN}/clock", body).status, 400, body)


class FaultTest(DaemonTest):
    def test_no_fault_makes_a_pod_too_many_or_too_few(self):
        # Retries back off for up to 10 s: a fast clock makes that short.
        self.assertEqual(self.daemon.request("POST", f"{ADMIN}/clock", {"speed": 100}).status, 200)
        for fault in ({"kind": "duplicate", "rate": 0.5}, {"kind": "reorder", "rate": 0.5},
                      {"kind": "delay", "rate": 0.3, "delay_ms": 30}, {"kind": "throttle", "rate": 0.2},
                      {"kind": "store_error", "rate": 0.02}, {"kind": "crash", "rate": 0.02},
                      {"kind": "crash_after", "rate": 0.02}):
            self.assertEqual(self.daemon.request("POST", f"{ADMIN}/faults", fault).status, 200, fault)
        for n in range(20):
            self.daemon.create_job(f"job-{n}", completions=3, parallelism=3)
        wait_until(lambda: len(self.daemon.pods()) >= 60, "60 pods")
        self.assertEqual(self.daemon.request("POST", f"{ADMIN}/faults", {"kind": "clear"}).status, 200)
        self.daemon.wait_idle(3600)
        owners = sorted(p["metadata"]["labels"]["job-name"] for p in self.daemon.pods())
        self.assertEqual(owners, sorted(f"job-{n}" for n in range(20) for _ in range(3)))

    def test_a_wrong_fault_is_refused(self):
        for body in ({"kind": "gremlin", "rate": 1}, {"kind": "crash"}, {"kind": "crash", "rate": 2},
                     {"kind": "crash", "at": 0}, {"kind": "crash", "at": 1, "wen": 2}, [], {}):
            self.assertEqual(self.daemon.request("POST", f"{ADMIN}/faults", body).status, 400, body)


class ObservationTest(DaemonTest):
    def test_a_mapping_says_how_far_it_has_come(self):
        self.daemon.create_job("pi")
        self.daemon.wait_pods("pi", 1)
        self.daemon.wait_idle()
        mappings = self.daemon.get(f"{ADMIN}/mappings")["mappings"]
        self.assertEqual([m["function"] for m in mappings], ["job-controller"])
        mapping = self.daemon.get(f"{ADMIN}/mappings/{mappings[0]['name']}")
        self.assertEqual((mapping["last_processing_result"], mapping["in_flight"]), ("OK", 0))
        self.assertEqual(mapping["position"], mapping["latest"])
        self.assertEqual(self.daemon.request("GET", f"{ADMIN}/mappings/none").status, 404)

    def test_metrics_are_served_in_prometheus_form(self):
        self.daemon.create_job("pi")
        self.daemon.wait_pods("pi", 1)
        answer = self.daemon.request("GET", "/metrics")
        self.assertEqual(answer.status, 200)
        self.assertRegex(answer.headers["Content-Type"], "^text/plain")
        text = answer.body.decode()
        self.assertRegex(text, r"(?m)^kless_\w+_total(\{.*\})? [1-9]")
        for line in text.splitlines():
            self.assertRegex(line, r'^(#.*|(?:kless|process)_\w+(\{[^}]*\})? \S+)$')

    def test_idle_waits_for_the_end_of_the_work(self):
        self.daemon.patch_function(init=300)
        self.daemon.reset_function()
        self.daemon.create_job("pi")
        self.daemon.wait_idle()
        self.assertEqual(len(self.daemon.pods("pi")), 1)

    def test_readers_beside_writers_see_whole_objects(self):
        stop, seen = threading.Event(), []

        def read():
            client = self.daemon.client()
            while not stop.is_set():
                for pod in client.request("GET", pods_path()).json["items"]:
                    seen.append(len(pod["metadata"]["ownerReferences"]))
            client.close()

        reader = threading.Thread(target=read)
        reader.start()
        for n in range(50):
            self.daemon.create_job(f"job-{n}")
        self.daemon.wait_idle()
        stop.set()
        reader.join()
        self.assertEqual(set(seen), {1})


if __name__ == "__main__":
    unittest.main()
