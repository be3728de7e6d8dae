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
        self.assertIn("small-serverless-cold", explained.stdout)
        one = kless("experiment", "explain", "a", pods[0]["pod"], cwd=self.folder)
        self.assertEqual(one.returncode, 0, one)
        self.assertIn("first_request", one.stdout)
        with open(os.path.join(self.folder, "a", "traces", "small-serverless-cold.json"),
                  encoding="utf-8") as file:
            self.assertTrue(json.load(file)["traceEvents"])

    def test_a_cause_taken_away_is_gone_and_the_results_compare(self):
        scenario = self.write(SMALL)
        self.run_scenario(scenario, "--out", "a")
        self.run_scenario(scenario, "--out", "b", "--without", "init")

        def init(out):
            return {row["case"]: row["value"] for row in self.summary(out)["results"]
                    if row["metric"] == "cause_init_mean_ms"}

        self.assertGreater(init("a")["small-serverless-cold"], 0)
        self.assertEqual(init("b")["small-serverless-cold"], 0)
        compared = kless("experiment", "compare", "a", "b", cwd=self.folder)
        self.assertEqual(compared.returncode, 0, compared)
        self.assertIn("last_pod_s", compared.stdout)

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
