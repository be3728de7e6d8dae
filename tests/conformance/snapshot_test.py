"""Snapshots: the state of a daemon as a file, and daemons that continue from it."""
import os
import sqlite3
import subprocess
import tempfile
import threading
import unittest

from daemon import ADMIN, BINARY, Daemon, DaemonTest, jobs_path, job, wait_until
from disk_full_test import NAMESPACE, can_mount


class Writer(threading.Thread):
    """Creates jobs of two pods until told to stop; `acknowledged` are those answered 201."""

    def __init__(self, daemon, prefix):
        super().__init__(daemon=True)
        self.client = daemon.client()
        self.prefix = prefix
        self.acknowledged = []
        self.over = threading.Event()

    def run(self):
        number = 0
        while not self.over.is_set():
            name = f"{self.prefix}-{number}"
            answer = self.client.request("POST", jobs_path(), job(name, completions=2, parallelism=2))
            if answer.status == 201:
                self.acknowledged.append(name)
            number += 1

    def stop(self):
        self.over.set()
        self.join()
        self.client.close()


class SnapshotTest(DaemonTest):
    # Cold starts and a small cap: records wait while snapshots are taken.
    FLAGS = ("--function", "job-controller.init=200", "--account-concurrency", "2")

    def setUp(self):
        super().setUp()
        self.folder = tempfile.TemporaryDirectory(prefix="kless-test-")
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def daemon_on(self, directory, *flags):
        daemon = Daemon(*flags, data=directory)
        self.addCleanup(daemon.close)
        return daemon.start()

    def pods_by_job(self, daemon):
        count = {}
        for pod in daemon.pods():
            owner = pod["metadata"]["ownerReferences"][0]["name"]
            count[owner] = count.get(owner, 0) + 1
        return count

    def test_a_snapshot_under_load_holds_what_was_acknowledged_and_ends_with_exactly_its_pods(self):
        writers = [Writer(self.daemon, f"load{i}") for i in range(3)]
        # Until the first snapshot no start ends, so that nothing is delivered.
        self.daemon.request("POST", f"{ADMIN}/clock", {"paused": True})
        for writer in writers:
            writer.start()
        snapshots = []
        for number in range(4):
            wait_until(lambda: sum(len(w.acknowledged) for w in writers) >= 40 * (number + 1), "jobs")
            promised = [name for w in writers for name in list(w.acknowledged)]
            result = self.daemon.cli("snapshot", "save", self.path(f"{number}.db"))
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertRegex(result.stdout, rf"^saved {self.path('')}\d\.db \(\d+ bytes, up to record \d+\)\n$")
            snapshots.append(promised)
            self.daemon.request("POST", f"{ADMIN}/clock", {"paused": False})
        for writer in writers:
            writer.stop()

        for number, promised in enumerate(snapshots):
            file = sqlite3.connect(self.path(f"{number}.db"))
            self.assertEqual(file.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            if number == 0:
                pods = file.execute("SELECT count(*) FROM items WHERE partition = 'pod'").fetchone()
                self.assertEqual(pods, (0,))
            file.close()
            directory = self.path(f"data{number}")
            result = self.daemon.cli("snapshot", "load", self.path(f"{number}.db"),
                                     "--data-directory", directory)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn(f"kless serve --data-directory {directory}\n", result.stdout)
            loaded = self.daemon_on(directory)
            loaded.wait_idle()
            jobs = [j["metadata"]["name"] for j in loaded.get(jobs_path())["items"]]
            self.assertEqual(set(promised) - set(jobs), set())
            self.assertEqual(self.pods_by_job(loaded), {name: 2 for name in jobs})
            loaded.close()
        # The daemon itself lost nothing by it.
        self.daemon.wait_idle()
        everything = [name for w in writers for name in w.acknowledged]
        self.assertEqual(self.pods_by_job(self.daemon), {name: 2 for name in everything})

    def test_a_fork_has_its_own_future(self):
        self.daemon.create_job("common")
        self.daemon.wait_pods("common", 1)
        directory = self.path("fork")
        result = self.daemon.cli("snapshot", "fork", directory)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn(f"  kless serve --data-directory {directory} --port 0\n", result.stdout)
        fork = self.daemon_on(directory)
        common = self.daemon.get(jobs_path(name="common"))
        self.assertEqual(fork.get(jobs_path(name="common")), common)
        ours, theirs = self.daemon.create_job("ours"), fork.create_job("theirs")
        self.assertNotEqual(ours["metadata"]["uid"], theirs["metadata"]["uid"])
        self.daemon.wait_pods("ours", 1)
        fork.wait_pods("theirs", 1)
        self.assertEqual(set(self.pods_by_job(self.daemon)), {"common", "ours"})
        self.assertEqual(set(self.pods_by_job(fork)), {"common", "theirs"})
        again = self.daemon.cli("snapshot", "fork", directory)
        self.assertEqual(again.returncode, 2)
        self.assertIn("already exists; fork into another directory", again.stderr)

    def test_a_relative_file_is_relative_to_the_command(self):
        result = self.daemon.cli("snapshot", "save", "here.db")
        self.assertEqual(result.returncode, 0, result)
        self.assertTrue(os.path.exists(os.path.join(self.daemon.data, "here.db")))
        answer = self.daemon.request("POST", f"{ADMIN}/snapshots", {"path": "here.db"})
        self.assertEqual((answer.status, answer.json["error"]["code"]), (400, "InvalidArgument"))
        again = self.daemon.cli("snapshot", "save", "here.db")
        self.assertEqual(again.returncode, 1)
        self.assertIn("here.db already exists", again.stderr)

    def test_load_refuses_what_it_must_not_replace(self):
        self.daemon.create_job("kept")
        self.assertEqual(self.daemon.cli("snapshot", "save", self.path("s.db")).returncode, 0)
        load = ("snapshot", "load", self.path("s.db"), "--data-directory", self.daemon.data)
        self.assertIn("--force", self.daemon.cli(*load).stderr)
        running = self.daemon.cli(*load, "--force")
        self.assertEqual(running.returncode, 1)
        self.assertIn("in use by process", running.stderr)
        self.daemon.create_job("later")
        self.daemon.kill()
        result = self.daemon.cli(*load, "--force")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.daemon.start()
        names = [j["metadata"]["name"] for j in self.daemon.get(jobs_path())["items"]]
        self.assertEqual(names, ["kept"])
        with open(self.path("text"), "w") as file:
            file.write("no database " * 1000)
        for name, words in (("text", "not a data file of kless"), ("missing", "does not exist")):
            result = self.daemon.cli("snapshot", "load", self.path(name), "--data-directory",
                                     self.path("new"))
            self.assertEqual(result.returncode, 2)
            self.assertIn(words, result.stderr)
            self.assertFalse(os.path.exists(self.path("new")))


@unittest.skipUnless(can_mount(), "no user namespaces here: nothing can be mounted")
class ReadOnlyFolderTest(unittest.TestCase):
    def test_the_data_file_of_another_daemon_is_loaded_where_nothing_can_be_written(self):
        for end in (Daemon.stop, Daemon.kill):
            with self.subTest(end=end.__name__), tempfile.TemporaryDirectory() as folder:
                os.mkdir(os.path.join(folder, "its"))
                daemon = Daemon(data=os.path.join(folder, "its"))
                self.addCleanup(daemon.close)
                daemon.start()
                daemon.create_job("kept")
                end(daemon)
                script = 'mount --bind its its && mount -o remount,ro,bind its && "$@"'
                loaded = subprocess.run([*NAMESPACE, "sh", "-c", script, "sh", BINARY, "snapshot", "load",
                                         "its/kless.db", "--data-directory", "again"], cwd=folder,
                                        capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual((loaded.returncode, loaded.stderr), (0, ""))
                with Daemon(data=os.path.join(folder, "again")) as again:
                    self.assertEqual([j["metadata"]["name"] for j in again.get(jobs_path())["items"]], ["kept"])


class LayoutTest(DaemonTest):
    FLAGS = ("--key-layout", "name-type", "--durability", "memory")

    def test_a_daemon_without_a_file_can_be_forked_and_the_command_names_its_layout(self):
        self.daemon.create_job("pi", completions=2, parallelism=2)
        self.daemon.wait_pods("pi", 2)
        with tempfile.TemporaryDirectory(prefix="kless-test-") as folder:
            result = self.daemon.cli("snapshot", "fork", os.path.join(folder, "it's"))
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn(r"it'\''s' --port 0 --key-layout name-type", result.stdout)
            with Daemon("--key-layout", "name-type", data=os.path.join(folder, "it's")) as fork:
                self.assertEqual(len(fork.pods("pi")), 2)
                fork.create_job("next")
                fork.wait_pods("next", 1)


class ScratchTest(unittest.TestCase):
    def test_a_scratch_daemon_keeps_its_data_only_when_it_ends_in_order(self):
        daemon = Daemon("--durability", "scratch")
        self.addCleanup(daemon.close)
        daemon.start()
        daemon.create_job("pi")
        daemon.wait_pods("pi", 1)
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.assertEqual(len(daemon.pods("pi")), 1)
        self.assertEqual(daemon.cli("snapshot", "save", "copy.db").returncode, 0)
        daemon.kill()
        with self.assertRaisesRegex(AssertionError, "durability scratch.*remove it"):
            daemon.start()
        self.assertEqual(
            daemon.cli("snapshot", "load", "copy.db", "--data-directory", ".", "--force").returncode, 0)
        daemon.start()
        self.assertEqual(len(daemon.pods("pi")), 1)


if __name__ == "__main__":
    unittest.main()
