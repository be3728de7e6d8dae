"""tools/demo.py: what it measures, and what it concludes from it."""
import importlib.util
import os
import re
import subprocess
import unittest

from daemon import BINARY, ROOT, Daemon, environment

DEMO = os.path.join(ROOT, "tools", "demo.py")
SPEC = importlib.util.spec_from_file_location("demo", DEMO)
demo = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(demo)


class Sample:
    def __init__(self, first, last, throttles=0):
        self.first_pod, self.last_pod, self.throttles = first, last, throttles


class ConclusionsTest(unittest.TestCase):
    """The sentences below the table follow from the samples."""

    def conclude(self, cold, warm, capped):
        return "\n".join(demo.conclusions(cold, warm, capped, 450))

    def test_cold_that_is_late_by_the_init_is_said_to_be(self):
        text = self.conclude([Sample(451, 540)] * 3, [Sample(1, 200)] * 3, [Sample(1, 700, 20)] * 3)
        self.assertIn("Cold is late by the init of 450 ms: its first pod comes 450 ms after", text)
        self.assertIn("The last pod comes 340 ms later, too", text)
        self.assertIn("Only the cap of 10 throttles (20 times)", text)
        self.assertIn("which makes the last pod late: 700 ms against 200 ms warm", text)

    def test_cold_that_is_not_late_is_not_said_to_be(self):
        text = self.conclude([Sample(5, 540)] * 3, [Sample(1, 200)] * 3, [Sample(1, 700, 20)] * 3)
        self.assertIn("do not show the init of 450 ms", text)

    def test_one_warm_sample_as_late_as_a_cold_one_is_owned_up_to(self):
        text = self.conclude([Sample(451, 540)] * 3, [Sample(1, 200), Sample(1, 600), Sample(1, 200)],
                             [Sample(1, 700, 20)] * 3)
        self.assertIn("340 ms later at the median, but the ranges meet (540 ms cold, 200 (200..600) ms warm)", text)

    def test_a_warm_run_that_ends_later_is_owned_up_to(self):
        text = self.conclude([Sample(451, 540)] * 3, [Sample(1, 600)] * 3, [Sample(1, 700, 20)] * 3)
        self.assertIn("The last pod does not show it (540 ms cold, 600 ms warm)", text)

    def test_a_cap_whose_effect_is_hidden_is_said_to_be(self):
        text = self.conclude([Sample(451, 540)] * 3, [Sample(1, 200), Sample(1, 90), Sample(1, 90)],
                             [Sample(1, 150, 20)] * 3)
        self.assertIn("which the spread of the last pod hides here: 150 ms against 90 ms warm", text)

    def test_a_cap_that_was_not_reached_is_said_so(self):
        text = self.conclude([Sample(451, 540)] * 3, [Sample(1, 200)] * 3, [Sample(1, 210)] * 3)
        self.assertIn("The cap of 10 was not reached", text)
        text = self.conclude([Sample(451, 540, 2)] * 3, [Sample(1, 200)] * 3, [Sample(1, 210), Sample(1, 300, 4)])
        self.assertIn("throttled 1 of 2 runs; without it 6 invocations were throttled", text)


class DemoTest(unittest.TestCase):
    def run_demo(self, daemon, *arguments):
        manifests = sorted(os.path.join(ROOT, "configs/jobs", name)
                           for name in os.listdir(os.path.join(ROOT, "configs/jobs")) if name.endswith(".yaml"))
        return subprocess.run(["/usr/bin/python3", DEMO, "--endpoint", daemon.url, *arguments, *manifests],
                              capture_output=True, text=True, timeout=300, env=environment())

    def test_cold_comes_after_the_init_and_warm_has_no_cold_start(self):
        with Daemon("--function", "job-controller.init=450", "--resource-shards", "4",
                    "--function", "job-controller.mapping.parallelization_factor=10") as daemon:
            result = self.run_demo(daemon, "--kless", BINARY, "--samples", "2")
            self.assertEqual(result.returncode, 0, result)
            rows = {}
            for line in result.stdout.splitlines():
                cells = re.split(r"  +", line.strip())
                if len(cells) == len(demo.HEADER):
                    rows[cells[0]] = dict(zip(demo.HEADER[1:], cells[1:]))
            self.assertEqual(len(rows), 6, result.stdout)  # with the header
            cold, warm = rows["100 jobs of one pod, cold"], rows["100 jobs of one pod, warm"]
            self.assertEqual((cold["jobs"], cold["pods"]), ("100", "100"))

            def lowest(cell):
                return float(re.findall(r"\d+", cell)[-2 if "(" in cell else 0])

            self.assertGreaterEqual(lowest(cold["first pod"]), 450)
            self.assertEqual((warm["cold starts"], warm["throttles"]), ("0", "0"))
            self.assertEqual(rows["1 job of 100 pods, warm"]["pods"], "100")
            self.assertIn("the init of 450 ms", result.stdout)
            # It leaves no stream open, and the cap as it was.
            self.assertEqual(daemon.get("/kless/v1/functions")["account_concurrency"], 1000)
            metrics = daemon.request("GET", "/metrics").body.decode()
            self.assertNotIn('verb="WATCH"', metrics)
            # The jobs of the manifests exist now: a second demo on the same data runs without them.
            again = self.run_demo(daemon, "--kless", BINARY, "--samples", "1")
            self.assertEqual(again.returncode, 0, again)

    def test_a_daemon_that_is_not_there_is_one_line(self):
        result = subprocess.run(["/usr/bin/python3", DEMO, "--endpoint", "http://127.0.0.1:9"], text=True,
                                capture_output=True, timeout=60)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"^demo: http://127\.0\.0\.1:9: .*refused\n$")


if __name__ == "__main__":
    unittest.main()
