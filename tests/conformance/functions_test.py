"""Functions: cold and warm starts, caps, and what the invocation records say of them."""
import threading
import unittest

from daemon import ADMIN, DaemonTest, job, jobs_path, wait_until


class ColdStartTest(DaemonTest):
    def setUp(self):
        super().setUp()
        self.daemon.wait_idle()
        self.daemon.patch_function(init=450)
        self.daemon.reset_function()
        self.after = max([r["id"] for r in self.daemon.invocations()], default=0)

    def starts(self):
        return self.daemon.invocations(after=self.after)

    def test_the_first_start_is_cold_and_the_later_ones_warm(self):
        self.daemon.create_job("first")
        self.daemon.wait_pods("first", 1)
        self.daemon.wait_idle()
        rows = self.starts()
        self.assertEqual([r["start"] for r in rows if r["start"] == "cold"], ["cold"])
        cold = next(r for r in rows if r["start"] == "cold")
        # Real time: a busy machine is late, never early.
        self.assertGreaterEqual(cold["init_ms"], 450)
        self.assertLess(cold["init_ms"], 700)
        self.assertEqual((cold["function"], cold["outcome"]), ("job-controller", "ok"))
        self.assertGreaterEqual(cold["billed_ms"], cold["run_ms"])

        seen = len(rows)
        self.daemon.create_job("second")
        self.daemon.wait_pods("second", 1)
        self.daemon.wait_idle()
        later = self.starts()[seen:]
        # A record of the pod may come while the only environment still writes the job's status: its
        # invocation waits for that environment and is overtaken by none.
        self.assertIn("warm", {r["start"] for r in later})
        self.assertNotIn("cold", {r["start"] for r in later})
        self.assertLess(max(r["init_ms"] for r in later), 200)

    def test_an_invocation_names_the_records_that_caused_it(self):
        created = self.daemon.create_job("pi")
        self.daemon.wait_pods("pi", 1)
        self.daemon.wait_idle()
        caused = [s for r in self.starts() for s in r["caused_by"]]
        self.assertIn(int(created["metadata"]["resourceVersion"]), caused)
        self.assertEqual(len({r["request_id"] for r in self.starts()}), len(self.starts()))

    def test_a_warmed_function_starts_warm(self):
        answer = self.daemon.request("POST", f"{ADMIN}/functions/job-controller/warm?count=3")
        self.assertEqual(answer.status, 200, answer)
        wait_until(lambda: self.daemon.function()["stats"]["idle"] == 3, "three idle environments")
        self.daemon.create_job("pi")
        self.daemon.wait_pods("pi", 1)
        self.daemon.wait_idle()
        self.assertEqual({r["start"] for r in self.starts()}, {"warm"})


class SettingsTest(DaemonTest):
    def test_a_wrong_setting_is_a_clear_error_and_changes_nothing(self):
        before = self.daemon.function()
        for patch, hint in (({"memory": 128}, "memory_mb"), ({"memory_mb": 1}, "memory_mb"),
                            ({"init": "slow"}, "init"), ({"init": {"lognormal_ms": {"p50": 2, "p99": 1}}}, "p99"),
                            ({"reserved_concurrency": -1}, "reserved_concurrency"), ([], "object")):
            answer = self.daemon.request("PATCH", f"{ADMIN}/functions/job-controller", patch)
            self.assertEqual(answer.status, 400, (patch, answer))
            self.assertIn(hint, answer.body.decode(), patch)
        self.assertEqual(self.daemon.function(), before)

    def test_an_unknown_function_is_a_404(self):
        for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/reset"), ("POST", "/warm?count=1")):
            answer = self.daemon.request(method, f"{ADMIN}/functions/nothing{path}", {})
            self.assertEqual(answer.status, 404, (method, path, answer))

    def test_settings_are_answered_as_they_were_given(self):
        self.daemon.patch_function(memory_mb=512, init={"lognormal_ms": {"p50": 50.6, "p99": 76.1}},
                                   keep_alive_ms=5000)
        config = self.daemon.function()
        self.assertEqual((config["memory_mb"], config["init"], config["keep_alive_ms"]),
                         (512, {"lognormal_ms": {"p50": 50.6, "p99": 76.1}}, 5000))


class AccountConcurrencyTest(DaemonTest):
    FLAGS = ("--account-concurrency", "1")

    def test_a_cap_of_one_queues_and_loses_no_job(self):
        self.daemon.patch_function(init=30)
        self.daemon.reset_function()

        def submit(first):
            client = self.daemon.client()
            for i in range(first, first + 10):
                self.assertEqual(client.request("POST", jobs_path(),
                                                job(f"job-{i}")).status, 201)
            client.close()

        threads = [threading.Thread(target=submit, args=(n,)) for n in range(0, 40, 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until(lambda: len(self.daemon.pods()) == 40, "a pod of each job")
        self.daemon.wait_idle()
        self.assertEqual(sorted(p["metadata"]["labels"]["job-name"] for p in self.daemon.pods()),
                         sorted(f"job-{i}" for i in range(40)))
        stats = self.daemon.function()["stats"]
        self.assertEqual((stats["environments_peak"], stats["errors"]), (1, 0))
        rows = self.daemon.invocations()
        self.assertGreater(max(r["queued_ms"] for r in rows), 0)
        self.assertTrue(stats["throttles"] > 0 or any(r["start"] == "waited" for r in rows))


if __name__ == "__main__":
    unittest.main()
