"""Functions of users: a command or a URL of this machine that gets the changes of a table."""
import contextlib
import http.server
import json
import os
import signal
import sys
import threading
import unittest

from daemon import ADMIN, Daemon, DaemonTest, jobs_path, wait_until

FUNCTIONS = f"{ADMIN}/functions"
ITEMS = f"{ADMIN}/tables/resources/items"

# Appends each event as a line: one write, so that two at a time do not mix.
NOTE = """
import json, os, sys
event = json.load(sys.stdin)
with open("events", "ab", buffering=0) as notes:
    notes.write((json.dumps(event) + "\\n").encode())
print("noted", len(event["Records"]), file=sys.stderr)
print("{}")
"""

# Creates a job for each widget, under its name, through the daemon whose address it gets.
RECONCILE = """
import http.client, json, os, sys
host = os.environ["KLESS_ENDPOINT"].removeprefix("http://")
for record in json.load(sys.stdin)["Records"]:
    name = record["dynamodb"]["Keys"]["resource-name"]["S"]
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
           "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [
               {"name": "main", "image": "busybox"}]}}}}
    connection = http.client.HTTPConnection(host)
    connection.request("POST", "/apis/batch/v1/namespaces/default/jobs", json.dumps(job),
                       {"Content-Type": "application/json"})
    status = connection.getresponse().status
    assert status in (201, 409), status
"""


def sequence(record):
    return int(record["dynamodb"]["SequenceNumber"])


def is_dead(pid):
    """Whether it is gone, or dead and not reaped yet by its current parent."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rsplit(") ", 1)[1].startswith("Z")
    except OSError:
        return True


class UserFunctionTest(DaemonTest):
    def script(self, name, text):
        with open(os.path.join(self.daemon.data, name), "w", encoding="utf-8") as file:
            file.write(text)
        return [sys.executable, name]

    def create(self, name, **fields):
        body = {"name": name, **fields}
        if "command" in fields:
            body.setdefault("folder", self.daemon.data)
        answer = self.daemon.request("POST", FUNCTIONS, body)
        self.assertEqual(answer.status, 201, answer)
        return answer.json

    def refused(self, status, code, message, **fields):
        answer = self.daemon.request("POST", FUNCTIONS, fields)
        self.assertEqual((answer.status, answer.json["error"]["code"]), (status, code), answer)
        self.assertRegex(answer.json["error"]["message"], message)

    def put(self, kind, name, value):
        item = {"resource-type": {"S": kind}, "resource-name": {"S": name},
                "resource-value": {"S": value}}
        answer = self.daemon.request("PUT", ITEMS, item)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["version"]

    def read(self, name):
        try:
            with open(os.path.join(self.daemon.data, name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def records(self):
        """Every record that the noting command was given, in the order of its invocations."""
        return [record for line in self.read("events").splitlines() if line
                for record in json.loads(line)["Records"]]


class CommandTest(UserFunctionTest):
    def test_writes_through_every_door_reach_the_command_as_dynamodb_streams_records(self):
        self.create("notes", command=self.script("note.py", NOTE), timeout_ms=60000,
                    mapping={"resource_types": ["job", "widget"]})
        self.daemon.create_job("pi")
        version = self.put("widget", "a", '{"size":1}')
        self.put("gadget", "b", "{}")
        self.daemon.wait_idle()
        feed = {r["sequence"]: r for r in self.daemon.feed()}
        wanted = [s for s, r in feed.items() if r["key"]["resource-type"]["S"] in ("job", "widget")]
        records = self.records()
        self.assertEqual(sorted(map(sequence, records)), wanted)
        widget = next(r for r in records if sequence(r) == version)
        self.assertEqual(set(widget), {"eventID", "eventName", "eventVersion", "eventSource",
                                       "awsRegion", "dynamodb", "eventSourceARN"})
        self.assertEqual((widget["eventName"], widget["eventSource"], widget["eventVersion"]),
                         ("INSERT", "aws:dynamodb", "1.1"))
        self.assertIn(":table/resources/stream/", widget["eventSourceARN"])
        change = widget["dynamodb"]
        self.assertEqual(set(change), {"ApproximateCreationDateTime", "Keys", "NewImage",
                                       "SequenceNumber", "SizeBytes", "StreamViewType"})
        self.assertEqual(change["NewImage"],
                         {"resource-type": {"S": "widget"}, "resource-name": {"S": "a"},
                          "resource-value": {"S": '{"size":1}'}})
        modified = next(r for r in records if r["eventName"] == "MODIFY")
        for image in ("OldImage", "NewImage"):
            value = json.loads(modified["dynamodb"][image]["resource-value"]["S"])
            self.assertEqual(value["kind"], "Job")

        rows = self.daemon.invocations("notes")
        self.assertEqual({r["outcome"] for r in rows}, {"ok"})
        self.assertEqual(sorted(s for r in rows for s in r["caused_by"]), wanted)
        self.assertTrue(any("[function notes] noted" in line for line in self.daemon.log))
        metrics = self.daemon.request("GET", "/metrics").body.decode()
        self.assertIn(f'kless_mapping_delivered_records_total{{mapping="notes"}} {len(wanted)}',
                      metrics)

    def test_a_command_writes_through_the_daemon_it_is_told_of(self):
        self.create("widgets", command=self.script("reconcile.py", RECONCILE), timeout_ms=60000,
                    mapping={"resource_types": ["widget"]})
        for name in ("one", "two", "three"):
            self.put("widget", name, "{}")
        self.daemon.wait_idle()
        jobs = self.daemon.get(jobs_path())["items"]
        self.assertEqual(sorted(j["metadata"]["name"] for j in jobs), ["one", "three", "two"])
        self.assertEqual(len(self.daemon.pods()), 3)

    def test_a_failed_batch_comes_again_before_the_next_one_of_its_shard(self):
        self.create("notes", timeout_ms=60000,
                    command=["sh", "-c", "cat >> events; echo >> events; test -e again && exit 0; "
                                         "touch again; echo not yet >&2; exit 7"],
                    mapping={"resource_types": ["widget"], "batch_size": 1, "retry_initial_ms": 1})
        versions = [self.put("widget", f"w{i}", "{}") for i in range(4)]
        self.daemon.wait_idle()
        self.assertEqual(list(map(sequence, self.records())), versions[:1] + versions)
        row = self.daemon.invocations("notes")[0]
        self.assertEqual((row["outcome"], row["error"]),
                         ("error", "sh ended with exit code 7: not yet"))

    def test_at_the_time_out_the_command_and_its_children_are_killed(self):
        self.create("slow", command=["sh", "-c", "sleep 1000 & echo $! > pid; wait"],
                    timeout_ms=1000,
                    mapping={"resource_types": ["widget"], "maximum_retry_attempts": 0})
        self.put("widget", "a", "{}")
        rows = wait_until(lambda: self.daemon.invocations("slow"), "an invocation's end")
        self.assertEqual(rows[0]["outcome"], "timeout")
        wait_until(lambda: is_dead(int(self.read("pid"))), "the end of the command's child")
        wait_until(lambda: self.daemon.get(f"{ADMIN}/mappings/slow")["discarded"] == 1,
                   "the batch is given up")

    def test_what_cannot_be_registered_says_why_and_leaves_nothing(self):
        self.refused(400, "InvalidArgument", "is not on this machine.*http://127.0.0.1:9000",
                     name="f", url="http://10.1.2.3/x")
        self.refused(400, "InvalidArgument", "cannot find the program 'no-such-thing'", name="f",
                     command=["no-such-thing"])
        self.refused(400, "InvalidArgument", "did you mean 'batch_size'", name="f",
                     command=["cat"], mapping={"batchSize": 1})
        self.refused(409, "AlreadyExists", "control loop", name="job-controller", command=["cat"])
        self.refused(409, "AlreadyExists", "control loop", name="scheduler", command=["cat"])
        self.refused(409, "AlreadyExists", "or of a setting", name="account_concurrency",
                     command=["cat"])
        self.refused(400, "InvalidArgument", "did you mean 'mapping.batch_size'", name="f",
                     command=["cat"], batch_size=1)
        self.refused(400, "InvalidArgument", "known: command, url", name="f", command=["cat"], colour=1)
        names = [f["name"] for f in self.daemon.get(FUNCTIONS)["functions"]]
        self.assertEqual(names, ["job-controller"])
        self.assertEqual(len(self.daemon.get(f"{ADMIN}/mappings")["mappings"]), 1)

    def test_variables_and_paths_stay_texts_on_the_command_line(self):
        made = self.daemon.cli("function", "create", "notes", "--set", "environment.PORT=8080", "--set",
                               "environment.ON=true", "--set", "environment.EMPTY=", "--env", "N=1", "--", "cat")
        self.assertEqual(made.returncode, 0, made)
        self.assertEqual(self.daemon.function("notes")["environment"],
                         {"PORT": "8080", "ON": "true", "EMPTY": "", "N": "1"})
        changed = self.daemon.cli("function", "set", "notes", "environment.PORT=9090", "memory_mb=256")
        self.assertEqual(changed.returncode, 0, changed)
        self.assertEqual(self.daemon.function("notes")["environment"]["PORT"], "9090")

    def test_the_command_line_creates_lists_sets_and_deletes(self):
        made = self.daemon.cli("function", "create", "notes", "--resource-type", "widget", "--env",
                               "LEVEL=7", "--set", "mapping.batch_size=3", "--", "sh", "-c",
                               "cat > /dev/null; echo $LEVEL $PWD >> seen")
        self.assertEqual((made.returncode, made.stdout), (0, "function notes created\n"), made)
        function = self.daemon.function("notes")
        self.assertEqual((function["folder"], function["mapping"]["batch_size"]),
                         (os.path.realpath(self.daemon.data), 3))
        self.put("widget", "a", "{}")
        self.daemon.wait_idle()
        self.assertEqual(self.read("seen").split()[0], "7")
        listed = self.daemon.cli("function", "list", "notes").stdout
        self.assertIn("sh -c cat > /dev/null", listed)
        changed = self.daemon.cli("function", "set", "notes", "timeout_ms=5000",
                                  "mapping.batch_size=4")
        self.assertEqual(changed.returncode, 0, changed)
        wait_until(lambda: self.daemon.get(f"{ADMIN}/mappings/notes")["config"]["batch_size"] == 4,
                   "the new mapping")
        gone = self.daemon.cli("function", "delete", "notes")
        self.assertEqual((gone.returncode, gone.stdout), (0, "function notes deleted\n"))
        again = self.daemon.cli("function", "delete", "notes")
        self.assertEqual(again.returncode, 1)
        self.assertIn("NotFound", again.stderr)


    def test_a_type_that_nothing_has_is_remarked(self):
        made = self.daemon.cli("function", "create", "f", "--resource-type", "pods", "--", "cat")
        self.assertEqual(made.returncode, 0, made)
        self.assertIn("note: no object has the type 'pods' so far; did you mean 'pod'?", made.stderr)
        made = self.daemon.cli("function", "create", "g", "--resource-type", "pod", "--", "cat")
        self.assertEqual((made.returncode, made.stderr), (0, ""))

    def test_records_that_are_discarded_are_logged_and_shown(self):
        self.create("notes", command=["sh", "-c", "exit 7"],
                    mapping={"resource_types": ["widget"], "maximum_retry_attempts": 0})
        self.put("widget", "a", "{}")
        self.daemon.wait_idle()
        shown = self.daemon.cli("function", "show", "notes").stdout
        fields = dict(line.split(None, 1) for line in shown.splitlines())
        self.assertEqual(fields["mapping.maximum_retry_attempts:"], "0")
        self.assertEqual(fields["mapping_status.discarded:"], "1")
        self.assertEqual(fields["mapping_status.iterator_age_ms:"], "0")
        self.assertIn("exit code 7", fields["mapping_status.last_error:"])
        self.assertTrue(any("discarded 1 record" in line and "RetryAttemptsExhausted" in line
                            for line in self.daemon.log), self.daemon.log)


class RestartTest(UserFunctionTest):
    def note_widgets(self):
        self.create("notes", command=self.script("note.py", NOTE), timeout_ms=60000,
                    mapping={"resource_types": ["widget"], "batch_size": 2})

    def test_an_orderly_restart_loses_and_repeats_nothing(self):
        self.note_widgets()
        before = [self.put("widget", f"w{i}", "{}") for i in range(5)]
        self.daemon.wait_idle()
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual(self.daemon.function("notes")["mapping"]["batch_size"], 2)
        after = [self.put("widget", f"w{i}", "[]") for i in range(5)]
        self.daemon.wait_idle()
        self.assertEqual(list(map(sequence, self.records())), before + after)

    def test_kill_9_under_load_loses_nothing_and_keeps_the_order(self):
        self.note_widgets()
        versions = []
        for life in range(3):
            seen = len(self.records())
            versions += [self.put("widget", f"w{i}", f'"{life}"') for i in range(8)]
            wait_until(lambda: len(self.records()) > seen, "the command runs")
            self.daemon.kill()
            self.daemon.start()
        self.daemon.wait_idle()
        delivered = list(map(sequence, self.records()))
        self.assertEqual(sorted(set(delivered)), versions)
        # A batch that was in flight is delivered again; the records after it were not delivered before.
        first_times = list(dict.fromkeys(delivered))
        self.assertEqual(first_times, versions)

    def test_a_command_that_outlives_its_daemon_does_not_hold_the_port(self):
        self.create("slow", command=["sh", "-c", "echo $$ > pid; exec sleep 1000"],
                    timeout_ms=900000, mapping={"resource_types": ["widget"]})
        self.put("widget", "a", "{}")
        pid = int(wait_until(lambda: self.read("pid").strip(), "the command runs"))
        self.addCleanup(self.end, pid)
        port = self.daemon.port
        self.daemon.kill()
        self.daemon.start(port)
        self.assertEqual(self.daemon.port, port)
        again = int(wait_until(lambda: (text := self.read("pid").strip()) and int(text) != pid
                               and text, "the batch comes again"))
        # An orderly end takes its commands with it.
        self.daemon.stop()
        wait_until(lambda: is_dead(again), "the end of the command")

    def test_a_second_signal_ends_the_daemon_at_once_and_its_commands_with_it(self):
        self.create("long", command=["sh", "-c", "sleep 1000 & echo $! > pid.new; mv pid.new pid; wait"],
                    timeout_ms=900000, mapping={"resource_types": ["widget"]})
        self.put("widget", "a", "{}")
        pid = int(wait_until(lambda: self.read("pid"), "the command runs"))
        self.addCleanup(self.end, pid)
        self.daemon.process.send_signal(signal.SIGINT)
        code = self.daemon.signal_and_wait(signal.SIGTERM)
        self.assertIn(code, (128 + signal.SIGINT, 128 + signal.SIGTERM))
        wait_until(lambda: is_dead(pid), "the end of the command's child")

    @staticmethod
    def end(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class UrlTest(UserFunctionTest):
    def setUp(self):
        super().setUp()
        self.answers = []  # (status, body) for the next requests; then 200 {}
        self.posted = []
        test = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                test.posted.append((self.path, self.headers, json.loads(body)))
                status, answer = test.answers.pop(0) if test.answers else (200, "{}")
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def test_the_event_is_posted_and_what_is_no_2xx_comes_again(self):
        self.answers = [(500, "not now")]
        self.create("hook", url=self.url,
                    mapping={"resource_types": ["widget"], "retry_initial_ms": 1})
        version = self.put("widget", "a", "{}")
        self.daemon.wait_idle()
        self.assertEqual([sequence(body["Records"][0]) for _, _, body in self.posted],
                         [version, version])
        path, headers, _ = self.posted[0]
        self.assertEqual((path, headers["Content-Type"]), ("/hook", "application/json"))
        rows = self.daemon.invocations("hook")
        self.assertEqual([r["outcome"] for r in rows], ["error", "ok"])
        self.assertIn("answered 500: not now", rows[0]["error"])
        self.assertEqual(headers["Lambda-Runtime-Aws-Request-Id"], rows[0]["request_id"])

    def test_a_reported_record_comes_again_with_those_behind_it(self):
        version = self.put("widget", "a", "{}")
        second = self.put("widget", "b", "{}")
        failures = {"batchItemFailures": [{"itemIdentifier": f"{second:021d}"}]}
        self.answers = [(200, json.dumps(failures))]
        self.create("hook", url=self.url,
                    mapping={"resource_types": ["widget"], "report_batch_item_failures": True})
        self.daemon.wait_idle()
        self.assertEqual([[sequence(r) for r in body["Records"]] for _, _, body in self.posted],
                         [[version, second], [second]])
        self.assertEqual([r["outcome"] for r in self.daemon.invocations("hook")],
                         ["partial", "ok"])

    def test_it_is_invoked_by_hand_too(self):
        self.create("hook", url=self.url, mapping=None)
        self.answers = [(200, '{"sum":3}')]
        answer = self.daemon.request("POST", f"{FUNCTIONS}/hook/invocations", {"a": 1, "b": 2})
        self.assertEqual((answer.status, answer.json["payload"]), (200, {"sum": 3}))
        self.assertEqual(self.posted[0][2], {"a": 1, "b": 2})


if __name__ == "__main__":
    unittest.main()
