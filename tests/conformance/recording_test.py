"""`kless serve --record`: every request as a line, whatever ends the daemon."""
import json
import os
import signal
import threading
import unittest

from daemon import ADMIN, Daemon, JSON, job, jobs_path, wait_until


class RecordingTest(unittest.TestCase):
    def start(self, *flags):
        daemon = Daemon("--record", "requests.jsonl", "--seed", "7", *flags)
        self.addCleanup(daemon.close)
        return daemon.start()

    def lines(self, daemon):
        with open(os.path.join(daemon.data, "requests.jsonl")) as file:
            text = file.read()
        self.assertTrue(text.endswith("\n"))
        return [json.loads(line) for line in text.splitlines()]

    def test_requests_are_recorded_with_time_body_and_status(self):
        daemon = self.start("--function", "job-controller.init=20", "--speed", "2")
        text = json.dumps(job("pi", completions=2, parallelism=2))
        self.assertEqual(daemon.request("POST", jobs_path() + "?dryRun=All&x=a%20b", text, JSON).status, 201)
        self.assertEqual(daemon.request("POST", jobs_path(), text, JSON).status, 201)
        self.assertEqual(daemon.request("POST", jobs_path(), text, JSON).status, 409)
        self.assertEqual(daemon.request("HEAD", f"{ADMIN}/health").status, 200)
        watch = daemon.lines("/api/v1/pods?watch=1")
        watch.next()
        watch.close()
        header, *requests = self.lines(daemon)
        self.assertEqual((header["kless-recording"], header["seed"], header["boot"]), (1, 7, 1))
        self.assertEqual(header["settings"],
                         {"clock.speed": "2", "functions.job-controller.init": "20",
                          "loops": "job", "data_plane.nodes": "0"})
        self.assertEqual([r["id"] for r in requests], [1, 2, 3, 4, 5])
        self.assertEqual([r["status"] for r in requests], [201, 201, 409, 200, 200])
        self.assertEqual([r["method"] for r in requests], ["POST"] * 3 + ["HEAD", "GET"])
        self.assertEqual(requests[0]["target"], jobs_path() + "?dryRun=All&x=a%20b")
        self.assertEqual([r.get("body") for r in requests], [text] * 3 + [None] * 2)
        self.assertEqual(requests[1]["content_type"], "application/json")
        self.assertEqual(requests[4]["target"], "/api/v1/pods?watch=1")
        times = [r["at_ns"] for r in requests]
        self.assertEqual(times, sorted(times))
        again = Daemon("--record", "requests.jsonl", data=daemon.data)
        daemon.stop()
        with self.assertRaisesRegex(AssertionError, "already exists; remove it or give another name"):
            again.start()

    def test_whoever_was_answered_is_in_the_recording_after_a_kill(self):
        daemon = self.start()
        answered, over = [], threading.Event()

        def create(prefix):
            client = daemon.client()
            try:
                for number in range(100_000):
                    name = f"{prefix}-{number}"
                    if client.request("POST", jobs_path(), job(name)).status == 201:
                        answered.append(name)
                    if number == 50:
                        over.set()
            except OSError:
                pass
            except Exception as error:  # http.client's, of a reply cut off
                self.assertIn(type(error).__name__, ("RemoteDisconnected", "IncompleteRead", "BadStatusLine"))

        threads = [threading.Thread(target=create, args=(f"t{i}",)) for i in range(3)]
        for thread in threads:
            thread.start()
        over.wait()
        daemon.kill()
        for thread in threads:
            thread.join()
        with open(os.path.join(daemon.data, "requests.jsonl")) as file:
            lines = file.read().split("\n")[1:-1]
        recorded = {json.loads(r["body"])["metadata"]["name"]
                    for r in map(json.loads, lines) if r["status"] == 201}
        self.assertEqual(set(answered) - recorded, set())

    def test_a_request_that_the_end_cut_off_has_no_status(self):
        daemon = self.start("--function", "job-controller.init=60000")
        daemon.create_job("pi")
        idle = threading.Thread(target=lambda: self.assertRaises(
            Exception, daemon.request, "GET", f"{ADMIN}/idle?timeout=1h"))
        idle.start()
        # Requests are numbered as they come and written as they are answered.
        def pending():
            daemon.get(f"{ADMIN}/health")
            ids = [r["id"] for r in self.lines(daemon)[1:]]
            return len(ids) < max(ids)
        wait_until(pending, "the request")
        self.assertEqual(daemon.signal_and_wait(signal.SIGTERM), 0)
        idle.join()
        cut = [r for r in self.lines(daemon)[1:] if r["target"].endswith("idle?timeout=1h")]
        self.assertEqual([r["status"] for r in cut], [None])


if __name__ == "__main__":
    unittest.main()
