"""The life of the process: start, restart, signals, and what it refuses to start with."""
import os
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import unittest

from daemon import ADMIN, BINARY, Daemon, DaemonTest, environment, job, jobs_path, wait_until


class StartTest(DaemonTest):
    def test_health_is_answered(self):
        self.assertEqual(self.daemon.request("GET", f"{ADMIN}/health").status, 200)

    def test_jobs_and_pods_are_there_after_a_restart(self):
        self.daemon.create_job("pi", completions=3, parallelism=3)
        before = self.daemon.wait_pods("pi", 3)
        self.daemon.wait_idle()
        before = self.daemon.pods("pi")
        feed = self.daemon.feed(0)
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.start()
        self.daemon.wait_idle()
        self.assertEqual(self.daemon.pods("pi"), before)
        self.assertEqual(self.daemon.feed(0), feed)
        self.daemon.create_job("next")
        self.daemon.wait_pods("next", 1)

    def test_a_restart_repeats_no_uid_and_no_request_id(self):
        uids, requests = set(), []
        for start in range(3):
            if start:
                self.daemon.stop()
                self.daemon.start()
            uids.add(self.daemon.create_job(f"job-{start}")["metadata"]["uid"])
            self.daemon.wait_idle()
            uids |= {p["metadata"]["uid"] for p in self.daemon.pods(f"job-{start}")}
        requests = [r["request_id"] for r in self.daemon.invocations()]
        self.assertEqual(len(uids), 6)
        self.assertEqual(len(requests), len(set(requests)))


class SeedTest(unittest.TestCase):
    def test_a_given_seed_does_not_repeat_uids_after_a_restart(self):
        daemon = Daemon("--seed", "7")
        self.addCleanup(daemon.close)
        daemon.start()
        first = daemon.create_job("a")["metadata"]["uid"]
        daemon.stop()
        daemon.start()
        self.assertNotEqual(daemon.create_job("b")["metadata"]["uid"], first)


class SignalTest(DaemonTest):
    def assert_stops_cleanly(self, number=signal.SIGTERM):
        code = self.daemon.signal_and_wait(number)
        self.assertEqual(code, 0, self.daemon.log)

    def test_sigterm_ends_an_idle_daemon_with_0(self):
        self.assert_stops_cleanly()

    def test_sigint_ends_it_likewise(self):
        self.assert_stops_cleanly(signal.SIGINT)

    def test_a_closed_terminal_ends_it_likewise(self):
        self.daemon.create_job("pi")
        self.assert_stops_cleanly(signal.SIGHUP)

    def test_a_daemon_under_nohup_outlives_its_terminal(self):
        daemon = Daemon()
        self.addCleanup(daemon.close)
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the child inherits it
        try:
            daemon.start()
        finally:
            signal.signal(signal.SIGHUP, before)
        daemon.process.send_signal(signal.SIGHUP)
        for _ in range(3):
            self.assertEqual(daemon.request("GET", f"{ADMIN}/health").status, 200)
        self.assertEqual(daemon.stop(), 0)

    def test_sigterm_ends_it_while_watches_and_followers_are_open(self):
        streams = [self.daemon.lines(jobs_path() + "?watch=true"),
                   self.daemon.lines(f"{ADMIN}/feed?follow=true&after=0")]
        idle = self.daemon.connect()
        half = self.daemon.connect()
        half.sendall(b"POST /apis/batch/v1/namespaces/default/jobs HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")
        self.assert_stops_cleanly()
        for stream in streams:
            stream.close()
        idle.close()
        half.close()

    def test_sigterm_under_load_loses_no_acknowledged_job(self):
        acknowledged, stop = [], threading.Event()

        def submit(worker):
            client = self.daemon.client()
            number = 0
            while not stop.is_set():
                name = f"w{worker}-{number}"
                number += 1
                try:
                    if client.request("POST", jobs_path(), job(name)).status == 201:
                        acknowledged.append(name)
                    else:
                        break
                except OSError:
                    break
                except Exception:  # http.client's own: the answer was cut off
                    break
            client.close()

        threads = [threading.Thread(target=submit, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(acknowledged) > 10, "some jobs are acknowledged")
        self.assert_stops_cleanly()
        stop.set()
        for thread in threads:
            thread.join()
        self.daemon.start()
        self.daemon.wait_idle()
        owners = [p["metadata"]["labels"]["job-name"] for p in self.daemon.pods()]
        self.assertEqual(sorted(set(acknowledged) - set(owners)), [])
        self.assertEqual(len(owners), len(set(owners)), "a job of one pod has two")

    def test_sigterm_during_a_long_init_is_no_reason_to_wait(self):
        self.daemon.patch_function(init=60_000)
        self.daemon.reset_function()
        self.daemon.create_job("slow")
        wait_until(lambda: self.daemon.function()["stats"]["initializing"], "an init has begun")
        self.assert_stops_cleanly()
        self.daemon.start()
        self.daemon.wait_pods("slow", 1)


class RefusalTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kless-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_serve(self, *flags, **env):
        return subprocess.run([BINARY, "serve", *flags], cwd=self.folder, env=environment(**env),
                              capture_output=True, text=True, timeout=30)

    def assert_refused(self, result, *words, lines=1, code=1):
        """The exit code and so many lines on stderr that name what is wrong."""
        self.assertEqual(result.returncode, code, result)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), lines, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_a_port_in_use_is_one_line(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            self.assert_refused(self.run_serve("--port", port), port, "in use")

    def test_a_second_daemon_on_the_same_file_is_refused(self):
        with Daemon() as daemon:
            result = self.run_serve("--port", "0", "--data-directory", daemon.data)
            self.assert_refused(result, "kless.db")

    def test_a_file_of_a_newer_kless_is_refused(self):
        daemon = Daemon()
        self.addCleanup(daemon.close)
        daemon.start()
        daemon.stop()
        database = sqlite3.connect(os.path.join(daemon.data, "kless.db"))
        version = database.execute("PRAGMA user_version").fetchone()[0]
        database.execute(f"PRAGMA user_version = {version + 1}")
        database.commit()
        database.close()
        result = self.run_serve("--port", "0", "--data-directory", daemon.data)
        self.assert_refused(result, str(version), str(version + 1), "newer", code=2)

    def test_a_file_that_is_none_of_ours_is_refused(self):
        self.write("kless.db", "this is not a database, and long enough to be taken for one " * 100)
        result = self.run_serve("--port", "0", "--data-directory", self.folder)
        self.assert_refused(result, "kless.db", code=2)

    def test_an_unknown_flag_names_itself(self):
        result = self.run_serve("--prot", "1")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("--prot", result.stderr)

    def test_values_out_of_range_are_refused(self):
        for flag, value in (("--port", "70000"), ("--port", "x"), ("--speed", "0"), ("--speed", "-1"),
                            ("--account-concurrency", "0"), ("--seed", "-1"), ("--log-level", "loud")):
            result = self.run_serve(flag, value)
            self.assertEqual(result.returncode, 2, (flag, value, result))
            self.assertIn(flag, result.stderr)

    def test_a_variable_of_somebody_else_is_a_warning(self):
        with Daemon(env={"KLESS_VERSION": "1.2", "KLESS_PROT": "1"}) as daemon:
            self.assertEqual(daemon.get(f"{ADMIN}/health")["status"], "ok")
            warnings = [line for line in daemon.log if line.startswith("warning: ")]
        self.assertEqual(len(warnings), 2, daemon.log)
        self.assertIn("KLESS_PROT", warnings[0])
        self.assertIn("did you mean 'KLESS_PORT'?", warnings[0])
        self.assertIn("KLESS_VERSION", warnings[1])

    def test_a_known_variable_with_a_wrong_value_is_refused(self):
        self.assert_refused(self.run_serve(KLESS_PORT="tcp://10.0.0.1:80"), "KLESS_PORT", "0 to 65535", "unset",
                            code=2)

    def test_every_problem_of_a_config_file_is_listed_with_its_line(self):
        path = self.write("bad.yaml", "server:\n  prot: 1\nfunctions:\n  account_concurrency: none\nwrong: 2\n")
        result = self.run_serve("--config", path)
        self.assert_refused(result, "bad.yaml:2", "prot", "port", "bad.yaml:4", "account_concurrency",
                            "bad.yaml:5", "wrong", lines=3, code=2)

    def test_a_config_file_that_is_no_yaml_or_not_there_is_refused(self):
        path = self.write("bad.yaml", "server: [1\n")
        self.assert_refused(self.run_serve("--config", path), "bad.yaml", code=2)
        self.assert_refused(self.run_serve("--config", "/nothing/here.yaml"), "/nothing/here.yaml", code=2)


class PrecedenceTest(unittest.TestCase):
    def test_flags_win_over_the_environment_and_that_over_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "kless.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write("functions:\n  account_concurrency: 11\n")

            def concurrency(*flags, **env):
                with Daemon("--config", path, *flags, env=env) as daemon:
                    return daemon.get(f"{ADMIN}/functions")["account_concurrency"]

            self.assertEqual(concurrency(), 11)
            self.assertEqual(concurrency(KLESS_ACCOUNT_CONCURRENCY="12"), 12)
            self.assertEqual(concurrency("--account-concurrency", "13", KLESS_ACCOUNT_CONCURRENCY="12"), 13)


if __name__ == "__main__":
    unittest.main()
