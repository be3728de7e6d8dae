"""A kless daemon for tests, with the standard library alone.

    import kless

    with kless.daemon() as k:
        k.post("/apis/batch/v1/namespaces/default/jobs", manifest)
        k.wait_idle()
        k.clock.advance(3600)

The daemon listens on a free port and keeps its data in memory; it ends with the block.  pytest users
have it as the fixture `kless_daemon` (kless.pytest_plugin).
"""
import atexit
import contextlib
import datetime
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import urllib.parse

__all__ = ["Clock", "Daemon", "KlessError", "RequestError", "daemon"]

ADMIN = "/kless/v1"
START_PATIENCE = 30  # seconds of real time until the daemon must be ready
STOP_PATIENCE = 10


class KlessError(Exception):
    """The daemon did not start, died, or could not be asked."""


class RequestError(KlessError):
    """A reply other than 2xx: `status` is its code, `body` its text."""

    def __init__(self, method, path, status, body):
        super().__init__(f"{method} {path}: {status} {body.strip()}")
        self.status = status
        self.body = body


def find_binary(binary=None):
    """The path of `binary`, else of $KLESS_BINARY, else of `kless` in the PATH."""
    wanted = binary or os.environ.get("KLESS_BINARY") or "kless"
    found = shutil.which(wanted)
    if found is None:
        raise KlessError(f"there is no program {wanted}: put kless into the PATH, or set KLESS_BINARY")
    return os.path.abspath(found)


class Clock:
    """The daemon's emulated clock.  Times are seconds, or datetime.timedelta."""

    def __init__(self, owner):
        self._daemon = owner

    def _state(self):
        return self._daemon.get(f"{ADMIN}/clock")

    def now(self):
        """The emulated date, as an aware datetime."""
        return datetime.datetime.fromisoformat(self._state()["now"].replace("Z", "+00:00"))

    def elapsed(self):
        """Emulated seconds since the daemon's start."""
        return self._state()["elapsed_ms"] / 1000

    def next_timer(self):
        """Seconds until the next timer is due; None if none is set."""
        due = self._state()["next_timer_ms"]
        return None if due is None else due / 1000

    def advance(self, by):
        """Skips ahead: every timer in between fires, in order, before this returns."""
        seconds = by.total_seconds() if isinstance(by, datetime.timedelta) else by
        self._daemon.post(f"{ADMIN}/clock", {"advance_ms": seconds * 1000})

    def pause(self):
        """No timer fires from here on; requests are still served, and advance() works."""
        self._daemon.post(f"{ADMIN}/clock", {"paused": True})

    def resume(self):
        self._daemon.post(f"{ADMIN}/clock", {"paused": False})

    @contextlib.contextmanager
    def paused(self):
        """`with k.clock.paused():` the clock stands still in the block, and is then as it was before."""
        before = self._state()["paused"]
        self.pause()
        try:
            yield self
        finally:
            self._daemon.post(f"{ADMIN}/clock", {"paused": before})

    def speed(self, factor):
        """Emulated seconds per real second, 0.001 to 1000000."""
        self._daemon.post(f"{ADMIN}/clock", {"speed": factor})


class Daemon:
    """One `kless serve`.  Made by daemon(); a context manager."""

    def __init__(self, *flags, binary=None, data=None):
        self.binary = find_binary(binary)
        self.clock = Clock(self)
        self.log = []  # lines that the daemon wrote, oldest first
        self.endpoint = None
        self._folder = tempfile.mkdtemp(prefix="kless-")
        self._reader = None
        self._kubeconfig = None
        flags = list(map(str, flags))
        store = ["--data-directory", os.fspath(data)] if data else ["--durability", "memory"]
        if any(flag.split("=")[0] == "--data-directory" for flag in flags):
            store = []
        # Flags of the test win: of a flag that is given twice the last one counts.
        command = [self.binary, "serve", "--port", "0", *store, *flags]
        # It shares the working directory of the test, so that relative paths in flags mean the same.
        self._process = subprocess.Popen(command, env=_clean_environment(), stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        # A test run that is interrupted leaves no daemon behind.
        atexit.register(self._kill)
        try:
            self._wait_until_ready()
        except BaseException:
            self._kill()
            raise

    def _wait_until_ready(self):
        ready = threading.Event()

        def read():
            for line in self._process.stdout:
                self.log.append(line.rstrip("\n"))
                match = re.match(r"kless is ready at (\S+)", line)
                if match:
                    self.endpoint = match[1]
                    ready.set()
            ready.set()

        self._reader = threading.Thread(target=read, daemon=True)
        self._reader.start()
        if not ready.wait(START_PATIENCE):
            raise KlessError(f"kless is not ready after {START_PATIENCE} s: {self._log_tail()}")
        if self.endpoint is None:
            raise KlessError(f"kless ended with {self._process.wait()}: {self._log_tail()}")

    def _log_tail(self):
        return "\n".join(self.log[-20:])

    # ---- life

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            self.stop()
        except KlessError:
            if kind is None:  # a failure in the block matters more
                raise

    def stop(self):
        """Ends the daemon as SIGTERM does.  KlessError if it had died before, or ends otherwise than with 0."""
        if self._process is None:
            return
        process, was_running = self._process, self._process.poll() is None
        if was_running:
            process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        self._forget()
        if not was_running or code != 0:
            when = "" if was_running else " before it was stopped"
            raise KlessError(f"kless ended with {code}{when}: {self._log_tail()}")

    def _kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._forget()

    def _forget(self):
        if self._reader is not None:
            self._reader.join(STOP_PATIENCE)
        self._process.stdout.close()
        self._process = None
        atexit.unregister(self._kill)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self):
        return None if self._process is None else self._process.pid

    # ---- for other programs

    @property
    def kubeconfig(self):
        """Path of a kubeconfig for this daemon, which lives as long as the daemon."""
        if self._kubeconfig is None:
            path = os.path.join(self._folder, "kubeconfig")
            self.run("kubeconfig", "--out", path)
            self._kubeconfig = path
        return self._kubeconfig

    @property
    def environment(self):
        """os.environ with KLESS_ENDPOINT, KUBECONFIG and the variables of AWS: for programs that a test starts."""
        return {**os.environ, "KLESS_ENDPOINT": self.endpoint, "KUBECONFIG": self.kubeconfig, **self.aws}

    @property
    def aws(self):
        """The variables by which SDKs and tools of AWS use this daemon."""
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}

    def run(self, *arguments, stdin=None, check=True):
        """Runs `kless ARGUMENTS` against this daemon; returns what it printed."""
        result = subprocess.run([self.binary, *map(str, arguments)], input=stdin, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=_clean_environment(KLESS_ENDPOINT=self.endpoint))
        if check and result.returncode != 0:
            raise KlessError(f"kless {' '.join(map(str, arguments))} ended with {result.returncode}: "
                             f"{result.stderr.strip()}")
        return result.stdout

    # ---- requests

    def request(self, method, path, body=None, content_type="application/json", timeout=120):
        """The reply's JSON, or its text if it is not JSON.  RequestError unless it is 2xx."""
        text = self._send(method, path, body, content_type, timeout)
        try:
            return json.loads(text)
        except ValueError:
            return text

    def _send(self, method, path, body=None, content_type="application/json", timeout=120):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.endpoint).netloc, timeout=timeout)
        try:
            data = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
            headers = {} if body is None else {"Content-Type": content_type}
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise KlessError(f"{method} {path}: {error or type(error).__name__}: {self._log_tail()}") from error
        finally:
            connection.close()
        if response.status // 100 != 2:
            raise RequestError(method, path, response.status, text)
        return text

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body=None):
        return self.request("POST", path, body)

    def put(self, path, body):
        return self.request("PUT", path, body)

    def patch(self, path, body, content_type="application/merge-patch+json"):
        return self.request("PATCH", path, body, content_type)

    def delete(self, path, body=None):
        return self.request("DELETE", path, body)

    # ---- what tests wait for and look at

    def wait_idle(self, timeout=30):
        """Returns once no record, invocation or due timer is left; RequestError with status 408 after
        `timeout` seconds of emulated time."""
        self._send("GET", f"{ADMIN}/idle?timeout={int(timeout * 1000)}ms", timeout=None)

    def feed(self, after=0):
        """The change records after this sequence number, oldest first."""
        records = []
        while lines := self._send("GET", f"{ADMIN}/feed?after={after}&limit=10000").splitlines():
            records += map(json.loads, lines)
            after = records[-1]["sequence"]
        return records

    def invocations(self, function=None, after=0):
        """Invocations with a higher ID than `after`, in the order in which they ended."""
        only = f"&function={urllib.parse.quote(function)}" if function else ""
        rows = []
        while page := self.get(f"{ADMIN}/invocations?limit=1000&after={after}{only}")["items"]:
            rows += page
            after = page[-1]["id"]
        return rows

    def function(self, name):
        """A function's configuration and its `stats`."""
        return self.get(f"{ADMIN}/functions/{urllib.parse.quote(name)}")

    def set_function(self, name, **fields):
        """Changes a function: set_function("job-controller", init=450, memory_mb=1769)."""
        return self.request("PATCH", f"{ADMIN}/functions/{urllib.parse.quote(name)}", fields)

    def reset_function(self, name):
        """The function's next start is cold."""
        return self.post(f"{ADMIN}/functions/{urllib.parse.quote(name)}/reset")

    def add_fault(self, kind, **fields):
        """Arms a fault: add_fault("crash", at=7)."""
        return self.post(f"{ADMIN}/faults", {"kind": kind, **fields})


def _clean_environment(**extra):
    """To kless itself KLESS_... are settings: a test's daemon has those that the test gave."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KLESS_")}
    return {**clean, **extra}


def daemon(*flags, binary=None, data=None):
    """Starts `kless serve` with these flags: `with kless.daemon("--latency", "thesis-2024") as k:`.

    binary: the program (default: $KLESS_BINARY, else kless in the PATH).  data: a folder that keeps the
    data for a later daemon (default: the data is in memory and goes with the daemon).
    """
    return Daemon(*flags, binary=binary, data=data)
