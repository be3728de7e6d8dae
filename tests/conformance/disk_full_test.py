"""A disk that fills up: the daemon ends with a clear line, and what it acknowledged is there again.

The disk is a tmpfs of some megabytes in a mount namespace of the daemon's own.
"""
import os
import subprocess
import tempfile
import unittest

from daemon import BINARY, Daemon, environment, job, jobs_path

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount():
    with tempfile.TemporaryDirectory() as folder:
        command = [*NAMESPACE, "mount", "-t", "tmpfs", "-o", "size=1m", "none", folder]
        try:
            return subprocess.run(command, capture_output=True).returncode == 0
        except FileNotFoundError:
            return False


class SmallDisk(Daemon):
    """A daemon whose data folder is a file system of its own, copied to `saved` when it ends."""

    def __init__(self, megabytes, *flags):
        super().__init__(*flags)
        self.megabytes = megabytes
        self.saved = self.data + "-saved"

    def command(self, port=0):
        script = ('mount -t tmpfs -o size="$0"m none "$1" && cd "$1" && shift && "$@"; code=$?; '
                  'cp -a . "$SAVED"; exit $code')
        return [*NAMESPACE, "sh", "-c", script, str(self.megabytes), self.data, *super().command(port)]

    def start(self, port=0):
        os.makedirs(self.saved)
        self.env["SAVED"] = self.saved
        return super().start(port)


@unittest.skipUnless(can_mount(), "no user namespaces here: nothing can be mounted")
class DiskFullTest(unittest.TestCase):
    def fill(self, daemon):
        """Submits jobs until the daemon is gone; the names of those that it acknowledged."""
        acknowledged = []
        client = daemon.client()
        payload = {"example.com/filler": "x" * 20_000}
        for number in range(100_000):
            manifest = job(f"job-{number}")
            manifest["metadata"]["annotations"] = payload
            try:
                answer = client.request("POST", jobs_path(), manifest)
            except Exception:  # http.client's own, or OSError: the connection broke
                return acknowledged
            if answer.status != 201:
                return acknowledged
            acknowledged.append(f"job-{number}")
        self.fail("the disk did not fill up")

    def start(self, *flags):
        daemon = SmallDisk(24, *flags)
        self.addCleanup(subprocess.run, ["rm", "-rf", daemon.saved])
        self.addCleanup(daemon.close)
        return daemon.start()

    def test_the_last_line_says_what_happened_and_nothing_acknowledged_is_lost(self):
        daemon = self.start()
        acknowledged = self.fill(daemon)
        self.assertGreater(len(acknowledged), 20)
        code = daemon.process.wait(30)
        daemon.reader.join(30)
        self.assertEqual(code, 70, daemon.log)
        self.assertTrue(daemon.log[-1].endswith(
            f"kless stops: the disk of {daemon.data}/kless.db is full; everything acknowledged is in it; "
            "free space and start it again"), daemon.log)
        with Daemon(data=daemon.saved) as again:
            names = {one["metadata"]["name"] for one in again.get(jobs_path())["items"]}
            self.assertEqual(set(acknowledged) - names, set())
            again.wait_idle()

    def test_the_line_is_there_with_the_log_switched_off(self):
        daemon = self.start("--log-level", "off")
        self.fill(daemon)
        self.assertEqual(daemon.process.wait(30), 70)
        daemon.reader.join(30)
        self.assertRegex(daemon.log[-1], r"^kless stops: the disk of \S+ is full; ")

    def test_a_daemon_does_not_start_on_a_full_disk_and_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            script = (f'mount -t tmpfs -o size=64k none {folder} && cd {folder} && head -c 61440 /dev/zero > filler; '
                      f'"{BINARY}" serve --port 0 --data-directory {folder}')
            result = subprocess.run([*NAMESPACE, "sh", "-c", script], env=environment(), text=True, timeout=60,
                                    capture_output=True)
        self.assertEqual(result.returncode, 1, result)
        self.assertRegex(result.stderr.splitlines()[-1], r"kless\.db: No space left on device; free space")


if __name__ == "__main__":
    unittest.main()
