"""GET /metrics: the exposition is what Prometheus reads, and what the server did is in it."""
import re
import unittest

from daemon import ADMIN, Daemon, DaemonTest, jobs_path, pods_path, wait_until

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)")


class Exposition:
    """Prometheus' text form 0.0.4, read strictly: a family's lines stand together, behind its HELP and TYPE.

    https://prometheus.io/docs/instrumenting/exposition_formats/
    """

    def __init__(self, text):
        self.types, self.help, self.samples = {}, {}, {}
        family = None
        assert text.endswith("\n"), "the last line has no end"
        for line in text.splitlines():
            if not line:
                continue
            if line.startswith("# HELP "):
                family, self.help_of_family = line[7:].split(" ", 1)
                assert family not in self.help, f"{family} comes twice"
                self.help[family] = self.help_of_family
            elif line.startswith("# TYPE "):
                name, kind = line[7:].split(" ")
                assert name == family, line
                assert kind in ("counter", "gauge", "histogram", "summary", "untyped"), line
                self.types[name] = kind
            else:
                self.read_sample(family, line)

    def read_sample(self, family, line):
        match = SAMPLE.fullmatch(line)
        assert match, line
        name, labels, value = match.groups()
        suffixes = ("_bucket", "_sum", "_count") if self.types[family] == "histogram" else ("",)
        assert name in [family + suffix for suffix in suffixes], f"{line} stands below {family}"
        pairs = LABEL.findall(labels or "")
        assert ",".join(f'{n}="{v}"' for n, v in pairs) == (labels or "").rstrip(","), line
        key = name, frozenset(pairs)
        assert key not in self.samples, f"{line} comes twice"
        self.samples[key] = float(value)

    def value(self, name, **labels):
        return self.samples.get((name, frozenset(labels.items())))


class MetricsTest(DaemonTest):
    def scrape(self):
        answer = self.daemon.request("GET", "/metrics")
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        return Exposition(answer.body.decode())

    def requests(self, door, verb, resource, code=200):
        return self.scrape().value("kless_http_requests_total", door=door, verb=verb, resource=resource,
                                   code=str(code)) or 0

    def test_names_and_types_follow_the_conventions(self):
        self.daemon.create_job("pi")
        self.daemon.wait_idle()
        self.scrape()
        seen = self.scrape()
        self.assertGreater(len(seen.types), 30)
        for name, kind in seen.types.items():
            self.assertRegex(name, r"^(kless|process)_[a-z0-9_]+$")
            self.assertEqual(name.endswith("_total"), kind == "counter", name)
            self.assertTrue(seen.help[name])
            self.assertNotRegex(name, r"_(ms|milliseconds|minutes|kb|mb)(_|$)", "base units only")

    def test_requests_are_counted_by_door_verb_resource_and_code(self):
        self.daemon.request("GET", pods_path())
        self.daemon.request("GET", pods_path())
        self.daemon.request("GET", pods_path(name="missing"))
        self.daemon.create_job("pi")
        self.daemon.request("GET", f"{ADMIN}/health")
        self.daemon.request("GET", f"{ADMIN}/health?x=1")
        self.assertEqual(self.requests("kubernetes", "LIST", "pods"), 2)
        self.assertEqual(self.requests("kubernetes", "GET", "pods", 404), 1)
        self.assertEqual(self.requests("kubernetes", "POST", "jobs", 201), 1)
        self.assertEqual(self.requests("admin", "GET", "health"), 1)
        self.assertEqual(self.requests("admin", "GET", "health", 400), 1)
        self.assertGreaterEqual(self.requests("metrics", "GET", ""), 5)

    def test_what_the_server_refuses_is_counted_too(self):
        with self.daemon.connect() as raw:
            raw.sendall(b"GET /api/v1/pods HTTP/1.1\r\nContent-Length: x\r\n\r\n")
            self.assertIn(b" 400 ", raw.recv(1000))
        wait_until(lambda: any(name == "kless_http_requests_total" and ("code", "400") in labels
                               for name, labels in self.scrape().samples), "the refusal is counted")

    def test_the_latency_histogram_adds_up(self):
        for _ in range(5):
            self.daemon.request("GET", pods_path())
        seen = self.scrape()
        labels = {"door": "kubernetes", "verb": "LIST", "resource": "pods"}
        name = "kless_http_request_duration_seconds"
        buckets = sorted((float(dict(found)["le"]), value) for (of, found), value in seen.samples.items()
                         if of == name + "_bucket" and set(labels.items()) <= found)
        self.assertEqual(buckets[-1], (float("inf"), 5))
        self.assertEqual([count for _, count in buckets], sorted(count for _, count in buckets))
        self.assertEqual(seen.value(name + "_count", **labels), 5)
        self.assertGreater(seen.value(name + "_sum", **labels), 0)

    def test_the_times_of_a_function_are_histograms(self):
        self.daemon.patch_function(init=450)
        self.daemon.create_job("pi")
        self.daemon.wait_pods("pi", 1)
        self.daemon.wait_idle()
        rows = self.daemon.invocations()
        seen = self.scrape()
        of = {"function": "job-controller"}
        for name, column, counted in (("duration", "run_ms", rows), ("queue", "queued_ms", rows),
                                      ("init", "init_ms", [row for row in rows if row["start"] != "warm"])):
            name = f"kless_function_{name}_seconds"
            self.assertEqual(seen.value(name + "_count", **of), len(counted))
            self.assertEqual(seen.value(name + "_bucket", le="+Inf", **of), len(counted))
            self.assertAlmostEqual(seen.value(name + "_sum", **of), sum(row[column] for row in counted) / 1000)
        for bound in ("0.1", "0.5"):
            within = [row for row in rows if row["start"] != "warm" and row["init_ms"] <= float(bound) * 1000]
            self.assertEqual(seen.value("kless_function_init_seconds_bucket", le=bound, **of), len(within))
        self.assertTrue(any(450 <= row["init_ms"] < 500 for row in rows), rows)

    def test_open_watches_are_counted_while_they_are_open(self):
        def watches(door, resource):
            return self.scrape().value("kless_http_open_watches", door=door, resource=resource)

        streams = [self.daemon.lines(jobs_path() + "?watch=true"), self.daemon.lines(jobs_path() + "?watch=true"),
                   self.daemon.lines(f"{ADMIN}/feed?follow=true")]
        wait_until(lambda: watches("kubernetes", "jobs") == 2, "two watches of jobs")
        wait_until(lambda: watches("admin", "feed") == 1, "one feed that is followed")
        self.assertEqual(self.requests("kubernetes", "WATCH", "jobs"), 2)
        for stream in streams:
            stream.close()
        wait_until(lambda: watches("kubernetes", "jobs") == 0, "no watch of jobs")
        wait_until(lambda: watches("admin", "feed") == 0, "no feed that is followed")

    def test_the_build_and_the_process_are_described(self):
        seen = self.scrape()
        version = self.daemon.get(f"{ADMIN}/health")["version"]
        build = [dict(labels) for name, labels in seen.samples if name == "kless_build_info"]
        self.assertEqual([one["version"] for one in build], [version])
        self.assertGreater(seen.value("process_resident_memory_bytes"), 1 << 20)
        self.assertGreaterEqual(seen.value("process_virtual_memory_max_bytes"),
                                seen.value("process_virtual_memory_bytes"))
        self.assertGreater(seen.value("process_open_fds"), 3)
        self.assertGreaterEqual(seen.value("process_max_fds"), seen.value("process_open_fds"))
        self.assertGreater(seen.value("process_start_time_seconds"), 1.6e9)
        self.assertGreater(seen.value("process_cpu_seconds_total"), 0)


class ClassicTest(unittest.TestCase):
    def test_a_classic_control_plane_has_metrics_too(self):
        with Daemon("--control-plane", "classic") as daemon:
            daemon.create_job("pi")
            seen = Exposition(daemon.request("GET", "/metrics").body.decode())
            self.assertEqual(seen.value("kless_http_requests_total", door="kubernetes", verb="POST",
                                        resource="jobs", code="201"), 1)


if __name__ == "__main__":
    unittest.main()
