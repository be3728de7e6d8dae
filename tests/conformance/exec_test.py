"""`kless exec`: exit codes, signals, what it leaves behind, and what it keeps of a run that failed."""
import fcntl
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import unittest
import xml.etree.ElementTree

from daemon import BINARY, environment, job, jobs_path, wait_until


class ExecTest(unittest.TestCase):
    def run_exec(self, *command, flags=(), **env):
        with tempfile.TemporaryDirectory() as folder:
            return subprocess.run([BINARY, "exec", *flags, "--", *command], cwd=folder, capture_output=True,
                                  text=True, timeout=60, env=environment(**env))

    def test_the_exit_code_is_the_commands(self):
        for code in (0, 1, 42):
            self.assertEqual(self.run_exec("sh", "-c", f"exit {code}").returncode, code)
        self.assertEqual(self.run_exec("sh", "-c", "kill -9 $$").returncode, 128 + 9)
        result = self.run_exec("/nothing/here")
        self.assertEqual(result.returncode, 127, result)

    def test_the_command_finds_the_daemon_through_its_environment(self):
        result = self.run_exec("sh", "-c", 'curl -sf "$KLESS_ENDPOINT/kless/v1/health" && test -s "$KUBECONFIG"')
        self.assertEqual(result.returncode, 0, result)
        result = self.run_exec(sys.executable, "-c", "print(input())")
        self.assertEqual(result.returncode, 1)

    def test_a_test_under_exec_creates_a_job_and_sees_its_pod(self):
        script = ("import json, os, time, urllib.request as u\n"
                  "e = os.environ['KLESS_ENDPOINT']\n"
                  "job = " + repr(json.dumps(job("ci"))) + ".encode()\n"
                  f"u.urlopen(u.Request(e + '{jobs_path()}', job, {{'Content-Type': 'application/json'}}))\n"
                  "u.urlopen(e + '/kless/v1/idle?timeout=10s')\n"
                  "pods = json.load(u.urlopen(e + '/api/v1/namespaces/default/pods'))['items']\n"
                  "assert len(pods) == 1, pods\n")
        result = self.run_exec("/usr/bin/python3", "-c", script)
        self.assertEqual(result.returncode, 0, result)

    def test_a_data_directory_that_is_named_keeps_the_data(self):
        with tempfile.TemporaryDirectory() as folder:
            create = 'kless() { "$KLESS" "$@"; }; kless item put thing a -f - <<"END"\n{"n": 1}\nEND\n'
            read = '"$KLESS" item get thing a'
            for command in (create, read):
                result = self.run_exec("sh", "-c", command, flags=("--data-directory", folder), KLESS=BINARY)
                self.assertEqual(result.returncode, 0, result)
            self.assertIn('"n"', result.stdout)
            self.assertIn("kless.db", os.listdir(folder))
        result = self.run_exec("true", flags=("--data-directory", "/proc/no"))
        self.assertEqual(result.returncode, 125, result)

    def test_a_daemon_without_control_loops_is_a_daemon(self):
        for loops in (("--loops", ""), ("--loops=",), ("--loops", "none")):
            result = self.run_exec("true", flags=loops)
            self.assertEqual(result.returncode, 0, result)

    def test_a_daemon_on_all_addresses_is_reached_by_loopback(self):
        result = self.run_exec("sh", "-c", 'curl -sf "$KLESS_ENDPOINT/version" >/dev/null && echo "$KLESS_ENDPOINT" &&'
                               ' grep server: "$KUBECONFIG"', flags=("--address", "0.0.0.0"))
        self.assertRegex(result.stdout, r"^http://127\.0\.0\.1:(\d+)\n +server: http://127\.0\.0\.1:\1\n$")

    def test_any_client_finds_the_certificate(self):
        result = self.run_exec("sh", "-c", 'curl -sS --cacert "$KLESS_CERTIFICATE" "$KLESS_ENDPOINT/version"',
                               flags=("--tls",))
        self.assertIn("gitVersion", result.stdout, result)

    def test_two_runs_beside_each_other_do_not_meet(self):
        results = []
        threads = [threading.Thread(target=lambda: results.append(self.run_exec("sleep", "0.2").returncode))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [0] * 4)

    def test_a_signal_reaches_the_command(self):
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen([BINARY, "exec", "--", "sh", "-c", "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done"],
                                       cwd=folder, stdout=subprocess.PIPE, text=True, env=environment())
            self.assertEqual(process.stdout.readline(), "up\n")
            process.terminate()
            self.assertEqual(process.wait(10), 7)
            process.stdout.close()

    def test_it_leaves_nothing_behind(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([BINARY, "exec", "--", "true"], cwd=folder, env=environment(TMPDIR=folder), check=True,
                           timeout=60, capture_output=True)
            self.assertEqual(os.listdir(folder), [])

    def test_its_own_failures_are_125_and_those_of_the_exec_126_and_127(self):
        self.assertEqual(self.run_exec("true", flags=("--prot", "1")).returncode, 125)
        result = self.run_exec("true", flags=("--port", "x"))
        self.assertEqual(result.returncode, 125)
        self.assertIn("--port", result.stderr)
        self.assertEqual(self.run_exec("true", KLESS_SPEED="fast").returncode, 125)
        self.assertEqual(self.run_exec("true", flags=("--data-directory", "/proc/no", "--durability", "full")).returncode,
                         125)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            result = self.run_exec("true", flags=("--port", str(taken.getsockname()[1])))
            self.assertEqual(result.returncode, 125)
            self.assertIn("in use", result.stderr)
        self.assertEqual(self.run_exec("true", flags=("--artifacts-always",)).returncode, 125)
        self.assertEqual(self.run_exec("/etc/passwd").returncode, 126)
        self.assertEqual(self.run_exec("no-such-command-anywhere").returncode, 127)

    def test_a_foreign_variable_is_one_warning(self):
        result = self.run_exec("true", KLESS_IMAGE_TAG="7")
        self.assertEqual(result.returncode, 0, result)
        self.assertEqual(result.stderr.count("KLESS_IMAGE_TAG"), 1, result.stderr)

    def test_settings_of_variables_and_files_win_over_its_own_defaults(self):
        with tempfile.TemporaryDirectory() as folder:
            script = 'curl -sf "$KLESS_ENDPOINT/kless/v1/status"'
            result = self.run_exec("sh", "-c", script, KLESS_DURABILITY="full", KLESS_DATA_DIRECTORY=folder)
            self.assertEqual(result.returncode, 0, result)
            data = json.loads(result.stdout)["data"]
            self.assertEqual((data["durability"], data["file"]), ("full", os.path.join(folder, "kless.db")))

    def test_a_printed_seed_repeats_the_run(self):
        script = ('printf %s "$JOB" | "$KLESS" submit -f - --wait=pods >/dev/null && '
                  'curl -sf "$KLESS_ENDPOINT/api/v1/namespaces/default/pods" | '
                  'grep -o \'"uid": *"[^"]*"\' | sort')
        env = {"JOB": json.dumps(job("pi", completions=2, parallelism=2)), "KLESS": BINARY}
        alone = ("--loops", "job", "--nodes", "0")
        first = self.run_exec("sh", "-c", script, flags=alone, **env)
        self.assertEqual(len(first.stdout.splitlines()), 4, first)  # two pods, and their owner in each
        seed = re.fullmatch(r"kless exec: seed (\d+) \(.*\)", first.stderr.strip())
        self.assertIsNotNone(seed, first.stderr)
        second = self.run_exec("sh", "-c", script, flags=(*alone, "--seed", seed[1]), **env)
        self.assertEqual(second.stdout, first.stdout)
        self.assertEqual(second.stderr, f"kless exec: seed {seed[1]}\n")
        self.assertNotEqual(self.run_exec("sh", "-c", script, flags=alone, **env).stdout, first.stdout)

    def test_a_failed_run_leaves_artifacts_that_repeat_it(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = os.path.join(folder, "out")
            script = ('printf %s "$JOB" | "$KLESS" submit -f - --wait=pods && '
                      'test "$(curl -sf "$KLESS_ENDPOINT/kless/v1/functions/job-controller" | '
                      'grep -c \'"memory_mb":256\')" = 0')
            env = {"JOB": json.dumps(job("pi")), "KLESS": BINARY}
            flags = ("--function", "job-controller.memory_mb=256", "--artifacts", kept)
            result = self.run_exec("sh", "-c", script, flags=flags, **env)
            self.assertEqual(result.returncode, 1, result)
            self.assertIn(kept, result.stderr)
            self.assertEqual(sorted(os.listdir(kept)),
                             ["feed.jsonl", "invocations.jsonl", "junit.xml", "kless-files.txt", "log.txt",
                              "recording.jsonl", "seed.txt", "settings.yaml", "status.json"])

            def lines(name):
                with open(os.path.join(kept, name), encoding="utf-8") as file:
                    return [json.loads(line) for line in file]

            kinds = [list(record["key"]["resource-type"].values())[0] for record in lines("feed.jsonl")]
            self.assertIn("pod", kinds)
            self.assertEqual(lines("invocations.jsonl")[0]["start"], "cold")
            self.assertIn("/apis/batch/v1/namespaces/default/jobs", json.dumps(lines("recording.jsonl")))
            suite = xml.etree.ElementTree.parse(os.path.join(kept, "junit.xml")).getroot()
            self.assertEqual((suite.get("tests"), suite.get("failures")), ("1", "1"))
            seed = re.search(r"seed (\d+)", result.stderr)[1]
            with open(os.path.join(kept, "seed.txt"), encoding="utf-8") as file:
                self.assertEqual(file.read(), seed + "\n")
            again = self.run_exec("sh", "-c", script, flags=("--config", os.path.join(kept, "settings.yaml")), **env)
            self.assertEqual(again.returncode, 1, again)
            self.assertIn(f"seed {seed}\n", again.stderr)
            self.assertNotIn(" D [", result.stderr)

    def test_a_run_that_succeeds_leaves_artifacts_only_if_asked_to(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = os.path.join(folder, "out")
            self.assertEqual(self.run_exec("true", flags=("--artifacts", kept)).returncode, 0)
            self.assertEqual(os.listdir(kept), [])
            result = self.run_exec("true", flags=("--artifacts", kept, "--artifacts-always"))
            self.assertEqual(result.returncode, 0)
            self.assertIn("junit.xml", os.listdir(kept))

    def test_a_run_that_succeeds_removes_the_artifacts_of_an_earlier_one_and_nothing_else(self):
        with tempfile.TemporaryDirectory() as kept:
            with open(os.path.join(kept, "settings.yaml"), "w", encoding="utf-8") as file:
                file.write("server: {port: 0}\n")  # the user's
            flags = ("--artifacts", kept)
            for _ in range(2):
                result = self.run_exec("false", flags=flags)
                self.assertEqual(result.returncode, 1, result)
                self.assertIn("settings.yaml was not written by kless", result.stderr)
                self.assertIn("junit.xml", os.listdir(kept))
                self.assertEqual(self.run_exec("true", flags=flags).returncode, 0)
                self.assertEqual(os.listdir(kept), ["settings.yaml"])
            with open(os.path.join(kept, "settings.yaml"), encoding="utf-8") as file:
                self.assertEqual(file.read(), "server: {port: 0}\n")

    def test_the_settings_of_a_failed_run_can_be_used_with_the_same_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = os.path.join(folder, "out")
            self.assertEqual(self.run_exec("false", flags=("--artifacts", kept)).returncode, 1)
            flags = ("--artifacts", kept, "--config", os.path.join(kept, "settings.yaml"))
            for command, left in (("false", 9), ("true", 2)):
                result = self.run_exec(command, flags=flags)
                self.assertEqual(len(os.listdir(kept)), left, result)
                self.assertNotIn("warning", result.stderr)

    def test_a_relative_temporary_folder_is_found_from_every_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "tmp"))
            result = subprocess.run([BINARY, "exec", "--tls", "--", "sh", "-c",
                                     'cd / && test -s "$KUBECONFIG" && test -s "$KLESS_CERTIFICATE"'], cwd=folder,
                                    capture_output=True, text=True, timeout=60, env=environment(TMPDIR="tmp"))
            self.assertEqual(result.returncode, 0, result)

    def start_exec(self, folder, script, **popen):
        process = subprocess.Popen([BINARY, "exec", "--", "sh", "-c", script], stdout=subprocess.PIPE, text=True,
                                   stderr=subprocess.DEVNULL, env=environment(TMPDIR=folder), **popen)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def assert_gone(self, pids, folder):
        wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), f"{pids} have ended")
        wait_until(lambda: os.listdir(folder) == [], "the folder is empty")

    def test_sigkill_takes_the_command_its_descendants_and_the_data_with_it(self):
        # A child, a grandchild whose parent has ended, and one in a session of its own.
        script = ("sleep 1000 & echo $!; (sleep 1001 & echo $!); setsid sh -c 'echo $$; exec sleep 1002' & "
                  "echo $$; curl -sf $KLESS_ENDPOINT/kless/v1/health >/dev/null && echo up; wait")
        with tempfile.TemporaryDirectory() as folder:
            process = self.start_exec(folder, script)
            words = [process.stdout.readline().strip() for _ in range(5)]
            self.assertIn("up", words)
            self.assertEqual(len(os.listdir(folder)), 1)
            process.kill()
            self.assert_gone([word for word in words if word != "up"], folder)

    def test_what_a_killed_group_leaves_is_cleaned_up(self):
        with tempfile.TemporaryDirectory() as folder:
            process = self.start_exec(folder, "echo $$; exec sleep 1000", start_new_session=True)
            pid = process.stdout.readline().strip()
            os.killpg(process.pid, signal.SIGKILL)
            self.assert_gone([pid], folder)

    def test_the_next_run_removes_what_killed_runs_left(self):
        with tempfile.TemporaryDirectory() as folder:
            left = os.path.join(folder, "kless-exec-abcdef")
            os.mkdir(left)
            with open(os.path.join(left, "lock"), "w", encoding="utf-8"):
                pass
            alive = os.path.join(folder, "kless-exec-ghijkl")
            os.mkdir(alive)
            with open(os.path.join(alive, "lock"), "w", encoding="utf-8") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                foreign = os.path.join(folder, "kless-exec-mnopqr")
                os.mkdir(foreign)
                subprocess.run([BINARY, "exec", "--", "true"], env=environment(TMPDIR=folder), check=True, timeout=60,
                               capture_output=True)
                self.assertEqual(sorted(os.listdir(folder)), ["kless-exec-ghijkl", "kless-exec-mnopqr"])

    def test_a_daemon_that_dies_is_not_a_success(self):
        script = ("import json, os, signal, urllib.request\n"
                  "parent = os.getppid()\n"
                  "for pid in filter(str.isdigit, os.listdir('/proc')):\n"
                  "    try:\n"
                  "        stat = open(f'/proc/{pid}/stat').read().rsplit(')', 1)[1].split()\n"
                  "        line = open(f'/proc/{pid}/cmdline').read().split('\\0')\n"
                  "    except OSError:\n"
                  "        continue\n"
                  "    if int(stat[1]) == parent and 'serve' in line:\n"
                  "        os.kill(int(pid), signal.SIGKILL)\n"
                  "        while os.path.exists(f'/proc/{pid}'):\n"
                  "            pass\n")
        result = self.run_exec(sys.executable, "-c", script)
        self.assertEqual(result.returncode, 125, result)
        self.assertIn("the daemon ended before the command did", result.stderr)

    def test_ctrl_c_in_a_terminal_ends_command_and_daemon_once(self):
        def take_terminal():
            # A shell cannot trap a signal that is ignored when it starts, as in a background job.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        script = 'n=0; trap "n=$((n+1))" INT; echo $$; while [ $n = 0 ]; do sleep 0.05; done; sleep 0.2; echo n=$n; exit 9'
        with tempfile.TemporaryDirectory() as folder:
            parent, child = pty.openpty()
            process = subprocess.Popen([BINARY, "exec", "--", "sh", "-c", script], stdin=child, stdout=child,
                                       stderr=child, env=environment(TMPDIR=folder), start_new_session=True,
                                       preexec_fn=take_terminal)
            os.close(child)
            terminal = os.fdopen(parent, "rb", buffering=0)
            self.addCleanup(terminal.close)
            text = b""
            while not re.search(rb"\n\d+\r", text):
                text += terminal.read(1024)
            os.write(parent, b"\x03")
            while b"n=" not in text:
                text += terminal.read(1024)
            self.assertIn(b"n=1", text)
            self.assertEqual(process.wait(30), 9)
            self.assertEqual(os.listdir(folder), [])


if __name__ == "__main__":
    unittest.main()
