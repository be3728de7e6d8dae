"""Functions with a handler: processes that kless starts and that speak Lambda's Runtime API."""
import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import unittest

from daemon import ADMIN, Daemon, DaemonTest, wait_until

FUNCTIONS = f"{ADMIN}/functions"
ITEMS = f"{ADMIN}/tables/resources/items"

PYTHON = """
import os, signal, subprocess, sys, time
calls = 0

def handler(event, context):
    global calls
    calls += 1
    do = event.get("do")
    print("call", calls, do)
    if do == "fail":
        raise ValueError("boom")
    if do == "exit":
        os._exit(3)
    if do == "sleep":
        time.sleep(60)
    if do == "allocate":
        held = bytearray(os.urandom(1024)) * (300 << 10)
        time.sleep(60)
    if do == "flood":
        for _ in range(400):
            sys.stdout.write("x" * 127 + "\\n" * 1 + "y" * 131072 + "\\n")
    if do == "fork":
        # A grandchild that no one waits for, in a session of its own.
        subprocess.Popen(["setsid", "sh", "-c", "sleep 1000 & sleep 1000"])
    if do == "set":
        return {1, 2}
    if do == "files":
        open("/tmp/mine", "w").write("1")
        return {"cwd": os.getcwd(), "tmp": sorted(os.listdir("/tmp")), "pid": os.getpid()}
    if do == "environment":
        return {name: value for name, value in os.environ.items()}
    if do == "context":
        return {"left": context.get_remaining_time_in_millis(), "id": context.aws_request_id,
                "arn": context.invoked_function_arn, "memory": context.memory_limit_in_mb}
    return {"calls": calls, "event": event}
"""

NODE = """
let calls = 0;
exports.handler = async (event) => {
  calls += 1;
  console.log("call", calls);
  if (event.do === "fail") throw new TypeError("boom");
  if (event.do === "reject") { Promise.reject(new Error("later")); await new Promise(() => {}); }
  return {calls, event};
};
exports.callback = (event, context, callback) => setTimeout(() => callback(null, context.functionName), 1);
exports.deep = {one: (event) => event.x};
"""

# A runtime of its own, without a client that comes with kless.
SHELL = """#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  event=$(curl -sS -D /tmp/head "$api/invocation/next")
  id=$(grep -i '^lambda-runtime-aws-request-id:' /tmp/head | tr -d '\\r' | cut -d' ' -f2)
  curl -sS -o /dev/null --data-binary "{\\"echo\\":$event}" "$api/invocation/$id/response"
done
"""


def processes_of(folder):
    """The processes whose environment names this folder: nothing else does."""
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            pid = int(name)
            with open(f"/proc/{pid}/environ", "rb") as file:
                if b"MARK=" + folder.encode() in file.read():
                    found.append(pid)
    return found


class ProcessFunctionTest(DaemonTest):
    def setUp(self):
        super().setUp()
        # Not below /tmp, which functions have for themselves.
        self.code = os.path.join(self.daemon.data, "code")
        os.makedirs(self.code)

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.code, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)

    def create(self, name="f", **fields):
        fields.setdefault("mapping", None)
        fields.setdefault("folder", self.code)
        fields.setdefault("environment", {"MARK": self.code})
        answer = self.daemon.request("POST", FUNCTIONS, {"name": name, **fields})
        self.assertEqual(answer.status, 201, answer)
        return answer.json

    def python(self, name="f", **fields):
        self.write("app.py", PYTHON)
        fields.setdefault("timeout_ms", 20_000)
        return self.create(name, runtime="python3.12", handler="app.handler", **fields)

    def invoke(self, payload, name="f", status=200):
        answer = self.daemon.request("POST", f"{FUNCTIONS}/{name}/invocations", payload)
        self.assertEqual(answer.status, status, answer)
        return answer.json["payload"] if status == 200 else answer.json

    def lines(self, name="f"):
        answer = self.daemon.request("GET", f"{FUNCTIONS}/{name}/logs?limit=10000")
        self.assertEqual(answer.status, 200, answer)
        return [line["text"] for line in answer.json["items"]]

    def gone(self):
        wait_until(lambda: not processes_of(self.code), "the processes of the function to end")

    def test_a_python_function_keeps_its_state_between_invocations(self):
        made = self.python()
        self.assertEqual((made["handler"], made["init_mode"]), ("app.handler", "measured"))
        self.assertEqual(self.invoke({"x": 1}), {"calls": 1, "event": {"x": 1}})
        self.assertEqual(self.invoke({"x": 2}), {"calls": 2, "event": {"x": 2}})
        cold, warm = self.daemon.invocations("f")
        self.assertEqual((cold["start"], warm["start"]), ("cold", "warm"))
        self.assertGreater(cold["init_ms"], 1)
        lines = self.lines()
        self.assertRegex(lines[0], r"^START RequestId: [0-9a-f-]{36} Version: \$LATEST$")
        self.assertEqual(lines[1], "call 1 None")
        self.assertRegex(lines[2], r"^END RequestId: [0-9a-f-]{36}$")
        self.assertRegex(lines[3], r"^REPORT RequestId: \S+\tDuration: [0-9.]+ ms\tBilled Duration: \d+ ms\t"
                                   r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [0-9.]+ ms\t$")
        self.assertNotIn("Init Duration", lines[7])

    def test_an_error_of_the_handler_is_reported_and_the_environment_goes_on(self):
        self.python()
        failed = self.invoke({"do": "fail"}, status=502)
        self.assertEqual(failed["error"]["message"], "ValueError: boom")
        self.assertEqual(failed["function_error"]["errorType"], "ValueError")
        self.assertIn("app.py", failed["function_error"]["stackTrace"][0])
        self.assertEqual(self.invoke({})["calls"], 2)
        failed = self.invoke({"do": "set"}, status=502)
        self.assertEqual(failed["function_error"]["errorType"], "Runtime.MarshalError")
        self.assertEqual(self.daemon.function("f")["stats"]["environments_started"], 1)

    def test_f8_a_runtime_that_exits_fails_its_invocation_and_the_next_one_is_cold(self):
        self.python()
        failed = self.invoke({"do": "exit"}, status=502)
        self.assertRegex(failed["function_error"]["errorMessage"],
                         r"^RequestId: \S+ Error: Runtime exited with error: exit status 3$")
        self.assertEqual(failed["function_error"]["errorType"], "Runtime.ExitError")
        self.assertEqual(self.invoke({})["calls"], 1)
        self.assertEqual([row["start"] for row in self.daemon.invocations("f")], ["cold", "cold"])

    def test_a_runtime_that_is_killed_while_it_idles_is_started_again(self):
        self.python()
        self.invoke({})
        pids = processes_of(self.code)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        # Until the daemon has seen its end, it may give it an invocation, which fails as on Lambda.
        wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), "the daemon to reap the process")
        self.assertEqual(self.invoke({})["calls"], 1)

    def test_f9_an_init_that_fails_is_repeated_once(self):
        for text, kind, message in (
                ("import nothing_of_the_kind", "Runtime.ImportModuleError",
                 "Unable to import module 'app': No module named 'nothing_of_the_kind'"),
                ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': "),
                ("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
                ("import os; os._exit(0)", "Runtime.ExitError", "without providing a reason")):
            with self.subTest(kind):
                self.write("app.py", text)
                name = "f" + kind[-8:]
                self.create(name, runtime="python3.12", handler="app.handler")
                failed = self.invoke({}, name, status=502)["function_error"]
                self.assertEqual(failed["errorType"], kind)
                self.assertIn(message, failed["errorMessage"])
                self.assertEqual(self.daemon.function(name)["stats"]["environments_started"], 2)

    def test_f7_a_timeout_ends_the_process(self):
        self.python(timeout_ms=1000)
        self.invoke({})
        failed = self.invoke({"do": "sleep"}, status=502)
        self.assertRegex(failed["error"]["message"], "Task timed out after 1.00 seconds")
        self.gone()
        self.assertEqual(self.invoke({})["calls"], 1)
        wait_until(lambda: any("Task timed out after 1." in line for line in self.lines()), "the line of the timeout")

    def test_too_much_memory_ends_the_process(self):
        self.python()
        failed = self.invoke({"do": "allocate"}, status=502)
        self.assertRegex(failed["error"]["message"], "Runtime exited with error: signal: killed$")
        self.assertEqual(failed["function_error"]["errorType"], "Runtime.OutOfMemory")
        self.gone()

    def test_processes_that_a_function_leaves_behind_end_with_it(self):
        self.python()
        self.invoke({"do": "fork"})
        wait_until(lambda: len(processes_of(self.code)) >= 3, "the grandchildren to run")
        self.daemon.request("POST", f"{FUNCTIONS}/f/reset")
        self.gone()

    def test_nothing_is_left_when_the_daemon_is_killed(self):
        self.python()
        self.invoke({"do": "fork"})
        wait_until(lambda: len(processes_of(self.code)) >= 3, "the grandchildren to run")
        self.daemon.kill()
        self.gone()

    def test_a_flood_of_output_is_bounded_and_the_daemon_goes_on(self):
        self.python()
        self.invoke({"do": "flood"})
        text = self.lines()
        self.assertTrue(text[-1].startswith("REPORT"))
        self.assertLess(sum(len(line) for line in text), 2 << 20)
        self.assertEqual(self.invoke({})["calls"], 2)

    def test_h5_a_function_has_files_and_variables_of_its_own(self):
        self.python(environment={"MARK": self.code, "LEVEL": "debug"})
        variables = self.invoke({"do": "environment"})
        self.assertEqual(variables["LEVEL"], "debug")
        self.assertEqual(variables["_HANDLER"], "app.handler")
        self.assertEqual(variables["AWS_LAMBDA_FUNCTION_NAME"], "f")
        self.assertEqual(variables["AWS_EXECUTION_ENV"], "AWS_Lambda_python3.12")
        self.assertEqual(variables["AWS_LAMBDA_INITIALIZATION_TYPE"], "on-demand")
        self.assertEqual(variables["TZ"], ":UTC")
        self.assertEqual(variables["AWS_ENDPOINT_URL"], self.daemon.url)
        self.assertNotIn("HOME", variables)
        files = self.invoke({"do": "files"})
        if variables["LAMBDA_TASK_ROOT"] == "/var/task":
            self.assertEqual(files, {"cwd": "/var/task", "tmp": ["mine"], "pid": 1})
            self.assertFalse(os.path.exists("/tmp/mine"))
        context = self.invoke({"do": "context"})
        self.assertTrue(0 < context["left"] <= 20_000, context)
        self.assertEqual(context["arn"], "arn:aws:lambda:us-east-1:000000000000:function:f")

    def test_node_functions_answer_by_promise_and_callback(self):
        self.write("index.js", NODE)
        self.create(runtime="nodejs20.x", handler="index.handler", memory_mb=512)
        self.assertEqual(self.invoke({"x": 1}), {"calls": 1, "event": {"x": 1}})
        failed = self.invoke({"do": "fail"}, status=502)["function_error"]
        self.assertEqual((failed["errorType"], failed["errorMessage"]), ("TypeError", "boom"))
        self.assertEqual(self.invoke({})["calls"], 3)
        self.assertRegex(self.lines()[1], r"^\d{4}-\d\d-\d\dT[0-9:.]+Z\t[0-9a-f-]{36}\tINFO\tcall 1$")
        failed = self.invoke({"do": "reject"}, status=502)["function_error"]
        self.assertEqual(failed["errorType"], "Runtime.UnhandledPromiseRejection")
        self.create("back", runtime="nodejs20.x", handler="index.callback", memory_mb=512)
        self.assertEqual(self.invoke({}, "back"), "back")
        self.create("deep", runtime="nodejs20.x", handler="index.deep.one", memory_mb=512)
        self.assertEqual(self.invoke({"x": [1]}, "deep"), [1])
        self.create("none", runtime="nodejs20.x", handler="index.none", memory_mb=512)
        failed = self.invoke({}, "none", status=502)["function_error"]
        self.assertEqual((failed["errorType"], failed["errorMessage"]),
                         ("Runtime.HandlerNotFound", "index.none is undefined or not exported"))

    @unittest.skipUnless(shutil.which("curl"), "there is no curl")
    def test_a_shell_script_can_be_the_runtime(self):
        self.write("bootstrap", SHELL, 0o755)
        self.create(runtime="provided.al2023", handler="none")
        self.assertEqual(self.invoke({"x": "y z"}), {"echo": {"x": "y z"}})
        self.assertEqual(self.invoke([1, 2]), {"echo": [1, 2]})

    def test_code_that_cannot_run_is_refused(self):
        for fields, message in (
                ({"runtime": "provided.al2023", "handler": "x"}, "bootstrap"),
                ({"runtime": "python3.12", "handler": "app.handler", "folder": "/nowhere"}, "'/nowhere' is not a folder"),
                ({"runtime": "python3.12", "handler": "a.b", "command": ["true"]}, "set only one of"),
                ({"command": ["true"], "init_mode": "measured"}, "'init_mode' must be modelled"),
                ({"runtime": "python3.12", "handler": "a.b", "init_mode": "guessed"}, "modelled, measured or both")):
            answer = self.daemon.request("POST", FUNCTIONS, {"name": "f", "folder": self.code, **fields})
            self.assertEqual(answer.status, 400, answer)
            self.assertIn(message, answer.json["error"]["message"])
        self.assertEqual(self.daemon.request("GET", f"{FUNCTIONS}/f").status, 404)

    def test_a_modelled_init_comes_on_top_of_the_measured_one(self):
        self.python(init=300, init_mode="both")
        self.invoke({})
        self.assertGreater(self.daemon.invocations("f")[0]["init_ms"], 300)

    def test_new_code_is_run_by_new_processes(self):
        self.python()
        self.invoke({})
        other = os.path.join(self.daemon.data, "other")
        os.makedirs(other)
        with open(os.path.join(other, "app.py"), "w", encoding="utf-8") as file:
            file.write("def handler(event, context):\n    return 'new'\n")
        answer = self.daemon.request("PATCH", f"{FUNCTIONS}/f", {"folder": other})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.invoke({}), "new")

    def test_fifty_at_a_time_are_fifty_processes_and_none_remains(self):
        self.write("app.py", "import os, time\n"
                             "def handler(event, context):\n"
                             "    while not os.path.exists(os.environ['LAMBDA_TASK_ROOT'] + '/go'):\n"
                             "        time.sleep(0.05)\n"
                             "    return {'event': event}\n")
        self.create(runtime="python3.12", handler="app.handler", timeout_ms=300_000)

        def invoke(number):
            return self.daemon.request("POST", f"{FUNCTIONS}/f/invocations", {"i": number}, timeout=300)
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            pending = [pool.submit(invoke, number) for number in range(50)]
            # None ends before the last has begun, so that each has a process of its own.
            wait_until(lambda: self.daemon.function("f")["stats"]["busy"] == 50, "all to run", timeout=120)
            self.assertEqual(len(processes_of(self.code)), 50)
            self.write("go", "")
            answers = [each.result() for each in pending]
        self.assertEqual([answer.status for answer in answers], [200] * 50)
        self.assertEqual(sorted(answer.json["payload"]["event"]["i"] for answer in answers), list(range(50)))
        self.assertEqual(self.daemon.function("f")["stats"]["environments_peak"], 50)
        self.daemon.signal_and_wait(signal.SIGINT)
        self.assertEqual(processes_of(self.code), [])

    def test_changes_of_a_table_reach_it_each_once_in_order(self):
        self.write("app.py", "import json, os\n"
                             "def handler(event, context):\n"
                             "    for record in event['Records']:\n"
                             "        print('SAW', record['dynamodb']['SequenceNumber'])\n")
        self.create(runtime="python3.12", handler="app.handler",
                    mapping={"resource_types": ["widget"], "batch_size": 7})
        for i in range(40):
            item = {"resource-type": {"S": "widget"}, "resource-name": {"S": f"w{i % 5}"},
                    "resource-value": {"S": json.dumps({"i": i})}}
            self.assertEqual(self.daemon.request("PUT", ITEMS, item).status, 200)

        def seen():
            return [line.split()[1] for line in self.lines() if line.startswith("SAW")]
        wait_until(lambda: len(seen()) >= 40, "all records to arrive")
        self.assertEqual(len(set(seen())), 40)

    def test_it_is_there_after_a_restart(self):
        self.python()
        self.invoke({})
        data = self.daemon.data
        self.daemon.stop()
        with Daemon(data=data) as daemon:
            answer = daemon.request("POST", f"{FUNCTIONS}/f/invocations", {})
            self.assertEqual((answer.status, answer.json["payload"]["calls"]), (200, 1))


if __name__ == "__main__":
    unittest.main()
