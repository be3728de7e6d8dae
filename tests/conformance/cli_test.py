"""The command line: what a user types, what it prints, and its exit code."""
import json
import os
import subprocess
import threading
import unittest

from daemon import ADMIN, BINARY, DaemonTest, environment, job, jobs_path, wait_until

COMMANDS = (["serve"], ["submit"], ["item"], ["item", "get"], ["item", "put"], ["item", "delete"],
            ["feed"], ["function"], ["function", "list"], ["function", "set"], ["function", "reset"],
            ["function", "warm"], ["function", "invocations"], ["function", "show"], ["snapshot"], ["status"],
            ["wait"], ["help"],
            ["experiment", "run"], ["experiment", "compare"], ["experiment", "explain"], ["replay"],
            ["snapshot", "save"], ["snapshot", "load"], ["snapshot", "fork"], ["exec"], ["version"], ["bench"])
YAML = """
apiVersion: batch/v1
kind: Job
metadata:
  name: first
spec:
  completions: 2
  parallelism: 2
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: busybox
          command: ["sh", "-c", "echo yes"]
          env:
            - {name: ANSWER, value: "42"}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: second
spec:
  template:
    spec:
      restartPolicy: OnFailure
      containers: [{name: main, image: busybox}]
"""


def kless(*arguments, stdin=None, **env):
    return subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, text=True, timeout=60,
                          env=environment(**env))


class HelpTest(unittest.TestCase):
    def test_every_command_has_help(self):
        top = kless("--help")
        self.assertEqual(top.returncode, 0)
        for command in COMMANDS:
            if len(command) == 1:
                self.assertIn(command[0], top.stdout)
            with self.subTest(command=" ".join(command)):
                result = kless(*command, "--help")
                self.assertEqual((result.returncode, result.stderr), (0, ""), result)
                self.assertGreater(len(result.stdout.splitlines()), 2)

    def test_output_that_cannot_be_written_is_a_failure(self):
        for command in ("config show", "--help", "--version", "help settings", "experiment list", "completion bash"):
            with self.subTest(command=command), open("/dev/full", "w", encoding="utf-8") as full:
                result = subprocess.run([BINARY, *command.split()], stdout=full, stderr=subprocess.PIPE, text=True,
                                        timeout=60, env=environment(), check=False)
                self.assertEqual((result.returncode, result.stderr),
                                 (1, "error: cannot write standard output: No space left on device\n"))

    def test_a_reader_that_has_gone_away_is_no_failure(self):
        read, write = os.pipe()
        os.close(read)
        result = subprocess.run([BINARY, "help", "settings"], stdout=write, stderr=subprocess.PIPE, text=True,
                                timeout=60, env=environment(), restore_signals=False, check=False)
        os.close(write)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_errors_of_the_command_line_are_in_words_of_its_own(self):
        for words, error in ((["feed", "-o", "xml"], "--output must be one of text, json, not 'xml'"),
                             (["submit"], "--filename is missing"),
                             (["feed", "--after"], "--after needs a value"),
                             (["serve", "--config", ""], "--config: must not be empty"),
                             (["completion", "tcsh"], "SHELL must be one of bash, zsh, fish, not 'tcsh'")):
            with self.subTest(words=words):
                result = kless(*words)
                self.assertEqual((result.returncode, result.stderr.splitlines()[0]), (2, f"kless: {error}"))

    def test_a_command_that_needs_another_one_prints_its_help(self):
        for words in ([], ["config"], ["function"], ["experiment"]):
            with self.subTest(words=words):
                result = kless(*words)
                self.assertEqual((result.returncode, result.stderr), (2, ""))
                self.assertEqual(result.stdout, kless(*words, "--help").stdout)

    def test_an_address_of_another_machine_is_told_from_a_port(self):
        result = kless("serve", "--address", "192.0.2.1", "--port", "80", "--durability", "memory")
        self.assertEqual((result.returncode, result.stderr),
                         (1, "error: cannot listen on 192.0.2.1:80: Cannot assign requested address; "
                             "choose another address of this machine with --address\n"))

    def test_paragraphs_of_help_fill_their_lines(self):
        for command in COMMANDS:
            lines = kless(*command, "--help").stdout.splitlines()
            for line, following in zip(lines, lines[1:]):
                if line[:1].strip() and following[:1].strip():
                    with self.subTest(command=" ".join(command), line=line):
                        self.assertLessEqual(len(line), 100)
                        self.assertTrue(following.startswith("Usage: ") or
                                        len(line) + 1 + len(following.split()[0]) > 100, following)

    def test_the_version_is_one_line(self):
        result = kless("version")
        self.assertEqual(result.returncode, 0, result)
        self.assertRegex(result.stdout, r"^kless \d+\.\d+\.\d+.*\n$")

    def test_a_mistyped_command_is_an_error(self):
        result = kless("sreve")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("sreve", result.stderr)

    def test_a_daemon_that_is_not_there_is_one_clear_line(self):
        result = kless("function", "list", KLESS_ENDPOINT="http://127.0.0.1:9")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn("127.0.0.1:9", result.stderr)


class SubmitTest(DaemonTest):
    def write(self, name, text):
        path = os.path.join(self.daemon.data, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_documents_of_a_yaml_file_become_jobs(self):
        result = self.daemon.cli("submit", "-f", self.write("jobs.yaml", YAML), "--wait=pods")
        self.assertEqual(result.returncode, 0, result)
        self.assertIn("first", result.stdout)
        self.assertIn("second", result.stdout)
        self.assertEqual((len(self.daemon.pods("first")), len(self.daemon.pods("second"))), (2, 1))
        container = self.daemon.get(jobs_path(name="first"))["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["env"], [{"name": "ANSWER", "value": "42"}])

    def test_json_from_standard_input_becomes_a_job(self):
        result = self.daemon.cli("submit", "-f", "-", stdin=json.dumps(job("piped")))
        self.assertEqual(result.returncode, 0, result)
        self.daemon.wait_pods("piped", 1)

    def test_a_misspelt_field_is_refused_unless_asked_otherwise(self):
        manifest = job("misspelt")
        manifest["spec"]["paralelism"] = 2
        path = self.write("misspelt.json", json.dumps(manifest))
        refused = self.daemon.cli("submit", "-f", path)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn(f'Error from server (BadRequest): error when creating "{path}": ', refused.stderr)
        self.assertIn('unknown field "spec.paralelism"', refused.stderr)
        warned = self.daemon.cli("submit", "-f", "-", "--validate=warn", stdin=json.dumps(manifest))
        self.assertEqual(warned.stdout, "job.batch/misspelt created\n")
        self.assertIn("Warning: unknown field", warned.stderr)
        manifest["metadata"]["name"] = "ignored"
        ignored = self.daemon.cli("submit", "-f", "-", "--validate=ignore", stdin=json.dumps(manifest))
        self.assertEqual((ignored.stdout, ignored.stderr), ("job.batch/ignored created\n", ""))

    def test_count_submits_many_under_generated_names(self):
        result = self.daemon.cli("submit", "-f", "-", "--count", "25", "--wait=pods",
                                 stdin=json.dumps(job("many")))
        self.assertEqual(result.returncode, 0, result)
        names = {j["metadata"]["name"] for j in self.daemon.get(jobs_path())["items"]}
        self.assertEqual(len(names), 25)
        self.assertTrue(all(n.startswith("many") for n in names))
        self.assertEqual(len(self.daemon.pods()), 25)

    def test_errors_of_the_server_are_passed_on(self):
        self.daemon.create_job("taken")
        result = self.daemon.cli("submit", "-f", "-", stdin=json.dumps(job("taken")))
        self.assertEqual(result.returncode, 1)
        self.assertIn('jobs.batch "taken" already exists', result.stderr)

    def test_bad_input_is_a_clear_error(self):
        for text, word in (("a: [1", "-"), ("just text", "-"), ("kind: Gnome\nmetadata: {name: g}\n", "Gnome")):
            result = self.daemon.cli("submit", "-f", "-", stdin=text)
            self.assertEqual(result.returncode, 2, (text, result))
            self.assertIn(word, result.stderr)
        result = self.daemon.cli("submit", "-f", "/nothing/here.yaml")
        self.assertEqual(result.returncode, 2)
        self.assertIn("/nothing/here.yaml", result.stderr)


class ExitCodesTest(DaemonTest):
    """`kless help exit-codes`: 2 if what was given is wrong and nothing was done, 1 if the work failed."""

    def codes(self, expected, *commands):
        for command in commands:
            with self.subTest(command=command):
                result = self.daemon.cli(*command.split())
                self.assertEqual(result.returncode, expected, result)
                self.assertRegex(result.stderr, r"\A(error: |The |Error from server |kless: )")

    def test_what_is_wrong_in_the_command_line_or_a_file_that_it_names_is_2(self):
        for name in ("text.yaml", "taken/kless.db", "o/mine.txt"):
            os.makedirs(os.path.dirname(os.path.join(self.daemon.data, name)), exist_ok=True)
            with open(os.path.join(self.daemon.data, name), "w", encoding="utf-8") as file:
                file.write("just text, and long enough for the head of a data file " * 4)
        self.assertEqual(self.daemon.cli("snapshot", "save", "good.db").returncode, 0)
        before = self.daemon.get(f"{ADMIN}/stats")["feed"]["latest"]
        self.codes(
            2, "serve --prot 1", "serve --port x", "serve --config nosuch", "serve --config text.yaml",
            "serve --latency nosuch", "serve --data-directory /proc/x", "serve --data-directory taken --port 0",
            "serve --durability memory --port 0 --record text.yaml",
            "serve --durability memory --port 0 --record /proc/x", "serve --address nowhere --durability memory",
            "submit", "submit -f nosuch", "submit -f text.yaml", "submit -f configs --timeout soon",
            "item put job a -f nosuch", "item get job", "feed --after abc", "feed --limit -1", "feed --limit x",
            "function invocations --after abc", "function invocations --follow --before 3",
            "function create x", "function create x --url http://127.0.0.1:9/ -- cat",
            "function create x --url http://127.0.0.1:9/ --env A=b",
            "function create x --no-mapping --table resources -- cat",
            "function create x --no-mapping --set mapping.batch_size=5 -- cat",
            "function create x --no-mapping --set mapping={} -- cat", "function create x --filter [ -- cat",
            "function create x --env A -- cat", "function set job-controller", "function warm job-controller --count 0",
            "wait --for=soon pod/x", "wait --for=idle --timeout=2h", "wait --for=idle --timeout=soon",
            "wait --for=delete gnome/x", "wait --for=delete pod", "status --server ftp://x",
            "kubeconfig --out /nonexistent/x", "kubeconfig --certificate text.yaml",
            "kubeconfig --server https://127.0.0.1:9", "kubeconfig --server https://127.0.0.1:9 --certificate nosuch",
            "snapshot load nosuch --data-directory new", "snapshot load text.yaml --data-directory new",
            "snapshot load good.db --data-directory taken", "snapshot load good.db --data-directory /proc/x",
            "snapshot fork taken", "snapshot fork /proc/x",
            "experiment show nosuch", "experiment run nosuch", "experiment run text.yaml",
            "experiment run caps --out /proc/x", "experiment run caps --out text.yaml", "experiment run caps --out o",
            "experiment run caps --set nosuch=1", "experiment run caps --seeds 0", "experiment compare nosuch",
            "experiment explain nosuch", "replay nosuch", "replay text.yaml", "latency show nosuch",
            "example show nosuch", "config show nosuch", "bench --only nosuch", "help nosuch", "nosuch",
            "completion nosuch")
        self.assertEqual(self.daemon.get(f"{ADMIN}/stats")["feed"]["latest"], before, "something was done")
        self.assertEqual(sorted(os.listdir(os.path.join(self.daemon.data, "o"))), ["mine.txt"])
        self.assertFalse(os.path.exists(os.path.join(self.daemon.data, "new", "kless.db")))

    def test_what_fails_at_its_work_is_1(self):
        self.daemon.create_job("taken", parallelism=0)
        with open(os.path.join(self.daemon.data, "taken.json"), "w", encoding="utf-8") as file:
            json.dump(job("taken"), file)
        self.codes(
            1, f"serve --durability memory --port {self.daemon.port}", f"serve --port 0 --data-directory {self.daemon.data}",
            "status --server http://127.0.0.1:9", "submit -f taken.json", "item get job nosuch", "item get a --table nosuch",
            "feed --table nosuch", "function show nosuch", "function set nosuch memory_mb=128",
            "function set job-controller memory_mb=1", "function create job-controller -- cat",
            "function create x -- nosuch-program", "node fail nosuch", "snapshot save taken.json",
            "wait --for=delete job/taken --timeout=1ms", "wait --for=condition=Ready pod/nosuch")


class HubTest(DaemonTest):
    RAW = {"spec": {"template": {"spec": {"restartPolicy": "Never",
                                          "containers": [{"name": "c", "image": "busybox"}]}}}}

    def test_an_item_is_put_read_and_deleted(self):
        result = self.daemon.cli("item", "put", "job", "default/raw", "-f", "-", stdin=json.dumps(self.RAW))
        self.assertEqual(result.returncode, 0, result)
        self.daemon.wait_pods("raw", 1)
        self.daemon.wait_idle()
        result = self.daemon.cli("item", "get", "job", "default/raw")
        self.assertEqual(result.returncode, 0, result)
        self.assertIn("containers", result.stdout)
        result = self.daemon.cli("item", "delete", "job", "default/raw")
        self.assertEqual(result.returncode, 0, result)
        wait_until(lambda: not self.daemon.pods(), "no pods are left")
        result = self.daemon.cli("item", "get", "job", "default/raw")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(len(result.stderr.splitlines()), 1)

    def test_a_followed_feed_shows_each_record(self):
        self.daemon.wait_idle()
        follower = subprocess.Popen([BINARY, "feed", "--follow"], stdout=subprocess.PIPE, text=True,
                                    env=environment(KLESS_ENDPOINT=self.daemon.url))
        self.addCleanup(follower.stdout.close)
        self.addCleanup(follower.wait)
        self.addCleanup(follower.kill)
        seen = []
        reader = threading.Thread(target=lambda: seen.extend(iter(follower.stdout.readline, "")))
        reader.start()
        self.daemon.create_job("pi", completions=3, parallelism=3)
        self.daemon.wait_idle()
        count = len([r for r in self.daemon.feed(0) if r["table"] == "resources"])
        wait_until(lambda: len(seen) >= count, f"{count} records on the screen")
        self.assertTrue(any("pod" in line and "pi-" in line for line in seen))
        follower.terminate()
        reader.join()

    def test_functions_are_listed_set_reset_and_warmed(self):
        self.daemon.wait_idle()
        result = self.daemon.cli("function", "list")
        self.assertEqual(result.returncode, 0, result)
        self.assertIn("job-controller", result.stdout)
        result = self.daemon.cli("function", "set", "job-controller", "init=450", "memory_mb=256")
        self.assertEqual(result.returncode, 0, result)
        self.assertEqual(self.daemon.function()["memory_mb"], 256)
        self.assertEqual(self.daemon.cli("function", "reset", "job-controller").returncode, 0)
        self.daemon.create_job("pi")
        self.daemon.wait_pods("pi", 1)
        self.daemon.wait_idle()
        result = self.daemon.cli("function", "invocations", "job-controller")
        self.assertEqual(result.returncode, 0, result)
        self.assertIn("cold", result.stdout)
        self.assertEqual(self.daemon.cli("function", "warm", "job-controller", "--count", "2").returncode, 0)
        result = self.daemon.cli("function", "set", "job-controller", "memory=1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("memory_mb", result.stderr)
        result = self.daemon.cli("function", "reset", "none")
        self.assertEqual(result.returncode, 1)
        self.assertIn("none", result.stderr)

    def test_what_it_submits_is_managed_by_kless(self):
        self.assertEqual(self.daemon.cli("submit", "-f", "configs/jobs/pi.yaml").returncode, 0)
        job = self.daemon.get("/apis/batch/v1/namespaces/default/jobs/pi")
        self.assertEqual(job["metadata"]["managedFields"][0]["manager"], "kless")

    def test_a_footer_is_wrapped_as_a_whole(self):
        lines = kless("help", "experiment", "compare").stdout.splitlines()
        self.assertEqual([line for line in lines if len(line) > 100 or line == "not" or line.endswith(" ")], [])

    def test_a_seed_below_the_first_is_one_plain_sentence(self):
        result = kless("experiment", "run", "thesis", "--seed", "0")
        self.assertEqual(result.returncode, 2)
        self.assertIn("must be a whole number from 1, not 0", result.stderr)

    def test_a_function_is_shown_with_its_mapping(self):
        self.daemon.patch_function(init=450)
        for word in ("show", "get"):
            result = self.daemon.cli("function", word, "job-controller")
            self.assertEqual(result.returncode, 0, result)
            fields = dict(line.split(None, 1) for line in result.stdout.splitlines())
            self.assertEqual(fields["runs:"], "control loop")
            self.assertEqual(fields["memory_mb:"], "128")
            self.assertIn("450", fields["init:"])
            self.assertEqual(fields["mapping.batch_size:"], "100")
            self.assertEqual(fields["mapping_status.discarded:"], "0")
        shown = json.loads(self.daemon.cli("function", "show", "job-controller", "-o", "json").stdout)
        self.assertEqual(shown["memory_mb"], 128)
        self.assertEqual(self.daemon.cli("function", "show", "nothing").returncode, 1)

    def test_the_newest_invocations_are_shown_with_their_times(self):
        for number in range(6):
            self.daemon.create_job(f"job-{number}")
            self.daemon.wait_idle()
        rows = self.daemon.invocations()
        last = rows[-1]["id"]
        self.assertGreater(last, 5)

        def ids(*flags):
            result = self.daemon.cli("function", "invocations", *flags)
            self.assertEqual(result.returncode, 0, result)
            header, *lines = result.stdout.splitlines()
            self.assertEqual(header.split()[:2], ["ID", "TIME"])
            for line in lines:
                self.assertRegex(line.split()[1], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
                for number in line.split()[6:10]:
                    digits = number.replace(".", "").lstrip("0")
                    self.assertTrue(len(digits) <= 3 or "." not in number, line)
            return [int(line.split()[0]) for line in lines]

        self.assertEqual(ids("--limit", "3"), [last - 2, last - 1, last])
        self.assertEqual(ids("--limit", "2", "--before", str(last)), [last - 2, last - 1])
        self.assertEqual(ids("--limit", "2", "--after", "1"), [2, 3])
        self.assertEqual(ids("--after", "1", "--before", "4"), [2, 3])
        self.assertEqual(ids()[-1], last)
        self.assertEqual(ids("job-controller")[-1], last)
        unknown = self.daemon.cli("function", "invocations", "job-controler")
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("did you mean 'job-controller'?", unknown.stderr)

    def test_followed_invocations_come_as_they_complete(self):
        self.daemon.create_job("before")
        self.daemon.wait_idle()
        follower = subprocess.Popen([BINARY, "function", "invocations", "--follow", "-o", "json"],
                                    stdout=subprocess.PIPE, text=True, env=environment(KLESS_ENDPOINT=self.daemon.url))
        self.addCleanup(follower.stdout.close)
        self.addCleanup(follower.wait)
        self.addCleanup(follower.kill)
        known = len(self.daemon.invocations())
        seen = [json.loads(follower.stdout.readline()) for _ in range(known)]
        self.daemon.create_job("after")
        self.daemon.wait_idle()
        rows = self.daemon.invocations()
        self.assertGreater(len(rows), known)
        seen += [json.loads(follower.stdout.readline()) for _ in range(len(rows) - known)]
        self.assertEqual(seen, rows)


if __name__ == "__main__":
    unittest.main()
