"""Daemon: the real binary, started for one test, and the little HTTP that the tests need.

$KLESS_BINARY names the binary (default: build/release/kless).  Everything else is a free port and a
temporary data folder, so tests run beside each other and leave nothing behind.
"""
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.join(ROOT, os.environ.get("KLESS_BINARY", "build/release/kless"))
ADMIN = "/kless/v1"
# A loaded machine must not fail a test: expected events may take this long.
PATIENCE = float(os.environ.get("KLESS_TEST_PATIENCE", "30"))
JSON = {"Content-Type": "application/json"}


def environment(**extra):
    """The test's own environment without KLESS_ settings, which the binary would take for its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("KLESS_")}
    clean.update(extra)
    return clean


def wait_until(condition, what, timeout=PATIENCE):
    """Polls `condition` until it is truthy and returns that; fails the test after `timeout` s."""
    deadline = time.monotonic() + timeout
    pause = 0.002
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


class Client:
    """One connection that is kept alive.  Not shared between threads."""

    def __init__(self, port, timeout=PATIENCE):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def request(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        self.connection.request(method, path, body=body, headers=headers)
        response = self.connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def close(self):
        self.connection.close()


class Lines:
    """A streamed answer of one JSON object a line: a watch or a followed feed."""

    def __init__(self, port, path, timeout=PATIENCE):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.connection.request("GET", path)
        self.response = self.connection.getresponse()
        self.status = self.response.status

    def next(self):
        """The next object; None at the end of the stream."""
        line = self.response.readline()
        return json.loads(line) if line.strip() else None

    def take(self, count):
        return [self.next() for _ in range(count)]

    def close(self):
        # shutdown: close() alone would wait for the rest of the answer.
        with contextlib.suppress(OSError):
            self.connection.sock and self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.connection.close()


class Daemon:
    """`kless serve`.  Usable as a context manager; stop() and kill() may be called at any time."""

    def __init__(self, *flags, data=None, env=None):
        self.flags = flags
        self.env = env or {}
        self.data = data or tempfile.mkdtemp(prefix="kless-test-")
        self.owns_data = data is None
        self.process = None
        self.port = None
        self.log = []  # what it wrote to stderr and stdout, by line

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def command(self, port=0):
        # The Job controller alone, unless a test asks for more: pods stay as they are created.
        alone = [] if "--loops" in self.flags else ["--loops", "job", "--nodes", "0"]
        return [BINARY, "serve", "--port", str(port), "--data-directory", self.data, *alone,
                *self.flags]

    def start(self, port=0):
        self.process = subprocess.Popen(
            self.command(port), cwd=self.data, env=environment(**self.env), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.log = []
        for line in self.process.stdout:
            self.log.append(line.rstrip("\n"))
            match = re.search(r"https?://127\.0\.0\.1:(\d+)", line)
            if match:
                self.port = int(match[1])
                break
        else:
            code = self.process.wait()
            raise AssertionError(f"kless serve exited with {code}: {self.log}")
        # The pipe is read to its end, or the daemon would block on its log.
        self.reader = threading.Thread(target=self._read_log, args=(self.process.stdout, self.log),
                                       daemon=True)
        self.reader.start()
        return self

    @staticmethod
    def _read_log(stream, log):
        with contextlib.suppress(ValueError):
            for line in stream:
                log.append(line.rstrip("\n"))

    def signal_and_wait(self, number, timeout=PATIENCE):
        """Sends the signal; returns the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout)
        self.reader.join(5)
        self.process.stdout.close()
        self.process = None
        return code

    def stop(self):
        return self.signal_and_wait(signal.SIGTERM)

    def kill(self):
        return self.signal_and_wait(signal.SIGKILL)

    def close(self):
        if self.process is not None:
            self.kill()
        if self.owns_data:
            shutil.rmtree(self.data, ignore_errors=True)

    # ---- HTTP

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def client(self, timeout=PATIENCE):
        return Client(self.port, timeout)

    def request(self, method, path, body=None, headers=None, timeout=PATIENCE):
        client = self.client(timeout)
        try:
            return client.request(method, path, body, headers)
        finally:
            client.close()

    def get(self, path):
        answer = self.request("GET", path)
        assert answer.status == 200, f"GET {path}: {answer}"
        return answer.json

    def lines(self, path, timeout=PATIENCE):
        return Lines(self.port, path, timeout)

    def connect(self, timeout=PATIENCE):
        """A bare socket."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    # ---- what many tests do

    def create_job(self, name, namespace="default", **spec):
        answer = self.request("POST", jobs_path(namespace), job(name, **spec))
        assert answer.status == 201, answer
        return answer.json

    def pods(self, job_name=None, namespace="default"):
        query = "?labelSelector=" + urllib.parse.quote(f"job-name={job_name}") if job_name else ""
        return self.get(f"/api/v1/namespaces/{namespace}/pods{query}")["items"]

    def wait_pods(self, job_name, count, namespace="default"):
        return wait_until(
            lambda: (pods := self.pods(job_name, namespace)) and len(pods) == count and pods,
            f"{count} pods of {job_name}")

    def wait_idle(self, timeout=PATIENCE):
        answer = self.request("GET", f"{ADMIN}/idle?timeout={int(timeout)}s", timeout=timeout + 10)
        assert answer.status == 200 and answer.json["idle"], answer

    def feed(self, after=None):
        """Every change record after `after` (default: all that are kept), oldest first."""
        position = self.get(f"{ADMIN}/stats")["feed"]["low_water"] if after is None else after
        records = []
        while True:
            answer = self.request("GET", f"{ADMIN}/feed?after={position}&limit=10000")
            assert answer.status == 200, answer
            page = [json.loads(line) for line in answer.body.splitlines() if line]
            if not page:
                return records
            records += page
            position = page[-1]["sequence"]

    def invocations(self, function="job-controller", after=0):
        rows = []
        while True:
            page = self.get(f"{ADMIN}/invocations?function={function}&limit=1000&after={after}")["items"]
            if not page:
                return rows
            rows += page
            after = page[-1]["id"]

    def function(self, name="job-controller"):
        return self.get(f"{ADMIN}/functions/{name}")

    def patch_function(self, **fields):
        answer = self.request("PATCH", f"{ADMIN}/functions/job-controller", fields)
        assert answer.status == 200, answer
        return answer.json

    def reset_function(self):
        answer = self.request("POST", f"{ADMIN}/functions/job-controller/reset")
        assert answer.status == 200, answer
        return answer.json

    def cli(self, *arguments, stdin=None, timeout=60, **extra):
        """Runs `kless ARGUMENTS` against this daemon."""
        return subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, text=True,
                              timeout=timeout, cwd=self.data,
                              env=environment(KLESS_ENDPOINT=self.url, **extra))


def jobs_path(namespace="default", name=None):
    return f"/apis/batch/v1/namespaces/{namespace}/jobs" + (f"/{name}" if name else "")


def pods_path(namespace="default", name=None):
    return f"/api/v1/namespaces/{namespace}/pods" + (f"/{name}" if name else "")


def job(name, **spec):
    """A Job as a person writes it: no more than it needs."""
    template = {"spec": {"restartPolicy": "Never",
                         "containers": [{"name": "main", "image": "busybox", "command": ["true"]}]}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {"template": template, **spec}}


class DaemonTest(unittest.TestCase):
    """A test with a daemon of its own; FLAGS are added to its command line."""

    FLAGS = ()

    def setUp(self):
        self.daemon = Daemon(*self.FLAGS)
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def assert_status(self, answer, code, reason, message=None):
        """The answer is a Kubernetes Status failure."""
        self.assertEqual(answer.status, code, answer)
        body = answer.json
        self.assertEqual((body["kind"], body["apiVersion"], body["status"], body["reason"], body["code"]),
                         ("Status", "v1", "Failure", reason, code), answer)
        if message is not None:
            self.assertRegex(body["message"], message)
        return body
