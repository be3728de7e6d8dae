"""Experiments from the command line: results, exit codes, replays byte by byte."""
import csv
import filecmp
import json
import os
import re
import signal
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from daemon import BINARY, ROOT, environment

SMALL = """
name: small
latency: thesis-2024
seeds: 2
start: [cold, warm]
workload: {jobs: 6, pods: 3}
functions: {account_concurrency: 4, job-controller: {runtime: kubeless}}
"""

# A published value that is missed by far.
PUBLISHED = SMALL + """published:
  - {label: last pod, metric: last_pod_s, value: 100, evidence: predicted, source: made up, of: {start: cold}}
"""


def kless(*arguments, cwd, timeout=300):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=timeout, cwd=cwd,
                          env=environment())


def differences(left, right):
    """Files that differ between two folders, or are in only one of them."""
    compared = filecmp.dircmp(left, right, ignore=[])
    found = list(compared.left_only + compared.right_only)
    _, mismatch, errors = filecmp.cmpfiles(left, right, compared.common_files, shallow=False)
    found += mismatch + errors
    for name in compared.common_dirs:
        found += [os.path.join(name, each)
                  for each in differences(os.path.join(left, name), os.path.join(right, name))]
    return found


class ExperimentTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, text, name="small.yaml"):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_scenario(self, *arguments, code=0):
        result = kless("experiment", "run", *arguments, "--no-figures", cwd=self.folder)
        self.assertEqual(result.returncode, code, result)
        return result

    def summary(self, out):
        with open(os.path.join(self.folder, out, "summary.json"), encoding="utf-8") as file:
            return json.load(file)

    def test_the_same_seed_gives_the_same_bytes_whatever_the_processes(self):
        scenario = self.write(SMALL)
        self.run_scenario(scenario, "--out", "a", "--jobs", "1")
        self.run_scenario(scenario, "--out", "b", "--jobs", "3")
        self.assertEqual(differences(os.path.join(self.folder, "a"), os.path.join(self.folder, "b")), [])
        self.run_scenario(scenario, "--out", "c", "--seed", "7")
        self.assertIn("summary.json",
                      differences(os.path.join(self.folder, "a"), os.path.join(self.folder, "c")))

    def test_results_hold_every_pod_with_causes_that_sum_to_its_latency(self):
        self.run_scenario(self.write(SMALL), "--out", "a")
        with open(os.path.join(self.folder, "a", "pods.csv"), encoding="utf-8", newline="") as file:
            pods = list(csv.DictReader(file))
        self.assertEqual(len(pods), 2 * 18)
        explained = kless("experiment", "explain", "a", cwd=self.folder)
        self.assertEqual(explained.returncode, 0, explained)
        self.assertIn("cold", explained.stdout)
        self.assertIn("CPU time of an environment's first datastore request", explained.stdout)
        self.assertIn("'kless experiment run SCENARIO --without CAUSE' measures", " ".join(explained.stdout.split()))
        one = kless("experiment", "explain", "a", pods[0]["pod"], cwd=self.folder)
        self.assertEqual(one.returncode, 0, one)
        self.assertIn("first_request", one.stdout)
        with open(os.path.join(self.folder, "a", "traces", "cold.json"),
                  encoding="utf-8") as file:
            self.assertTrue(json.load(file)["traceEvents"])

    def test_a_cause_taken_away_is_gone_and_the_results_compare(self):
        scenario = self.write(SMALL)
        self.run_scenario(scenario, "--out", "a")
        self.run_scenario(scenario, "--out", "b", "--without", "init")

        def init(out):
            return {row["case"]: row["value"] for row in self.summary(out)["results"]
                    if row["metric"] == "cause_init_mean_ms"}

        self.assertGreater(init("a")["cold"], 0)
        self.assertEqual(init("b")["cold"], 0)
        compared = kless("experiment", "compare", "a", "b", cwd=self.folder)
        self.assertEqual(compared.returncode, 0, compared)
        self.assertIn("last_pod_s", compared.stdout)
        self.assertIn("functions.default.init: not set in A, 0 in B", compared.stdout)

    def test_a_folder_of_results_repeats_its_run_bit_by_bit(self):
        scenario = self.write(PUBLISHED)
        self.run_scenario(scenario, "--out", "a", "--without", "init", "--seed", "7", "--set",
                          "functions.account_concurrency=3", "--case", "cold")
        repeated = os.path.join(self.folder, "a", "scenario.yaml")
        os.remove(scenario)
        self.run_scenario(repeated, "--out", "b")
        self.assertEqual(differences(os.path.join(self.folder, "a"), os.path.join(self.folder, "b")), [])
        with open(os.path.join(self.folder, "a", "run.json"), encoding="utf-8") as file:
            run = json.load(file)
        self.assertIn("--without init", run["command"])
        self.assertIn("--seed 7", run["command"])
        self.assertEqual(run["seeds"], [7, 8])
        self.assertIn(f"kless {run['kless']}", kless("version", cwd=self.folder).stdout)
        self.assertEqual(run["cases"][0]["settings"]["functions"]["account_concurrency"], 3)
        with open(repeated, encoding="utf-8") as file:
            self.assertTrue(file.read().startswith(PUBLISHED))

    def test_a_trace_and_a_profile_that_a_run_read_are_in_its_folder(self):
        self.write("time,pods\n0,2\n0.5,1\n", "arrivals.csv")
        self.write("name: mine\nstore_read: 3\n", "mine.yaml")
        self.write("latency: ./mine.yaml\nworkload: {trace: {file: arrivals.csv, format: plain}}\n")
        self.run_scenario("small.yaml", "--out", "a")
        for name in ("arrivals.csv", "mine.yaml", "small.yaml"):
            os.remove(os.path.join(self.folder, name))
        with tempfile.TemporaryDirectory() as elsewhere:
            again = kless("experiment", "run", os.path.join(self.folder, "a", "scenario.yaml"), "--out",
                          os.path.join(self.folder, "b"), "--no-figures", cwd=elsewhere)
        self.assertEqual(again.returncode, 0, again)
        self.assertEqual(differences(os.path.join(self.folder, "a"), os.path.join(self.folder, "b")), [])

    def test_a_what_if_is_shown_and_not_judged(self):
        scenario = self.write(PUBLISHED)
        judged = self.run_scenario(scenario, "--out", "a", code=3)
        self.assertIn("OFF", judged.stdout)
        for arguments in (("--without", "init"), ("--set", "functions.account_concurrency=3")):
            with self.subTest(arguments=arguments):
                shown = self.run_scenario(scenario, "--out", "b", *arguments)
                self.assertNotIn("OFF", shown.stdout)
                self.assertIn("what-if: run with " + " ".join(arguments), shown.stdout)
                summary = self.summary("b")
                self.assertEqual(summary["what_if"], [" ".join(arguments)])
                self.assertIsNone(summary["table"][0]["ok"])
                junit = xml.etree.ElementTree.parse(os.path.join(self.folder, "b", "junit.xml")).getroot()
                self.assertEqual(list(junit.iter("failure")), [])
                self.assertIn(" ".join(arguments), next(junit.iter("skipped")).get("message"))
        # The file's own value changes nothing.
        self.run_scenario(scenario, "--out", "c", "--set", "functions.account_concurrency=4", code=3)

    def compare(self, *arguments, code=0):
        result = kless("experiment", "compare", *arguments, cwd=self.folder)
        self.assertEqual(result.returncode, code, result)
        return result.stdout if code == 0 else result.stderr

    def test_cases_are_compared_by_what_they_are(self):
        self.run_scenario(self.write(SMALL), "--out", "a")
        self.run_scenario(self.write(SMALL.replace("name: small\n", ""), "four.yaml"), "--out", "b")
        self.assertIn(" metrics are equal, 0 differ\n", self.compare("a", "b"))
        # Another control plane: the names of the metrics that one side lacks do not hide the headline.
        self.run_scenario(self.write(SMALL), "--out", "c", "--set", "control_plane=classic")
        planes = self.compare("a", "c")
        self.assertIn("control_plane: serverless in A, classic in B\n", planes)
        self.assertLess(planes.index("last_pod_s"), planes.index("Everything else that differs"))
        # Cold against warm, within one folder.
        within = self.compare("a")
        self.assertIn("start: cold in A, warm in B\n", within)
        self.assertEqual(within, self.compare("a", "--case-a", "cold", "--case-b", "start=warm"))
        only = self.compare("a", "b", "--metric", "throttles", "--metric", "last_pod_s")
        self.assertNotIn("cold_starts", only)
        document = json.loads(self.compare("a", "-o", "json"))
        self.assertEqual(document["differences"], [{"what": "start", "a": "cold", "b": "warm"}])
        last_pod = document["cases"][0]["metrics"][0]
        self.assertEqual((last_pod["metric"], last_pod["bands_apart"]), ("last_pod_s", True))
        self.assertEqual(last_pod["a"]["n"], 2)

    def test_a_comparison_without_a_common_case_is_one_line_with_the_remedy(self):
        self.run_scenario(self.write(SMALL), "--out", "a")
        other = SMALL.replace("jobs: 6", "jobs: 5")
        self.run_scenario(self.write(other), "--out", "edited")
        self.assertIn("workload: 6 Jobs of 3 pods, all due at once in A, 5 Jobs", self.compare("a", "edited"))
        self.run_scenario(self.write(other + "cases: [{name: other}]\n"), "--out", "b")
        message = self.compare("a", "b", code=2)
        self.assertEqual(len(message.strip().splitlines()), 1, message)
        for part in ("cold, warm", "workload is", "--case-a"):
            self.assertIn(part, message)
        self.compare("a", "b", "--case-a", "cold", "--case-b", "other-cold")
        self.assertIn("did you mean 'cold'?", self.compare("a", "b", "--case-a", "clod", code=2))
        self.assertIn("did you mean 'throttles'?", self.compare("a", "--metric", "throttle", code=2))

    def test_a_second_run_into_the_same_folder_is_refused_and_the_first_goes_on(self):
        scenario = self.write(SMALL.replace("seeds: 2", "seeds: 60"))
        with subprocess.Popen([BINARY, "experiment", "run", scenario, "--out", "x", "--no-figures"],
                              cwd=self.folder, env=environment(), stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as first:
            while not os.path.exists(os.path.join(self.folder, "x.partial", "runs")):
                self.assertIsNone(first.poll())
            second = self.run_scenario(scenario, "--out", "x", code=2)
            self.assertIn("another run is writing its results to x", second.stderr)
            self.assertEqual(len(second.stderr.strip().splitlines()), 1, second.stderr)
            first.communicate(timeout=300)
        self.assertEqual(first.returncode, 0)
        self.assertEqual(sorted(os.listdir(self.folder)), ["small.yaml", "x"])
        self.assertEqual(len(self.summary("x")["cases"][0]["seeds"]), 60)

    def test_what_a_killed_run_left_does_not_stop_the_next_one(self):
        scenario = self.write(SMALL.replace("seeds: 2", "seeds: 9000"))
        with subprocess.Popen([BINARY, "experiment", "run", scenario, "--out", "x", "--jobs", "1"],
                              cwd=self.folder, env=environment(), stderr=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL) as killed:
            while not os.path.exists(os.path.join(self.folder, "x.partial", "runs")):
                self.assertIsNone(killed.poll())
            killed.kill()
        self.assertIn("x.partial", os.listdir(self.folder))
        self.run_scenario(self.write(SMALL), "--out", "x")
        self.assertEqual(sorted(os.listdir(self.folder)), ["small.yaml", "x"])

    def test_pods_that_run_to_their_end_are_what_the_table_shows(self):
        result = self.run_scenario("scale", "--out", "s", "--set", "workload.jobs=3", "--set",
                                   "workload.pods=2")
        header, row = result.stdout.splitlines()[:2]
        self.assertIn("succeeded", header)
        self.assertIn("last end s", header)
        metrics = {each["metric"]: each["value"] for each in self.summary("s")["results"]}
        self.assertEqual(metrics["pods_succeeded"], 6)
        self.assertGreaterEqual(metrics["last_pod_end_s"], 30)
        self.assertIn("s of wall time", result.stderr)
        self.assertIn("change records", result.stderr)
        self.assertLessEqual(len(header), 120)

    def test_names_that_would_make_the_table_wide_give_way_to_values(self):
        scenario = self.write(SMALL + "sweep: {store.resource_shards: [1, 2], "
                              "functions.job-controller.mapping.parallelization_factor: [1, 10]}\n")
        result = self.run_scenario(scenario, "--out", "a", "--seeds", "1")
        self.assertIn("cold 10 1 ", result.stdout)
        self.assertIn("case: start, parallelization_factor, resource_shards; summary.json has the names",
                      result.stdout)
        for line in result.stdout.splitlines():
            self.assertLessEqual(len(line), 120, line)
        long = "cold-parallelization_factor-10-resource_shards-1"
        self.run_scenario(scenario, "--out", "b", "--seeds", "1", "--case", long)
        self.assertEqual([each["case"] for each in self.summary("b")["cases"]], [long])

    def test_a_broken_threshold_exits_3_and_is_a_junit_failure(self):
        scenario = self.write(SMALL + "thresholds: [{metric: last_pod_s, at_most: 0.001}]\n")
        result = self.run_scenario(scenario, "--out", "a", code=3)
        self.assertIn("threshold broken: last_pod_s", result.stderr)
        junit = xml.etree.ElementTree.parse(os.path.join(self.folder, "a", "junit.xml")).getroot()
        self.assertTrue(list(junit.iter("failure")))

    def test_mistakes_are_one_clear_line_exit_2_and_leave_no_folder(self):
        cases = {
            SMALL + "acount: 1\n": "unknown key",
            SMALL + "profile: {store_read: -5}\n": "a delay must be between 0 and one year",
            SMALL.replace("{jobs: 6, pods: 3}", "{trace: {file: nowhere.csv, format: azure-2019}}"):
                "nowhere.csv",
            SMALL + "thresholds: [{metric: last_pods, at_most: 1}]\n": "did you mean 'last_pod_s'?",
            SMALL + "thresholds: [{metric: last_pod_s, max: 1}]\n": "known: metric, statistic, of, at_most",
        }
        for text, expected in cases.items():
            with self.subTest(expected=expected):
                result = kless("experiment", "run", self.write(text), "--out", "x", cwd=self.folder)
                self.assertEqual(result.returncode, 2, result)
                self.assertIn(expected, result.stderr)
                self.assertIn("small.yaml:", result.stderr)
                self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
                self.assertEqual(os.listdir(self.folder), ["small.yaml"])
        result = kless("experiment", "run", "no-such-name", cwd=self.folder)
        self.assertEqual(result.returncode, 2, result)

    def test_a_run_whose_work_fails_says_what_failed(self):
        self.write("latency: thesis-2024\nworkload: {jobs: 100, pods: 1}\n", "three.yaml")
        fails = ("--set", "functions.job-controller.timeout_ms=1000",
                 "--set", "functions.job-controller.mapping.maximum_retry_attempts=0", "--out", "f")
        cold = kless("experiment", "run", "three.yaml", "--set", "start=cold", *fails, cwd=self.folder)
        self.assertEqual(cold.returncode, 1, cold)
        self.assertIn("(its controller made none)", cold.stderr)
        self.assertRegex(cold.stderr, r"; job-controller discarded \d+ records; its last invocation failed: .*timed out")
        warm = kless("experiment", "run", "three.yaml", "--set", "start=warm", *fails, cwd=self.folder)
        self.assertEqual(warm.returncode, 1, warm)
        self.assertRegex(warm.stderr, r"the warm-up failed: job-controller discarded \d+ records; .*timed out")

    def test_each_value_of_a_case_says_where_it_is_from(self):
        explained = kless("experiment", "run", "thesis", "--case", "fig-5.2b-warm", "--explain-config",
                          "--set", "functions.job-controller.init=7", "--set", "profile.init.kubeless=5",
                          "--without", "feed", "--without", "throttle", cwd=self.folder)
        for line in ("functions.job-controller.init: 7  # from --set functions.job-controller.init",
                     "functions.account_concurrency: 1000000  # from --without throttle",
                     "profile.init.kubeless: 5  # from --set profile.init.kubeless",
                     "profile.feed_delivery: 0  # from --without feed",
                     "start: warm  # from the scenario"):
            self.assertIn(line + "\n", explained.stdout)

    def test_ctrl_c_ends_it_with_130_and_leaves_nothing(self):
        for jobs in ("1", "2"):
            scenario = self.write(SMALL.replace("seeds: 2", "seeds: 9000"))
            with subprocess.Popen([BINARY, "experiment", "run", scenario, "--out", "x", "--jobs", jobs],
                                  cwd=self.folder, env=environment(), stderr=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True) as process:
                # The folder shows that it has begun.
                while not os.path.exists(os.path.join(self.folder, "x.partial", "runs")):
                    self.assertIsNone(process.poll())
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130)
            self.assertEqual(os.listdir(self.folder), ["small.yaml"])

    def test_every_fault_ends_with_every_job_having_exactly_its_pods(self):
        self.run_scenario("faults", "--out", "f", "--seeds", "1")
        for row in self.summary("f")["results"]:
            if row["metric"] == "pods":
                self.assertEqual(row["value"], 150, row)

    def test_the_thesis_is_met_within_5_percent_and_kubernetes_136_within_10(self):
        printed = self.run_scenario("thesis", "--out", "thesis-results").stdout
        for line in printed.splitlines():
            self.assertLessEqual(len(line), 120, line)
        self.assert_readme_shows(printed)
        table = self.summary("thesis-results")["table"]
        self.assertEqual(len(table), 13)
        for row in table:
            with self.subTest(row=row["label"]):
                self.assertTrue(row["ok"], row)
        fitted = self.summary("thesis-results")["fitted"]
        self.assertLessEqual(len(fitted), 6)
        for row in fitted:
            self.assertTrue(row["low"] <= row["value"] <= row["high"], row)
            self.assertTrue(row["evidence"])

    def assert_readme_shows(self, printed):
        """README's excerpt of the table: each of its lines is printed, whatever the width of the columns."""
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            excerpt = re.search(r"^\$ kless experiment run thesis .*\n((?:.*\n)*?)```$", file.read(), re.M)[1]
        lines = [line.split() for line in printed.splitlines()]
        for line in excerpt.splitlines():
            if line != "...":
                self.assertIn(line.split(), lines)

    def test_the_scenarios_that_come_with_it_are_listed(self):
        listed = kless("experiment", "list", cwd=ROOT)
        self.assertEqual(listed.returncode, 0, listed)
        for name in ("thesis", "hypotheses", "memory", "qps", "caps", "faults", "azure-hour"):
            self.assertIn(name, listed.stdout)


if __name__ == "__main__":
    unittest.main()
