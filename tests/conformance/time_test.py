"""Emulated time across processes: a restart, a crash, a snapshot and a fork continue it."""
import os
import signal
import tempfile
import unittest
from datetime import datetime

from daemon import ADMIN, Daemon, DaemonTest, job, jobs_path, wait_until

SKIPPED = 7000  # seconds of the two hours after which the Job is removed


def now(daemon):
    return datetime.fromisoformat(daemon.get(f"{ADMIN}/clock")["now"].replace("Z", "+00:00"))


def skip(daemon, seconds):
    answer = daemon.request("POST", f"{ADMIN}/clock", {"advance_ms": seconds * 1000})
    assert answer.status == 200, answer


class ContinuedTimeTest(DaemonTest):
    FLAGS = ("--loops", "job,ttl,gc", "--nodes", "0")

    def setUp(self):
        super().setUp()
        self.daemon.request("POST", jobs_path(), job("old", ttlSecondsAfterFinished=7200))
        (pod,) = self.daemon.wait_pods("old", 1)
        self.daemon.request("PATCH", f"/api/v1/namespaces/default/pods/{pod['metadata']['name']}/status",
                            {"status": {"phase": "Succeeded"}},
                            {"Content-Type": "application/merge-patch+json"})
        wait_until(lambda: self.daemon.get(jobs_path(name="old"))["status"].get("completionTime"), "completion")
        self.daemon.wait_idle()

    def assert_continues(self, daemon, reached):
        """The world is not younger, and the rest of the Job's two hours is the rest alone."""
        self.assertGreaterEqual(now(daemon), reached)
        self.assertEqual(daemon.request("GET", jobs_path(name="old")).status, 200)
        skip(daemon, 300)
        wait_until(lambda: daemon.request("GET", jobs_path(name="old")).status == 404, "the Job's removal")

    def restart(self, number):
        self.daemon.signal_and_wait(number)
        self.daemon.start()

    def test_a_stop_keeps_the_time_that_was_skipped(self):
        skip(self.daemon, SKIPPED)
        reached = now(self.daemon)
        self.restart(signal.SIGTERM)
        self.restart(signal.SIGTERM)
        self.assert_continues(self.daemon, reached)

    def test_a_crash_right_after_the_reply_keeps_the_time_that_was_skipped(self):
        skip(self.daemon, SKIPPED)
        reached = now(self.daemon)
        self.restart(signal.SIGKILL)
        self.assert_continues(self.daemon, reached)

    def test_a_fork_stands_where_the_original_stands(self):
        skip(self.daemon, SKIPPED)
        reached = now(self.daemon)
        with tempfile.TemporaryDirectory(prefix="kless-test-") as folder:
            fork, loaded = (os.path.join(folder, name) for name in ("fork", "loaded"))
            self.assertEqual(self.daemon.cli("snapshot", "fork", fork).returncode, 0)
            self.assertEqual(self.daemon.cli("snapshot", "save", "saved.db").returncode, 0)
            self.assertEqual(self.daemon.cli("snapshot", "load", "saved.db", "--data-directory",
                                             loaded).returncode, 0)
            for directory in (fork, loaded):
                with Daemon(*self.FLAGS, data=directory) as daemon:
                    self.assert_continues(daemon, reached)

    def test_the_time_of_a_fast_clock_is_kept_too(self):
        self.daemon.request("POST", f"{ADMIN}/clock", {"speed": 1000})
        began = now(self.daemon)
        wait_until(lambda: (now(self.daemon) - began).total_seconds() > 300, "300 s at speed 1000")
        self.daemon.request("POST", f"{ADMIN}/clock", {"paused": True})
        skip(self.daemon, 3600)
        reached = now(self.daemon)
        self.restart(signal.SIGTERM)
        self.assertGreaterEqual(now(self.daemon), reached)
        self.assertFalse(self.daemon.get(f"{ADMIN}/clock")["paused"])


class MemoryTest(unittest.TestCase):
    def test_the_fork_of_a_daemon_without_a_file_continues_its_time(self):
        with Daemon("--durability", "memory") as daemon, \
                tempfile.TemporaryDirectory(prefix="kless-test-") as folder:
            skip(daemon, SKIPPED)
            reached = now(daemon)
            self.assertEqual(daemon.cli("snapshot", "fork", os.path.join(folder, "fork")).returncode, 0)
            with Daemon(data=os.path.join(folder, "fork")) as fork:
                self.assertGreaterEqual(now(fork), reached)


if __name__ == "__main__":
    unittest.main()
