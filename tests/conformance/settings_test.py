"""Settings: files, variables, flags, scenarios and latency profiles, and what is said of them."""
import json
import os
import subprocess
import tempfile
import unittest

from daemon import ADMIN, BINARY, ROOT, Daemon, DaemonTest, environment

THREE_LINES = """
latency: thesis-2024
workload: {jobs: 300, pods: 1}
start: [cold, warm]
"""


def kless(*arguments, cwd=ROOT, **variables):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=120, cwd=cwd,
                          env=environment(**variables))


class ConfigTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def explained(self, *flags, **variables):
        result = kless("serve", *flags, "--explain-config", **variables)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result)
        return result.stdout

    @staticmethod
    def values(text):
        return [line.split("  # from ")[0] for line in text.splitlines()]

    def test_the_shipped_file_is_what_is_printed_and_changes_nothing(self):
        with open(os.path.join(ROOT, "configs/kless.yaml"), encoding="utf-8") as file:
            shipped = file.read()
        self.assertEqual(self.explained(), shipped)
        again = self.explained("--config", "configs/kless.yaml")
        self.assertEqual(self.values(again), shipped.splitlines())

    def test_a_latency_profile_in_configs_wins_also_over_the_default(self):
        os.makedirs(os.path.join(self.folder, "configs", "latency"))
        self.write("configs/latency/instant.yaml", "name: instant\nfunctions: {account_concurrency: 7}\n")
        self.write("s.yaml", "workload: {jobs: 1}\n")
        for arguments in (["serve"], ["serve", "--latency", "instant"], ["experiment", "run", "s.yaml"]):
            with self.subTest(arguments=arguments):
                result = kless(*arguments, "--explain-config", cwd=self.folder)
                self.assertRegex(result.stdout, "account_concurrency: 7  # from latency profile instant")

    def test_a_config_file_that_cannot_be_read_is_named_with_the_reason(self):
        for flags, variables, more in ((["--config", "/nowhere.yaml"], {}, ""),
                                       ([], {"KLESS_CONFIG": "/nowhere.yaml"}, "; KLESS_CONFIG names it")):
            result = kless("serve", *flags, **variables)
            self.assertEqual((result.returncode, result.stderr),
                             (2, "error: the config file: cannot read /nowhere.yaml: No such file or directory" +
                              more + "\n"))

    def test_a_wrong_value_of_a_latency_profile_is_reported_with_its_line(self):
        for text, problem in (("name: x\nstore_write: fast\n", "l.yaml:2: 'store_write': not a distribution"),
                              ("name: x\n\nstore_wirte: 3\n", "l.yaml:3: unknown key 'store_wirte'; did you mean"),
                              ("classic:\n  workers: 0\n", "l.yaml:2: 'classic.workers': must be a whole number"),
                              ("sources:\n  store_read:\n    dat: 1\n", "l.yaml:3: unknown key 'sources.store_read.dat'"),
                              ("store:\n  key_layout: x\n", "l.yaml:2: store.key_layout: must be one of")):
            with self.subTest(text=text):
                result = kless("serve", "--latency", self.write("l.yaml", text))
                self.assertEqual(result.returncode, 2)
                self.assertIn(problem, result.stderr)

    def test_each_value_says_where_it_is_from_and_flags_win(self):
        config = self.write("c.yaml", "server: {port: 1}\nfunctions:\n  scheduler:\n    init: 1\n"
                                      "  account_concurrency: 3\n")
        text = self.explained("--config", config, "--latency", "thesis-2024", "--port", "3",
                              "--function", "scheduler.mapping.batch_size=7",
                              KLESS_PORT="2", KLESS_SCHEDULER_INIT="450", KLESS_ZONES="2")
        for line in ("  port: 3  # from --port",
                     "  zones: 2  # from KLESS_ZONES",
                     f"  account_concurrency: 3  # from {config}:5",
                     "    runtime: kubeless  # from latency profile thesis-2024",
                     "      parallelization_factor: 10  # from latency profile thesis-2024",
                     "    init: 450  # from KLESS_SCHEDULER_INIT",
                     "      batch_size: 7  # from --function"):
            self.assertIn(line + "\n", text)
        # What is printed can be read.
        again = self.write("again.yaml", text)
        self.assertEqual(self.values(self.explained("--config", again)), self.values(text))

    def test_a_mistake_has_one_wording_in_file_flag_and_scenario(self):
        sentence = "must be a whole number from 0 to 1000000, or null for no reservation, not 'none'"
        config = self.write("c.yaml", "functions: {scheduler: {reserved_concurrency: none}}\n")
        scenario = self.write("s.yaml", "workload: {jobs: 1}\n"
                                        "functions: {scheduler: {reserved_concurrency: none}}\n")
        for arguments in (("serve", "--config", config),
                          ("serve", "--function", "scheduler.reserved_concurrency=none"),
                          ("experiment", "run", scenario),
                          ("experiment", "run", "thesis", "--set",
                           "functions.scheduler.reserved_concurrency=none")):
            result = kless(*arguments)
            self.assertNotEqual(result.returncode, 0, arguments)
            self.assertIn(sentence, result.stderr, arguments)

    def test_a_runtime_that_the_profile_lacks_is_refused_with_those_it_has(self):
        result = kless("serve", "--latency", "thesis-2024", "--function", "default.runtime=go",
                       "--durability", "memory", "--port", "0")
        self.assertEqual(result.returncode, 2)
        self.assertIn("the latency profile 'thesis-2024' has no runtime 'go'; known: kubeless",
                      result.stderr)

    def test_what_serve_refuses_is_an_error_of_the_explanation_too(self):
        for settings, words in (
                (("--function", "scheduler.runtime=java21", "--loops", "all"), "has no runtime 'java21'"),
                (("--function", "job-controller.provisioned_concurrency=2000",),
                 "function 'job-controller': reserved and provisioned concurrency exceed"),
                (("--function", "default.provisioned_concurrency=10", "--loops", "all"),
                 "functions.scheduler.provisioned_concurrency must be at most 1, not 10")):
            explained = kless("serve", "--explain-config", *settings)
            started = kless("serve", "--durability", "memory", "--port", "0", *settings)
            self.assertEqual((explained.returncode, explained.stderr), (1, started.stderr), settings)
            self.assertIn(words, explained.stderr)
        self.assertIn("# scheduler: {reserved_concurrency: 1}  # by kless, where the scheduler runs",
                      self.explained("--loops", "all"))

    def test_help_of_one_function_is_one_flag(self):
        text = kless("serve", "--help").stdout
        self.assertNotIn("--job-controller", text)
        self.assertIn("--function NAME.FIELD=VALUE", text)
        topic = kless("help", "settings").stdout
        for word in ("scheduler", "garbage-collector-controller", "mapping.batch_size"):
            self.assertIn(word, topic)

    def test_the_three_lines_of_the_readme_have_a_cold_start(self):
        scenario = self.write("three.yaml", THREE_LINES)

        def run(*arguments):
            result = kless("experiment", "run", scenario, "--no-figures", "--out",
                           os.path.join(self.folder, "out"), *arguments)
            self.assertEqual(result.returncode, 0, result)
            with open(os.path.join(self.folder, "out/summary.json"), encoding="utf-8") as file:
                summary = json.load(file)
            values = {}
            for row in summary["results"]:
                values.setdefault(row["start"], {})[row["metric"]] = row["value"]
            return result, summary, values

        result, summary, values = run()
        self.assertEqual(values["cold"]["startup_ms"], 450)
        self.assertGreater(values["cold"]["last_pod_s"], values["warm"]["last_pod_s"] + 0.45)
        self.assertEqual((summary["notes"], result.stderr.count("note: ")), ([], 0))
        explained = kless("experiment", "run", scenario, "--explain-config").stdout
        self.assertIn("functions.default.runtime: kubeless  # from latency profile thesis-2024\n",
                      explained)

        result, summary, values = run("--set", "functions.default.runtime=null")
        self.assertEqual(values["cold"]["startup_ms"], 0)
        self.assertEqual(len(summary["notes"]), 1, summary["notes"])
        self.assertIn("has the runtimes kubeless: set functions.default.runtime", summary["notes"][0])
        self.assertIn("note: " + summary["notes"][0] + "\n", result.stderr)


class FunctionSettingsTest(DaemonTest):
    FLAGS = ("--loops", "all", "--nodes", "1", "--function", "default.init=5",
             "--function", "scheduler.init=7", "--function", "scheduler.reserved_concurrency=3",
             "--function", "garbage-collector-controller.mapping.batch_size=9",
             "--function", "notify.memory_mb=512", "--function", "notify.mapping.batch_size=3",
             "--function", "job-controller.memory_mb=1769")

    def function(self, name):
        return self.daemon.request("GET", f"{ADMIN}/functions/{name}").json

    def test_every_function_has_its_own_settings(self):
        self.assertEqual(self.function("scheduler")["init"], {"constant_ms": 7.0})
        self.assertEqual(self.function("scheduler")["reserved_concurrency"], 3)
        self.assertEqual(self.function("job-controller")["init"], {"constant_ms": 5.0})
        self.assertEqual(self.function("job-controller")["memory_mb"], 1769)
        self.assertEqual(self.function("ttl-after-finished-controller")["memory_mb"], 128)
        mappings = {m["name"]: m["config"]["batch_size"]
                    for m in self.daemon.get(f"{ADMIN}/mappings")["mappings"]}
        self.assertEqual(mappings["garbage-collector-controller"], 9)
        self.assertEqual(mappings["scheduler"], 100)

    def test_a_function_of_a_user_takes_its_settings_when_it_is_created(self):
        result = self.daemon.cli("function", "create", "notify", "--", "true")
        self.assertEqual(result.returncode, 0, result)
        notify = self.function("notify")
        self.assertEqual((notify["memory_mb"], notify["init"], notify["timeout_ms"]),
                         (512, {"constant_ms": 5.0}, 3000.0))
        self.assertEqual(notify["mapping"]["batch_size"], 3)
        result = self.daemon.cli("function", "create", "other", "--set", "memory_mb=256",
                                 "--set", "init=0", "--", "true")
        self.assertEqual(result.returncode, 0, result)
        self.assertEqual((self.function("other")["memory_mb"], self.function("other")["init"]),
                         (256, {"constant_ms": 0.0}))

    def test_set_says_what_the_flags_say(self):
        for word, sentence in (
                ("reserved_concurrency=none",
                 "must be a whole number from 0 to 1000000, or null for no reservation, not 'none'"),
                ("memory_mb=1", "must be a whole number from 128 to 10240, not 1"),
                ("mapping.batch_size=10",
                 "kless serve --function scheduler.mapping.FIELD=VALUE")):
            result = self.daemon.cli("function", "set", "scheduler", word)
            self.assertEqual(result.returncode, 1, result)
            self.assertIn(sentence, result.stderr)
        result = self.daemon.cli("function", "set", "scheduler", "timeout_ms=30s")
        self.assertEqual(result.returncode, 0, result)
        self.assertEqual(self.function("scheduler")["timeout_ms"], 30000.0)


class UserFunctionRestartTest(unittest.TestCase):
    def test_its_settings_win_over_what_the_store_has(self):
        with Daemon() as daemon:
            daemon.cli("function", "create", "notify", "--", "true")
            daemon.stop()
            daemon.flags = ("--function", "notify.memory_mb=512")
            daemon.start()
            notify = daemon.request("GET", f"{ADMIN}/functions/notify").json
            self.assertEqual(notify["memory_mb"], 512)

    def test_a_name_without_a_function_is_warned_of(self):
        with Daemon("--function", "notify.memory_mb=512") as daemon:
            self.assertIn("functions.notify wait for a function of this name",
                          "\n".join(daemon.log))


if __name__ == "__main__":
    unittest.main()
