"""What the daemon logs at each level, as text and as JSON."""
import json
import re
import signal
import unittest

from daemon import ADMIN, Daemon, pods_path, wait_until

READY = re.compile(r"kless is ready at ")


class LogTest(unittest.TestCase):
    def start(self, *flags):
        daemon = Daemon(*flags)
        self.addCleanup(daemon.close)
        return daemon.start()

    def session(self, *flags, number=signal.SIGTERM):
        """The lines that a daemon logs of a job, a refused request, and its end."""
        daemon = self.start(*flags)
        daemon.create_job("pi")
        daemon.wait_idle()
        daemon.request("GET", pods_path(name="no"))
        self.assertEqual(daemon.signal_and_wait(number), 0)
        return [line for line in daemon.log if not READY.match(line)]

    def objects(self, *flags, **options):
        return [json.loads(line) for line in self.session(*flags, "--log-format", "json", **options)]

    def test_the_default_level_says_nothing_of_an_ordinary_session(self):
        self.assertEqual(self.session(), [])

    def test_a_control_loop_that_times_out_is_told_once_a_minute_and_counted_as_an_error(self):
        daemon = self.start("--function", "job-controller.timeout_ms=1000", "--speed", "1000")
        daemon.request("POST", f"{ADMIN}/faults", {"kind": "stall", "rate": 1, "delay_ms": 3_600_000})
        submitted = daemon.cli("submit", "-f", "configs/jobs/pi.yaml", "--wait=pods", "--timeout", "1s")
        self.assertEqual(submitted.returncode, 1, submitted)
        self.assertIn("it has no pods; the last invocation of job-controller failed: ", submitted.stderr)
        self.assertIn("Task timed out after 1.00 seconds", submitted.stderr)
        self.assertNotIn("nodes", submitted.stderr)
        stats = daemon.function("job-controller")["stats"]
        self.assertGreaterEqual(stats["errors"], stats["timeouts"])
        self.assertGreater(stats["timeouts"], 0)
        warnings = [line for line in daemon.log if "Task timed out after 1.00 seconds" in line]
        self.assertIn("function job-controller", warnings[0])

    def test_info_is_the_start_the_settings_and_a_summary(self):
        lines = self.objects("--log-level", "info", "--account-concurrency", "7")
        self.assertEqual([line["message"] for line in lines],
                         ["started", lines[1]["message"], "stops: SIGTERM", "stopped"])
        started, settings, _, stopped = lines
        self.assertEqual({line["level"] for line in lines}, {"info"})
        self.assertRegex(started["endpoint"], r"^http://127\.0\.0\.1:\d+$")
        self.assertEqual(started["control_plane"], "serverless")
        self.assertTrue(started["data_file"].endswith("kless.db"))
        self.assertIn("functions.account_concurrency=7", settings["message"])
        self.assertIn("loops=job", settings["message"])
        self.assertNotIn("log.", settings["message"])
        self.assertGreaterEqual(stopped["cold_starts"], 1)
        self.assertGreaterEqual(stopped["invocations"], 1)
        self.assertGreaterEqual(stopped["requests"], 3)
        self.assertGreater(stopped["writes"], 1)
        self.assertGreater(stopped["uptime_s"], 0)

    def test_the_signal_is_named(self):
        for number in (signal.SIGINT, signal.SIGHUP):
            messages = [line["message"] for line in self.objects("--log-level", "info", number=number)]
            self.assertIn(f"stops: {signal.Signals(number).name}", messages)

    def test_debug_is_a_line_for_each_request_and_invocation_too(self):
        lines = self.objects("--log-level", "debug")
        requests = [line for line in lines if line["message"] == "request"]
        created = [line for line in requests if line["method"] == "POST"]
        self.assertEqual([(line["target"], line["status"]) for line in created],
                         [("/apis/batch/v1/namespaces/default/jobs", 201)])
        self.assertEqual([line["status"] for line in requests if line["target"] == pods_path(name="no")], [404])
        ids = [line["id"] for line in requests]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertTrue(all(line["duration_ms"] > 0 for line in requests))
        invocations = [line for line in lines if line["message"] == "invocation"]
        first = invocations[0]
        self.assertEqual((first["function"], first["start"], first["outcome"]), ("job-controller", "cold", "ok"))
        self.assertEqual([line["id"] for line in invocations], list(range(1, len(invocations) + 1)))

    def test_ids_of_the_log_are_those_of_the_invocations(self):
        daemon = self.start("--log-level", "debug", "--log-format", "json")
        daemon.create_job("pi")
        daemon.wait_idle()
        rows = {row["id"]: row["request_id"] for row in daemon.invocations()}

        def logged():
            lines = [json.loads(line) for line in list(daemon.log) if line.startswith("{")]
            return {line["id"]: line["request_id"] for line in lines if line["message"] == "invocation"}

        wait_until(lambda: logged() == rows, "a line for each invocation")

    def test_text_lines_have_time_level_component_and_named_values(self):
        lines = self.session("--log-level", "debug")
        for line in lines:
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [DI] \[\w+\] \S")
        request = next(line for line in lines if "method=POST" in line)
        self.assertRegex(request, r"\[http\] request id=\d+ method=POST target=\S+/jobs status=201 duration_ms=\d+\.\d+$")

    def test_a_target_cannot_forge_a_line(self):
        daemon = self.start("--log-level", "debug")
        daemon.request("GET", f"{ADMIN}/health%0Aforged%22?x=%0Aforged")
        daemon.stop()
        self.assertFalse([line for line in daemon.log if line.startswith("forged")])

    def test_off_is_silent(self):
        self.assertEqual(self.session("--log-level", "off"), [])


if __name__ == "__main__":
    unittest.main()
